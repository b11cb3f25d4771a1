"""The floor: how well the reals know themselves, which is the unit of differences."""

import numpy as np

from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.metrics import Metric
from ganeval.metrics.spine import Pair
from ganeval.statistics import Estimate, assign_blocks, balanced_labels, t_quantile

IN_WORDS = "how far chance moves the score of one half of the reals against the other"


def halves(real: Features, seed: int) -> tuple[Features, Features] | None:
    """Two halves of the reals, whole groups each; None where there is nothing to halve."""
    rows = rows_of_halves(real, seed)
    if rows is None:
        return None
    first, second = (
        real.take(part, name=f"{real.name} ({which} half)")
        for part, which in zip(rows, ("one", "other"), strict=True)
    )
    return first, second


def rows_of_halves(real: Features, seed: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Which rows are in each half of the reals; None where there is nothing to halve."""
    half = assign_blocks(
        real.ids,
        labels=balanced_labels(real.labels),
        groups=real.groups,
        n_blocks=2,
        seed=seed,
    )
    first, second = (np.flatnonzero(half == i) for i in (0, 1))
    return None if min(len(first), len(second)) < 2 else (first, second)


def floor_of(real: Features, entry: Metric, *, level: float) -> float | None:
    """How far chance moves the score of one half of the reals against the other, at `level`.

    A model that draws from the very distribution of the reals may score as far from perfect as
    this if there are as many images as in a half. None where the halves have no interval, because
    they are too small.
    """
    both = halves(real, seed=0)  # always the same: no seed moves a comparison
    assert entry.estimate is not None
    if both is None:
        return None
    try:
        pair = Pair.take(*both, None, metric=entry.name)
        found = entry.estimate(*pair.sides)
    except InputError:  # too few of a class
        return None
    return None if pair.odd.dependence else floor_from(found, level)


def floor_from(halves: Estimate, level: float) -> float | None:
    """The floor, of the estimate of one half of the reals against the other.

    It is the half-width of the interval around the score. Halves have the same distribution, so a
    distance has its variance at distance 0, which hardly depends on how the reals are halved.
    """
    if halves.no_interval:
        return None
    spread = halves.spread
    variance = halves.second_order if halves.scale == "distance" else spread.variance
    return float(t_quantile(level, spread.df) * variance**0.5)
