"""Converts what a decoder returns to pixels: uint8, uint16 or float32 [c, h, w]."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.images._base import Pixels

MAX_PIXELS = 178_956_970
"""Largest height times width of one image; Pillow's limit against decompression bombs."""
MAX_VALUES = 1 << 30
"""Most numbers in one image, over all its channels and planes."""
MAX_BYTES = 1 << 30
"""Largest size of one image's file, unpacked from its archive."""
EXACT_IN_FLOAT32 = 1 << 24
"""float32 holds every integer up to this one."""


class Unreadable(Exception):
    """An image that cannot be used; the text follows the image's name in an ImageError."""


def broken(reason: str) -> Unreadable:
    """The error for a file whose content is damaged or not an image at all."""
    return Unreadable(
        f"is not an image that can be read: {reason}; remove it or use --on-error skip"
    )


def first_line(error: Exception) -> str:
    """What another library raised, in at most 120 characters of one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 120 else f"{text[:117]}..."


@dataclass(frozen=True)
class Decoding:
    """Options for turning files into pixels; see `open_images`."""

    axes: str | None = None
    planes: str | None = None
    project: str | None = None
    layout: str | None = None
    keep_alpha: bool = False
    """Whether the user selects channels, so that alpha can be one of them."""


def check_size(height: int, width: int, *, values: int | None = None) -> None:
    """Raises Unreadable if an image declares more pixels, or `values` in all, than the limits."""
    if height * width > MAX_PIXELS:
        raise broken(
            f"it declares {width} x {height} pixels, more than the limit of {MAX_PIXELS} "
            "(a decompression bomb?)"
        )
    if values is not None and values > MAX_VALUES:
        raise broken(
            f"it declares {values} values over all its planes, more than the limit of {MAX_VALUES}"
        )


def to_pixels(image: np.ndarray) -> Pixels:
    """Converts [c, h, w] of any dtype to uint8, uint16 or float32 in C order, or Unreadable.

    Booleans become 0 and 255. Other floats become float32. Signed and wider integers become
    float32, which needs a declared value range, and are refused beyond 2**24, where float32
    would round them. NaN and infinities are refused.
    """
    if image.size == 0:
        raise Unreadable(f"has no pixels: its shape is {list(image.shape)}; remove it")
    kind = image.dtype.kind
    if kind == "b":
        image = image.astype(np.uint8) * np.uint8(255)
    elif kind == "i" or (kind == "u" and image.dtype.itemsize > 2):
        largest = max(int(image.max()), -int(image.min()))
        if largest > EXACT_IN_FLOAT32:
            raise Unreadable(
                f"has {image.dtype} values up to {largest}, which neither uint16 nor float32 holds "
                "exactly; scale them and save as uint16 or float32"
            )
        image = image.astype(np.float32)
    elif kind == "f":
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            image = image.astype(np.float32)
        if bad := image.size - int(np.count_nonzero(np.isfinite(image))):
            raise Unreadable(
                f"has {bad} NaN or infinite values of {image.size} (as float32); replace them, "
                "remove the image or use --on-error skip"
            )
    elif kind != "u":
        raise Unreadable(f"has pixels of type {image.dtype}; save them as uint8, uint16 or float32")
    return np.ascontiguousarray(image, dtype=image.dtype.newbyteorder("="))


def without_alpha(image: np.ndarray, *, keep: bool) -> np.ndarray:
    """Drops the last channel, alpha, of [h, w, c] if opaque everywhere; keeps it on request."""
    alpha = image[..., -1]
    opaque: Any = np.iinfo(alpha.dtype).max if alpha.dtype.kind in "iu" else 1
    if keep:
        return image
    if clear := int(np.count_nonzero(alpha != opaque)):
        colours = image.shape[-1] - 1
        chosen = ",".join(map(str, range(colours)))
        raise Unreadable(
            f"has {clear} transparent pixels of {alpha.size}; to measure the {colours} colour "
            f"channels and leave alpha out, say --channels {chosen}, or flatten the images onto "
            "their background first"
        )
    return image[..., :-1]


def depth_note(bits: int) -> str:
    """A note on values that do not fill their bytes, as 12 bits in uint16."""
    white = (1 << bits) - 1
    return f"its values have {bits} bits, so white is {white}: say --value-range 0:{white}"


def upright(image: np.ndarray, orientation: int) -> np.ndarray:
    """Turns [h, w, ...] the way a viewer shows it, by the EXIF (or TIFF) orientation 1 to 8."""
    if orientation in (5, 6, 7, 8):
        image = image.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    return image


def pixel_hash(pixels: Pixels) -> tuple[int, int]:
    """BLAKE2b-128 of dtype, shape and C-order little-endian pixels, as two unsigned 64-bit words.

    The same image has the same hash in a folder, a zip or an array, on every machine.
    """
    little = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("<"))
    kind = f"{pixels.dtype.kind}{pixels.dtype.itemsize}"  # u1, u2 or f4
    state = hashlib.blake2b(f"{kind} {pixels.shape}".encode(), digest_size=16)
    state.update(little.data)
    digest = state.digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")
