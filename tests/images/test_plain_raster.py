import io
import random
import re
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from ganeval.images import raster
from ganeval.images.decode import decode
from ganeval.images.pixels import Decoding, Unreadable
from ganeval.images.plain_raster import decode_plain

RNG = np.random.default_rng(0)


def picture(channels, height=37, width=50):
    """Slopes and noise [h, w, c], opaque where there is alpha."""
    rows, columns = np.mgrid[:height, :width]
    slopes = np.stack([(3 * rows + (2 + c) * columns) % 256 for c in range(channels)], -1)
    array = (slopes // 2 + RNG.integers(0, 128, slopes.shape)).astype(np.uint8)
    if channels in (2, 4):
        array[..., -1] = 255
    return array


def saved(array, format, **options):
    buffer = io.BytesIO()
    Image.fromarray(array.squeeze()).save(buffer, format, **options)
    return buffer.getvalue()


def by_pillow(data):
    """[c, h, w], upright, as Pillow shows it."""
    with Image.open(io.BytesIO(data)) as image:
        array = np.asarray(ImageOps.exif_transpose(image))
    return np.atleast_3d(array).transpose(2, 0, 1)


def exif(orientation):
    found = Image.Exif()
    found[0x112] = orientation
    return found


def interlaced(array):
    """A PNG in the seven passes of Adam7, which Pillow reads but does not write."""
    steps = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4)]
    steps += [(2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    rows = b"".join(
        b"\0" + row.tobytes()
        for top, left, down, right in steps
        for row in array[top::down, left::right]
        if row.size
    )
    height, width, channels = array.shape
    colours = {1: 0, 3: 2, 4: 6}[channels]
    head = np.array([width, height], ">u4").tobytes() + bytes([8, colours, 0, 0, 1])
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
        for kind, body in ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


GREY, RGB = picture(1), picture(3)
FAST = {
    "grey JPEG": saved(GREY, "JPEG"),
    "JPEG 4:2:0": saved(RGB, "JPEG", quality=70),
    "JPEG 4:2:2": saved(RGB, "JPEG", subsampling=1),
    "JPEG 4:4:4, best": saved(RGB, "JPEG", quality=100, subsampling=0),
    "JPEG with restarts": saved(RGB, "JPEG", restart_marker_blocks=2),
    "JPEG of RGB": saved(RGB, "JPEG", keep_rgb=True, subsampling=0),
    "JPEG with a comment and tables of its own": saved(RGB, "JPEG", comment=b"hi", optimize=True),
    "JPEG of one pixel": saved(RGB[:1, :1], "JPEG"),
    "large JPEG": saved(picture(3, 400, 500), "JPEG", quality=90),
    "grey PNG": saved(GREY, "PNG"),
    "PNG": saved(RGB, "PNG", dpi=(72, 72)),
    "PNG, not compressed": saved(RGB, "PNG", compress_level=0),
    "interlaced PNG": interlaced(RGB),
    "interlaced grey PNG": interlaced(GREY),
}  # fmt: skip
SLOW = {
    "progressive JPEG": saved(RGB, "JPEG", progressive=True),
    "progressive grey JPEG": saved(GREY, "JPEG", progressive=True),
    **{f"JPEG turned {way}": saved(RGB, "JPEG", exif=exif(way)) for way in range(1, 9)},
    "JPEG with a profile": saved(RGB, "JPEG", icc_profile=b"x" * 200),
    "PNG turned": saved(RGB, "PNG", exif=exif(6)),
    "PNG with text": saved(RGB, "PNG", exif=exif(1)),
}


@pytest.mark.parametrize("data", FAST.values(), ids=FAST)
def test_plain_files_have_pillows_pixels_without_pillow(data, monkeypatch):
    wanted = by_pillow(data)
    monkeypatch.setattr(Image, "open", None)
    np.testing.assert_array_equal(decode(data, Decoding()), wanted)


@pytest.mark.parametrize("data", SLOW.values(), ids=SLOW)
def test_other_files_have_pillows_pixels(data):
    np.testing.assert_array_equal(decode(data, Decoding()), by_pillow(data))


def test_alpha_palettes_and_colour_keys_are_read_as_before():
    opaque, grey = picture(4), picture(2)
    colours = opaque[..., :3].transpose(2, 0, 1)
    np.testing.assert_array_equal(decode(saved(opaque, "PNG"), Decoding()), colours)
    np.testing.assert_array_equal(decode(saved(grey, "PNG"), Decoding())[0], grey[..., 0])
    kept = decode(interlaced(opaque), Decoding(keep_alpha=True))
    np.testing.assert_array_equal(kept, opaque.transpose(2, 0, 1))
    few = (RGB // 86 * 85).astype(np.uint8)
    palette = io.BytesIO()
    Image.fromarray(few).quantize(64).save(palette, "PNG")
    expected = np.asarray(Image.open(io.BytesIO(palette.getvalue())).convert("RGB"))
    np.testing.assert_array_equal(
        decode(palette.getvalue(), Decoding()), expected.transpose(2, 0, 1)
    )
    keyed = saved(RGB, "PNG", transparency=tuple(map(int, RGB[0, 0])))
    with pytest.raises(Unreadable, match="transparent"):
        decode(keyed, Decoding())


def test_sixteen_bits_keep_their_values():
    array = RNG.integers(0, 65536, (20, 30)).astype(np.uint16)
    np.testing.assert_array_equal(decode(saved(array, "PNG"), Decoding())[0], array)


def test_four_colours_are_refused():
    buffer = io.BytesIO()
    Image.fromarray(RGB).convert("CMYK").save(buffer, "JPEG")
    with pytest.raises(Unreadable, match="CMYK"):
        decode(buffer.getvalue(), Decoding())


def outcome(data):
    """Pixels, or the message without the address that Pillow's has."""
    try:
        return decode(data, Decoding())
    except Unreadable as error:
        return re.sub("0x[0-9a-f]+", "", str(error))


def damaged(data, choice):
    """Some bytes changed, left out, added or cut off, most of them near the beginning."""
    changed = bytearray(data)
    place = choice.randrange(2, choice.choice([len(data), min(len(data), 700)]))
    match choice.randrange(6):
        case 0:
            changed[place] = choice.randrange(256)
        case 1:
            del changed[place : place + choice.randint(1, 20)]
        case 2:
            changed[place:place] = choice.randbytes(choice.randint(1, 20))
        case 3:
            changed[place : place + 1] = b"\xff"
        case 4:
            del changed[place:]
        case 5:
            changed[place:] = changed[-2:]
    return bytes(changed)


@pytest.mark.parametrize("name", ["JPEG 4:2:0", "JPEG with restarts", "grey PNG", "interlaced PNG"])
def test_damaged_files_end_as_they_do_by_pillow_alone(name, monkeypatch):
    choice = random.Random(name)
    files = [damaged(FAST[name], choice) for _ in range(150)]
    mixed = [outcome(data) for data in files]
    monkeypatch.setattr(raster, "decode_plain", lambda data, **options: None)
    for data, found in zip(files, mixed, strict=True):
        np.testing.assert_array_equal(found, outcome(data))
    assert sum(isinstance(found, str) for found in mixed) > 20


def test_a_forged_size_is_left_to_pillows_limit():
    data = bytearray(FAST["PNG"])
    data[16:24] = b"\0\xff\xff\xff" * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    assert decode_plain(bytes(data), format="PNG") is None
    with pytest.raises(Unreadable, match="decompression bomb"):
        decode(bytes(data), Decoding())
