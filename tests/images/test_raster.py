import io
import struct
import warnings
import zlib

import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from ganeval.errors import ImageError
from ganeval.images import open_images


@pytest.fixture
def read(tmp_path):
    """The pixels of one file with the given bytes, under options of `open_images`."""

    def one(data, name="a.png", **options):
        (tmp_path / name).write_bytes(data)
        return open_images(tmp_path / name, **options).read(0)

    return one


def encoded(image, format="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize("channels", [1, 3])
def test_16_bit_png_keeps_its_bits(read, rng, channels):
    shape = (6, 5, 3) if channels == 3 else (6, 5)
    array = rng.integers(0, 65536, shape, dtype=np.uint16)
    pixels = read(imagecodecs.png_encode(array))
    assert pixels.dtype == np.uint16
    np.testing.assert_array_equal(pixels, np.atleast_3d(array).transpose(2, 0, 1))


def test_16_bit_png_with_alpha_follows_the_rule_for_alpha(read, rng):
    array = rng.integers(0, 65535, (6, 5, 4), dtype=np.uint16)
    array[..., 3] = 65535
    np.testing.assert_array_equal(
        read(imagecodecs.png_encode(array)), array[..., :3].transpose(2, 0, 1)
    )
    array[0, 0, 3] = 7
    with pytest.raises(ImageError, match=r"1 transparent pixels of 30; .*--channels 0,1,2"):
        read(imagecodecs.png_encode(array))
    np.testing.assert_array_equal(
        read(imagecodecs.png_encode(array), channels=(3, 0)), array[..., [3, 0]].transpose(2, 0, 1)
    )


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_8_bit_alpha(read, rng, mode):
    array = rng.integers(0, 255, (6, 5, len(mode)), dtype=np.uint8)
    with pytest.raises(ImageError, match="30 transparent pixels of 30"):
        read(encoded(Image.fromarray(array)))
    np.testing.assert_array_equal(
        read(encoded(Image.fromarray(array)), channels=range(len(mode))), array.transpose(2, 0, 1)
    )
    array[..., -1] = 255
    np.testing.assert_array_equal(
        read(encoded(Image.fromarray(array))), array[..., :-1].transpose(2, 0, 1)
    )


def test_a_palette_becomes_its_colours(read, rng):
    colours = rng.integers(0, 256, (9, 3), dtype=np.uint8)
    index = rng.integers(0, 9, (4, 6), dtype=np.uint8)
    image = Image.fromarray(index).convert("P")
    image.putdata(index.ravel().tolist())
    image.putpalette(colours.ravel().tolist())
    for format in ("PNG", "GIF", "BMP"):
        np.testing.assert_array_equal(
            read(encoded(image, format)), colours[index].transpose(2, 0, 1)
        )


def test_a_transparent_palette_entry_counts_as_alpha(read):
    image = Image.new("P", (3, 2), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    assert read(encoded(image, transparency=0)).shape == (3, 2, 3)  # no pixel has that entry
    image.putpixel((0, 0), 0)
    with pytest.raises(ImageError, match="1 transparent pixels of 6"):
        read(encoded(image, transparency=0))


@pytest.mark.parametrize("bits", [8, 16])
def test_a_transparent_colour_counts_as_alpha(read, rng, bits):
    array = rng.integers(1, 255, (4, 5, 3)).astype(f"u{bits // 8}")
    array[1, 2] = 0
    data = imagecodecs.png_encode(array)
    key = chunk(b"tRNS", bytes(6))
    with pytest.raises(ImageError, match="1 transparent pixels of 20"):
        read(data[:33] + key + data[33:])


def test_one_bit_becomes_0_and_255(read):
    image = Image.fromarray(np.array([[True, False, True]]))
    np.testing.assert_array_equal(read(encoded(image)), [[[255, 0, 255]]])


def test_cmyk_is_refused(read):
    with pytest.raises(ImageError, match=r"has CMYK colours; .* convert it to RGB first"):
        read(encoded(Image.new("CMYK", (4, 4)), "JPEG"), "a.jpg")


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_orientation_is_applied_as_a_viewer_would(read, rng, orientation, format):
    image = Image.fromarray(rng.integers(0, 256, (5, 8, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(image, format, exif=exif)
    shown = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    np.testing.assert_array_equal(read(data), np.asarray(shown).transpose(2, 0, 1))


def test_orientation_is_applied_to_16_bits(read, rng):
    array = rng.integers(0, 65536, (5, 8, 3), dtype=np.uint16)
    exif = Image.Exif()
    exif[0x0112] = 6
    data = imagecodecs.png_encode(array)
    data = data[:33] + chunk(b"eXIf", exif.tobytes()[6:]) + data[33:]
    np.testing.assert_array_equal(read(data), np.rot90(array, -1).transpose(2, 0, 1))


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_refused(read, format):
    frames = [Image.new("RGB", (4, 4), (value, 0, 0)) for value in (0, 255)]
    data = encoded(frames[0], format, save_all=True, append_images=frames[1:])
    with pytest.raises(ImageError, match="is an animation of 2 frames"):
        read(data)


def test_a_jpeg_with_a_preview_is_its_first_picture(read):
    frames = [Image.new("RGB", (4, 4), (value, 0, 0)) for value in (0, 255)]
    data = encoded(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert read(data, "a.jpg").max() < 10


def test_the_content_decides_not_the_extension(read, rng):
    array = rng.integers(0, 256, (4, 5), dtype=np.uint8)
    np.testing.assert_array_equal(read(encoded(Image.fromarray(array), "BMP"), "a.jpeg"), [array])


def bomb(width, height):
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(100))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [14_000, 60_000])
def test_a_decompression_bomb_is_refused_before_decoding(read, side):
    with pytest.raises(ImageError, match="decompression bomb"):
        read(bomb(side, side))


def test_a_large_image_within_the_limit_does_not_warn(read):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ImageError, match="damaged PNG"):
            read(bomb(10_000, 10_000))


WHOLE = {
    "PNG": encoded(Image.effect_noise((40, 30), 80)),
    "JPEG": encoded(Image.effect_noise((40, 30), 80), "JPEG"),
    "WEBP": encoded(Image.effect_noise((40, 30), 80), "WEBP", lossless=True),
    "GIF": encoded(Image.effect_noise((40, 30), 80), "GIF"),
    "TIFF": imagecodecs.png_encode(np.zeros((2, 2), np.uint16)),
}


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_an_image_error(read, format, kept):
    data = WHOLE[format]
    with pytest.raises(ImageError, match=f"a.x.png is not an image that can be read: damaged {format}"):  # fmt: skip  # noqa: E501
        read(data[: int(len(data) * kept)], "a.x.png")


@settings(max_examples=120, deadline=None)
@given(
    format=st.sampled_from(sorted(WHOLE)),
    edits=st.lists(st.tuples(st.integers(8, 300), st.integers(0, 255)), min_size=1, max_size=5),
)
def test_damage_is_an_image_error_or_harmless(tmp_path_factory, format, edits):
    data = bytearray(WHOLE[format])
    for place, value in edits:
        data[place % len(data)] = value
    path = tmp_path_factory.mktemp("damage") / "a.png"
    path.write_bytes(data)
    try:
        pixels = open_images(path).read(0)
    except ImageError as error:
        assert str(error).startswith(str(path)) and "\n" not in str(error)
    else:
        assert pixels.ndim == 3


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", r"it is empty \(0 bytes\)"),
        (b"name,label\n1,cat\n", "it holds text"),
        (bytes(range(256)), "its content is no picture of a known kind"),
    ],
)
def test_what_is_no_image_says_what_it_is(read, data, reason):
    with pytest.raises(ImageError, match=rf"a\.png is not an image that can be read: {reason}; "
                       "remove it or use --on-error skip"):  # fmt: skip
        read(data)


def test_nothing_is_written_to_stderr(read, capfd):
    for data in (b"", WHOLE["PNG"][:90], WHOLE["JPEG"][:200], b"II*\0" + bytes(40)):
        with pytest.raises(ImageError):
            read(data)
    assert capfd.readouterr() == ("", "")
