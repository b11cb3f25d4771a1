"""Seeded samples of the fakes with the class frequencies of the reals."""

from collections import Counter

import numpy as np

from ganeval.errors import InputError
from ganeval.features._base import Features


def match_labels(real: Features, fake: Features, *, seed: int = 0) -> Features:
    """Samples as many of `fake` as possible with the class frequencies of `real`.

    Class sizes are proportional to the reals', rounded down; `seed` decides which images stay.
    Fakes of classes that the reals do not have are left out.

    Raises:
        InputError: a side has no labels, or a class of the reals has no fakes.
    """
    if real.labels is None or fake.labels is None:
        side = real if real.labels is None else fake
        raise InputError(
            f"{side.name} has no labels to match; sort its images into class folders, or give "
            "--label-by"
        )
    wanted, there = Counter(real.labels), Counter(fake.labels)
    if missing := sorted(wanted.keys() - there.keys()):
        raise InputError(
            f"{fake.name} has no images of class {', '.join(missing)}, which {real.name} has; "
            "generate some, or leave out match_labels"
        )
    share = min(there[label] / n for label, n in wanted.items())
    rng = np.random.default_rng(seed)
    kept: list[int] = []
    labels = np.array(fake.labels)
    for label in sorted(wanted):
        members = np.flatnonzero(labels == label)
        kept += rng.permutation(members)[: int(share * wanted[label] + 1e-9)].tolist()
    return fake.take(np.array(sorted(kept), np.int64))
