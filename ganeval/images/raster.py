"""PNG, JPEG, BMP, WebP and GIF by Pillow; plain PNG and JPEG, and 16-bit PNG, by imagecodecs."""

import io
import warnings
from typing import TYPE_CHECKING, Any

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
from ganeval.images.plain_raster import decode_plain

if TYPE_CHECKING:
    from PIL import Image

ORIENTATION = 0x0112
GREY_OR_COLOUR = ("L", "RGB")
WITH_ALPHA = ("LA", "RGBA")


def decode_raster(data: bytes, *, format: str, decoding: Decoding) -> np.ndarray:
    """Decodes a file to [h, w, c] in its own colours, by the rules of `ganeval.images`.

    Args:
        data: content of the file.
        format: Pillow's name of the format, found from the content.
        decoding: says whether alpha is kept.
    """
    if (array := decode_plain(data, format=format)) is not None:
        return _alpha(array, decoding)
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of large images and odd metadata
        try:
            with Image.open(io.BytesIO(data), formats=(format,)) as image:
                check_size(image.height, image.width)
                # Phones append previews to JPEG files, which Pillow counts as frames.
                if format != "JPEG" and getattr(image, "n_frames", 1) > 1:
                    frames: Any = getattr(image, "n_frames", 1)
                    raise Unreadable(
                        f"is an animation of {frames} frames; take them all with --planes t, or "
                        "save those that count as images of their own"
                    )
                array = _stored(data, image, format)
                array = upright(array, image.getexif().get(ORIENTATION, 1))
        except Unreadable:
            raise
        except Image.DecompressionBombError:
            raise broken("it declares more pixels than the limit (a decompression bomb?)") from None
        except MemoryError:
            raise Unreadable("does not fit into memory; make the image smaller") from None
        except Exception as error:  # a damaged file can make a decoder raise anything
            raise broken(f"damaged {format} ({first_line(error)})") from None
    return _alpha(array, decoding)


def pil_pixels(image: "Image.Image", decoding: Decoding) -> np.ndarray:
    """Converts an open Pillow image to [h, w, c], by the same rules.

    Its 16- and 32-bit grey and float modes stay as they are; its colour has 8 bits.
    """
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return np.asarray(image)[..., None]
    array = upright(_eight_bits(image), image.getexif().get(ORIENTATION, 1))
    return _alpha(array, decoding)


def _stored(data: bytes, image: "Image.Image", format: str) -> np.ndarray:
    """[h, w, c] as the file has it, not yet turned."""
    if format == "PNG" and data[24] == 16:
        return _png16(data)
    plain = decode_plain(data, format=format, noted=True) if format == "JPEG" else None
    return _eight_bits(image) if plain is None else plain


def _alpha(array: np.ndarray, decoding: Decoding) -> np.ndarray:
    has_alpha = array.shape[-1] in (2, 4)
    return without_alpha(array, keep=decoding.keep_alpha) if has_alpha else array


def _eight_bits(image: "Image.Image") -> np.ndarray:
    """[h, w, c] with c in 1 (grey), 2 (and alpha), 3 (colour), 4 (and alpha)."""
    image.load()
    keyed = "transparency" in image.info  # one colour, or some palette entries, are transparent
    if image.mode in ("P", "PA", "RGBX"):
        image = image.convert("RGBA" if keyed or image.mode == "PA" else "RGB")
    elif image.mode == "1":
        image = image.convert("L")
    elif keyed and image.mode in GREY_OR_COLOUR:
        image = image.convert("LA" if image.mode == "L" else "RGBA")
    if image.mode not in GREY_OR_COLOUR + WITH_ALPHA:
        raise Unreadable(
            f"has {image.mode} colours; images are grey or RGB: convert it to RGB first"
        )
    array = np.asarray(image)
    return array[..., None] if array.ndim == 2 else array


def _png16(data: bytes) -> np.ndarray:
    """Decodes 16-bit PNG with imagecodecs, because Pillow cuts colour to 8 bits."""
    import imagecodecs

    array: np.ndarray = imagecodecs.png_decode(data)
    return array[..., None] if array.ndim == 2 else array
