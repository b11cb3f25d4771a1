"""What every image does to precision, recall, density and coverage: exact leave-one-out scores.

Each score is a mean of judgements: of fakes for precision and density, of reals for recall and
coverage. They rest on other images too, the ones whose balls are looked at and their neighbours. An
image is left out of everything: its ball goes, and the balls that had it among their k nearest grow
to their (k + 1)-th neighbour. All changes are counts. For what they count twice see
`ganeval.statistics.judgements`; for precision, recall and density what remains is still an upper
bound on average, since the judgements are independent given the side that has the balls.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ganeval.arrays import Array, to_numpy
from ganeval.lazy import Tensor, torch
from ganeval.metrics.pairs import (
    Balls,
    Counts,
    Frame,
    Guests,
    Nearest,
    count_within,
    nearest,
    points_within,
    travelled,
)
from ganeval.metrics.spine import taken
from ganeval.shared import Found, Share, each, sum_of, work

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
        balls = {}
        for rows, around_reals in ((real, True), (fake, False)):
            own = [rule for name, rule in rules.items() if (name != "recall") == around_reals]
            if not own:
                continue
            near = nearest(rows, None, max(rule.k for rule in own)).squared
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
        centres = taken(sides.centres, to_numpy(single))
        only = nearest(centres, sides.queries, 1).rows[:, 0]
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
    m = len(inside.of_y)
    hit = (inside.of_y > 0).long()
    total = int(hit.sum())
    changes, squares = np.zeros(len(inside.of_x)), 0
    # Only a query in no ball or in one can be moved by leaving a centre out.
    open_to = ((inside.of_y <= 1) & (grown.of_y > 0)).nonzero().flatten()
    if len(open_to):
        some = sides._replace(queries=taken(sides.queries, to_numpy(open_to)))
        changes, squares = _changes(some, near, rule, "hits")
    return LeftOut(
        total / m,
        to_numpy(hit),
        (total + changes) / m,
        to_numpy(total - hit) / (m - 1),
        (squares / m**2, 0.0),
    )


def _density(sides: _Sides, near: Nearest, rule: Rule, inside: Counts, grown: Counts) -> LeftOut:
    """The mean number of balls that queries are in, over k."""
    m, k = len(inside.of_y), rule.k
    total = int(inside.of_x.sum())
    changes, squares = _changes(sides, near, rule, "balls")
    return LeftOut(
        total / (k * m),
        to_numpy(inside.of_y) / k,
        (total + changes) / (k * m),
        to_numpy(total - inside.of_y) / (k * (m - 1)),
        (squares / (k * m) ** 2, 0.0),
    )


_SCORES = {"precision": _in_any_ball, "density": _density, "coverage": _coverage}


def _spread_to(neighbours: Tensor, values: Tensor) -> Tensor:
    """[n] the sum of the values [n] of all images that have each image among their neighbours."""
    n, k = neighbours.shape
    sums = values.new_zeros(n)
    return sums.index_add_(0, neighbours.reshape(-1), values.repeat_interleave(k))


def _changes(sides: _Sides, near: Nearest, rule: Rule, what: str) -> tuple[np.ndarray, int]:
    """What queries change by if each centre is left out: [n] their sum, and Σ Δ² by query and unit.

    `what` they count: the `balls` that they are in, or `hits`, whether they are in any.
    """
    radii = torch.stack([ball.squared_radii for ball in _balls(near, rule)])
    found = each(
        (sides.centres, sides.queries),
        _changes_of_queries,
        radii=radii,
        closed=rule.closed,
        neighbours=near.rows[:, : rule.k],
        unit=sides.unit,
        what=what,
    )
    return sum_of(found, "changes"), int(sum_of(found, "squares"))


@work
def _changes_of_queries(
    centres: Share,
    queries: Share,
    *,
    radii: Array,
    closed: bool,
    neighbours: Array,
    unit: Array | None,
    what: str,
) -> Found:
    """Queries travel with the balls that they are in: needs all of them to say what one changes."""
    frame = Frame.around(centres, queries)
    home = frame.points(centres.rows, keep=centres.ranks is None)
    own, neighbours = (torch.as_tensor(x, device=home.device) for x in (centres.own, neighbours))
    unit = None if unit is None else torch.as_tensor(unit, device=home.device)
    balls = [Balls(torch.as_tensor(of, device=home.device)[own], True, closed) for of in radii]

    def start(guests: int) -> dict[str, Tensor]:
        none = torch.zeros((guests, centres.n), dtype=torch.bool, device=home.device)
        return {"held": none, "reached": none.clone()}

    def meet(_: slice, guests: Guests, itself: bool) -> None:
        for i, j, within in points_within(home, frame.points(guests.rows), balls):
            for sets, inside in zip(guests.found.values(), within, strict=True):
                sets[j, own[i]] = inside.T

    changes, squares = np.zeros(centres.n, np.int64), 0
    for _, found in travelled(queries, start, meet, hosts=centres):
        held, gained = found["held"], found["reached"] & ~found["held"]
        change = _CHANGES[what](held, gained, neighbours)
        changes += to_numpy(change.sum(0)).astype(np.int64)
        squares += _squares(change, unit)
    return {"changes": changes, "squares": np.array(squares)}


def _change_of_hits(held: Tensor, gained: Tensor, neighbours: Tensor) -> Tensor:
    """[t, n] float32 of queries in one ball at most: −1 if they lose it, 1 if they gain one."""
    regained = torch.zeros_like(held)
    for query, centre in _pairs(gained, neighbours.shape[1]):
        regained[query[:, None], neighbours[centre]] = True
    # A ball that is left out is lost, unless another one grows over the query.
    return torch.where(held.any(1)[:, None], -(held & ~regained).float(), regained.float())


def _change_of_balls(held: Tensor, gained: Tensor, neighbours: Tensor) -> Tensor:
    """[t, n] float32 by how many balls each query is in more, if each centre is left out."""
    change, k = -held.float(), neighbours.shape[1]
    one = change.new_tensor(1)
    for query, centre in _pairs(gained, k):
        at = (query[:, None].expand(-1, k), neighbours[centre])
        change.index_put_(at, one, accumulate=True)
    return change


_CHANGES = {"hits": _change_of_hits, "balls": _change_of_balls}


def _squares(change: Tensor, unit: Tensor | None) -> int:
    """Σ Δ² of changes [queries, images], summed over each group first.

    Small whole numbers, exact in float32.
    """
    if unit is not None:
        sums = change.new_zeros(len(change), int(unit.max()) + 1)
        change = sums.index_add_(1, unit, change)
    return int(change.square().sum(1).double().sum())


def _pairs(gained: Tensor, k: int) -> Iterator[tuple[Tensor, Tensor]]:
    """(query, centre) of all pairs, some at a time."""
    step = max(1, _AT_ONCE // k)
    pairs = (torch.split(of, step) for of in gained.nonzero(as_tuple=True))
    yield from zip(*pairs, strict=True)
