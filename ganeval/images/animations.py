"""Frames of animations (GIF, WebP, PNG), decoded by Pillow as RGB."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from ganeval.images.pixels import (
    Decoding,
    Unreadable,
    broken,
    check_size,
    first_line,
    without_alpha,
)

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("GIF", "PNG", "WEBP")
MAGIC = (b"GIF8", b"\x89PNG\r\n\x1a\n", b"RIFF")


def frame_count(data: bytes) -> int:
    """Frames of a file: 1 for pictures that do not move, of whatever format."""
    if not data.startswith(MAGIC) or (data[:4] == b"RIFF" and data[8:12] != b"WEBP"):
        return 1
    with _reported():
        return int(getattr(open_animation(data), "n_frames", 1))


def open_animation(data: bytes) -> "Image.Image":
    """Opens an animation, whose frames `frame` then decodes in order."""
    from PIL import Image

    with _reported():
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        check_size(image.height, image.width)
        if image.format == "PNG" and data[24] == 16:
            raise Unreadable("is an animation of 16 bits, which lose half; save its frames")
        return image


def frame(image: "Image.Image", number: int, decoding: Decoding) -> np.ndarray:
    """One frame [3, h, w] as a viewer shows it; alpha must be opaque, or channels are chosen."""
    with _reported():
        image.seek(number)
        return without_alpha(np.asarray(image.convert("RGBA")), keep=decoding.keep_alpha).transpose(
            2, 0, 1
        )


@contextmanager
def _reported() -> Iterator[None]:
    """Turns whatever Pillow raises into Unreadable."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of large images and odd metadata
        try:
            yield
        except Unreadable:
            raise
        except Image.DecompressionBombError:
            raise broken("it declares more pixels than the limit (a decompression bomb?)") from None
        except MemoryError:
            raise Unreadable("does not fit into memory; make the frames smaller") from None
        except Exception as error:  # a damaged file can make a decoder raise anything
            raise broken(f"damaged animation ({first_line(error)})") from None
