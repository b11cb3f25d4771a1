"""Repeated splits into a training and a held-out part, and what may be said of their scores.

Repeats share their images, so their scores move together: quantiles over repeats show how much
the split matters, and an interval has to count the overlap.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ganeval.errors import InputError


def repeated_splits(
    kinds: ArrayLike, strata: ArrayLike, *, repeats: int, test_size: float = 0.5, seed: int = 0
) -> np.ndarray:
    """[u, repeats] bool: which units (images, or whole groups of them) are held out.

    In every repeat each kind gives the same share of its units, and so does, to within one unit,
    every stratum of a kind: units are drawn at equal steps along an order that is random within
    strata. A kind of a single unit is never held out.

    Args:
        kinds: [u] numbers: of the real side, of the fake one, of both.
        strata: [u] numbers of classes; all equal where there are none.
        repeats: independent splits.
        test_size: share of the units that is held out.
        seed: repeat r of a seed is the same however many repeats there are.

    Raises:
        InputError: repeats below 1, or a test_size that is no share.
    """
    kinds, strata = np.asarray(kinds), np.asarray(strata)
    if repeats < 1:
        raise InputError(f"repeats is {repeats}; give at least 1")
    if not 0 < test_size < 1:
        raise InputError(f"test_size is {test_size:g}; wanted a share between 0 and 1, such as 0.5")
    held_out = np.zeros((len(kinds), repeats), bool)
    for repeat in range(repeats):
        rng = seeded("split", seed, repeat)
        draws, start = rng.random(len(kinds)), rng.random()
        for kind in np.unique(kinds):
            units = np.flatnonzero(kinds == kind)
            if len(units) < 2:
                continue
            k = min(max(round(test_size * len(units)), 1), len(units) - 1)
            order = units[np.lexsort((draws[units], strata[units]))]
            steps = np.floor(k * np.arange(len(units) + 1) / len(units) + start)
            held_out[order, repeat] = np.diff(steps) > 0
    return held_out


def quantiles(values: Sequence[float] | np.ndarray) -> dict[str, float]:
    """10, 50 and 90 % quantiles over repeats: a spread, not an interval."""
    low, middle, high = np.quantile(np.asarray(values, np.float64), [0.1, 0.5, 0.9])
    return {"q10": float(low), "q50": float(middle), "q90": float(high)}


def corrected_std_error(values: Sequence[float] | np.ndarray, ratio: float) -> float:
    """Standard error of the mean over repeated splits: s √(1/R + ratio).

    The naive s/√R takes repeats for independent and is far too small, so that a test by it rejects
    true nulls far too often.

    Args:
        values: [r] scores, r at least 2.
        ratio: held-out images per training image.

    Source: Nadeau & Bengio 2003, doi:10.1023/A:1024068626366.
    """
    scores = np.asarray(values, np.float64)
    if len(scores) < 2:
        raise InputError(f"an error over repeats needs at least 2 of them; got {len(scores)}")
    return float(scores.std(ddof=1) * (1 / len(scores) + ratio) ** 0.5)


def seeded(purpose: str, *numbers: int) -> np.random.Generator:
    """A generator of its own for each purpose and each tuple of integers, negative ones too."""
    words = [number & (2**64 - 1) for number in numbers]
    return np.random.default_rng([*purpose.encode(), *words])
