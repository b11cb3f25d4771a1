"""Means of a kernel over pairs of independent images, from its sums by row and set."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ganeval.statistics import Sampling


class Sets:
    """The sets by which a side's pairs are summed: its groups, apart for each class of chosen size.

    Images without groups are one set per class, and one set if class sizes are chance too.
    """

    def __init__(self, sampling: Sampling) -> None:
        self.sampling, self.n = sampling, sampling.n
        self.grouped = sampling.groups is not None
        self.simple = sampling.classes is None and not self.grouped
        self.unit = sampling.unit if self.grouped else np.zeros(self.n, np.int64)
        cells, self.of_row = np.unique(
            np.stack([sampling.stratum, self.unit]), axis=1, return_inverse=True
        )
        self.of_row = self.of_row.reshape(-1)
        self.set_class, self.set_unit = cells
        self.sizes = np.bincount(self.of_row).astype(float)
        self.shares = np.bincount(sampling.stratum) / self.n
        one = np.eye(len(self.shares))
        self.class_of_set, self.class_of_row = one[self.set_class], one[sampling.stratum]

    @cached_property
    def names(self) -> np.ndarray:
        """[u] group names."""
        return np.unique(np.asarray(self.sampling.groups))

    def by_unit(self, rows: np.ndarray) -> np.ndarray:
        """[u, ...] sums over the groups, or `rows` as they are where images are independent."""
        return _summed(rows, self.unit) if self.grouped else rows

    def columns_by_unit(self, sums: np.ndarray) -> np.ndarray:
        """[n, u] sums over groups from those over sets [n, s]."""
        if self.sampling.classes is None:
            return sums
        return _summed(sums.T, self.set_unit).T

    def met_by(self, other: "Sets") -> tuple[np.ndarray, np.ndarray]:
        """(rows of `other`, sets of this side), all pairs that belong to the same group."""
        if not (self.grouped and other.grouped):
            none = np.zeros(0, np.int64)
            return none, none
        place = np.searchsorted(self.names, other.names)
        place = np.minimum(place, len(self.names) - 1)
        place[self.names[place] != other.names] = -1  # a group that this side lacks
        order = np.argsort(self.set_unit, kind="stable")
        edges = np.searchsorted(self.set_unit[order], np.arange(len(self.names) + 1))
        wanted = place[other.unit]
        counts = np.where(wanted < 0, 0, edges[wanted + 1] - edges[wanted])
        rows = np.repeat(np.arange(other.n), counts)
        start = np.repeat(edges[wanted], counts)
        step = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        return rows, order[start + step]


def _summed(rows: np.ndarray, number: np.ndarray) -> np.ndarray:
    """[u, ...] sums of the rows of each number from 0 to u − 1, none of which is missing."""
    order = np.argsort(number, kind="stable")
    starts = np.searchsorted(number[order], np.arange(number.max() + 1))
    return np.asarray(np.add.reduceat(rows[order], starts, axis=0))


@dataclass(frozen=True, eq=False)
class Means:
    """Means of the kernel over independent partners.

    Args:
        of_row: [n] of each row, over all classes of its partners.
        by_class: [n, c] of each row over the partners of each class.
        of_classes: [k, c] of all pairs of two classes.
        partners: [n, c] how many of each class a row has.
        mean: of all.
        known: whether every class has independent partners.
    """

    of_row: np.ndarray
    by_class: np.ndarray
    of_classes: np.ndarray
    partners: np.ndarray
    mean: float
    known: bool

    @classmethod
    def of(cls, sums: np.ndarray, here: Sets, there: Sets) -> "Means":
        """The means from sums of each row of `here` over the sets of `there`, maybe the same."""
        total = sums @ there.class_of_set
        count = np.tile(there.sizes @ there.class_of_set, (here.n, 1))
        rows, sets = there.met_by(here)
        np.subtract.at(total, (rows, there.set_class[sets]), sums[rows, sets])
        np.subtract.at(count, (rows, there.set_class[sets]), there.sizes[sets])
        if here is there and not here.grouped:
            count -= here.class_of_row  # an image with itself
        pairs = here.class_of_row.T @ count
        known = bool((pairs > 0).all())
        pairs = np.maximum(pairs, 1)
        of_classes = (here.class_of_row.T @ total) / pairs
        sizes = here.shares * here.n
        by_class = total / (pairs / sizes[:, None])[here.sampling.stratum]
        of_row = by_class @ there.shares
        return cls(of_row, by_class, of_classes, count, float(of_row.mean()), known)


def without_units(means: Means, sets: Sets) -> np.ndarray | None:
    """[n] means of each row of a side within itself, scaled to what leaving its unit out does.

    A pair within a class is of two of its units. Without unit g a class has P − 2p of its P pairs,
    and their mean M changes by −2 (t − pM)/(P − 2p), with t the sum over the p pairs of one row of
    g each; the part of P alone is too small by half where three units are left to show anything.
    Pairs of two classes need no such factor. None where a class has two units: their one pair says
    nothing of its spread.
    """
    rows, stratum, n = np.arange(sets.n), sets.sampling.stratum, sets.n * sets.shares
    size = sets.sizes[sets.of_row] if sets.grouped else np.ones(sets.n)
    partners = means.partners[rows, stratum]
    pairs = np.bincount(stratum, partners)
    left = pairs[stratum] - 2 * size * partners
    if (left <= 0).any():
        return None
    mean = means.of_classes.diagonal()[stratum]
    part = (n / pairs)[stratum]
    own = means.by_class[rows, stratum]
    pull = own - mean * partners * part
    factor = (1 - size / n[stratum]) * pairs[stratum] / left
    return np.asarray(means.of_row + sets.shares[stratum] * (mean + factor * pull - own))
