"""Images as pictures: read in the range that their source declares, stretched, coloured."""

import colorsys
from collections.abc import Iterable, Sequence

import numpy as np

from ganeval.images import ImageSource
from ganeval.nets import load_card, resolve_range


def read_pictures(source: ImageSource, ids: Iterable[str]) -> dict[str, np.ndarray]:
    """[c, h, w] float64 by id, 0 and 1 where the source declares black and white."""
    card = load_card("pixels")
    position = {id: i for i, id in enumerate(source.ids)}
    images = {}
    for id in dict.fromkeys(ids):
        pixels = source.read(position[id])
        limits = resolve_range(str(pixels.dtype), card=card, value_range=source.value_range)
        low, high = (np.array(end)[:, None, None] for end in zip(*limits, strict=True))
        images[id] = (pixels.astype(np.float64) - low) / (high - low)
    return images


def stretch(images: Sequence[np.ndarray]) -> None:
    """Scales each channel in place: darkest value of all images to 0, brightest to 1."""
    for channel in range(max(len(image) for image in images)):
        planes = [image[channel] for image in images if channel < len(image)]
        low, high = min(p.min() for p in planes), max(p.max() for p in planes)
        for plane in planes:
            plane -= low
            plane /= max(high - low, 1e-12)


def coloured(image: np.ndarray) -> np.ndarray:
    """[h, w, 3]: grey, red and green, RGB, or for more channels one hue each, added up."""
    c = len(image)
    if c == 1:
        return np.repeat(image.transpose(1, 2, 0), 3, axis=2)
    hues = np.eye(3)[:c] if c <= 3 else [colorsys.hsv_to_rgb(i / c, 1, 1) for i in range(c)]
    return np.clip(np.tensordot(image, np.asarray(hues), axes=(0, 0)), 0, 1)


def fitted(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """The picture [h, w, 3], scaled to fill a cell of this size without being stretched."""
    from PIL import Image

    scale = min(height / image.shape[0], width / image.shape[1])
    size = tuple(max(1, round(scale * side)) for side in (image.shape[1], image.shape[0]))
    picture = Image.fromarray(np.rint(255 * image).astype(np.uint8))
    how = Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.BOX
    return np.asarray(picture.resize(size, how)) / 255


def cell_height(images: Iterable[np.ndarray], width: int) -> int:
    """Pixels of a cell of this width that is as tall as the tallest image [c, h, w] asks for."""
    tall: float = max(image.shape[1] / image.shape[2] for image in images)
    return round(width * min(max(tall, 0.3), 2.0))
