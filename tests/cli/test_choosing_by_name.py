import json

import numpy as np
import pytest
import tifffile
from PIL import Image


@pytest.fixture
def pair(folder):
    """Reals with two kinds of masks beside each, and fakes without."""
    real, fake = folder("real", n=30), folder("fake", n=30, seed=1)
    for path in sorted(real.iterdir()):
        mask = Image.fromarray(np.asarray(Image.open(path)) // 64)
        mask.save(real / f"{path.stem}_masks.tif")
        mask.save(real / f"{path.stem}_cp_masks.png")
    return real, fake


def value(run, *words):
    done = run("kid", *words, "--feature-net", "pixels", "--json", "--no-cache")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)["value"], done.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("--exclude", "*_masks.tif", "--exclude", "*_cp_masks.png"),
        ("--exclude", "*_masks.tif,*_cp_masks.png"),
        ("--real-exclude", "*_masks.*"),
        ("--include", "0???.png"),
    ],
)
def test_masks_beside_images_are_told_and_every_way_to_leave_them_out_gives_one_score(
    run, pair, folder, options
):
    with_masks, told = value(run, *pair)
    assert "NAME.png 30, NAME_cp_masks.png 30, NAME_masks.tif 30" in told
    right, _ = value(run, folder("clean", n=30), pair[1])
    without, told = value(run, *pair, *options)
    assert without == pytest.approx(right, abs=1e-12) != pytest.approx(with_masks, abs=1e-3)
    assert "took 30 of 90 images" in told


def test_channels_written_last_end_in_advice_that_gives_the_score_of_the_array(run, tmp_path):
    rng = np.random.default_rng(0)
    for name, high in (("real", 250), ("fake", 200)):
        images = rng.integers(0, high, (20, 24, 20, 2), dtype=np.uint8)
        np.save(tmp_path / f"{name}.npy", images)
        (tmp_path / name).mkdir()
        for i, image in enumerate(images):
            tifffile.imwrite(tmp_path / name / f"{i:02d}.tif", image)
    pair = tmp_path / "real", tmp_path / "fake"
    done = run("kid", *pair, "--feature-net", "pixels", "--no-cache")
    assert done.exit_code == 2 and "--axes YXC" in done.stderr
    right, _ = value(run, tmp_path / "real.npy", tmp_path / "fake.npy")
    assert value(run, *pair, "--axes", "YXC")[0] == pytest.approx(right, abs=1e-12)


def test_one_picture_is_named_in_its_notes(run, tmp_path, monkeypatch):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((5, 24, 20), np.uint8))
    monkeypatch.chdir(tmp_path)
    done = run("features", "extract", "a.tif", "-o", "a.npz", "--feature-net", "pixels")
    assert done.stderr.startswith("a.tif: ") and ".:" not in done.stderr


def test_a_glob_must_fit_an_image_of_some_side(run, pair):
    right, told = value(run, *pair, "--real-exclude", "*_masks.*")
    found, told = value(run, *pair, "--exclude", "*_masks.*")
    assert found == right and "fake: --exclude *_masks.* fits no image here" in told
    done = run("kid", *pair, "--feature-net", "pixels", "--exclude", "*_masks.*,*.foo")
    assert done.exit_code == 2 and "--exclude *.foo fits no image of" in done.stderr
    done = run("kid", *pair, "--feature-net", "pixels", "--fake-exclude", "*_masks.*")
    assert done.exit_code == 2 and "--exclude *_masks.* fits none of 30 images" in done.stderr


def test_a_table_in_place_of_features_is_told_where_tables_are_taken(run, tmp_path):
    (tmp_path / "a.csv").write_text("Area,Solidity\n1,2\n3,4\n")
    done = run("kid", tmp_path / "a.csv", tmp_path / "a.csv")
    assert done.exit_code == 2 and ".npy" in done.stderr and "data frame in Python" in done.stderr
