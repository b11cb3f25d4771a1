"""Do images come in sets that nobody declared: near copies, frames of a video, equal classes?

Where features have a density, the distances d₁ < d₂ < … of an image to its nearest others grow
evenly: j log(d_{j+1}/d_j) is the same on average for all j. In sets of k alike images it leaps at
j = k − 1, for most images at once. Classes whose sizes are chance leap at as many different j.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ganeval.arrays import Array, less, smallest, to_float64, to_numpy
from ganeval.lazy import torch
from ganeval.shared import Found, Share, each, taken_rows, work

QUERIES = 500
"""Images whose neighbours are looked at."""

FIRST_LOOK = 40
"""Of them, those that are looked at first: nearly all sides have no sets, and end here."""

LARGEST = 128
"""Images of the largest set that is looked for."""

FEWEST = 20
"""Images with neighbours that a verdict needs."""

AT_ONCE, LEAP, CERTAIN = 0.8, 1.5, 10.0
"""Share of images that leap at the same j; by what factor over the j around; in standard errors.

Measured (`benchmarks.calibration.sets`): they flag none of 800 smooth, heavy-tailed or whole-number
samples and 1 of 360 of classes of chance sizes; all of sets with a noise of 0.3 around centres of
unit variance, but none with 0.5.
"""


def undeclared_sets(rows: Array, labels: Sequence[str] | None = None) -> int | None:
    """The number of images in each of the sets that a side's images come in; None without sets.

    Args:
        rows: [n, d].
        labels: [n] class names; neighbours are then looked for within classes.
    """
    most = min(LARGEST, (len(rows) - 2) // 3)
    if most < 2:
        return None
    q = min(QUERIES, len(rows))
    if q >= 2 * FIRST_LOOK:
        # If AT_ONCE of all images leap at one j, half of these do, all but 5 times in a million.
        few = _largest(_leaps(rows, labels, most, FIRST_LOOK))
        if len(few) >= FEWEST and np.bincount(few).max() < len(few) / 2:
            return None
    leaps = _leaps(rows, labels, most, q)
    if len(leaps) < FEWEST:
        return None
    largest = _largest(leaps)
    at = int(np.bincount(largest).argmax())
    by_place = [column[~np.isnan(column)] for column in leaps.T]
    around = [by_place[i] for i in range(max(0, at - 4), min(most, at + 5)) if i != at]
    usual = np.median([values.mean() for values in around if len(values)] or [0.0])
    leap = float(by_place[at].mean() / usual) if usual > 0 else np.inf
    sure = leap > LEAP and (leap - 1) * len(leaps) ** 0.5 > CERTAIN
    return at + 2 if sure and (largest == at).mean() >= AT_ONCE else None


def _largest(leaps: np.ndarray) -> np.ndarray:
    """[q] place of the largest leap."""
    return np.asarray(np.where(np.isnan(leaps), -1.0, leaps).argmax(axis=1))


def _leaps(rows: Array, labels: Sequence[str] | None, most: int, q: int) -> np.ndarray:
    """[q, most] j log(d_{j+1}/d_j) of q images, for j from 1; NaN where there is no leap.

    Exact copies are counted elsewhere, and small classes have fewer neighbours.
    """
    nearest = _nearest_squares(rows, labels, most + 1, q)
    with np.errstate(divide="ignore", invalid="ignore"):
        leaps = np.log(nearest[:, 1:] / nearest[:, :-1]) / 2 * np.arange(1, most + 1)
    leaps[~np.isfinite(leaps) | (nearest[:, :-1] <= 0)] = np.nan
    return np.asarray(leaps[~np.isnan(leaps).all(axis=1)])


def _nearest_squares(rows: Array, labels: Sequence[str] | None, count: int, q: int) -> np.ndarray:
    """[q, count] squared distances of q images, at equal steps, to their nearest others."""
    chosen = np.arange(q) * len(rows) // q
    given: dict[str, Any] = {"queries": taken_rows(rows, chosen), "chosen": chosen, "count": count}
    if labels is not None:
        given["classes"] = np.unique(np.asarray(labels), return_inverse=True)[1]
    with torch.no_grad():
        found = [part["nearest"] for part in each(rows, _nearest, **given)]
    return np.sort(smallest(np.concatenate(found, axis=1), count), axis=1).clip(min=0)


@work
def _nearest(
    share: Share,
    queries: Array,
    chosen: np.ndarray,
    count: int,
    classes: np.ndarray | None = None,
) -> Found:
    """[q, up to count] squared distances of queries, rows `chosen` of all, to their nearest here.

    In no order. A query is not near itself, nor near an image of another class.
    """
    rows = share.rows
    device = to_float64(rows[:1]).device
    queries = to_float64(queries).to(device)
    centre = queries.mean(0)
    queries = queries - centre
    places, mine = share.here(chosen)
    best = np.empty((len(queries), 0))
    for part, tile in less(rows, centre):
        squares = to_numpy((queries @ tile.T).mul_(-2).add_(tile.square_().sum(1)))
        here = (mine >= part.start) & (mine < part.start + len(tile))
        squares[places[here], mine[here] - part.start] = np.inf
        if classes is not None:
            squares[classes[chosen, None] != classes[share.own[part]]] = np.inf
        best = smallest(np.concatenate([best, squares], axis=1), count)
    return {"nearest": best + to_numpy(queries.square().sum(1, keepdim=True))}
