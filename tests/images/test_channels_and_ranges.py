import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from ganeval.errors import ImageError, InputError
from ganeval.images import (
    data_range,
    iterate,
    observed_range,
    open_images,
    parse_value_range,
)


def test_channels_are_selected_in_the_order_asked_for(cells):
    folder, arrays = cells
    source = open_images(folder, channels=[2, 0])
    np.testing.assert_array_equal(source.read(0), arrays["cat/0.png"][..., [2, 0]].transpose(2, 0, 1))  # fmt: skip  # noqa: E501
    assert source.protocol == {"channels": [2, 0]}
    array = np.zeros((5, 8, 9, 3), np.uint8)
    assert open_images(array, channels=(1,)).read(0).shape == (1, 8, 9)


def test_a_channel_that_is_not_there_is_an_image_error(cells):
    with pytest.raises(ImageError, match=r"cat/0\.png has 3 channels \(0 to 2\) but channel 3"):
        open_images(cells[0], channels=(0, 3)).read(0)
    for channels in ((), (-1,)):
        with pytest.raises(InputError, match="give positions from 0"):
            open_images(cells[0], channels=channels)


@pytest.fixture
def stained(tmp_path, rng, save):
    """Three cells in two wells, each as one file per stain, and a picture that is none of them."""
    images = {}
    for well, cell in (("A01", "1"), ("A01", "2"), ("B02", "1")):
        for channel in ("ch2", "ch10", "ch1"):
            array = rng.integers(0, 256, (6, 5), dtype=np.uint8)
            save(tmp_path / f"x/{well}/cell{cell}_{channel}.png", array)
            images[well, cell, channel] = array
    save(tmp_path / "x/overview.png", np.zeros((3, 3)))
    return tmp_path / "x", images


@pytest.mark.parametrize("pattern", [r"_(ch\d+)\.", r"cell(\d)_(?P<channel>ch\d+)"])
def test_stack_by_joins_files_in_natural_order(stained, pattern):
    folder, images = stained
    source = open_images(folder, stack_by=pattern)
    assert source.ids == ("A01/cell1_.png", "A01/cell2_.png", "B02/cell1_.png")
    for index, (well, cell) in enumerate((("A01", "1"), ("A01", "2"), ("B02", "1"))):
        expected = [images[well, cell, channel] for channel in ("ch1", "ch2", "ch10")]
        np.testing.assert_array_equal(source.read(index), expected)
    assert "stacked 3 channels in the order ch1, ch2, ch10" in source.notes
    assert "left out 1 files that stack_by does not match: overview.png" in source.notes


def test_stacks_go_through_zips_workers_and_selection(stained, zipped, tmp_path):
    folder, _ = stained
    options = {"stack_by": r"_(ch\d+)", "channels": (2, 0), "group_by": "folder:0"}
    one = open_images(folder, **options)
    two = open_images(zipped(tmp_path / "x.zip", folder), **options)
    assert one.groups == two.groups == ("A01", "A01", "B02")
    (a,), (b,) = iterate(one), iterate(two, num_workers=1)
    np.testing.assert_array_equal(a.hashes, b.hashes)
    assert a.pixels[0].shape == (2, 6, 5)


def test_a_channel_may_be_a_folder(tmp_path, save):
    for channel in ("DAPI", "GFP"):
        for cell in "01":
            save(tmp_path / f"x/{channel}/{cell}.png", np.zeros((3, 3)))
    source = open_images(tmp_path / "x", stack_by="^(DAPI|GFP)/")
    assert source.ids == ("0.png", "1.png") and source.labels is None


def test_a_missing_channel_names_the_image(stained):
    folder, _ = stained
    (folder / "A01/cell2_ch10.png").unlink()
    with pytest.raises(InputError, match=r"A01/cell2_\.png in .* has no file for channel ch10"):
        open_images(folder, stack_by=r"_(ch\d+)", exclude="overview.png")


def test_a_group_that_takes_no_part_in_a_match_is_the_channel_without_a_name(tmp_path, save):
    for i in range(3):
        save(tmp_path / f"x/{i}.png", np.full((4, 4), i))
        save(tmp_path / f"x/{i}_masks.png", np.full((4, 4), 100 + i))
    source = open_images(tmp_path / "x", stack_by=r"(_masks)?\.png")
    assert source.ids == ("0.png", "1.png", "2.png")
    assert source.read(2)[:, 0, 0].tolist() == [2, 102]
    assert "stacked 2 channels in the order '', _masks" in source.notes


def test_a_pattern_that_leaves_out_many_files_is_refused(tmp_path, save):
    for i in range(3):
        save(tmp_path / f"x/{i}.png", np.full((4, 4), i))
        save(tmp_path / f"x/{i}_masks.png", np.full((4, 4), i))
    with pytest.raises(InputError, match=r"does not match 3 of 6 files of .*; correct the pattern"):
        open_images(tmp_path / "x", stack_by=r"(_masks)\.png")


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(", "is not a regular expression"),
        ("ch", "has no group; put parentheses"),
        ("(nothing)", "matches no file of"),
        (r"c(ell\d_ch\d+|\d)", "has no file for channel"),
    ],
)
def test_a_bad_pattern_says_why(stained, pattern, message):
    with pytest.raises(InputError, match=message):
        open_images(stained[0], stack_by=pattern)


def test_a_channel_twice_names_both_files(tmp_path, save):
    for name in ("xa.png", "ax.png"):
        save(tmp_path / name, np.zeros((2, 2)))
    with pytest.raises(InputError, match=r"xa\.png and ax\.png are both channel 'x' of a\.png"):
        open_images(tmp_path, stack_by="(x)")


def test_arrays_cannot_be_stacked():
    with pytest.raises(InputError, match="stack_by joins files"):
        open_images(np.zeros((3, 4, 5), np.uint8), stack_by="(a)")


def test_channels_of_different_sizes_or_types_do_not_stack(tmp_path, save):
    save(tmp_path / "x/0_a.png", np.zeros((3, 3)))
    save(tmp_path / "x/0_b.png", np.zeros((3, 4)))
    with pytest.raises(ImageError, match=r"0_b\.png is uint8 of 3 x 4 pixels but another channel"):
        open_images(tmp_path / "x", stack_by="_([ab])").read(0)
    tifffile.imwrite(tmp_path / "y.tif", np.zeros((3, 3), np.uint16))


def test_mixed_kinds_are_found_in_a_batch(tmp_path, save):
    for name, shape in (("0", (3, 3)), ("1", (3, 3)), ("2", (3, 4)), ("3", (3, 3, 3))):
        save(tmp_path / f"x/{name}.png", np.zeros(shape))
    (batch,) = iterate(open_images(tmp_path / "x"))
    assert batch.kinds == {("uint8", 1, 3, 3): 0, ("uint8", 1, 3, 4): 2, ("uint8", 3, 3, 3): 3}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0:1", ((0.0, 1.0),)),
        ("-1:1", ((-1.0, 1.0),)),
        ("0:255, 0:4095", ((0.0, 255.0), (0.0, 4095.0))),
        ("1e-3:.5", ((0.001, 0.5),)),
        ("data", "data"),
    ],
)
def test_ranges_are_parsed(text, expected):
    assert parse_value_range(text) == expected


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6)), min_size=1, max_size=4))
def test_a_range_survives_its_text(pairs):
    wanted = tuple((low, low + width) for low, width in pairs if low + width > low)
    if wanted:
        text = ",".join(f"{low!r}:{high!r}" for low, high in wanted)
        assert parse_value_range(text) == wanted


@pytest.mark.parametrize("text", ["", "1", "1:2:3", "a:b", "2:1", "1:1", "0:inf", "nan:1", "0-1",
                                  "0:1,", "0:1e999"])  # fmt: skip
def test_a_bad_range_is_refused(text):
    with pytest.raises(InputError, match=r"value range .*(LOW:HIGH|low end must be below)"):
        parse_value_range(text)


def test_ranges_in_python():
    array = np.zeros((3, 4, 5), np.float32)
    assert open_images(array, value_range=(0, 1)).value_range == ((0.0, 1.0),)
    assert open_images(array, value_range=[(0, 1), (2, 3)]).value_range == ((0.0, 1.0), (2.0, 3.0))
    for bad in ((1, 0), (1, 2, 3), [(0, 1, 2)], [[0, 1], 2], "1"):
        with pytest.raises(InputError, match="value range"):
            open_images(array, value_range=bad)


def test_the_range_of_the_data_ignores_a_few_extremes(rng):
    array = rng.uniform(-1, 3, (20, 40, 50, 2)).astype(np.float32)
    array[..., 1] *= 10
    array[3, 2, 1] = 1e6
    (low, high), (low2, high2) = data_range(open_images(array))
    assert (low, high) == (pytest.approx(-1, abs=0.02), pytest.approx(3, abs=0.02))
    assert (low2, high2) == (pytest.approx(-10, abs=0.2), pytest.approx(30, abs=0.2))
    source = open_images(array, value_range="data")
    assert source.value_range == ((low, high), (low2, high2))
    assert source.protocol == {"value_range": [[low, high], [low2, high2]]}
    assert "value range from the data (0.1 to 99.9 %)" in source.notes[-1]


def test_a_constant_channel_has_no_range_of_its_own(rng):
    array = rng.random((5, 8, 9, 3), dtype=np.float32)
    array[..., 2] = 0
    with pytest.raises(InputError, match=r"channel 2 of array .* is 0 nearly everywhere"):
        data_range(open_images(array))


def test_the_range_of_mixed_channels_is_refused(tmp_path, save):
    save(tmp_path / "x/0.png", np.eye(3))
    save(tmp_path / "x/1.png", np.zeros((3, 3, 3)))
    with pytest.raises(InputError, match="needs equally many in every image"):
        data_range(open_images(tmp_path / "x"))


def test_observed_range_is_per_channel():
    images = [np.array([[[1, 5]], [[2, 2]]], np.uint8), np.array([[[0, 3]], [[9, 2]]], np.uint8)]
    assert observed_range(images) == ((0.0, 5.0), (2.0, 9.0))
