"""The standard error of any score, from the influence of each image on it.

The influence of an image is how much the score moves if that image counts a little more: with
influences φ, the score of n images is off by about the mean of φ over them. Whatever is asked of a
score (its error with groups, with chosen class sizes, of a difference of two models, of a mean over
classes) is a sum of such means.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganeval.statistics.sampling import Sampling

MIN_UNITS = 4
"""Independent groups, or images that carry the score, below which there is no interval."""

_MOST_DF = 1e9


@dataclass(frozen=True, eq=False)
class Part:
    """What one set of images adds to the error of a score.

    Args:
        influence: [n] of each image.
        sampling: of the images.
    """

    influence: np.ndarray
    sampling: Sampling


@dataclass(frozen=True)
class Spread:
    """How far a score may be off by the choice of images.

    Args:
        variance: of the score, to first order.
        df: degrees of freedom of that estimate (Satterthwaite).
        effective: how many equally important images or groups would know the variance as well.
        reason: why the variance says nothing; None where it does.
    """

    variance: float
    df: float
    effective: float
    reason: str | None = None

    @property
    def std_error(self) -> float:
        """The square root of the variance."""
        return float(self.variance**0.5)


def spread(parts: Sequence[Part]) -> Spread:
    """The spread of a score that is off by the sum over `parts` of their mean influence.

    Images of an ungrouped part are independent. A group counts as one: with s_g the sum of its
    influences over n, summed over all parts that have the group, the variance is Σ s_g², with
    g/(g − 1) for what the mean takes away. Unequal groups count as (Σ size)²/Σ size² equal ones.
    """
    found = [_of_images(part) for part in parts if part.sampling.groups is None]
    found += [_of_groups(joined) for joined in _joined(parts)]
    if reason := next((one.reason for one in found if one.reason), None):
        return Spread(0.0, 1.0, 0.0, reason)
    variance = sum(one.variance for one in found)
    if variance == 0:
        return Spread(0.0, 1.0, 0.0, NO_SPREAD)

    def combined(numbers: Sequence[float]) -> float:
        """Welch and Satterthwaite's."""
        parts = sum(one.variance**2 / k for one, k in zip(found, numbers, strict=True))
        return float(variance**2 / parts)

    total = Spread(
        variance, combined([one.df for one in found]), combined([one.effective for one in found])
    )
    return Spread(total.variance, total.df, total.effective, too_few(total, parts))


NO_SPREAD = "every image has the same influence on the score, which says nothing of its error"


def too_few(found: Spread, parts: Sequence[Part]) -> str | None:
    """Why an interval would rest on too little; None where it does not."""
    if found.effective >= MIN_UNITS:
        return None
    if all(part.sampling.groups is None for part in parts):
        return (
            f"a few images decide the score: it rests on {found.effective:.2g} of them in effect, "
            f"and an interval needs {MIN_UNITS}"
        )
    return (
        f"one group holds so many of the images that they count as {found.effective:.2g} equal "
        f"groups, of {MIN_UNITS} that an interval needs"
    )


def _of_images(part: Part) -> Spread:
    """Of independent images; the more a few of them weigh, the fewer degrees of freedom."""
    sampling = part.sampling
    if sampling.units_per_class.min() < 2:
        return Spread(0, 1, 0, "a class whose size was chosen has a single image")
    squares = (sampling.deviations(part.influence) * sampling.weights) ** 2
    total = float(squares.sum())
    if total == 0:
        return Spread(0.0, _MOST_DF, _MOST_DF)
    effective = total**2 / float((squares**2).sum())
    n = sampling.n
    # The variance of a variance is (kurtosis − 1)/n of its square, and kurtosis is n / effective.
    df = 2 * n / max(n / effective - 1, 2 * n / _MOST_DF)
    return Spread(total / n**2, df, effective)


def _of_groups(parts: Sequence[Part]) -> Spread:
    """Of parts that share groups, or of one part with groups of its own."""
    names = np.concatenate([part.sampling.groups for part in parts])
    number = np.unique(names, return_inverse=True)[1]
    g = int(number.max()) + 1
    if g < MIN_UNITS:
        return Spread(0, 1, g, f"{g} group{'s' * (g != 1)}, of {MIN_UNITS} that an interval needs")
    alone = [int((part.sampling.units_per_class < 2).sum()) for part in parts]
    if any(alone):
        return Spread(
            0, 1, 0, f"{max(alone)} classes whose sizes were chosen are in one group only each"
        )
    pulls = [
        part.sampling.deviations(part.influence) * part.sampling.weights / part.sampling.n
        for part in parts
    ]
    sums = np.bincount(number, np.concatenate(pulls), minlength=g)
    shares = np.bincount(
        number, np.concatenate([np.full(p.sampling.n, 1 / p.sampling.n) for p in parts])
    )
    effective = float(shares.sum() ** 2 / (shares**2).sum())
    # Of the units in a class, one degree is spent on the mean of the class.
    free = min(float((part.sampling.weights**-2).mean()) for part in parts)
    return Spread(float((sums**2).sum()), effective * free, effective)


def _joined(parts: Sequence[Part]) -> list[list[Part]]:
    """The grouped parts, in lists that have no group in common."""
    lots: list[tuple[set[str], list[Part]]] = []
    for part in parts:
        if part.sampling.groups is None:
            continue
        names = set(part.sampling.groups.tolist())
        sharing = [lot for lot in lots if lot[0] & names]
        lots = [lot for lot in lots if not lot[0] & names]
        lots.append(
            (
                names.union(*(lot[0] for lot in sharing)),
                [*sum((lot[1] for lot in sharing), []), part],
            )
        )
    return [members for _, members in lots]
