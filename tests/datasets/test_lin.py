import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganeval
from ganeval.datasets import LIN6, LIN41, lin
from ganeval.datasets.synthlin import simulate, write_model, write_synthlin
from ganeval.errors import InputError


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A SynthLIN export of all classes."""
    folder = tmp_path_factory.mktemp("lin") / "all"
    write_synthlin(folder, per_class=2, test_per_class=1, seed=4)
    return folder


def test_an_export_has_lins_format(root):
    files = sorted(root.rglob("*.png"))
    assert len(files) == 41 * 3
    assert files[0].relative_to(root) == Path("SynthLIN_size-48-80_test/Act1/cell0000.png")
    image = Image.open(files[0])
    assert image.size == (80, 48) and image.mode == "RGB"
    assert not np.asarray(image)[..., 2].any()


def test_both_parts_are_read_with_their_classes(root):
    train, test = lin(root, part="train"), lin(root, part="test")
    assert (len(train), len(test)) == (82, 41)
    assert sorted(set(train.labels)) == list(LIN41)
    first = simulate("Act1", 2, seed=4).images
    np.testing.assert_array_equal(train.read(0), first[0])
    np.testing.assert_array_equal(train.read(1), first[1])
    np.testing.assert_array_equal(test.read(0), simulate("Act1", 1, seed=4, part="test").images[0])


def test_the_six_proteins(root):
    six = lin(root, part="train", proteins=LIN6)
    assert sorted(set(six.labels)) == list(LIN6) and len(six) == 12
    features = ganeval.extract(six, "pixels")
    assert features.labels == six.labels and features.features.shape == (12, 128)


def test_the_larger_variant_is_a_folder_of_its_own(root, tmp_path):
    folder = tmp_path / "LIN_Normalized_WT_size-96-160_train" / "Arp3"
    folder.mkdir(parents=True)
    Image.fromarray(np.zeros((96, 160, 3), np.uint8)).save(folder / "cell100810.png")
    large = lin(tmp_path, part="train", proteins=["Arp3"], size=(96, 160))
    assert large.read(0).shape == (2, 96, 160) and large.labels == ("Arp3",)
    with pytest.raises(InputError, match=r"no train part of 48 x 80 pixels \(found: 96 x 160\)"):
        lin(tmp_path, part="train")
    with pytest.raises(InputError, match="has no folder Act1"):
        lin(tmp_path, part="train", size=(96, 160))
    with pytest.raises(InputError, match="LIN has no protein Arp9"):
        lin(root, part="train", proteins=["Arp9"])
    with pytest.raises(InputError, match="there is no folder"):
        lin(tmp_path / "no", part="train")


def test_a_selection_is_not_taken_for_the_whole_by_the_cache(root):
    whole = ganeval.extract(lin(root, part="train"), "pixels")
    some = ganeval.extract(lin(root, part="train", proteins=LIN6), "pixels")
    assert len(whole.ids) == 82 and len(some.ids) == 12


def test_captions_stand_beside_the_images(root):
    lines = (root / "SynthLIN_size-48-80_train/metadata.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    assert len(rows) == 82
    assert rows[0]["file_name"] == "Act1/cell0000.png"
    assert rows[0]["text"] == simulate("Act1", 1, seed=4).captions[0]


def test_the_same_cells_in_all_proteins(tmp_path):
    write_synthlin(tmp_path, per_class=2, test_per_class=0, proteins=LIN6, same_cells=True)
    source = lin(tmp_path, part="train", proteins=LIN6)
    images = np.stack([source.read(i) for i in range(12)]).reshape(6, 2, 2, 48, 80)
    for protein in range(1, 6):
        np.testing.assert_array_equal(images[protein, :, 0], images[0, :, 0])  # Bgs4
        assert (images[protein, :, 1] != images[0, :, 1]).any()


def test_the_output_of_a_model_with_a_fault(tmp_path):
    write_model(tmp_path / "m", per_class=3, proteins=["Arp3"], defect="blurred", strength=0.7)
    source = ganeval.open_images(tmp_path / "m", channels=(0, 1), label_by="folder:0")
    expected = simulate("Arp3", 3, part="model", defect="blurred", strength=0.7).images
    np.testing.assert_array_equal(np.stack([source.read(i) for i in range(3)]), expected)
    assert set(source.labels) == {"Arp3"}


def test_processes_write_the_same_files(tmp_path):
    for workers in (0, 2):
        write_model(tmp_path / str(workers), per_class=2, proteins=LIN6, num_workers=workers)
    files = sorted((tmp_path / "0").rglob("*.*"))
    assert len(files) == 14
    for file in files:
        assert file.read_bytes() == (tmp_path / "2" / file.relative_to(tmp_path / "0")).read_bytes()


def test_what_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(InputError, match="is not an empty folder"):
        write_synthlin(tmp_path)
    with pytest.raises(InputError, match="no protein Arp4"):
        write_synthlin(tmp_path / "a", proteins=["Arp4"])
    with pytest.raises(InputError, match="give 1 or more"):
        write_synthlin(tmp_path / "a", per_class=0)
    with pytest.raises(InputError, match="unknown defect 'blured'"):
        write_model(tmp_path / "a", defect="blured")
    assert not (tmp_path / "a").exists()


def test_a_set_that_is_complete_is_kept_and_another_refused(tmp_path):
    few = {"per_class": 2, "proteins": ["Arp3"]}
    write_model(tmp_path / "m", **few)
    first = next(tmp_path.glob("m/Arp3/*.png"))
    before = first.stat().st_mtime_ns
    write_model(tmp_path / "m", **few)
    assert first.stat().st_mtime_ns == before
    with pytest.raises(InputError, match="holds simulated cells already, of other settings"):
        write_model(tmp_path / "m", seed=1, **few)
    first.unlink()
    with pytest.raises(InputError, match="with 1 of them, and not these 2"):
        write_model(tmp_path / "m", **few)


def test_a_set_that_is_cut_short_is_not_there(tmp_path):
    def stop(done, total):
        raise KeyError

    with pytest.raises(KeyError):
        write_synthlin(tmp_path / "s", per_class=2, proteins=["Arp3"], progress=stop)
    assert not list(tmp_path.iterdir())
