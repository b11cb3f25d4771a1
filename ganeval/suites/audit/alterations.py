"""What an audit does to single images: faults of models in three steps, a shift, and near copies.

Every alteration keeps type, size and number of channels. It is computed in float64 and rounded to
the image's own type, and no value leaves the value range unless it lay outside before.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ganeval.images import Pixels, ValueRange

STEPS = {
    "blur": (0.5, 1.0, 2.0),
    "noise": (0.1, 0.2, 0.4),
    "dimming": (0.1, 0.2, 0.4),
    "shift": (1.0, 2.0, 4.0),
}
"""From mild to strong; blur and shift in `unit_of` pixels, the others as shares."""

SWAP, COPY = "channel swap", "copy"
DIMMED = 0.1
"""A near copy is this much darker, and shifted by the smallest step."""

MOST_VERSIONS = sum(map(len, STEPS.values())) + 2
"""Of an image with several channels."""

SIDE = 64
"""Images whose shorter side is longer are blurred and shifted by more than single pixels."""


@dataclass(frozen=True)
class Alteration:
    """One change of an image.

    Args:
        kind: key of STEPS, SWAP or COPY.
        strength: standard deviation of a blur and length of a shift in pixels; standard deviation
            of noise as a share of that of each channel; share by which an image is darker.
    """

    kind: str
    strength: float = 1.0

    @property
    def name(self) -> str:
        """Of all alterations of an audit, this one alone; without a slash."""
        return f"{self.kind} {self.strength:g}"

    def of(self, pixels: Pixels, *, value_range: ValueRange | None, id: str, seed: int) -> Pixels:
        """The altered image [c, h, w]; the same for the same id and seed.

        Args:
            pixels: the image [c, h, w].
            value_range: declared for the image; None for the range of its type.
            id: of the image.
            seed: of noise and of the directions of shifts.
        """
        image = pixels.astype(np.float64)
        low, high = _limits(pixels, value_range)
        changed = _CHANGES[self.kind](image, self.strength, low, _random(self.kind, seed, id))
        changed = np.clip(changed, low, high)
        if pixels.dtype.kind == "u":
            changed = np.rint(changed)
        return np.asarray(changed.astype(pixels.dtype))


def alterations_for(shape: tuple[int, ...]) -> tuple[Alteration, ...]:
    """All that are made of images [c, h, w] of this shape; a single channel cannot be swapped.

    Example:
        >>> [each.name for each in alterations_for((1, 28, 28))][:3]
        ['blur 0.5', 'blur 1', 'blur 2']
    """
    unit = unit_of(shape)
    found = [
        Alteration(kind, step * (unit if kind in ("blur", "shift") else 1))
        for kind, steps in STEPS.items()
        for step in steps
    ]
    found += [Alteration(SWAP)] if shape[0] > 1 else []
    return (*found, Alteration(COPY, STEPS["shift"][0] * unit))


def unit_of(shape: tuple[int, ...]) -> int:
    """Pixels of one step of blur and shift: one, or a 64th of the shorter side of large images."""
    return max(1, round(min(shape[-2:]) / SIDE))


def _limits(pixels: Pixels, value_range: ValueRange | None) -> tuple[np.ndarray, np.ndarray]:
    """[c, 1, 1] the lowest and the highest value of each channel."""
    low, high = (end((1, 2), keepdims=True).astype(np.float64) for end in (pixels.min, pixels.max))
    if value_range is not None:
        declared = np.array(value_range, np.float64).T[..., None, None]
        return np.minimum(low, declared[0]), np.maximum(high, declared[1])
    if pixels.dtype.kind == "u":
        return np.zeros_like(low), np.full_like(high, np.iinfo(pixels.dtype).max)
    return np.minimum(low, 0.0), high


def _random(kind: str, seed: int, id: str) -> np.random.Generator:
    digest = hashlib.blake2b(f"{kind}/{seed}/{id}".encode("utf-8", "surrogatepass"), digest_size=8)
    return np.random.default_rng(int.from_bytes(digest.digest()))


def _blurred(
    image: np.ndarray, strength: float, low: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(image, (0, strength, strength), mode="nearest"))


def _noisy(
    image: np.ndarray, strength: float, low: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    spread = image.std((1, 2), keepdims=True)
    return np.asarray(image + strength * spread * rng.standard_normal(image.shape))


def _dimmed(
    image: np.ndarray, strength: float, low: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    return np.asarray(low + (1 - strength) * (image - low))


def _shifted(
    image: np.ndarray, strength: float, low: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Up, down, left or right; what comes in repeats the edge."""
    axis, pixels = int(rng.integers(1, 3)), round(strength)
    ends = np.arange(image.shape[axis]) + (pixels if rng.random() < 0.5 else -pixels)
    return np.take(image, ends.clip(0, image.shape[axis] - 1), axis=axis)


def _swapped(
    image: np.ndarray, strength: float, low: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """The first two channels trade places; a third one, as LIN's empty blue, stays."""
    return np.concatenate([image[1::-1], image[2:]])


def _copied(
    image: np.ndarray, strength: float, low: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    return _dimmed(_shifted(image, strength, low, rng), DIMMED, low, rng)


_CHANGES: dict[str, Callable[[np.ndarray, float, np.ndarray, np.random.Generator], np.ndarray]] = {
    "blur": _blurred,
    "noise": _noisy,
    "dimming": _dimmed,
    "shift": _shifted,
    SWAP: _swapped,
    COPY: _copied,
}
