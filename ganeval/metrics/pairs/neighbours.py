"""Nearest neighbours and balls, exact in float64, in tiles of bounded memory.

A matrix product gives squared distances fast but loses digits where rows are close. Its error has
a bound, so it decides what is clear; only what it leaves open is computed as Σ (x − y)². That sum
depends on the two rows alone: tiles, devices and the order of images move nothing, copies are at
distance 0, and ties are ties.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ganeval.arrays import Array, to_numpy
from ganeval.lazy import Tensor, torch
from ganeval.metrics.pairs.distances import TILE, Frame, Points, pair, squared_distances
from ganeval.metrics.pairs.ring import Guests, travelled
from ganeval.shared import Found, Share, SharedRows, each, in_order, work

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
        if isinstance(queries, SharedRows):
            sides = (queries,) if points is None else (queries, points)
            found = each(sides, _nearest_of_all, k=k)
            return Nearest(
                *(torch.from_numpy(in_order(queries, found, name)) for name in Nearest._fields)
            )
        x, y = pair(queries, queries if points is None else points)
        return _nearest(x, y, k, points is None)


def _nearest(x: Points, y: Points, k: int, same: bool) -> Nearest:
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


@work
def _nearest_of_all(queries: Share, points: Share | None = None, *, k: int) -> Found:
    """Queries travel with the nearest of the points that they have met."""
    hosts, same = (points or queries).ascending(), points is None
    frame = Frame.around(queries) if same else Frame.around(queries, hosts)
    y = frame.points(hosts.rows, keep=False)
    own = torch.from_numpy(hosts.own).to(y.device)
    none = {"squared": np.zeros((0, k)), "rows": np.zeros((0, k), np.int64)}

    def start(guests: int) -> dict[str, Tensor]:
        squared = torch.full((guests, k), torch.inf, dtype=torch.float64, device=y.device)
        return {"squared": squared, "rows": torch.full_like(squared, hosts.n, dtype=torch.int64)}

    def meet(_: slice, guests: Guests, itself: bool) -> None:
        x = frame.points(guests.rows)
        found = _nearest(x, y, min(k + same, len(y)), False)
        squared, rows = found.squared, own[found.rows]
        if same:
            of_guests = torch.from_numpy(guests.own).to(rows.device)
            squared[rows == of_guests[:, None]] = torch.inf
        squared, rows = _ascending(
            torch.cat((guests.found["squared"], squared), 1),
            torch.cat((guests.found["rows"], rows), 1),
        )
        guests.found = {"squared": squared[:, :k], "rows": rows[:, :k]}

    home = [none]
    for _, found in travelled(queries, start, meet, hosts=hosts):
        home.append({name: to_numpy(of) for name, of in found.items()})
    return {name: np.concatenate([part[name] for part in home]) for name in none}


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
        if isinstance(x, SharedRows):
            kinds = [(ball.around_x, ball.closed) for ball in balls]
            radii = torch.cat([ball.squared_radii for ball in balls])
            found = each((x, y), _counts_of_all, radii=radii, kinds=kinds)
            of_x, of_y = in_order(x, found, "of_x").T, in_order(y, found, "of_y").T
            return [Counts(*map(torch.from_numpy, of)) for of in zip(of_x, of_y, strict=True)]
        first, second = pair(x, y)
        device = first.device
        counts = [
            Counts(*(torch.zeros(n, dtype=torch.int64, device=device) for n in map(len, (x, y))))
            for _ in balls
        ]
        here = [ball._replace(squared_radii=ball.squared_radii.to(device)) for ball in balls]
        _count(first, second, here, counts)
        return counts


@work
def _counts_of_all(
    x: Share, y: Share, *, radii: np.ndarray, kinds: Sequence[tuple[bool, bool]]
) -> Found:
    """Rows of y travel with their counts."""
    frame = Frame.around(x, y)
    first = frame.points(x.rows, keep=False)
    sizes = [x.n if around_x else y.n for around_x, _ in kinds]
    every = torch.split(torch.from_numpy(radii).to(first.device), sizes)

    def start(rows: int) -> dict[str, Tensor]:
        return {"of_y": torch.zeros((rows, len(kinds)), dtype=torch.int64, device=first.device)}

    def meet(_: slice, guests: Guests, itself: bool) -> None:
        balls = [
            Balls(of[torch.from_numpy(x.own if around_x else guests.own)], around_x, closed)
            for of, (around_x, closed) in zip(every, kinds, strict=True)
        ]
        counts = list(map(Counts, of_x.T, guests.found["of_y"].T))
        _count(first, frame.points(guests.rows), balls, counts)

    of_x = start(len(first))["of_y"]
    home = [to_numpy(found["of_y"]) for _, found in travelled(y, start, meet, hosts=x)]
    none = np.zeros((0, len(kinds)), np.int64)
    return {"of_x": to_numpy(of_x), "of_y": np.concatenate([none, *home])}


def _count(x: Points, y: Points, balls: Sequence[Balls], counts: Sequence[Counts]) -> None:
    """Adds the pairs of these rows to the counts."""
    for i, j, within in points_within(x, y, balls):
        for count, inside in zip(counts, within, strict=True):
            count.of_x[i] += inside.sum(1)
            count.of_y[j] += inside.sum(0)


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
    yield from points_within(*pair(x, y), balls)


def points_within(
    x: Points, y: Points, balls: Sequence[Balls]
) -> Iterator[tuple[slice, slice, list[Tensor]]]:
    """As `tiles_within`, of rows in one frame."""
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
