"""How far the outline of one object in one channel lies from its outline in another."""

from itertools import combinations

import numpy as np

from ganeval.nets._measure import find_object

SMOOTHING = 1.0
"""Sigma in pixels, against single bright pixels."""
ABOVE_GROUND = 0.25
"""Where an outline is, between the ground and the median inside the object: low, so that bright
spots inside do not matter."""


def outline_offsets(image: np.ndarray, *, mask_channel: int | None = None) -> np.ndarray:
    """[c (c - 1) / 2] distances in pixels between the centres of the outlines of each two channels.

    A channel that is not brighter inside the object than outside has no outline, and distances to
    it are 0; so are all distances in an image without an object.
    """
    channels = len(image)
    image = image.astype(np.float64)
    mask = find_object(image.sum(0) if mask_channel is None else image[mask_channel])
    if mask is None or mask.all():
        return np.zeros(channels * (channels - 1) // 2)
    centres = [_centre(channel, mask) for channel in image]
    return np.array(
        [
            0.0 if a is None or b is None else float(np.hypot(*(a - b)))
            for a, b in combinations(centres, 2)
        ]
    )


def _centre(channel: np.ndarray, mask: np.ndarray) -> np.ndarray | None:
    """(y, x) of the middle of the largest piece that is clearly brighter than the ground."""
    from scipy import ndimage

    ground, inside = np.median(channel[~mask]), np.median(channel[mask])
    if inside <= ground:
        return None
    smooth = ndimage.gaussian_filter(channel, SMOOTHING)
    pieces, count = ndimage.label(smooth > ground + ABOVE_GROUND * (inside - ground))
    if not count:
        return None
    largest = 1 + np.bincount(pieces.ravel())[1:].argmax()
    return np.asarray(np.argwhere(pieces == largest).mean(0))
