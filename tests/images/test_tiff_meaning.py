"""What a TIFF's tags and shape mean: channels written last, few bits, white as zero, planes."""

import re

import numpy as np
import pytest
import tifffile
from PIL import Image

from ganeval.errors import ImageError, InputError
from ganeval.images import open_images, tiff


@pytest.fixture
def tif(tmp_path):
    def write(array, name="a.tif", **options):
        tifffile.imwrite(tmp_path / name, array, **options)
        return tmp_path / name

    return write


def noise(rng, shape, bits=8):
    return rng.integers(0, 1 << bits, shape, dtype=np.uint8 if bits <= 8 else np.uint16)


def followed(path, message, option="axes"):
    """The image as read with the first value that a message advises."""
    return open_images(path, **{option: re.search(rf"--{option} (\w+)", message)[1]})


@pytest.mark.parametrize("channels", [2, 3, 5, 8])
@pytest.mark.parametrize("options", [{}, {"metadata": None}, {"imagej": True}, {"ome": True}])
def test_channels_written_last_are_an_error_whose_advice_reads_them(tif, rng, channels, options):
    array = noise(rng, (48, 40, channels))
    path = tif(array, photometric="minisblack", **options)
    with pytest.raises(ImageError, match="look like an array .* channels last") as caught:
        open_images(path).read(0)
    read = followed(path, str(caught.value)).read(0)
    np.testing.assert_array_equal(read, array.transpose(2, 0, 1))


def test_they_are_read_as_pages_of_channels_if_that_is_declared(tif, rng):
    array = noise(rng, (48, 40, 2))
    read = open_images(tif(array), axes="CYX").read(0)
    np.testing.assert_array_equal(read, array)


@pytest.mark.parametrize("shape", [(5, 40, 48), (7, 40, 8), (4, 40, 5), (48, 40, 9)])
def test_other_pages_stay_channels(tif, rng, shape):
    array = noise(rng, shape)
    read = open_images(tif(array, photometric="minisblack")).read(0)
    np.testing.assert_array_equal(read, array)


def test_a_longer_last_axis_is_only_noted(tif, rng):
    (note,) = open_images(tif(noise(rng, (48, 50, 41)))).notes
    assert "YXC for channels last" in note


@pytest.mark.parametrize("channels", [2, 3])
def test_a_file_of_many_images_with_channels_last_is_told_how_to_read_it(tif, rng, channels):
    array = noise(rng, (10, 48, 40, channels))
    path = tif(array)
    with pytest.raises(ImageError) as caught:
        open_images(path).read(0)
    source = followed(path, str(caught.value))
    assert len(source) == 10
    np.testing.assert_array_equal(source.read(7), array[7].transpose(2, 0, 1))


def test_many_images_of_many_channels_are_told_how_to_read_them(tif, rng):
    array = noise(rng, (10, 5, 48, 40))
    path = tif(array)
    with pytest.raises(ImageError, match="if it is a file of 10 images") as caught:
        open_images(path).read(0)
    source = followed(path, str(caught.value))
    assert len(source) == 10
    np.testing.assert_array_equal(source.read(3), array[3])


@pytest.mark.parametrize("axes", ["TYX", "TCYX"])
@pytest.mark.parametrize("kind", ["imagej", "ome"])
def test_many_times_are_first_of_all_images(tif, rng, axes, kind):
    array = noise(rng, (30, 3, 16, 20)[: 2 if axes == "TYX" else 4] if axes == "TCYX"
                  else (30, 16, 20))  # fmt: skip
    path = tif(array, metadata={"axes": axes}, photometric="minisblack", **{kind: True})
    with pytest.raises(ImageError, match="read them as 30 images with --axes N") as caught:
        open_images(path).read(0)
    assert str(caught.value).index("--axes N") < str(caught.value).index("--project")
    source = followed(path, str(caught.value))
    assert len(source) == 30
    np.testing.assert_array_equal(source.read(4), np.atleast_3d(array[4].T).T)


def test_advice_counts_axes_of_length_one(tif, rng):
    array = noise(rng, (1, 12, 1, 16, 20), 16)
    path = tif(array, metadata={"axes": "CTZYX"}, ome=True, photometric="minisblack")
    with pytest.raises(ImageError, match="12 planes along T") as caught:
        open_images(path).read(0)
    assert len(followed(path, str(caught.value))) == 12


@pytest.mark.parametrize("bits", [2, 4])
def test_grey_of_few_bits_is_spread_as_in_a_png(tif, rng, tmp_path, bits):
    array = noise(rng, (16, 24), bits)
    spread = array * (255 // ((1 << bits) - 1))
    Image.fromarray(spread.astype(np.uint8)).save(tmp_path / "a.png", bits=bits)
    path = tif(array, bitspersample=bits)
    np.testing.assert_array_equal(open_images(path).read(0), [spread])
    np.testing.assert_array_equal(open_images(path).read(0), [np.asarray(Image.open(path))])
    assert open_images(path).notes == ()
    inverted = tif(array, bitspersample=bits, photometric="miniswhite")
    np.testing.assert_array_equal(open_images(inverted).read(0), [255 - spread])


def test_a_palette_of_few_bits_keeps_its_colours(tif, rng):
    index, colours = noise(rng, (16, 24), 4), noise(rng, (3, 16))
    table = (colours.astype(np.uint16) * 257).ravel().tolist()
    path = tif(index, bitspersample=4, metadata=None, extratags=[(320, "H", 48, table, True)])
    with tifffile.TiffFile(path, mode="r+") as file:
        file.pages[0].tags[262].overwrite(3)  # palette, which tifffile writes of 8 bits alone
    np.testing.assert_array_equal(open_images(path).read(0), colours[:, index])


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_values_that_do_not_fill_their_bytes_propose_a_range(tif, rng, bits):
    array = noise(rng, (16, 24), bits)
    path = tif(array, bitspersample=bits)
    np.testing.assert_array_equal(open_images(path).read(0), [array])
    white = (1 << bits) - 1
    (note,) = open_images(path).notes
    assert note.endswith(f"its values have {bits} bits, so white is {white}: say --value-range "
                         f"0:{white}")  # fmt: skip
    assert open_images(path, value_range=f"0:{white}").notes == ()


def test_white_as_zero_of_twelve_bits_is_told_twice_and_inverted_within_them(tif, rng):
    array = noise(rng, (16, 24), 12)
    path = tif(array, bitspersample=12, photometric="miniswhite")
    np.testing.assert_array_equal(open_images(path).read(0), [4095 - array])
    white, depth = open_images(path).notes
    assert "white is zero" in white and "say --value-range 0:4095" in depth


def test_a_largest_value_in_the_tags_proposes_a_range_too(tif, rng):
    path = tif(noise(rng, (16, 24), 12), extratags=[(281, "H", 1, 4095, True)])
    (note,) = open_images(path).notes
    assert "white is 4095" in note
    assert (
        open_images(tif(noise(rng, (4, 4), 12), extratags=[(281, "H", 1, 3021, True)])).notes == ()
    )


def test_white_as_zero_is_told(tif, rng, tmp_path):
    mask = noise(rng, (16, 24), 1).astype(bool)
    source = open_images(tif(mask))
    (note,) = source.notes
    assert "a.tif: white is zero, as the file says, so its values are inverted" in note
    Image.fromarray(mask).save(tmp_path / "b.tif")
    assert open_images(tmp_path / "b.tif").notes == ()
    np.testing.assert_array_equal(source.read(0), 255 - open_images(tmp_path / "b.tif").read(0))


@pytest.mark.parametrize("count", [3, 4])
def test_planes_stored_apart_are_told_and_can_be_channels(tif, rng, count):
    array = noise(rng, (count, 40, 48))
    path = tif(array, photometric="rgb", planarconfig="separate")
    (note,) = open_images(path).notes
    assert f"{count} planes stored apart are taken as colours" in note
    assert ("the last of them alpha" in note) == (count == 4)
    np.testing.assert_array_equal(open_images(path, axes="CYX").read(0), array)
    assert open_images(path, axes="CYX").notes == ()
    np.testing.assert_array_equal(open_images(path, axes="NYX").read(1), array[1:2])
    if count == 4:
        with pytest.raises(ImageError, match="stored apart: if they are channels") as caught:
            open_images(path).read(0)
        np.testing.assert_array_equal(followed(path, str(caught.value)).read(0), array)


def test_a_file_of_too_many_pages_is_refused_before_they_are_read(tmp_path, monkeypatch):
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for _ in range(12):
            file.write(np.zeros((4, 4), np.uint8), metadata=None)
    assert open_images(tmp_path / "a.tif", axes="CYX").read(0).shape == (12, 4, 4)
    monkeypatch.setattr(tiff, "MAX_PAGES", 11)
    with pytest.raises(ImageError, match="more than 11 pages; split it"):
        open_images(tmp_path / "a.tif").read(0)
    with pytest.raises(InputError, match="more than 11 pages; split it"):
        open_images(tmp_path / "a.tif", axes="NYX")


def test_strips_that_unpack_to_more_than_the_limit_are_refused(tif, rng, monkeypatch):
    path = tif(noise(rng, (64, 64)), tile=(32, 32))
    assert open_images(path).read(0).shape == (1, 64, 64)
    monkeypatch.setattr(tiff, "MAX_UNPACKED", 64 * 64 - 1)
    with pytest.raises(ImageError, match="strips or tiles declare 4096 values"):
        open_images(path).read(0)


def test_a_single_file_is_called_by_its_own_name(tif, rng, monkeypatch, tmp_path):
    tif(noise(rng, (48, 40, 2)))
    monkeypatch.chdir(tmp_path)
    source = open_images("a.tif")
    assert source.name == "a.tif" and source.ids == ("a.tif",)
    with pytest.raises(ImageError, match=r"^a\.tif has 48 pages"):
        source.read(0)
