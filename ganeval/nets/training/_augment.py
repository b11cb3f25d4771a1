"""Random changes that keep the class of an image: flips, small shifts, and intensity."""

from dataclasses import dataclass
from typing import Literal

import numpy as np


@dataclass(frozen=True)
class Augmentation:
    """How much training images are changed; 0 and False switch a change off.

    Args:
        flips: True flips left-right and top-bottom, each with probability 1/2; `left-right` is for
            scenes with a top and a bottom; False is for digits.
        shift: largest shift as a fraction of each side; the border pixels are repeated.
        jitter: largest relative change of each channel's intensity, and largest offset in
            standard deviations of the channel.
    """

    flips: bool | Literal["left-right"] = True
    shift: float = 0.1
    jitter: float = 0.1


def take(
    images: np.ndarray, index: np.ndarray, how: Augmentation, rng: np.random.Generator
) -> np.ndarray:
    """Takes the images [n, c, h, w] at `index`, each flipped and shifted, in their own dtype.

    A single gather does all this. The result is stored channels last, which convolutions prefer.
    """
    height, width = images.shape[2:]
    rows = _positions(len(index), height, rng, shift=how.shift, flip=how.flips is True)
    columns = _positions(len(index), width, rng, shift=how.shift, flip=bool(how.flips))
    picked: np.ndarray = images[index[:, None, None], :, rows[:, :, None], columns[:, None, :]]
    return np.moveaxis(picked, 3, 1)


def intensities(
    n: int, channels: int, how: Augmentation, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draws gains and offsets [n, c, 1, 1] float32; offsets are in standard deviations."""
    gain, offset = rng.uniform(-how.jitter, how.jitter, (2, n, channels, 1, 1)).astype(np.float32)
    return 1 + gain, offset


def _positions(
    n: int, side: int, rng: np.random.Generator, *, shift: float, flip: bool
) -> np.ndarray:
    """Positions [n, side] of the pixels to read along one axis."""
    reach = round(shift * side)
    shifts = rng.integers(-reach, reach + 1, (n, 1))
    positions: np.ndarray = np.clip(np.arange(side) + shifts, 0, side - 1)
    if flip:
        positions = np.where(rng.integers(0, 2, (n, 1)) == 1, side - 1 - positions, positions)
    return positions
