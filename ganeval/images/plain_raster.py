"""JPEG and PNG of the plain kinds, decoded by imagecodecs, several times as fast as by Pillow.

Only files whose pixels both give alike are taken: 8 bits, grey or RGB, without palette, colour
key, orientation or anything unusual in their structure, and complete. What is odd or damaged is
left to Pillow, which then reads it or says what is wrong.
"""

import re
import zlib

import numpy as np

from ganeval.images.pixels import MAX_PIXELS

JPEG_FRAMES = frozenset(b"\xc0\xc1")
"""Baseline and extended: all components in one scan. Progressive ones gain nothing."""
JPEG_TABLES = {0xDB: 3, 0xC4: 3, 0xDD: 4, 0xE0: 16, 0xEE: 14, 0xFE: 2}
"""Tables, restarts, JFIF, Adobe's colours and comments, and their least sizes."""
JPEG_NOTES = frozenset(range(0xE1, 0xF0)) - {0xEE}
"""EXIF, profiles and the like, one of which may turn the image."""
JPEG_SCAN = 0xDA
NO_PIXEL = re.compile(rb"\xff[^\x00\xd0-\xd7]")
MOST = 1 << 16

PNG_CHANNELS = {0: 1, 2: 3, 6: 4}
"""By colour type; 3 has a palette, and libspng gives 4, grey and alpha, as RGBA."""
PNG_FIXED = {b"pHYs": 9, b"gAMA": 4, b"sRGB": 1, b"cHRM": 32, b"tIME": 7}
"""Chunks that change no pixel, and their lengths."""


def decode_plain(data: bytes, *, format: str, noted: bool = False) -> np.ndarray | None:
    """Decodes a plain, complete file to [h, w, c] uint8, or returns None.

    Args:
        data: content of the file.
        format: Pillow's name of the format, found from the content.
        noted: whether a JPEG may have notes; its pixels are as stored, not turned by them.
    """
    if format == "JPEG":
        shape, codec = _jpeg_shape(data, noted=noted), "jpeg8_decode"
    elif format == "PNG":
        shape, codec = _png_shape(data), "spng_decode"
    else:
        return None
    if shape is None or not 0 < shape[0] * shape[1] <= MAX_PIXELS:
        return None
    import imagecodecs

    try:
        array: np.ndarray = getattr(imagecodecs, codec)(data)
    except Exception:  # Pillow will say what is wrong, in its words
        return None
    return array.reshape(shape) if array.dtype == np.uint8 and array.size else None


def _jpeg_shape(data: bytes, *, noted: bool) -> tuple[int, int, int] | None:
    """Height, width and components of a JPEG whose segments are all plain, or None."""
    place, last, shape = 2, len(data) - 4, None
    while place < last and data[place] == 0xFF:
        marker, size = data[place + 1], data[place + 2] << 8 | data[place + 3]
        if marker in JPEG_FRAMES:
            body = data[place + 4 : place + 10]
            if shape is not None or len(body) < 6 or size != 8 + 3 * body[5] or body[0] != 8:
                return None
            shape = body[1] << 8 | body[2], body[3] << 8 | body[4], body[5]
            if shape[2] not in (1, 3):
                return None
        elif marker == JPEG_SCAN:
            complete = shape is not None and data[place + 4] == shape[2]
            return shape if complete and _ends_with_pixels(data, place + 2 + size) else None
        elif size < JPEG_TABLES.get(marker, MOST) and not (noted and marker in JPEG_NOTES):
            return None
        place += 2 + size
    return None


def _ends_with_pixels(data: bytes, start: int) -> bool:
    """Whether nothing but pixels and restarts follows, and then the mark of the end."""
    if data[-2:] != b"\xff\xd9":
        return False
    # In pixels, 0xFF is written as 0xFF00; counting is several times as fast as searching.
    if data.count(b"\xff", start) == data.count(b"\xff\0", start) + 1:
        return True
    found = NO_PIXEL.search(data, start)
    return found is not None and found.start() == len(data) - 2


def _png_shape(data: bytes) -> tuple[int, int, int] | None:
    """Height, width and channels of a PNG whose chunks are all plain, or None."""
    place, end, shape = 8, len(data), None
    while place + 12 <= end:
        size, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        after = place + 12 + size
        if kind != b"IDAT":
            body = data[place + 8 : after - 4]
            if zlib.crc32(body, zlib.crc32(kind)).to_bytes(4, "big") != data[after - 4 : after]:
                return None
            if kind == b"IHDR" and place == 8 and size == 13:
                channels = PNG_CHANNELS.get(body[9])
                height, width = (int.from_bytes(body[i : i + 4], "big") for i in (4, 0))
                if body[8] != 8 or channels is None:
                    return None
                shape = height, width, channels
            elif kind == b"IEND":
                return shape if after == end and not size else None
            elif PNG_FIXED.get(kind) != size:
                return None
        place = after
    return None
