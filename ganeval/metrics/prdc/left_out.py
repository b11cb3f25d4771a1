"""What every image does to precision, recall, density and coverage: exact leave-one-out scores.

Each score is a mean of judgements: of fakes for precision and density, of reals for recall and
coverage. They rest on other images too, the ones whose balls are looked at and their neighbours. An
image is left out of everything: its ball goes, and the balls that had it among their k nearest grow
to their (k + 1)-th neighbour. All changes are counts. For what they count twice see
`ganeval.statistics.judgements`; for precision, recall and density what remains is still an upper
bound on average, since the judgements are independent given the side that has the balls.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ganeval.arrays import Array, is_tensor, to_float64, to_numpy
from ganeval.lazy import Tensor, torch
from ganeval.metrics.pairs import Balls, Counts, Nearest, count_within, nearest, tiles_within

_AT_ONCE = 2**22
"""Pairs times neighbours at once: 32 MB of int64."""


class Rule(NamedTuple):
    """k of the balls, and whether their edge is inside."""

    k: int
    closed: bool


@dataclass(frozen=True, eq=False)
class LeftOut:
    """A score, and what it would be without each image.

    Args:
        value: of all images.
        judgements: [n or m] of every judged image; `value` is their mean.
        without_real: [n] the score without each real.
        without_fake: [m] the score without each fake.
        excess: variance that the influences of the reals and of the fakes count twice.
    """

    value: float
    judgements: np.ndarray
    without_real: np.ndarray
    without_fake: np.ndarray
    excess: tuple[float, float]


def left_out(
    real: Array,
    fake: Array,
    rules: Mapping[str, Rule],
    units: tuple[np.ndarray | None, np.ndarray | None] = (None, None),
) -> dict[str, LeftOut]:
    """Some of precision, recall, density and coverage, and each of them without each image.

    Where no (k + 1)-th neighbour exists, balls that lose one of their images hold everything.

    Args:
        real: [n, d].
        fake: [m, d].
        rules: of the scores that are wanted, by name; n > k for the side that has the balls.
        units: of either side, numbers of the groups of images, which are left out together in
            `excess`; None for independent images.
    """
    with torch.no_grad():
        of_real, of_fake = (None if side is None else torch.from_numpy(side) for side in units)
        sides = _Sides(real, fake, of_real)
        swapped = _Sides(fake, real, of_fake)
        around_reals = {name: rule for name, rule in rules.items() if name != "recall"}
        found = {}
        if around_reals:
            near = _nearest(real, max(rule.k for rule in around_reals.values()))
            kinds = list(dict.fromkeys(around_reals.values()))
            balls = [ball for rule in kinds for ball in _balls(near, rule)]
            counts = count_within(real, fake, balls)
            for name, rule in around_reals.items():
                at = 2 * kinds.index(rule)
                inside, grown = counts[at : at + 2]
                found[name] = _SCORES[name](sides, near, rule, inside, grown)
        if "recall" in rules:
            rule = rules["recall"]
            near = _nearest(fake, rule.k)
            inside, grown = count_within(fake, real, _balls(near, rule))
            back = _in_any_ball(swapped, near, rule, inside, grown)
            found["recall"] = LeftOut(
                back.value,
                back.judgements,
                back.without_fake,
                back.without_real,
                (back.excess[1], back.excess[0]),
            )
        return found


def plain_values(real: Array, fake: Array, rules: Mapping[str, Rule]) -> dict[str, float]:
    """The values alone, which takes one pass over all pairs."""
    with torch.no_grad():
        device = to_float64(real[:1]).device
        balls = {}
        for rows, around_reals in ((real, True), (fake, False)):
            own = [rule for name, rule in rules.items() if (name != "recall") == around_reals]
            if not own:
                continue
            near = nearest(rows, None, max(rule.k for rule in own)).squared.to(device)
            for rule in own:
                radii = near[:, rule.k - 1]
                balls[rule, around_reals] = Balls(radii, around_reals, rule.closed)
        counts = dict(zip(balls, count_within(real, fake, list(balls.values())), strict=True))
        values = {}
        for name, rule in rules.items():
            count = counts[rule, name != "recall"]
            if name == "density":
                values[name] = int(count.of_y.sum()) / (rule.k * len(fake))
            else:
                per_image = count.of_y if name == "precision" else count.of_x
                values[name] = float((per_image > 0).double().mean())
        return values


class _Sides(NamedTuple):
    """Images with balls, the others, and the groups of those with balls."""

    centres: Array
    queries: Array
    unit: Tensor | None


def _nearest(rows: Array, k: int) -> Nearest:
    """The k + 1 nearest; infinitely far where there are only k others."""
    k_max = min(k + 1, len(rows) - 1)
    found = nearest(rows, None, k_max)
    if k_max > k:
        return found
    far = found.squared.new_full((len(rows), 1), torch.inf)
    return Nearest(torch.cat((found.squared, far), 1), found.rows)


def _balls(near: Nearest, rule: Rule) -> list[Balls]:
    """Balls to the k-th neighbour, and as they are if one of the k nearest is left out."""
    return [
        Balls(near.squared[:, at].contiguous(), True, rule.closed) for at in (rule.k - 1, rule.k)
    ]


def _coverage(sides: _Sides, near: Nearest, rule: Rule, inside: Counts, grown: Counts) -> LeftOut:
    """The share of centres with a query in their ball."""
    n, m = len(inside.of_x), len(inside.of_y)
    covered = (inside.of_x > 0).long()
    total = int(covered.sum())
    neighbours = near.rows[:, : rule.k]
    gained = (grown.of_x > 0).long() - covered
    more = _spread_to(neighbours, gained)
    lost = inside.of_x.new_zeros(m)
    single = (inside.of_x == 1).nonzero().flatten()
    if len(single):  # a query that is alone in a ball is the nearest to its centre
        only = nearest(_rows(sides.centres, single), sides.queries, 1).rows[:, 0]
        lost = only.to(lost.device).bincount(minlength=m)
    # How many judgements of other images each image changes.
    pairs = gained.new_full((n,), rule.k)
    if sides.unit is not None:  # Σ over groups of (neighbours in it)²: the pairs within a group
        of = sides.unit.to(gained.device)[neighbours]
        pairs = (of[:, :, None] == of[:, None, :]).sum((1, 2))
    return LeftOut(
        total / n,
        to_numpy(covered),
        to_numpy(total - covered + more) / (n - 1),
        to_numpy(total - lost) / n,
        (int((pairs * gained).sum()) / n**2, len(single) / n**2),
    )


def _in_any_ball(
    sides: _Sides, near: Nearest, rule: Rule, inside: Counts, grown: Counts
) -> LeftOut:
    """The share of queries in the ball of any centre."""
    n, m = len(inside.of_x), len(inside.of_y)
    hit = (inside.of_y > 0).long()
    total = int(hit.sum())
    changes, squares = inside.of_x.new_zeros(n), 0
    # Only a query in no ball or in one can be moved by leaving a centre out.
    open_to = ((inside.of_y <= 1) & (grown.of_y > 0)).nonzero().flatten()
    if len(open_to):
        single = inside.of_y[open_to] == 1
        some = sides._replace(queries=_rows(sides.queries, open_to))
        neighbours = near.rows[:, : rule.k]
        for j, tiles in _pairs(some, near, rule):
            # Which centres, left out, let another centre's ball grow over the query.
            size = j.stop - j.start
            regained = torch.zeros((size, n), dtype=torch.bool, device=changes.device)
            owner = torch.zeros(size, dtype=torch.int64, device=changes.device)
            for held, reached in tiles:
                owner[held[1]] = held[0]  # read only where there is a single one
                for row, column in _parts(reached, rule.k):
                    regained[column[:, None], neighbours[row]] = True
            alone = single[j].nonzero().flatten()
            of_alone = owner[alone]
            lost = -(~regained[alone, of_alone]).float()
            change = regained.float()
            change[alone] = 0
            change[alone, of_alone] = lost
            changes += change.sum(0).long()
            squares += _squares(change, sides.unit)
    return LeftOut(
        total / m,
        to_numpy(hit),
        to_numpy(total + changes) / m,
        to_numpy(total - hit) / (m - 1),
        (squares / m**2, 0.0),
    )


def _density(sides: _Sides, near: Nearest, rule: Rule, inside: Counts, grown: Counts) -> LeftOut:
    """The mean number of balls that queries are in, over k."""
    n, m, k = len(inside.of_x), len(inside.of_y), rule.k
    total = int(inside.of_x.sum())
    neighbours = near.rows[:, :k]
    more = _spread_to(neighbours, grown.of_x - inside.of_x)
    squares = 0
    for j, tiles in _pairs(sides, near, rule):
        # By how many balls each query is in more, if each centre is left out.
        change = torch.zeros((j.stop - j.start, n), dtype=torch.float32, device=more.device)
        more_by, fewer_by = change.new_tensor(1), change.new_tensor(-1)
        for held, reached in tiles:
            change.index_put_((held[1], held[0]), fewer_by, accumulate=True)
            # Of the pairs in the larger balls those are new that were not in the ball before.
            for pairs, step in ((reached, more_by), (held, fewer_by)):
                for row, column in _parts(pairs, k):
                    at = (column[:, None].expand(-1, k), neighbours[row])
                    change.index_put_(at, step, accumulate=True)
        squares += _squares(change, sides.unit)
    return LeftOut(
        total / (k * m),
        to_numpy(inside.of_y) / k,
        to_numpy(total - inside.of_x + more) / (k * m),
        to_numpy(total - inside.of_y) / (k * (m - 1)),
        (squares / (k * m) ** 2, 0.0),
    )


_SCORES = {"precision": _in_any_ball, "density": _density, "coverage": _coverage}


def _spread_to(neighbours: Tensor, values: Tensor) -> Tensor:
    """[n] the sum of the values [n] of all images that have each image among their neighbours."""
    n, k = neighbours.shape
    sums = values.new_zeros(n)
    return sums.index_add_(0, neighbours.reshape(-1), values.repeat_interleave(k))


def _squares(change: Tensor, unit: Tensor | None) -> int:
    """Σ Δ² of changes [queries, images], summed over each group first.

    Small whole numbers, exact in float32.
    """
    if unit is not None:
        sums = change.new_zeros(len(change), int(unit.max()) + 1)
        change = sums.index_add_(1, unit.to(change.device), change)
    return int(change.square().sum(1).double().sum())


_Pairs = tuple[Tensor, Tensor]


def _pairs(
    sides: _Sides, near: Nearest, rule: Rule
) -> Iterator[tuple[slice, Iterator[tuple[_Pairs, _Pairs]]]]:
    """Per tile of queries, in it per tile of centres: (centre, query in the tile) of all pairs.

    First those in the balls to the k-th neighbour, then those in the balls to the (k + 1)-th.
    """
    tiles = tiles_within(sides.centres, sides.queries, _balls(near, rule))
    for j, same in itertools.groupby(tiles, key=lambda tile: tile[1]):
        yield j, (_of_tile(i, within) for i, _, within in same)


def _of_tile(i: slice, within: list[Tensor]) -> tuple[_Pairs, _Pairs]:
    held, reached = (inside.nonzero(as_tuple=True) for inside in within)
    return (held[0] + i.start, held[1]), (reached[0] + i.start, reached[1])


def _parts(pairs: _Pairs, k: int) -> Iterator[tuple[Tensor, Tensor]]:
    step = max(1, _AT_ONCE // k)
    yield from zip(*(torch.split(side, step) for side in pairs), strict=True)


def _rows(rows: Array, index: Tensor) -> Array:
    return rows[index.to(rows.device)] if is_tensor(rows) else rows[to_numpy(index)]
