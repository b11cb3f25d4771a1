"""JPEG 2000, JPEG XL and AVIF: pictures of any depth, decoded by imagecodecs.

Pillow cuts these to 8 bits, or shifts 10 and 12 bits to 16; imagecodecs gives the values as they
were written, 0 to 4095 for 12 bits.
"""

import io
import struct
from typing import Any, NamedTuple

import numpy as np

from ganeval.images.pixels import (
    Decoding,
    Unreadable,
    broken,
    check_size,
    first_line,
    upright,
    without_alpha,
)

JP2, JXL = b"\0\0\0\x0cjP  \r\n\x87\n", b"\0\0\0\x0cJXL \r\n\x87\n"
J2K_START, JXL_START = b"\xff\x4f\xff\x51", b"\xff\x0a"
SRGB, GREY = 16, 17
ORIENTATION = 0x0112


class Header(NamedTuple):
    """What a picture says of itself before it is decoded."""

    format: str
    height: int
    width: int
    bits: int | None
    """Bits per value; None where the header keeps it elsewhere."""


def deep_format(data: bytes) -> str | None:
    """`JPEG 2000`, `JPEG XL` or `AVIF` by the content's first bytes, or None."""
    if data.startswith((JP2, J2K_START)):
        return "JPEG 2000"
    if data.startswith((JXL, JXL_START)):
        return "JPEG XL"
    if data[4:8] == b"ftyp" and (b"avif" in data[8:40] or b"avis" in data[8:40]):
        return "AVIF"
    return None


def decode_deep(data: bytes, *, decoding: Decoding) -> np.ndarray:
    """Decodes a file to [h, w, c] in its own depth, or Unreadable."""
    import imagecodecs

    format = deep_format(data)
    try:
        header = HEADERS[format or ""](data)
        check_size(header.height, header.width)
        decode: Any = {
            "JPEG 2000": imagecodecs.jpeg2k_decode,
            "JPEG XL": imagecodecs.jpegxl_decode,
            "AVIF": imagecodecs.avif_decode,
        }[header.format]
        array: np.ndarray = decode(data)
    except Unreadable:
        raise
    except ImportError:
        lacks = f"is {format}, which this build of imagecodecs lacks; install its wheel from PyPI"
        raise Unreadable(lacks) from None
    except MemoryError:
        raise Unreadable("does not fit into memory; make the image smaller") from None
    except Exception as error:  # a damaged file can make a decoder raise anything
        raise broken(f"damaged {format} ({first_line(error)})") from None
    sides = sorted((header.height, header.width))
    if array.ndim not in (2, 3) or sorted(array.shape[:2]) != sides:
        raise Unreadable("is an animation; save the frames as images of their own")
    array = array[..., None] if array.ndim == 2 else array
    if header.format == "AVIF":
        array = upright(array, _orientation(data))
    if array.shape[-1] in (2, 4) and (header.format != "JPEG 2000" or b"cdef" in _boxes(data)):
        return without_alpha(array, keep=decoding.keep_alpha)
    return array


def bits_of(data: bytes) -> int | None:
    """Bits per value of a picture, from the start of its file; None where that does not say."""
    try:
        return HEADERS[deep_format(data) or ""](data).bits
    except (Unreadable, KeyError, ValueError, struct.error, IndexError):
        return None


def _jpeg2000(data: bytes) -> Header:
    """From the marker SIZ of the codestream, and the colours from the boxes before it."""
    start = data.index(J2K_START)
    left, top = struct.unpack_from(">2I", data, start + 16)
    right, bottom = struct.unpack_from(">2I", data, start + 8)
    colours = data.find(b"colr", 0, start)
    if colours >= 0 and data[colours + 4] == 1:
        (kind,) = struct.unpack_from(">I", data, colours + 7)
        if kind not in (SRGB, GREY):
            raise Unreadable("has colours that are not RGB or grey; convert it to RGB first")
    bits = (data[start + 42] & 0x7F) + 1
    return Header("JPEG 2000", bottom - top, right - left, bits)


def _boxes(data: bytes) -> bytes:
    """What stands before the codestream of a JPEG 2000."""
    return data[: data.index(J2K_START)]


def _jpegxl(data: bytes) -> Header:
    """From the first bits of the codestream: SizeHeader and ImageMetadata of ISO 18181-1."""
    start = 0
    if data.startswith(JXL):
        whole = data.find(b"jxlc")
        start = whole + 4 if whole >= 0 else data.index(b"jxlp") + 8
    if data[start : start + 2] != JXL_START:
        raise broken("damaged JPEG XL (no codestream)")
    stream = int.from_bytes(data[start + 2 : start + 34], "little")

    def take(bits: int) -> int:
        nonlocal stream
        value, stream = stream & ((1 << bits) - 1), stream >> bits
        return value

    def side() -> int:
        return (take(5) + 1) * 8 if small else take((9, 13, 18, 30)[take(2)]) + 1

    small = take(1)
    height = side()
    ratio = take(3)
    across, down = ((0, 1), (1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))[ratio]
    width = height * across // down if ratio else side()
    if take(1):  # all as usual
        return Header("JPEG XL", height, width, 8)
    if take(1) and (take(3), take(3))[1]:  # orientation; then size, preview or animation follow
        return Header("JPEG XL", height, width, None)
    if take(1):  # floats
        return Header("JPEG XL", height, width, None)
    depth = take(2)
    return Header("JPEG XL", height, width, (8, 10, 12)[depth] if depth < 3 else take(6) + 1)


def _avif(data: bytes) -> Header:
    """From the properties of the picture, of which `ispe` also says the sizes of its tiles."""
    if data[8:12] == b"avis":
        raise Unreadable("is an animation; save the frames as images of their own")
    sizes, place = [], data.index(b"ispe")
    while place >= 0:
        width, height = struct.unpack_from(">2I", data, place + 8)
        sizes.append((width * height, height, width))
        place = data.find(b"ispe", place + 4)
    _, height, width = max(sizes)
    depth = data[data.index(b"av1C") + 6]
    bits = (12 if depth & 0x20 else 10) if depth & 0x40 else 8
    return Header("AVIF", height, width, bits)


def _orientation(data: bytes) -> int:
    """EXIF orientation that equals the turns and mirrors of an AVIF, which decoders leave out."""
    if b"irot" not in data and b"imir" not in data:
        return 1
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=("AVIF",)) as image:
        found: int = image.getexif().get(ORIENTATION, 1)
        return found


HEADERS = {"JPEG 2000": _jpeg2000, "JPEG XL": _jpegxl, "AVIF": _avif}
