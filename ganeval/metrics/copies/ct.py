"""C_T: are the fakes closer to the training images than unseen reals are?"""

import random
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np

from ganeval.arrays import to_float64, to_numpy
from ganeval.errors import InputError
from ganeval.metrics.copies.training_side import ordered, take_three
from ganeval.metrics.pairs import nearest
from ganeval.metrics.spine import (
    COUNT,
    METRICS,
    SEED,
    SHARE,
    Metric,
    Score,
    check_level,
    over_ranks,
    scored,
)
from ganeval.statistics import Estimate

CELL = 50
"""Training images per cell: enough of either side fall in each."""

FEWEST = 20
"""Images of either side, in all cells that count, from which the normal p-value holds."""


@over_ranks
def ct(
    real: Any,
    fake: Any,
    *,
    train: Annotated[Any, "The generator's training images."],
    feature_net: Any = None,
    cells: Annotated[
        int | None, "Regions of the training set. (default: by its size)", COUNT
    ] = None,
    level: Annotated[float, "Accepted for uniformity; unused.", SHARE] = 0.95,
    seed: Annotated[int, "Accepted for uniformity; unused.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Data-copying test C_T: far below 0 where fakes are copies of training images.

    In each of a few regions of feature space (around the training images of a k-means cell) the
    distances of fakes to their nearest training image are compared with those of held-out reals
    by the Mann-Whitney test; C_T is the mean Z over cells, weighted by the share of held-out
    reals. Above 0 fakes stay farther from the training images than reals do.

    Args:
        real: images that the generator has not seen, Features, rows [n, d], or a path to them.
        fake: the generated side, in any of these forms.
        train: what the generator was trained on, in any of these forms.
        feature_net: for images; see `extract`.
        cells: of k-means; None takes one per 50 training images, at most 10.
        level: accepted for uniformity; unused.
        seed: accepted for uniformity; unused.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score whose `value` is C_T, a mean over cells: without copying its standard deviation is 1
        for one cell and about 0.3 for ten. `details["z"]` is C_T over it; `details["p_value"]` is
        one-sided, for copying: the chance of a C_T as low as this where fakes are as far from the
        training images as reals are.
        Cells with fewer than 2 images of either side do not count; where none has, all images are
        compared as one cell. The p-value is None with groups, and for under 20 images of a side.

    Raises:
        InputError: under 2 images on a side, more cells than training images, NaN, sides that do
            not fit together, or reals that are all training images.

    Example:
        >>> ganeval.ct("held_out/", "fake/", train="train/", feature_net="lin41").details["p_value"]

    Source: Meehan, Chaudhuri & Dasgupta 2020, arXiv:2004.05675.
    """
    from scipy.special import ndtr

    check_level(level)
    sides = take_three(real, fake, train, feature_net, metric="ct")
    trained = ordered(sides.train.rows)
    k = max(1, min(10, len(trained) // CELL)) if cells is None else cells
    if not 1 <= k <= len(trained):
        raise InputError(f"cells is {k}; wanted 1 to {len(trained)}, the training images")
    held_out, fakes = sides.pair.sides
    found = _by_cell(held_out.rows, fakes.rows, trained, k)
    p_value: dict[str, Any] = {"p_value": float(ndtr(found.z))}
    if sides.pair.n_groups is not None:
        p_value = {"p_value": None, "no_p_value": "images of a group are alike"}
    elif found.fewest < FEWEST:
        p_value = {"p_value": None, "no_p_value": f"under {FEWEST} images"}
    details = {
        "z": found.z,
        **p_value,
        "exact_copies": int(sides.copied.sum()),
        "cells": k,
        "cells_counted": found.counted,
        "n_train": len(trained),
    }
    return scored(
        "ct",
        replace(sides.pair, odd=replace(sides.pair.odd, dependence=None)),
        Estimate(found.mean, reason="a test statistic", details=details),
        level=level,
        seed=seed,
        options={"train": sides.train.fingerprint, "cells": k},
        at_this_n=True,
    )


@dataclass(frozen=True)
class _Found:
    mean: float
    z: float
    counted: int
    fewest: int
    """Images that count, of the side that has fewer."""


def _by_cell(held_out: Any, fakes: Any, trained: Any, k: int) -> _Found:
    real_row, real_distance = _closest(held_out, trained)
    fake_row, fake_distance = _closest(fakes, trained)
    cell = _cells(trained, k)
    zs, sizes = [], []
    for i in range(k):
        reals, near = real_distance[cell[real_row] == i], fake_distance[cell[fake_row] == i]
        if min(len(reals), len(near)) >= 2:
            zs.append(_z(near, reals))
            sizes.append((len(reals), len(near)))
    if not zs:  # too few images for cells
        zs, sizes = [_z(fake_distance, real_distance)], [(len(real_row), len(fake_row))]
    counted = np.array(sizes).sum(0)
    share = np.array(sizes)[:, 0] / counted[0]
    mean = float(share @ np.array(zs))
    # Cells are independent, each of unit variance.
    return _Found(mean, mean / float((share**2).sum()) ** 0.5, len(zs), int(counted.min()))


def _closest(rows: Any, trained: Any) -> tuple[np.ndarray, np.ndarray]:
    found = nearest(rows, trained, 1)
    return to_numpy(found.rows)[:, 0], to_numpy(found.squared)[:, 0]


def _cells(trained: Any, k: int) -> np.ndarray:
    """[n] cell of each training image."""
    state = random.getstate()
    from sklearn.cluster import KMeans  # draws a number as it is loaded, by way of rich

    random.setstate(state)
    rows = to_numpy(to_float64(trained))
    spread = rows.std() or 1.0
    # So that a change of units does not move the stopping rule's rounding.
    scaled = (rows - rows.mean(0)) / spread
    return np.asarray(KMeans(k, n_init=1, random_state=0).fit_predict(scaled))


def _z(fakes: np.ndarray, reals: np.ndarray) -> float:
    """Mann-Whitney's U of the fakes, standardised; ties count half and shrink the variance."""
    from scipy.stats import rankdata

    n, m = len(fakes), len(reals)
    both = np.concatenate([fakes, reals])
    ranks = rankdata(both)
    u = ranks[:n].sum() - n * (n + 1) / 2
    _, ties = np.unique(both, return_counts=True)
    total = n + m
    variance = n * m / 12 * (total + 1 - (ties**3 - ties).sum() / (total * (total - 1)))
    return float((u - n * m / 2) / variance**0.5) if variance > 0 else 0.0


def _notes(score: Score) -> list[str]:
    """The test's outcome."""
    z, p_value = score.details["z"], score.details["p_value"]
    test = f"no p: {score.details['no_p_value']}" if p_value is None else f"p = {p_value:.3g}"
    return [f"z = {z:.3g}, {test} (one-sided: fakes nearer to the training images than reals)"]


METRICS.add(
    "ct",
    Metric(
        name="ct",
        command="ct",
        label="C_T",
        function=ct,
        better="higher",
        symmetric=False,
        needs_train=True,
        judges_quality=False,
        notices_missing_modes=False,
        notes=_notes,
    ),
)
