import io

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ganeval.errors import ImageError, InputError
from ganeval.images import iterate, open_images


@pytest.fixture
def tif(tmp_path):
    """Writes a TIFF with tifffile."""

    def write(array, name="a.tif", **options):
        tifffile.imwrite(tmp_path / name, array, **options)
        return tmp_path / name

    return write


def noise(rng, shape, dtype):
    if np.dtype(dtype).kind == "f":
        return rng.random(shape).astype(dtype)
    return rng.integers(0, np.iinfo(dtype).max, shape, dtype=dtype)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("compression", [None, "lzw", "zlib", "zstd"])
def test_grey_keeps_its_values(tif, rng, dtype, compression):
    array = noise(rng, (12, 9), dtype)
    pixels = open_images(tif(array, compression=compression)).read(0)
    assert pixels.dtype == dtype
    np.testing.assert_array_equal(pixels, array[None])


@pytest.mark.parametrize("channels", [2, 3, 4, 5, 41])
def test_any_number_of_samples_is_channels(tif, rng, channels):
    array = noise(rng, (12, 9, channels), "uint16")
    path = tif(array, photometric="minisblack", planarconfig="contig")
    np.testing.assert_array_equal(open_images(path).read(0), array.transpose(2, 0, 1))


@pytest.mark.parametrize("options", [{"ome": True}, {"imagej": True}, {}])
def test_a_channel_axis_is_channels(tif, rng, options):
    array = noise(rng, (3, 12, 9), "uint16")
    path = tif(array, photometric="minisblack", metadata={"axes": "CYX"}, **options)
    source = open_images(path)
    np.testing.assert_array_equal(source.read(0), array)
    assert source.notes == ()


@pytest.mark.parametrize("metadata", [None, {}])
def test_pages_without_axes_are_channels_and_that_is_said(tif, rng, metadata):
    array = noise(rng, (3, 12, 9), "uint8")
    source = open_images(tif(array, photometric="minisblack", metadata=metadata))
    np.testing.assert_array_equal(source.read(0), array)
    assert len(source.notes) == 1
    assert "a.tif: 3 pages without axes are taken as channels" in source.notes[0]


@pytest.mark.parametrize("axis", "ZT")
@pytest.mark.parametrize("options", [{"ome": True}, {"imagej": True}])
def test_planes_need_a_decision(tif, rng, axis, options):
    array = noise(rng, (5, 12, 9), "uint16")
    path = tif(array, metadata={"axes": f"{axis}YX"}, photometric="minisblack", **options)
    with pytest.raises(ImageError, match=rf"5 planes along {axis} .*--project max.*--axes CYX"):
        open_images(path).read(0)
    np.testing.assert_array_equal(open_images(path, axes="CYX").read(0), array)
    projected = open_images(path, project="max")
    np.testing.assert_array_equal(projected.read(0), array.max(axis=0)[None])
    assert projected.protocol == {"project": "max"}


def test_planes_of_channels_are_projected_per_channel(tif, rng):
    array = noise(rng, (4, 2, 12, 9), "uint16")
    path = tif(array, metadata={"axes": "ZCYX"}, ome=True, photometric="minisblack")
    np.testing.assert_array_equal(open_images(path, project="max").read(0), array.max(axis=0))


def test_axes_of_length_one_do_not_matter(tif, rng):
    array = noise(rng, (1, 1, 2, 12, 9), "uint16")
    path = tif(array, metadata={"axes": "TZCYX"}, ome=True, photometric="minisblack")
    np.testing.assert_array_equal(open_images(path).read(0), array[0, 0])


def test_axes_may_come_in_any_order(tif, rng):
    array = noise(rng, (9, 2, 12), "uint8")
    path = tif(array, photometric="minisblack", metadata=None)
    np.testing.assert_array_equal(open_images(path, axes="XCY").read(0), array.transpose(1, 2, 0))
    array = noise(rng, (9, 12), "uint8")
    np.testing.assert_array_equal(open_images(tif(array), axes="XY").read(0), [array.T])


def test_axes_must_fit_the_file(tif, rng):
    path = tif(noise(rng, (12, 9), "uint8"))
    with pytest.raises(ImageError, match=r"has 2 axes, YX of shape \[12, 9\], but --axes CYX"):
        open_images(path, axes="CYX").read(0)
    with pytest.raises(InputError, match="axes 'CY' are not understood"):
        open_images(path, axes="CY")


def test_one_file_of_many_images(tif, rng):
    array = noise(rng, (12, 10, 9), "uint16")
    path = tif(array, photometric="minisblack", metadata=None)
    source = open_images(path, axes="NYX")
    assert source.ids == tuple(f"{i:02d}" for i in range(12))
    (batch,) = iterate(source)
    np.testing.assert_array_equal(np.stack(batch.pixels), array[:, None])


def test_one_file_of_many_images_with_channels(tif, rng):
    array = noise(rng, (6, 2, 10, 9), "uint16")
    path = tif(array, photometric="minisblack", metadata={"axes": "TCYX"}, ome=True)
    source = open_images(path, axes="NCYX", channels=(1,))
    np.testing.assert_array_equal(source.read(4), array[4, 1:])
    folder = path.parent
    with pytest.raises(ImageError, match="single file; leave out N"):
        open_images(folder, axes="NCYX").read(0)


def test_alpha_is_found_where_the_file_says_so(tif, rng):
    array = noise(rng, (12, 9, 4), "uint8")
    path = tif(array, photometric="rgb", extrasamples=["unassalpha"])
    with pytest.raises(ImageError, match=r"transparent pixels of 108; .*--channels 0,1,2"):
        open_images(path).read(0)
    np.testing.assert_array_equal(
        open_images(path, channels=(0, 1, 2, 3)).read(0), array.transpose(2, 0, 1)
    )
    array[..., 3] = 255
    path = tif(array, photometric="rgb", extrasamples=["unassalpha"])
    assert open_images(path).read(0).shape == (3, 12, 9)
    path = tif(array, photometric="rgb", extrasamples=["unspecified"])
    assert open_images(path).read(0).shape == (4, 12, 9)


@pytest.mark.parametrize("planarconfig", ["contig", "separate"])
def test_rgb(tif, rng, planarconfig):
    array = noise(rng, (12, 9, 3), "uint16")
    stored = array if planarconfig == "contig" else array.transpose(2, 0, 1)
    path = tif(stored, photometric="rgb", planarconfig=planarconfig)
    np.testing.assert_array_equal(open_images(path).read(0), array.transpose(2, 0, 1))


def test_a_palette_becomes_its_colours_but_an_imagej_table_is_for_show(tif, rng):
    colours = noise(rng, (3, 256), "uint8")
    index = noise(rng, (12, 9), "uint8")
    table = colours.astype(np.uint16) * 257
    path = tif(index, photometric="palette", colormap=table)
    np.testing.assert_array_equal(open_images(path).read(0), colours[:, index])
    path = tif(index, imagej=True, colormap=table)
    np.testing.assert_array_equal(open_images(path).read(0), index[None])


def test_white_is_zero_is_inverted_as_pillow_does(tif, rng, tmp_path):
    array = noise(rng, (12, 9), "uint8")
    path = tif(array, photometric="miniswhite")
    np.testing.assert_array_equal(open_images(path).read(0), np.asarray(Image.open(path))[None])
    bits = array > 99
    Image.fromarray(bits).save(tmp_path / "b.tif")
    np.testing.assert_array_equal(open_images(tmp_path / "b.tif").read(0), [bits * 255])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(tif, rng, orientation):
    array = noise(rng, (5, 8, 3), "uint8")
    shown = {
        1: array, 2: array[:, ::-1], 3: np.rot90(array, 2), 4: array[::-1],
        5: array.swapaxes(0, 1), 6: np.rot90(array, -1),
        7: np.rot90(array, 2).swapaxes(0, 1), 8: np.rot90(array),
    }  # fmt: skip
    path = tif(array, photometric="rgb", extratags=[(274, "H", 1, orientation, True)])
    np.testing.assert_array_equal(open_images(path).read(0), shown[orientation].transpose(2, 0, 1))


def test_pages_of_different_sizes_are_not_one_image(tmp_path):
    images = [Image.new("L", size) for size in ((9, 9), (5, 5), (5, 5))]
    for some in (images, images[:2]):
        some[0].save(tmp_path / "a.tif", save_all=True, append_images=some[1:])
        with pytest.raises(ImageError, match="pages that do not form one image"):
            open_images(tmp_path / "a.tif").read(0)


@pytest.mark.parametrize(
    "data",
    [
        b"II*\0" + bytes(4),
        b"MM\0*" + bytes(4),
        b"II+\0" + bytes([8, 0, 0, 0]) + bytes(8),
        b"II*\0" + bytes([8, 0, 0, 0]) + bytes(6),  # a page without a tag
    ],
)
@pytest.mark.parametrize("axes", [None, "NYX"])
def test_a_file_without_a_page_holds_no_image(tmp_path, data, axes):
    (tmp_path / "a.tif").write_bytes(data)
    with pytest.raises(InputError, match="a.tif is not an image .*: it holds no image; remove it"):
        open_images(tmp_path / "a.tif", axes=axes).read(0)


def test_a_reduced_copy_alone_is_no_image(tmp_path, rng):
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(noise(rng, (64, 64), "uint8"), subfiletype=1, metadata=None)
    with pytest.raises(ImageError, match="it holds no image of full size; remove it"):
        open_images(tmp_path / "a.tif").read(0)


def test_a_reduced_copy_is_no_page_of_its_own(tmp_path, rng):
    array = noise(rng, (64, 64), "uint8")
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(array, metadata=None)
        file.write(array[::2, ::2], subfiletype=1, metadata=None)
    np.testing.assert_array_equal(open_images(tmp_path / "a.tif").read(0), array[None])


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.full((4, 5), np.nan, np.float32), "has 20 NaN or infinite values of 20"),
        (np.full((4, 5), 1 << 30, np.int32), "has int32 values up to 1073741824, which neither"),
        (np.zeros((4, 5), np.complex64), "has pixels of type complex64"),
        (np.zeros((4, 5, 4), np.uint8), "has SEPARATED colours|CMYK"),
    ],
)
def test_values_that_cannot_be_used(tif, array, message):
    options = {"photometric": "separated"} if array.ndim == 3 else {}
    with pytest.raises(ImageError, match=message):
        open_images(tif(array, **options)).read(0)


@pytest.mark.parametrize("dtype", ["float16", "float64", "int8", "int16", "uint32", "int32"])
def test_other_numbers_become_float32(tif, dtype):
    array = np.arange(-3, 17).reshape(4, 5) % 7
    pixels = open_images(tif(array.astype(dtype))).read(0)
    assert pixels.dtype == np.float32
    np.testing.assert_array_equal(pixels, array[None])


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("kept", [0.05, 0.5, 0.95])
def test_a_truncated_file_is_an_image_error(tif, rng, compression, kept, capfd):
    path = tif(noise(rng, (64, 64), "uint16"), compression=compression)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    with pytest.raises(ImageError, match=r"a\.tif is not an image that can be read"):
        open_images(path).read(0)
    assert capfd.readouterr() == ("", "")


def test_a_tiff_that_declares_too_many_pixels_is_refused(tif):
    path = tif(np.zeros((4, 5), np.uint8))
    data = path.read_bytes()
    with tifffile.TiffFile(path) as file:
        tags = file.pages[0].tags
        places = [(tags[code].valueoffset, tags[code].dtype) for code in (256, 257)]
    for place, dtype in places:
        width = 2 if dtype == 3 else 4
        data = data[:place] + (60_000).to_bytes(width, "little") + data[place + width :]
    path.write_bytes(data)
    with pytest.raises(ImageError, match=r"60000 x 60000 pixels, more than the limit|damaged TIFF"):
        open_images(path).read(0)


def whole():
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, np.arange(2048, dtype=np.uint16).reshape(2, 32, 32), ome=True,
                     metadata={"axes": "CYX"}, compression="zlib")  # fmt: skip
    return buffer.getvalue()


@settings(max_examples=60, deadline=None)
@given(edits=st.lists(st.tuples(st.integers(4, 2000), st.integers(0, 255)), min_size=1, max_size=4))
def test_damage_is_an_image_error_or_harmless(tmp_path_factory, edits):
    data = bytearray(whole())
    for place, value in edits:
        data[place % len(data)] = value
    path = tmp_path_factory.mktemp("damage") / "a.tif"
    path.write_bytes(data)
    try:
        pixels = open_images(path).read(0)
    except ImageError as error:
        assert str(error).startswith(str(path)) and "\n" not in str(error)
    else:
        assert pixels.ndim == 3
