"""One half of the images as the reals, the other half as what a perfect model makes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.features import Features
from ganeval.statistics import assign_blocks, balanced_labels, seeded
from ganeval.suites.audit.seen import Seen


@dataclass(frozen=True, eq=False)
class Halves:
    """Two halves of what a net sees, whole groups each.

    Every image has a group, its own name where no groups are known: an image and its altered
    version then count as one draw, and their difference as that of a pair.

    Args:
        seen: by one net.
        seed: of the halves.
    """

    seen: Seen
    seed: int

    @cached_property
    def real(self) -> Features:
        """The one half."""
        return self.rows(self.seen.plain, self.where[0], "one half")

    @cached_property
    def fake(self) -> Features:
        """The other half."""
        return self.rows(self.seen.plain, self.where[1], "other half")

    @cached_property
    def groups(self) -> int | None:
        """Groups of the half that has fewer; None where no groups are known."""
        if self.seen.plain.groups is None:
            return None
        return min(len(set(side.groups or ())) for side in (self.real, self.fake))

    @cached_property
    def where(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows of either half."""
        return self._split(self.seen.plain)

    @cached_property
    def undeclared(self) -> tuple[Features, Features]:
        """Both halves with the groups that are known and no others, to look for dependence."""
        one, other = self.where
        return self.seen.plain.take(one), self.seen.plain.take(other)

    @cached_property
    def new_and_unseen(self) -> tuple[Features, Features]:
        """The other half in two: what a model makes, and reals that it was not trained on."""
        new, unseen = self._split(self.fake)
        return self.fake.take(new), self.fake.take(unseen)

    def rows(self, of: Features, rows: np.ndarray, name: str) -> Features:
        """Some rows of the images, or of an altered version, with a group for each."""
        found = of.take(rows, name=name)
        return replace(found, groups=found.groups or found.ids, hashes=None, warnings=())

    def _split(self, side: Features) -> tuple[np.ndarray, np.ndarray]:
        block = assign_blocks(
            side.ids,
            labels=balanced_labels(side.labels),
            groups=self.seen.plain.groups and side.groups,
            n_blocks=2,
            seed=self.seed,
        )
        return np.flatnonzero(block == 0), np.flatnonzero(block == 1)


def joined(first: Features, second: Features) -> Features:
    """Rows of both, one after the other."""
    labels, groups = (
        None if one is None or other is None else (*one, *other)
        for one, other in ((first.labels, second.labels), (first.groups, second.groups))
    )
    return replace(
        first,
        features=np.concatenate([to_numpy(first.features), to_numpy(second.features)]),
        logits=None,
        classes=None,
        ids=(*first.ids, *second.ids),
        labels=labels,
        groups=groups,
        fingerprint=f"{first.fingerprint} {second.fingerprint}",
    )


def even_sample(
    labels: Sequence[str] | None, rows: np.ndarray, count: int, *, seed: int
) -> np.ndarray:
    """`count` of these rows, ascending, with the same share of every class to within one image.

    Args:
        labels: [n] class names of all rows; None for none.
        rows: to choose from.
        count: of rows, at most all.
        seed: of the draw.
    """
    rng = seeded("audit sample", seed, len(rows), count)
    names = np.zeros(len(rows)) if labels is None else np.asarray(labels)[rows]
    order = rows[np.lexsort((rng.random(len(rows)), names))]
    steps = np.floor(count * np.arange(len(rows) + 1) / max(len(rows), 1) + rng.random())
    return np.sort(order[np.diff(steps) > 0])
