"""Were class sizes chosen, or left to chance? The error must follow how the data were made.

Where sizes are chosen (100 images of every class, or as many fakes per class as there are reals),
only what happens within classes is random: an error that counts the mixture too blames the
sampling for changes that it cannot make. Where sizes are chance (a random subset, an unconditional
generator), the mixture is random, and an error within classes hides that. Either mistake is grave.
`benchmarks/calibration` (world `mixture`, cells `given=none` and `given=all`) shows what either
costs: intervals several times too wide around values that are too low, or intervals that miss.

What sizes say of themselves tells most of these apart: chance does not make classes equal, or
equal to those of the other side. Sizes that were chosen, are unequal, and are not those of the
other side cannot be told from chance and are taken for it.
"""

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

Labels: TypeAlias = Sequence[str] | None

CHANCE = 0.001
"""Sizes that agree better than chance would make them with this probability were chosen."""


NO_PAIR = (
    "a class whose size was chosen has no two independent images; if classes are not meant, "
    "--label-by none"
)
"""Why there is no interval where the images of a class are all of one group."""

ONE_PAIR = (
    "a class whose size was chosen has two independent images or groups only, whose one pair does "
    "not show how it varies; if classes are not meant, --label-by none"
)
"""Why there is none where a score is a mean over pairs within classes."""


def strata(real: Labels, fake: Labels) -> tuple[Labels, Labels]:
    """The labels of each side whose class sizes were chosen; None where they are left to chance.

    Both sides where their class proportions agree better than chance explains, otherwise each
    side whose classes are equal in size, to within one image or better than chance explains.
    """
    if real is not None and fake is not None and _agree(Counter(real), Counter(fake)):
        return real, fake
    return balanced_labels(real), balanced_labels(fake)


def balanced_labels(labels: Labels) -> Labels:
    """`labels` where their classes were chosen to be equal in size, else None."""
    if labels is None:
        return None
    sizes = np.array(list(Counter(labels).values()), np.float64)
    expected = np.full(len(sizes), sizes.mean())
    return labels if _too_good(sizes, expected, df=len(sizes) - 1) else None


def _agree(real: Counter[str], fake: Counter[str]) -> bool:
    """Whether both sides have the same class proportions by design."""
    names = sorted(real | fake)
    sizes = np.array([[side[name] for name in names] for side in (real, fake)], np.float64)
    expected = sizes.sum(axis=1, keepdims=True) * sizes.sum(axis=0) / sizes.sum()
    return _too_good(sizes, expected, df=len(names) - 1)


def _too_good(sizes: np.ndarray, expected: np.ndarray, *, df: int) -> bool:
    """Pearson's chi-square, read at its lower tail; rounding to whole images is perfect."""
    from scipy.special import chdtr

    if df < 1:
        return False  # a single class: nothing to stratify
    if np.abs(sizes - expected).max() < 1:
        return True
    return bool(chdtr(df, ((sizes - expected) ** 2 / expected).sum()) < CHANCE)
