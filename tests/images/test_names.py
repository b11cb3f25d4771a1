import re
import tarfile

import nibabel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganeval.errors import InputError
from ganeval.images import iterate, open_images
from ganeval.images.names import matches


@pytest.fixture
def cellpose(tmp_path, rng, save):
    """Three cells with two kinds of masks each, and the pixels of the cells."""
    arrays = rng.integers(0, 256, (3, 8, 8), dtype=np.uint8)
    for i, array in enumerate(arrays):
        save(tmp_path / f"x/cell{i}.tif", array)
        save(tmp_path / f"x/cell{i}_masks.tif", array // 64)
        save(tmp_path / f"x/cell{i}_cp_masks.png", array // 64)
    return tmp_path / "x", arrays


@pytest.mark.parametrize(
    ("path", "glob", "fits"),
    [
        ("a.tif", "*.tif", True),
        ("p/q/a.tif", "*.tif", True),
        ("a_masks.tif", "*_masks.*", True),
        ("a.TIF", "*.tif", False),
        ("p/a.tif", "p/*.tif", True),
        ("p/q/a.tif", "p/*.tif", False),
        ("p/q/a.tif", "p/**", True),
        ("p/a.tif", "**/a.tif", True),
        ("a.tif", "**/a.tif", True),
        ("p/q/r/a.tif", "p/**/a.tif", True),
        ("p/q/r/a.tif", "p/**/r/*", True),
        ("p/q/r/a.tif", "p/**/q", False),
        ("masks/a.tif", "masks/", True),
        ("p/masks/a.tif", "masks/", False),
        ("p/masks/a.tif", "**/masks/", True),
        ("p/a.tif", "/p/*", True),
        ("p/a1.tif", "p/a[0-9].tif", True),
        ("masks", "masks/", False),
        ("a.tif", "", False),
        ("p/masks/a.tif", "masks", True),
        ("p/exp_masks/a.tif", "*_masks", True),
        ("p/a.tif", "a", False),
        ("case1.nii.gz/z/003", "*.nii.gz", True),
    ],
)
def test_globs(path, glob, fits):
    assert matches(path, glob) is fits


names = st.lists(st.sampled_from(["a", "b", "ab", "a.b"]), min_size=1, max_size=5)
globs = st.lists(st.sampled_from(["a", "*", "**", "a*", "?", "*b"]), min_size=2, max_size=5)


@settings(deadline=None, max_examples=300)
@given(parts=names, wanted=globs)
def test_globs_of_folders_are_what_an_expression_built_from_them_says(parts, wanted):
    forms = {"*": "[^/]*", "?": "[^/]", "a*": "a[^/]*", "*b": "[^/]*b", "a": "a"}
    # `**/` is any number of folders; at the end it is all files below.
    expression = "".join(
        (r"(?:[^/]+/)*" if at < len(wanted) - 1 else r"(?:[^/]+/)*[^/]+")
        if glob == "**"
        else forms[glob] + ("/" if at < len(wanted) - 1 else "")
        for at, glob in enumerate(wanted)
    )
    fits = re.fullmatch(expression, "/".join(parts)) is not None
    assert matches("/".join(parts), "/".join(wanted)) is fits


def test_excluded_files_are_gone_and_the_note_says_how_many(cellpose):
    folder, arrays = cellpose
    source = open_images(folder, exclude="*_masks.*")
    assert source.ids == ("cell0.tif", "cell1.tif", "cell2.tif")
    (batch,) = iterate(source)
    np.testing.assert_array_equal(np.stack(batch.pixels)[:, 0], arrays)
    assert source.notes == ("took 3 of 9 images by --exclude *_masks.*",)
    assert source.protocol == {"exclude": ["*_masks.*"]}


def test_included_files_alone_are_taken_and_several_globs_may_be_given(cellpose):
    folder, _ = cellpose
    lists = ("cell0*,cell1*", ["cell0*", "cell1*"], ["cell0*,cell1*"])
    sources = [open_images(folder, include=globs, exclude="*_masks.*") for globs in lists]
    assert {source.ids for source in sources} == {("cell0.tif", "cell1.tif")}
    assert len({source.stamp for source in sources}) == 1
    assert sources[0].protocol == {"include": ["cell0*", "cell1*"], "exclude": ["*_masks.*"]}


def test_the_stamp_knows_which_files_were_chosen(cellpose):
    folder, _ = cellpose
    given = [{}, {"include": "*.tif"}, {"exclude": "*.png"}, {"exclude": "*_masks.*"}]
    assert len({open_images(folder, **options).stamp for options in given}) == 4


def test_folders_zips_tars_and_arrays_are_chosen_from_alike(cellpose, zipped, tmp_path, rng):
    folder, _ = cellpose
    zipped(tmp_path / "x.zip", folder, prefix="wrapped/")
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.add(file, file.name)
    ids = [
        open_images(path, exclude="*_masks.*").ids
        for path in (folder, tmp_path / "x.zip", tmp_path / "x.tar")
    ]
    assert ids[0] == ids[1] and len(ids[0]) == len(ids[2]) == 3
    np.save(tmp_path / "x.npy", rng.random((12, 4, 4), dtype=np.float32))
    assert open_images(tmp_path / "x.npy", include="0*").ids == tuple(f"0{i}" for i in range(10))


def test_globs_with_folders_start_at_the_root_or_below_what_all_share(tmp_path, save):
    for path in ("a/p1/0.png", "a/p2/0.png", "a/p2/1.png"):
        save(tmp_path / "x" / path, np.zeros((2, 2)))
    for glob in ("a/p2/*", "p2/*", "p2/", "**/p2/**"):
        assert open_images(tmp_path / "x", include=glob).ids == ("0.png", "1.png")


def test_folders_are_left_out_by_their_names_but_not_those_that_all_share(cells, zipped, tmp_path):
    folder, _ = cells
    packed = zipped(tmp_path / "x.zip", folder, prefix="cats/")
    for path in (folder, packed):
        assert open_images(path, exclude="cat*").ids == ("0.png", "1.png", "10.png", "2.png")


def test_planes_of_a_volume_are_chosen_by_the_name_of_its_file(tmp_path, rng):
    (tmp_path / "x").mkdir()
    for i in range(2):
        volume = nibabel.Nifti1Image(rng.random((4, 5, 6), dtype=np.float32), np.eye(4))
        nibabel.save(volume, tmp_path / f"x/case{i}.nii.gz")
    for options in ({"include": "case1*"}, {"include": "*1.nii.gz"}, {"exclude": "case0.*"}):
        assert len(open_images(tmp_path / "x", planes="z", **options)) == 6
    assert len(open_images(tmp_path / "x/case1.nii.gz", planes="z", include="*.nii.gz")) == 6


def test_labels_are_those_of_the_chosen(cells):
    folder, _ = cells
    source = open_images(folder, exclude="0.png")
    assert source.labels == ("cat", "dog", "dog", "dog")
    assert source.read(0).shape == (3, 5, 7) and source.ids[0] == "cat/1.png"
    sample = open_images(folder, exclude="0.png", max_images=2)
    assert set(sample.ids) <= set(source.ids) and len(sample) == 2


def test_channels_are_joined_of_the_chosen_files_alone(tmp_path, save):
    for i in range(2):
        for part in ("c1", "c2", "mask"):
            save(tmp_path / f"x/{i}_{part}.png", np.full((4, 4), i))
    source = open_images(tmp_path / "x", stack_by=r"_([a-z0-9]+)\.", exclude="*_mask.png")
    assert len(source) == 2 and source.read(1).shape == (2, 4, 4)
    assert "stacked 2 channels in the order c1, c2" in source.notes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"include": "*.jpg"},
            r"--include \*\.jpg fits none of 9 images in .*; correct",
        ),
        ({"exclude": "*"}, r"--exclude \* leaves none of 9 images"),
        ({"include": "*.tif", "exclude": "*.tif"}, "leaves none of 9 images"),
        ({"include": "*.tif,"}, "has an empty pattern"),
        ({"exclude": ""}, "has an empty pattern"),
    ],
)
def test_globs_that_choose_nothing_are_refused(cellpose, options, message):
    with pytest.raises(InputError, match=message):
        open_images(cellpose[0], **options)


@pytest.mark.parametrize(
    ("options", "idle"),
    [
        ({"exclude": "*_mask.tif,*.png"}, r"--exclude \*_mask\.tif"),
        ({"include": "*.tif,*.jpg"}, r"--include \*\.jpg"),
    ],
)
def test_a_glob_that_fits_nothing_is_refused_though_others_choose(cellpose, options, idle):
    with pytest.raises(InputError, match=f"{idle} fits none of 9 images in .*; correct"):
        open_images(cellpose[0], **options)


def test_a_glob_of_many_stars_ends_at_once():
    path = "/".join(["a" * 30] * 30) + "/b"
    assert not matches(path, "/".join(["**", "*a*a*a*a*a*a*a*c*"] * 12))
