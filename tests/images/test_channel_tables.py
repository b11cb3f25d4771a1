"""A table with a file per channel: rows are images and columns channels, wherever the files are."""

import numpy as np
import pytest
import tifffile

import ganeval
from ganeval.errors import InputError


@pytest.fixture
def plate(tmp_path):
    """Three images of two channels in files of unrelated names, and the pixels [3, 2, 6, 5]."""
    pixels = np.random.default_rng(0).integers(0, 4096, (3, 2, 6, 5), dtype=np.uint16)
    (tmp_path / "plate1").mkdir()
    for i, image in enumerate(pixels):
        for c, channel in enumerate(image):
            tifffile.imwrite(tmp_path / "plate1" / f"{97 * (2 * i + c) % 7:x}-w{c}.tif", channel)
    names = [[f"{97 * (2 * i + c) % 7:x}-w{c}.tif" for c in range(2)] for i in range(3)]
    return tmp_path, names, pixels


def table(folder, names, path, *, before="", name="images.csv"):
    lines = [
        f"{before}FileName_DNA,{before}PathName_DNA,{before}FileName_ER,{before}PathName_ER,Kind"
    ]
    lines += [f"{a},{path},{b},{path},{'ab'[i % 2]}" for i, (a, b) in enumerate(names)]
    (folder / name).write_text("\n".join(lines) + "\n")
    return folder / name


@pytest.mark.parametrize("before", ["", "Image_"])
@pytest.mark.parametrize(
    "path",
    ["plate1", "{here}/plate1", "/gone/data/plate1", "D:\\screens\\plate1", "/gone/../plate1"],
)
def test_rows_are_images_wherever_the_files_were(plate, before, path):
    folder, names, pixels = plate
    source = ganeval.open_images(
        table(folder, names, path.replace("{here}", str(folder)), before=before)
    )
    found = {id: source.read(i) for i, id in enumerate(source.ids)}
    assert all(np.array_equal(found[a], image) for (a, _), image in zip(names, pixels, strict=True))
    assert any("2 channels in the order DNA, ER" in note for note in source.notes)


def test_it_is_scored_as_the_same_images_in_an_array(plate):
    folder, names, pixels = plate
    rows = sorted(zip([a for a, _ in names], pixels, strict=True), key=lambda row: row[0])
    features = ganeval.extract(table(folder, names, "plate1"), "pixels")
    array = ganeval.extract(np.stack([image.transpose(1, 2, 0) for _, image in rows]), "pixels")
    assert np.array_equal(features.features, array.features)


def test_one_file_for_two_channels_is_told(plate):
    folder, names, _ = plate
    twice = ganeval.open_images(table(folder, [(a, a) for a, _ in names], "plate1"))
    assert "channels DNA and ER have the same pixels" in " ".join(twice.notes)
    for _, other in names:  # another file with the same content
        tifffile.imwrite(
            folder / "plate1" / f"copy-{other}", tifffile.imread(folder / "plate1" / other)
        )
    copied = [(b, f"copy-{b}") for _, b in names]
    assert "is one file given for both?" in " ".join(
        ganeval.open_images(table(folder, copied, "plate1")).notes
    )
    mixed = [copied[0], names[1], names[2]]
    assert "same pixels" not in " ".join(ganeval.open_images(table(folder, mixed, "plate1")).notes)


def test_channels_that_are_empty_alike_are_no_copies(tmp_path, save):
    for i in range(2):
        for channel in ("dna", "er"):
            save(tmp_path / f"x/{i}_{channel}.png", np.full((4, 4), i))
    assert "same pixels" not in " ".join(
        ganeval.open_images(tmp_path / "x", stack_by=r"_([a-z]+)\.").notes
    )
    for i in range(2):
        for channel in ("dna", "er"):
            save(tmp_path / f"x/{i}_{channel}.png", np.arange(16).reshape(4, 4) * (i + 1))
    assert "channels dna and er have the same pixels" in " ".join(
        ganeval.open_images(tmp_path / "x", stack_by=r"_([a-z]+)\.").notes
    )


def test_labels_come_from_the_same_table(plate):
    folder, names, _ = plate
    path = table(folder, names, "plate1")
    source = ganeval.open_images(path, label_by=f"csv:{path}:Kind")
    assert dict(zip(source.ids, source.labels, strict=True)) == {
        first: "ab"[i % 2] for i, (first, _) in enumerate(names)
    }


def test_another_table_is_another_source(plate):
    folder, names, _ = plate
    before = ganeval.open_images(table(folder, names, "plate1")).stamp
    swapped = [[b, a] for a, b in names]
    assert ganeval.open_images(table(folder, swapped, "plate1")).stamp != before


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda names: [["none.tif", names[0][1]]], r"line 2: none\.tif is neither in plate1"),
        (lambda names: [["", names[0][1]]], "line 2 has no file for DNA"),
        (lambda names: [names[0], names[0]], "lines 2 and 3 have the same file"),
        (lambda names: [], "has no rows"),
        (lambda names: [["../../etc/hostname", names[0][1]]], "line 2: .* is neither in"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(plate, change, says):
    folder, names, _ = plate
    with pytest.raises(InputError, match=says):
        ganeval.open_images(table(folder, change(names), "plate1"))


def test_a_table_of_features_is_still_refused(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="is a table; save its columns of features"):
        ganeval.open_images(tmp_path / "x.csv")
