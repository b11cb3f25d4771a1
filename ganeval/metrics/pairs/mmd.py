"""Squared maximum mean discrepancy of two sides: unbiased, with every image's influence.

A mean of the kernel over pairs of independent images estimates the mean over pairs of new images:
the pair of an image with itself and pairs within a group (a plate, a patient) are left out. Where
class sizes were chosen, pairs are averaged class by class and weighted by the classes' shares.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ganeval.arrays import to_float64, to_numpy
from ganeval.metrics.pairs.kernels import Kernel, PairSums, pair_sums
from ganeval.metrics.spine import Side, taken
from ganeval.statistics import MIN_UNITS, Estimate, Part, Sampling

FEW = 256
"""Images that show how wide the widest direction of the kernel's space is."""


def mmd_estimate(
    real: Side, fake: Side, *, bandwidth: float | None = None, biased: bool = False
) -> Estimate:
    """The squared maximum mean discrepancy, with influences.

    Args:
        real: one side, with rows.
        fake: the other.
        bandwidth: of the Gaussian kernel; None takes KID's cubic one. Both are reduced, see
            `pair_sums`.
        biased: whether `value` counts each image's pair with itself too (Gaussian kernel only).

    Returns:
        Estimate whose `value` takes all pairs of different images, and whose `corrected` takes
        pairs of independent images, where that is another number.
    """
    first, second = _Sets(real.sampling), _Sets(fake.sampling)
    sums = pair_sums(real.rows, fake.rows, first.of_set, second.of_set, bandwidth=bandwidth)
    n, m = first.n, second.n
    diagonal = 0 if biased else 1  # where the reduced Gaussian kernel is 0
    value = sums.xx.sum() / (n * (n - diagonal)) + sums.yy.sum() / (m * (m - diagonal))
    value = float(value - 2 * sums.xy.sum() / (n * m))
    within = _Means.of(sums.xx, first, first), _Means.of(sums.yy, second, second)
    across = _Means.of(sums.xy, first, second), _Means.of(sums.yx, second, first)
    if not all(means.known for means in (*within, *across)):
        reason = "a class whose size was chosen has no two independent images"
        if min(real.sampling.n_units, fake.sampling.n_units) == 1:
            reason = f"1 group, of {MIN_UNITS} that an interval needs"
        return Estimate(value, reason=reason)
    influences = [
        2 * (own.of_row - other.of_row) for own, other in zip(within, across, strict=True)
    ]
    corrected = within[0].mean + within[1].mean - 2 * across[0].mean
    widest, second_order = _second_order(sums, (first, second), within, across)
    if widest is None:
        widest = sum(_widest(side, bandwidth) / len(side.rows) for side in (real, fake))
    return Estimate(
        value,
        corrected if biased or not (first.simple and second.simple) else None,
        tuple(
            Part(influence, sides.sampling)
            for influence, sides in zip(influences, (first, second), strict=True)
        ),
        scale="distance",
        second_order=second_order,
        widest=widest,
    )


class _Sets:
    """The sets by which a side's pairs are summed: classes of chosen size, and their groups."""

    def __init__(self, sampling: Sampling) -> None:
        self.sampling, self.n = sampling, sampling.n
        self.grouped = sampling.groups is not None
        self.simple = sampling.classes is None and not self.grouped
        self.unit = sampling.unit if self.grouped else np.zeros(self.n, np.int64)
        cells, self.of_set = np.unique(
            np.stack([sampling.stratum, self.unit]), axis=1, return_inverse=True
        )
        self.of_set = self.of_set.reshape(-1)
        self.set_class, self.set_unit = cells
        self.sizes = np.bincount(self.of_set).astype(float)
        self.shares = np.bincount(sampling.stratum) / self.n
        self.class_of_set = np.eye(len(self.shares))[self.set_class]

    @cached_property
    def names(self) -> np.ndarray:
        """[u] group names."""
        return np.unique(np.asarray(self.sampling.groups))

    def by_unit(self, rows: np.ndarray) -> np.ndarray:
        """[u, ...] sums over the groups, or `rows` as they are where images are independent."""
        if not self.grouped:
            return rows
        sums = np.zeros((len(self.names), *rows.shape[1:]))
        np.add.at(sums, self.unit, rows)
        return sums


@dataclass(frozen=True, eq=False)
class _Means:
    """Means of the kernel over independent partners.

    Args:
        of_row: [n] of each row, over all classes of its partners.
        by_class: [n, c] of each row over the partners of each class.
        of_classes: [k, c] of all pairs of two classes.
        mean: of all.
        known: whether every class has independent partners.
    """

    of_row: np.ndarray
    by_class: np.ndarray
    of_classes: np.ndarray
    mean: float
    known: bool

    @classmethod
    def of(cls, sums: np.ndarray, here: _Sets, there: _Sets) -> "_Means":
        """The means from sums of each row of `here` over the sets of `there`, maybe the same."""
        allowed = np.ones_like(sums)
        if here.grouped and there.grouped:
            names = there.names[there.set_unit]
            allowed = (here.names[here.unit][:, None] != names).astype(float)
        total = (sums * allowed) @ there.class_of_set
        count = (allowed * there.sizes) @ there.class_of_set
        stratum = here.sampling.stratum
        if here is there and not here.grouped:
            count[np.arange(here.n), stratum] -= 1
        classes = np.eye(len(here.shares))[stratum]
        pairs = classes.T @ count
        known = bool((pairs > 0).all())
        pairs = np.maximum(pairs, 1)
        of_classes = (classes.T @ total) / pairs
        sizes = here.shares * here.n
        by_class = total / (pairs / sizes[:, None])[stratum]
        of_row = by_class @ there.shares
        return cls(of_row, by_class, of_classes, float(of_row.mean()), known)


def _second_order(
    sums: PairSums,
    sides: tuple[_Sets, _Sets],
    within: tuple[_Means, _Means],
    across: tuple[_Means, _Means],
) -> tuple[float | None, float]:
    """(variance in the widest direction, where groups show it; variance where both sides agree)."""
    (first, second), n, m = sides, sides[0].n, sides[1].n
    xx, yy = (
        _centred(part, side, side, means, means) / side.n**2 if side.grouped else None
        for part, side, means in zip((sums.xx, sums.yy), sides, within, strict=True)
    )
    xy = None
    if first.grouped:
        xy = _centred(sums.yx, second, first, across[1], across[0]).T / (n * m)
    elif second.grouped:
        xy = _centred(sums.xy, first, second, across[0], across[1]) / (n * m)
    if xx is not None and yy is not None and xy is not None:
        joint = _joint(xx, yy, xy, first.names, second.names)
        return float(np.linalg.eigvalsh(joint)[-1]), 2 * _off_diagonal(joint)
    terms = [
        2 * _off_diagonal(part)
        if part is not None
        else 2 * _moment(square, means, means, side, side) / (side.n * (side.n - 1))
        for part, square, means, side in zip((xx, yy), sums.squares[:2], within, sides, strict=True)
    ]
    if xy is not None:
        cross = 4 * float((xy**2).sum())
    else:
        cross = 4 * _moment(sums.squares[2], *across, first, second) / (n * m)
    return None, sum(terms) + cross


def _moment(square: float, here: _Means, there: _Means, first: _Sets, second: _Sets) -> float:
    """Mean square of the kernel less its means by row, by column and class."""
    pairs = first.n * (second.n - (first is second))
    by_row = (here.by_class**2).mean(0) @ second.shares
    by_column = (there.by_class**2).mean(0) @ first.shares
    both = first.shares @ here.of_classes**2 @ second.shares
    return max(float(square / pairs - by_row - by_column + both), 0.0)


def _centred(
    sums: np.ndarray, here: _Sets, there: _Sets, means: _Means, other: _Means
) -> np.ndarray:
    """[u, v] sums over two units' pairs of the kernel less its means by row, column and class."""
    units = np.zeros((len(sums), len(there.names)))
    np.add.at(units.T, there.set_unit, sums.T)
    classes = [np.eye(len(side.shares))[side.sampling.stratum] for side in (here, there)]
    count_there = there.by_unit(classes[1])
    units = here.by_unit(units - means.by_class @ count_there.T)
    count_here = here.by_unit(classes[0])
    column = there.by_unit(other.by_class)
    return np.asarray(units - count_here @ (column - count_there @ means.of_classes.T).T)


def _joint(
    xx: np.ndarray, yy: np.ndarray, xy: np.ndarray, first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """[u, u] over the groups of both sides, one that is on both sides once."""
    names = np.unique(np.concatenate([first, second]))
    i, j = np.searchsorted(names, first), np.searchsorted(names, second)
    joint = np.zeros((len(names), len(names)))
    joint[np.ix_(i, i)] += xx
    joint[np.ix_(j, j)] += yy
    joint[np.ix_(i, j)] -= xy
    joint[np.ix_(j, i)] -= xy.T
    return joint


def _off_diagonal(matrix: np.ndarray) -> float:
    """Sum of squares of pairs of different units."""
    return float((matrix**2).sum() - (np.diagonal(matrix) ** 2).sum())


def _widest(side: Side, bandwidth: float | None) -> float:
    """Largest eigenvalue of the kernel's covariance, from images at equal steps along a feature."""
    order = np.argsort(to_numpy(to_float64(side.rows[:, 0])), kind="stable")
    few = order[np.arange(min(FEW, len(order))) * len(order) // min(FEW, len(order))]
    rows = taken(side.rows, few)
    kernel = Kernel.around(bandwidth, rows)
    u = kernel.centred(rows)
    sampling = side.sampling.take(few)
    k = sampling.deviations(sampling.deviations(to_numpy(kernel.between(u, u))).T)
    return float(np.linalg.eigvalsh(k)[-1]) / len(k)
