"""Were class sizes chosen, or did they fall out by chance? Blocks must follow how data were made.

Where sizes are chosen (100 images of every class, or as many fakes per class as there are reals),
every block must hold its share of each class: other blocks would blame the sampling for changes
of the mixture that it cannot make. Where sizes are chance (a random subset, an unconditional
generator), blocks must not be stratified: they would hide changes of the mixture that it does
make. Either mistake is grave. With eight classes of unequal sizes, 400 images a side and truth 0,
a nominal 95 % interval of FID covers (`benchmarks/calibration`, law `mixture`, null)

| sizes real / fake | stratify neither | real | fake | both |
|---|---|---|---|---|
| chance / chance | 97 % | 94 | 96 | 18 |
| chosen / chosen | 0 | 2 | 4 | 100 |
| chosen / chance | 88 | 96 | 96 | 54 |
| chance / chosen | 80 | 95 | 96 | 50 |

What sizes say of themselves tells most of these apart: chance does not make classes equal, or
equal to those of the other side. Sizes that were chosen, are unequal, and are not those of the
other side cannot be told from chance and are taken for it: the last two rows, first column.
"""

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

Labels: TypeAlias = Sequence[str] | None

CHANCE = 0.001
"""Sizes that agree better than chance would make them with this probability were chosen."""


def strata(real: Labels, fake: Labels) -> tuple[Labels, Labels]:
    """The labels to stratify each side's blocks by; None where class sizes are left to chance.

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
