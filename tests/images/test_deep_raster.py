import io

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from ganeval.errors import ImageError
from ganeval.images import open_images
from ganeval.images.deep_raster import HEADERS, Header, decode_deep, deep_format
from ganeval.images.pixels import Decoding, Unreadable


def jpeg2000(array, **options):
    return imagecodecs.jpeg2k_encode(array, level=0, reversible=True, **options)


def jpegxl(array, **options):
    return imagecodecs.jpegxl_encode(array, lossless=True, **options)


def avif(array, **options):
    return imagecodecs.avif_encode(array, level=100, **options)


def noise(rng, shape, bits=8):
    return rng.integers(0, 1 << bits, shape, dtype=np.uint8 if bits <= 8 else np.uint16)


def written(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    return tmp_path / name


@pytest.mark.parametrize(("suffix", "encode"), [("jp2", jpeg2000), ("jxl", jpegxl), ("avif", avif)])
@pytest.mark.parametrize("shape", [(32, 40), (32, 40, 3)])
def test_eight_bits_come_back_as_they_were_written(tmp_path, rng, suffix, encode, shape):
    array = noise(rng, shape)
    source = open_images(written(tmp_path, f"a.{suffix}", encode(array)))
    np.testing.assert_array_equal(source.read(0), np.atleast_3d(array).transpose(2, 0, 1))
    assert source.notes == ()


@pytest.mark.parametrize(
    ("suffix", "encode", "bits"),
    [("j2k", jpeg2000, 12), ("jp2", jpeg2000, 10), ("jxl", jpegxl, 12), ("avif", avif, 10),
     ("avif", avif, 12)],
)  # fmt: skip
def test_other_depths_keep_their_values_and_propose_a_range(tmp_path, rng, suffix, encode, bits):
    array = noise(rng, (32, 40), bits)
    path = written(tmp_path, f"a.{suffix}", encode(array, bitspersample=bits))
    source = open_images(path)
    pixels = source.read(0)
    assert pixels.dtype == np.uint16
    np.testing.assert_array_equal(pixels, [array])
    white = (1 << bits) - 1
    (note,) = source.notes
    assert note.endswith(
        f"its values have {bits} bits, so white is {white}: say --value-range 0:{white}"
    )
    assert open_images(path, value_range=(0, white)).notes == ()


def test_sixteen_bits_of_jpeg_2000_are_what_pillow_reads_too(tmp_path, rng):
    array = noise(rng, (32, 40), 16)
    data = jpeg2000(array)
    source = open_images(written(tmp_path, "a.jp2", data))
    np.testing.assert_array_equal(source.read(0), [np.asarray(Image.open(io.BytesIO(data)))])
    assert source.notes == ()


@pytest.mark.parametrize(("suffix", "encode"), [("jxl", jpegxl), ("avif", avif)])
def test_alpha_is_dropped_if_opaque_and_refused_otherwise(tmp_path, rng, suffix, encode):
    array = noise(rng, (32, 40, 4))
    path = written(tmp_path, f"a.{suffix}", encode(array))
    with pytest.raises(ImageError, match="transparent pixels of 1280"):
        open_images(path).read(0)
    np.testing.assert_array_equal(
        open_images(path, channels=(0, 3)).read(0), array[..., [0, 3]].transpose(2, 0, 1)
    )
    array[..., 3] = 255
    path.write_bytes(encode(array))
    np.testing.assert_array_equal(open_images(path).read(0), array[..., :3].transpose(2, 0, 1))


def test_channels_of_jpeg_2000_are_no_alpha_unless_the_file_says_so(tmp_path, rng):
    array = noise(rng, (32, 40, 4))
    path = written(tmp_path, "a.j2k", jpeg2000(array, codecformat="j2k"))
    np.testing.assert_array_equal(open_images(path).read(0), array.transpose(2, 0, 1))


@pytest.mark.parametrize(("suffix", "encode"), [("jxl", jpegxl), ("avif", avif)])
@pytest.mark.parametrize("shape", [(2, 32, 40, 3), (32, 40, 5)])
def test_animations_are_refused(tmp_path, rng, suffix, encode, shape):
    path = written(tmp_path, f"a.{suffix}", encode(noise(rng, shape)))
    with pytest.raises(ImageError, match="is an animation"):
        open_images(path).read(0)


@pytest.mark.parametrize("turn", [3, 6, 8])
def test_turns_of_avif_are_applied_as_a_viewer_shows_them(tmp_path, rng, turn):
    array = np.zeros((16, 32, 3), np.uint8)
    array[:8, :8] = 255  # a white corner, which survives lossy compression
    for name in ("a.avif", "a.png"):
        exif = Image.Exif()  # a new one for each, because Pillow takes the turn out for AVIF
        exif[0x0112] = turn
        Image.fromarray(array).save(tmp_path / name, quality=100, exif=exif)
    shown = open_images(tmp_path / "a.png").read(0).astype(int)
    read = open_images(tmp_path / "a.avif").read(0).astype(int)
    assert read.shape == shown.shape and np.abs(read - shown).mean() < 3


@pytest.mark.parametrize("size", [(8, 8), (16, 24), (33, 40), (40, 30), (300, 7), (1030, 515)])
@pytest.mark.parametrize("encode", [jpeg2000, jpegxl, avif])
def test_headers_say_the_size_that_is_decoded(rng, size, encode):
    data = encode(noise(rng, size))
    header = HEADERS[deep_format(data)](data)
    assert (header.height, header.width) == size and header.bits == 8


@pytest.mark.parametrize(("format", "encode"), [("JPEG 2000", jpeg2000), ("JPEG XL", jpegxl),
                                                ("AVIF", avif)])  # fmt: skip
def test_a_header_of_too_many_pixels_is_refused_before_decoding(rng, monkeypatch, format, encode):
    huge = Header(format, 60_000, 60_000, 8)
    monkeypatch.setitem(HEADERS, format, lambda data: huge)
    with pytest.raises(Unreadable, match="60000 x 60000 pixels, more than the limit"):
        decode_deep(encode(noise(rng, (16, 16))), decoding=Decoding())


@pytest.mark.parametrize(("suffix", "encode"), [("jp2", jpeg2000), ("jxl", jpegxl), ("avif", avif)])
@pytest.mark.parametrize("kept", [15, 60, 200])
def test_a_cut_file_is_an_image_error_of_one_line(tmp_path, rng, suffix, encode, kept):
    path = written(tmp_path, f"a.{suffix}", encode(noise(rng, (32, 40, 3)))[:kept])
    with pytest.raises(ImageError, match=rf"a\.{suffix} is not an image that can be read") as error:
        open_images(path).read(0)
    assert "\n" not in str(error.value)


def test_alpha_of_jpeg_2000_is_found_where_the_file_says_so(tmp_path, rng):
    array = noise(rng, (32, 40, 4))
    array[..., 3] = 255
    Image.fromarray(array).save(tmp_path / "a.jp2", irreversible=False)
    np.testing.assert_array_equal(
        open_images(tmp_path / "a.jp2").read(0), array[..., :3].transpose(2, 0, 1)
    )
