"""Decodes one file's bytes to pixels; the content, not the extension, decides the format."""

import io

import numpy as np

from ganeval.errors import InputError
from ganeval.images._base import Pixels
from ganeval.images.deep_raster import decode_deep, deep_format
from ganeval.images.layout import channels_first, image_layout
from ganeval.images.pixels import MAX_BYTES, Decoding, Unreadable, broken, to_pixels

PICTURES = (
    ".png",
    ".jpg",
    ".jpeg",
    ".jpe",
    ".jfif",
    ".tif",
    ".tiff",
    ".bmp",
    ".webp",
    ".gif",
    ".jp2",
    ".j2k",
    ".j2c",
    ".jxl",
    ".avif",
)
"""Extensions of images in a folder or an archive, in upper or lower case."""

RASTER_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"BM", "BMP"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
)
TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
NPY_MAGIC = b"\x93NUMPY"
BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)
"""Sizes of the second header of a BMP, one for each version of the format."""


def decode(data: bytes, decoding: Decoding) -> Pixels:
    """Decodes one image, or raises Unreadable."""
    if not data:
        raise broken("it is empty (0 bytes)")
    if data.startswith(TIFF_MAGIC):
        from ganeval.images.tiff import decode_tiff

        return to_pixels(decode_tiff(data, decoding))
    if data.startswith(NPY_MAGIC):
        return to_pixels(_npy(data, decoding))
    if deep_format(data) is not None:
        return to_pixels(decode_deep(data, decoding=decoding).transpose(2, 0, 1))
    from ganeval.images.raster import decode_raster

    array = decode_raster(data, format=_raster_format(data), decoding=decoding)
    return to_pixels(array.transpose(2, 0, 1))


def is_picture(head: bytes) -> bool:
    """Whether a file begins like a picture that `decode` reads; `head` has 18 bytes or more of it.

    Two letters do not make a BMP: its own header must have one of the known sizes.
    """
    if head.startswith(b"BM"):
        return int.from_bytes(head[14:18], "little") in BMP_HEADERS
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WEBP"
    return head.startswith((*(magic for magic, _ in RASTER_MAGIC), *TIFF_MAGIC, NPY_MAGIC))


def check_bytes(size: int) -> None:
    """Raises Unreadable for a file too large to be one image, before it is read."""
    if size > MAX_BYTES:
        raise broken(
            f"it holds {size} bytes, more than the limit of {MAX_BYTES} for one image "
            "(a decompression bomb?)"
        )


def _raster_format(data: bytes) -> str:
    for magic, format in RASTER_MAGIC:
        if data.startswith(magic):
            return format
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    text = not set(data[:512]) - set(b"\t\n\f\r\x1b") - set(range(32, 256))
    raise broken("it holds text" if text else "its content is no picture of a known kind")


def _npy(data: bytes, decoding: Decoding) -> np.ndarray:
    """Reads one image saved as an array, [h, w] or in NumPy's layout."""
    try:
        array = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise broken(f"damaged or pickled .npy ({error})") from None
    try:
        layout = image_layout(array.shape, layout=decoding.layout, torch=False, name="its array")
    except InputError as error:
        raise Unreadable(f"cannot be used: {error}") from None
    return channels_first(array, layout)
