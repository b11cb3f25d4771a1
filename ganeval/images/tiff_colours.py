"""What the values of a TIFF mean: colours, palettes, white as zero, fewer than eight bits."""

from typing import Any

import numpy as np

from ganeval.images.pixels import Unreadable

MIN_IS_WHITE, MIN_IS_BLACK, RGB, PALETTE, YCBCR = 0, 1, 2, 3, 6
JPEG_IN_TIFF = (6, 7, 34892, 33007)
"""Compressions whose decoder turns YCbCr into RGB."""
SPREAD = {2: 85, 4: 17}
"""Factors from values of 2 and 4 bits to 0 to 255, as readers of PNG spread them."""


def as_defined(array: np.ndarray, axes: str, key: Any) -> tuple[np.ndarray, str]:
    """Values as the file's tags define them; a palette adds an axis S.

    Args:
        array: values as stored.
        axes: one letter per axis of `array`.
        key: the page that has the tags.
    """
    photometric = int(key.photometric)
    jpeg = int(key.compression) in JPEG_IN_TIFF
    if photometric == PALETTE and key.colormap is not None and not key.parent.is_imagej:
        colours = key.colormap
        # 8-bit colours are stored as 16-bit numbers: times 257, or by older writers times 256.
        if any(not np.any(colours % factor) for factor in (257, 256)):
            colours = (colours >> 8).astype(np.uint8)
        return np.moveaxis(colours[:, array], 0, -1), axes + "S"
    if photometric == MIN_IS_WHITE:
        if array.dtype.kind not in "bu":
            raise Unreadable(
                f"says that white is zero, with values of type {array.dtype}; save it with black "
                "as zero"
            )
        largest: Any = (1 << key.bitspersample) - 1
        return _spread(
            ~array if array.dtype == bool else array.dtype.type(largest) - array, key
        ), axes
    if photometric in (MIN_IS_BLACK, RGB, PALETTE) or (photometric == YCBCR and jpeg):
        return _spread(array, key), axes
    name = getattr(key.photometric, "name", photometric)
    raise Unreadable(f"has {name} colours; images are grey or RGB: convert it to RGB first")


def _spread(array: np.ndarray, key: Any) -> np.ndarray:
    factor = SPREAD.get(key.bitspersample)
    return array * np.uint8(factor) if factor and array.dtype == np.uint8 else array
