"""Nearest neighbours and balls, exact in float64, in tiles of bounded memory.

A matrix product gives squared distances fast but loses digits where rows are close. Its error has
a bound, so it decides what is clear; only what it leaves open is computed as Σ (x − y)². That sum
depends on the two rows alone: tiles, devices and the order of images move nothing, copies are at
distance 0, and ties are ties.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ganeval.arrays import Array
from ganeval.lazy import Tensor, torch
from ganeval.metrics.pairs.distances import TILE, Points, pair, squared_distances

SPARE = 8
"""Candidates beyond k: as many near-ties as float32 may confuse without a second look."""

_OPEN = 64
"""Where float32 leaves more than one in so many pairs open, float64 is faster."""


class Nearest(NamedTuple):
    """Of each query its k nearest points: squared distances [n, k], ascending, and their rows."""

    squared: Tensor
    rows: Tensor


def nearest(queries: Array, points: Array | None, k: int) -> Nearest:
    """The k nearest `points` of each of `queries`, the nearest first; of ties, lower rows first.

    Args:
        queries: [n, d].
        points: [m, d]; None for the queries themselves, each without itself (not its copies).
        k: at least 1, at most m, or n - 1.
    """
    with torch.no_grad():
        same = points is None
        x, y = pair(queries, queries if points is None else points)
        others = len(y) - same
        bounds, index = _candidates(x, y, min(k + SPARE, others), same)
        squared, index = _ascending(squared_distances(x, y, index), index)
        kth = squared[:, k - 1].clone()
        squared, index = squared[:, :k].clone(), index[:, :k].clone()
        if k + SPARE < others:
            missed = bounds.amax(1).double() + x.low(x.coarse)  # the nearest that others can be
            unsure = (kth * x.scale**2 * (1 + 2.0**-20) >= missed).nonzero().flatten()
            for rows in torch.split(unsure, max(1, 8 * TILE**2 // len(y))):
                squared[rows], index[rows] = _second_look(x, y, rows, kth[rows], k, same)
        return Nearest(squared, index)


class Balls(NamedTuple):
    """Balls around every row of x (or of y): [n] squared radii, and whether the edge is inside."""

    squared_radii: Tensor
    around_x: bool
    closed: bool


class Counts(NamedTuple):
    """Per row of x [n] and of y [m], in how many pairs it is that are within the balls."""

    of_x: Tensor
    of_y: Tensor


def count_within(x: Array, y: Array, balls: Sequence[Balls]) -> list[Counts]:
    """For each of `balls`, the pairs of a row of `x` and a row of `y` that are within.

    Args:
        x: [n, d].
        y: [m, d].
        balls: with a radius for every row that they are around.
    """
    with torch.no_grad():
        first, second = pair(x, y)
        counts = [
            Counts(
                torch.zeros(len(first), dtype=torch.int64, device=first.device),
                torch.zeros(len(second), dtype=torch.int64, device=first.device),
            )
            for _ in balls
        ]
        for i, j, within in _tiles_within(first, second, balls):
            for count, inside in zip(counts, within, strict=True):
                count.of_x[i] += inside.sum(1)
                count.of_y[j] += inside.sum(0)
        return counts


def tiles_within(
    x: Array, y: Array, balls: Sequence[Balls]
) -> Iterator[tuple[slice, slice, list[Tensor]]]:
    """All pairs of a row of `x` and a row of `y` in tiles, and which of them are within the balls.

    Args:
        x: [n, d].
        y: [m, d].
        balls: with a radius for every row that they are around.

    Yields:
        Rows of x, rows of y, and for each of `balls` bool of these rows. All rows of x come before
        the next ones of y.
    """
    yield from _tiles_within(*pair(x, y), balls)


def _tiles_within(
    x: Points, y: Points, balls: Sequence[Balls]
) -> Iterator[tuple[slice, slice, list[Tensor]]]:
    dtype = x.coarse
    for j in y.tiles():
        for i in x.tiles():
            within = _within(x, i, y, j, balls, dtype)
            if within is None:
                dtype = torch.float64
                within = _within(x, i, y, j, balls, dtype) or []
            yield i, j, within


def _candidates(x: Points, y: Points, width: int, same: bool) -> tuple[Tensor, Tensor]:
    """[n, width] points that may be nearest, with lower bounds (less the query's own share)."""
    shares_x, shares_y = (side.low(x.coarse).to(x.coarse) for side in (x, y))
    bounds = torch.full((len(x), width), torch.inf, dtype=x.coarse, device=x.device)
    index = torch.zeros((len(x), width), dtype=torch.int64, device=x.device)

    def keep(rows: slice, tile: Tensor, start: int) -> None:
        merged = torch.cat((bounds[rows], tile), 1)
        bounds[rows], at = merged.topk(width, 1, largest=False, sorted=False)
        index[rows] = torch.where(
            at < width, index[rows].gather(1, at.clamp(max=width - 1)), at - width + start
        )

    for i in x.tiles():
        for j in y.tiles():
            if same and j.start < i.start:
                continue  # a pair is multiplied once
            product = x.product(i, y, j, x.coarse)
            if same and j == i:
                product.fill_diagonal_(torch.inf)
            elif same:
                keep(j, (product + shares_x[i, None]).T.contiguous(), i.start)
            keep(i, product.add_(shares_y[j]), j.start)
    return bounds, index


def _second_look(x: Points, y: Points, rows: Tensor, kth: Tensor, k: int, same: bool) -> Nearest:
    """The k nearest of some queries among all points that may be as near as `kth`."""
    reach = kth * x.scale**2 * (1 + 2.0**-40) - x.low(torch.float64)[rows]
    squared = torch.full((len(rows), len(y)), torch.inf, dtype=torch.float64, device=x.device)
    for j in y.tiles():
        bounds = x.product(rows, y, j, torch.float64) + y.low(torch.float64)[j]
        near, at = (bounds <= reach[:, None]).nonzero(as_tuple=True)
        at += j.start
        squared[near, at] = squared_distances(x, y, at[:, None], rows[near])[:, 0]
    if same:
        squared.scatter_(1, rows[:, None], torch.inf)
    squared, index = squared.sort(dim=1, stable=True)
    return Nearest(squared[:, :k], index[:, :k])


def _ascending(squared: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
    """Both sorted by distance, then by row."""
    index, order = index.sort(dim=1)
    squared, by_distance = squared.gather(1, order).sort(dim=1, stable=True)
    return squared, index.gather(1, by_distance)


def _within(
    x: Points, i: slice, y: Points, j: slice, balls: Sequence[Balls], dtype: "torch.dtype"
) -> list[Tensor] | None:
    """Per ball, which pairs of a tile are inside; None where the precision is too low to tell."""
    shares = [(x.low(dtype)[i], y.low(dtype)[j]), (x.high(dtype)[i], y.high(dtype)[j])]
    product = x.product(i, y, j, dtype)
    low, high = (product + a.to(dtype)[:, None] + b.to(dtype) for a, b in shares)
    inside = []
    for ball in balls:
        radii = ball.squared_radii[i, None] if ball.around_x else ball.squared_radii[j]
        scaled, margin = radii * x.scale**2, 4 * torch.finfo(dtype).eps
        sure = high < (scaled * (1 - margin)).to(dtype)
        unsure = sure ^ (low <= (scaled * (1 + margin)).to(dtype))
        if dtype == torch.float32 and _OPEN * int(unsure.count_nonzero()) > unsure.numel():
            return None
        row, column = unsure.nonzero(as_tuple=True)
        squared = squared_distances(x, y, column[:, None] + j.start, row + i.start)[:, 0]
        limit = radii.expand(unsure.shape)[row, column]
        sure[row, column] = squared <= limit if ball.closed else squared < limit
        inside.append(sure)
    return inside
