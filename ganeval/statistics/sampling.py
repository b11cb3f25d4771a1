"""How the images of a side were sampled: which are independent, and which class sizes were chosen.

An image is independent of all others unless it shares a group (a plate, a patient, a video) with
them; then the groups are independent. Where class sizes were chosen, only what happens within
classes is random.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ganeval.statistics.strata import Labels


@dataclass(frozen=True, eq=False)
class Sampling:
    """The sampling of one side's n images.

    Args:
        n: images.
        classes: [n] class numbers from 0 where class sizes were chosen; None where they are chance.
        groups: [n] group names; None where images are independent. The same name on two sides is
            the same group.
        names: [n] those of groups of one image each, which are independent images unless they meet
            a group of the same name on another side; None where there are none.
    """

    n: int
    classes: np.ndarray | None = None
    groups: np.ndarray | None = None
    names: np.ndarray | None = None

    @cached_property
    def stratum(self) -> np.ndarray:
        """[n] class numbers from 0; all 0 where class sizes are chance."""
        return np.zeros(self.n, np.int64) if self.classes is None else self.classes

    @cached_property
    def unit(self) -> np.ndarray:
        """[n] numbers from 0 of the independent units: groups, or else the images themselves."""
        if self.groups is None:
            return np.arange(self.n)
        return np.asarray(np.unique(self.groups, return_inverse=True)[1])

    @cached_property
    def units_per_class(self) -> np.ndarray:
        """[c] in how many independent units each class is."""
        if self.groups is None:
            return np.bincount(self.stratum)
        pairs = np.unique(np.stack([self.stratum, self.unit]), axis=1)
        return np.bincount(pairs[0])

    @property
    def group_names(self) -> np.ndarray | None:
        """[n] group names, also of groups of one image each; None without groups."""
        return self.names if self.groups is None else self.groups

    def beside(self, others: Sequence["Sampling"]) -> "Sampling":
        """The same, with groups only where they matter beside these other sides.

        They do where a group has several images, or is on another side too.
        """
        names = self.group_names
        if names is None:
            return self
        elsewhere = [other.group_names for other in others if other.group_names is not None]
        matter = len(set(names.tolist())) < self.n or any(
            np.isin(names, other).any() for other in elsewhere
        )
        return Sampling(self.n, self.classes, names if matter else None, None if matter else names)

    @property
    def n_units(self) -> int:
        """Independent units."""
        return self.n if self.groups is None else int(self.unit.max()) + 1

    @property
    def effective_units(self) -> float:
        """Independent units of equal size that say as much as these: (Σ size)² / Σ size²."""
        if self.groups is None:
            return float(self.n)
        sizes = np.bincount(self.unit).astype(float)
        return float(sizes.sum() ** 2 / (sizes**2).sum())

    @cached_property
    def weights(self) -> np.ndarray:
        """[n] √(u/(u − 1)) for the u units of an image's class: unbiased squared deviations.

        0 for a class in a single unit, about whose spread nothing is known.
        """
        units = self.units_per_class.astype(float)
        factor = np.sqrt(units / np.maximum(units - 1, 1)) * (units > 1)
        return np.asarray(factor[self.stratum])

    def deviations(self, values: np.ndarray) -> np.ndarray:
        """[n, ...] `values` less the mean of their class (of all, where sizes are chance)."""
        if self.classes is None:
            return np.asarray(values - values.mean(axis=0))
        shape = (-1, *[1] * (values.ndim - 1))
        sums = np.zeros((len(self.units_per_class), *values.shape[1:]))
        np.add.at(sums, self.stratum, values)
        means = sums / np.bincount(self.stratum).reshape(shape)
        return np.asarray(values - means[self.stratum])

    def take(self, rows: np.ndarray) -> "Sampling":
        """The sampling of some of the images."""
        classes = None
        if self.classes is not None:
            classes = np.unique(self.classes[rows], return_inverse=True)[1]
        groups, names = (None if of is None else of[rows] for of in (self.groups, self.names))
        return Sampling(len(rows), classes, groups, names)


def sampling_of(n: int, labels: Labels = None, groups: Sequence[str] | None = None) -> Sampling:
    """The sampling of n images; `labels` only where their class sizes were chosen."""
    classes = None
    if labels is not None:
        classes = np.asarray(np.unique(np.asarray(labels), return_inverse=True)[1])
    return Sampling(n, classes, None if groups is None else np.asarray(groups))


def numbered(names: np.ndarray) -> np.ndarray:
    """[n] numbers from 0 of the names, in the order in which they first appear."""
    _, first, number = np.unique(names, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[number])
