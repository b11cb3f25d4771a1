"""Classes of two sides, for metrics that compare class by class."""

from dataclasses import dataclass

import numpy as np

from ganeval.errors import InputError
from ganeval.metrics.spine.side import Side


@dataclass(frozen=True, eq=False)
class Classes:
    """Classes that both sides have.

    Args:
        names: [k], sorted.
        of_real: [n] class numbers from 0.
        of_fake: [m].
    """

    names: tuple[str, ...]
    of_real: np.ndarray
    of_fake: np.ndarray

    @classmethod
    def of(cls, real: Side, fake: Side, *, metric: str) -> "Classes":
        """The classes of both sides.

        Raises:
            InputError: a side without labels, or a class on one side only.
        """
        for role, side in (("real", real), ("fake", fake)):
            if side.labels is None:
                raise InputError(
                    f"{role} has no labels, and {metric} compares within classes; sort the images "
                    "into class folders, or give --label-by"
                )
        here, there = np.array(real.labels), np.array(fake.labels)
        names = {"real": set(here.tolist()), "fake": set(there.tolist())}
        alone = [
            f"class {odd[0]}{f' (and {len(odd) - 1} more)' if len(odd) > 1 else ''} is in {role} "
            "only"
            for role, other in (("real", "fake"), ("fake", "real"))
            if (odd := sorted(names[role] - names[other]))
        ]
        if alone:
            raise InputError(
                f"{', '.join(alone)}, and {metric} wants every class on both sides; give both the "
                "same classes"
            )
        every = sorted(names["real"])
        # Names are found by their place in sorted order, as NumPy sorts them too.
        places = np.unique(here)
        return cls(tuple(every), np.searchsorted(places, here), np.searchsorted(places, there))

    def sizes(self) -> np.ndarray:
        """[k, 2] reals and fakes of each class."""
        k = len(self.names)
        return np.stack(
            [np.bincount(of, minlength=k) for of in (self.of_real, self.of_fake)], axis=1
        )
