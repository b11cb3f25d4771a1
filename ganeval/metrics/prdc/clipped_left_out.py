"""Clipped density and coverage of rows, and what each of them would be without each image.

An image is left out of everything: its ball goes, and the balls that had it among their k nearest
grow to their (k + 1)-th neighbour, but not beyond the cap. All changes are counts. The cap of
clipped density, the median radius, and the calibration of clipped coverage are held as they are.
"""

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ganeval.arrays import Array, to_numpy
from ganeval.lazy import Tensor, torch
from ganeval.metrics.pairs import Balls, Nearest, count_within, nearest, tiles_within


@dataclass(frozen=True, eq=False)
class Clipped:
    """A mean of judgements of images, each from 0 to 1, and the mean without each image.

    Args:
        judgements: [n or m] of every judged image.
        without_real: [n] the mean without each real.
        without_fake: [m] the mean without each fake.
        excess: variance that the influences of the reals and of the fakes count twice.
    """

    judgements: np.ndarray
    without_real: np.ndarray
    without_fake: np.ndarray
    excess: tuple[float, float]

    @property
    def value(self) -> float:
        """The mean."""
        return float(self.judgements.mean())


class Density(NamedTuple):
    """How well fakes lie in the balls of reals, and how well the reals themselves do."""

    fakes: Clipped
    reals: Clipped


def clipped_density(real: Array, fake: Array, k: int) -> Density:
    """Of each fake and of each real, the balls of (other) reals that it is in, at most k, over k.

    Args:
        real: [n, d], n > k.
        fake: [m, d].
        k: a ball reaches to the k-th neighbour, but no farther than half of the balls do.
    """
    with torch.no_grad():
        near, radii, grown = _capped(real, k)
        balls = [Balls(each, True, True) for each in (radii, grown)]
        mine = near.rows[:, :k]
        return Density(
            _left_out(real, fake, mine, balls, k),
            _left_out(real, real, mine, balls, k, own=True),
        )


def plain_density(real: Array, fake: Array, k: int) -> tuple[np.ndarray, np.ndarray]:
    """[m] and [n] judgements of fakes and of reals alone."""
    with torch.no_grad():
        _, radii, _ = _capped(real, k)
        balls = [Balls(radii, True, True)]
        of_fakes = count_within(real, fake, balls)[0].of_y
        of_reals = count_within(real, real, balls)[0].of_y - 1  # not in its own ball
        return to_numpy(_share(of_fakes, k)), to_numpy(_share(of_reals, k))


def clipped_coverage(
    real: Array, fake: Array, k: int, units: tuple[np.ndarray | None, np.ndarray | None]
) -> Clipped:
    """Of each real, the fakes that are nearer than its k-th neighbour, at most k, over k.

    Args:
        real: [n, d], n > k.
        fake: [m, d].
        k: neighbours.
        units: of either side, numbers of the groups of images, which are left out together in
            `excess`; None for independent images.
    """
    with torch.no_grad():
        near = _nearest(real, k)
        inside, grown = (
            count.of_x
            for count in count_within(
                real,
                fake,
                [Balls(near.squared[:, at].contiguous(), True, False) for at in (k - 1, k)],
            )
        )
        share, n, m = _share(inside, k), len(real), len(fake)
        gained = _share(grown, k) - share
        mine = near.rows[:, :k].to(gained.device)
        more = _spread_to(mine, gained)
        # A ball of at most k fakes loses one of them, which are those nearest to its real.
        found = nearest(real, fake, min(k, m)).rows.to(gained.device)
        losing = (torch.arange(found.shape[1], device=gained.device) < inside[:, None]) & (
            inside[:, None] <= k
        )
        lost = found[losing].bincount(minlength=m).double() / k
        pairs = _pairs_of_groups(mine, units[0], torch.ones_like(mine, dtype=torch.bool))
        taken = _pairs_of_groups(found, units[1], losing)
        total = share.sum()
        return Clipped(
            to_numpy(share),
            to_numpy((total - share + more) / (n - 1)),
            to_numpy((total - lost) / n),
            (
                float((pairs * gained.square()).sum()) / n**2,
                float(taken.sum()) / k**2 / n**2,
            ),
        )


def plain_coverage(real: Array, fake: Array, k: int) -> np.ndarray:
    """[n] judgements of reals alone."""
    with torch.no_grad():
        radii = nearest(real, None, k).squared[:, k - 1].contiguous()
        return to_numpy(_share(count_within(real, fake, [Balls(radii, True, False)])[0].of_x, k))


def _capped(real: Array, k: int) -> tuple[Nearest, Tensor, Tensor]:
    """Neighbours, squared radii to the k-th and, if one is left out, to the (k + 1)-th neighbour.

    The median of radii, not of their squares, caps both; one radius is itself, without rounding.
    """
    near = _nearest(real, k)
    n = len(near.squared)
    low, high = near.squared[:, k - 1].sort().values[[(n - 1) // 2, n // 2]].tolist()
    cap = low if low == high else ((low**0.5 + high**0.5) / 2) ** 2
    return near, near.squared[:, k - 1].clamp(max=cap), near.squared[:, k].clamp(max=cap)


def _nearest(rows: Array, k: int) -> Nearest:
    """The k + 1 nearest; infinitely far where there are only k others."""
    found = nearest(rows, None, min(k + 1, len(rows) - 1))
    if found.squared.shape[1] > k:
        return found
    far = found.squared.new_full((len(rows), 1), torch.inf)
    return Nearest(torch.cat((found.squared, far), 1), found.rows)


def _left_out(
    real: Array, queries: Array, mine: Tensor, balls: list[Balls], k: int, *, own: bool = False
) -> Clipped:
    """Of queries, by how much each real that is left out moves their mean.

    `own` queries, the reals themselves, are not in their own balls, and one that is left out is not
    judged either.
    """
    n, m = len(real), len(queries)
    counts = count_within(real, queries, balls[:1])[0].of_y - int(own)
    moved = torch.zeros(n, dtype=torch.float64, device=counts.device)
    mine, squares = mine.to(counts.device), 0.0
    tiles = tiles_within(real, queries, balls)
    for j, same in itertools.groupby(tiles, key=lambda tile: tile[1]):
        # By how many balls each query is in more, if each real is left out.
        change = torch.zeros((j.stop - j.start, n), dtype=torch.float32, device=counts.device)
        itself = torch.arange(j.start, j.stop, device=counts.device) if own else None
        for i, _, within in same:
            held, reached = (inside.T.float() for inside in within)
            if itself is not None:
                for each in (held, reached):
                    each.masked_fill_(itself[:, None] == torch.arange(i.start, i.stop), 0)
            change[:, i] -= held
            for at in range(k):  # a ball reaches farther without any of the k nearest
                change.index_add_(1, mine[i, at], reached - held)
        before = counts[j, None]
        change = (before + change).clamp(max=k) - before.clamp(max=k)
        if itself is not None:  # one that is left out is not judged
            change[itself - j.start, itself] = 0
        moved += change.sum(0).double() / k
        squares += float(change.square().sum().double()) / k**2
    share = _share(counts, k)
    total = share.sum()
    without = (total + moved - (share if own else 0)) / (m - int(own))
    alone = (total - share) / (m - 1)
    return Clipped(to_numpy(share), to_numpy(without), to_numpy(alone), (squares / m**2, 0.0))


def _share(counts: Tensor, k: int) -> Tensor:
    """At most k, over k."""
    return counts.clamp(max=k).double() / k


def _spread_to(neighbours: Tensor, values: Tensor) -> Tensor:
    """[n] the sum of the values [n] of all images that have each image among their neighbours."""
    n, k = neighbours.shape
    return values.new_zeros(n).index_add_(0, neighbours.reshape(-1), values.repeat_interleave(k))


def _pairs_of_groups(rows: Tensor, unit: np.ndarray | None, counted: Tensor) -> Tensor:
    """[n] of some of each row's images, the pairs (with itself) that are of one group."""
    if unit is None:
        return counted.sum(1)
    of = torch.from_numpy(unit).to(rows.device)[rows]
    both = counted[:, :, None] & counted[:, None, :]
    return ((of[:, :, None] == of[:, None, :]) & both).sum((1, 2))
