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
"""Independent groups, or images, below which there is no interval."""

NO_SPREAD = "every image has the same influence on the score, which says nothing of its error"

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
        variance: of the score.
        third: its third cumulant: positive where a few images may raise the score much.
        df: degrees of freedom of the variance, as it is estimated (Satterthwaite).
        reason: why the variance says nothing; None where it does.
    """

    variance: float
    third: float = 0.0
    df: float = 1.0
    reason: str | None = None

    @property
    def std_error(self) -> float:
        """The square root of the variance."""
        return float(self.variance**0.5)

    def times(self, factor: float) -> "Spread":
        """The spread of the score in other units."""
        return Spread(factor**2 * self.variance, factor**3 * self.third, self.df, self.reason)


def spread(parts: Sequence[Part]) -> Spread:
    """The spread of a score that is off by the sum over `parts` of their mean influence.

    Images of an ungrouped part are independent. A group counts as one: with s_g the sum of its
    influences over n, summed over all parts that have the group, the variance is Σ s_g², with
    g/(g − 1) for what the mean takes away. Unequal groups count as (Σ size)²/Σ size² equal ones.
    """
    samplings = [part.sampling for part in parts]
    parts = [
        Part(part.influence, part.sampling.beside(samplings[:i] + samplings[i + 1 :]))
        for i, part in enumerate(parts)
    ]
    found = [_of_images(part) for part in parts if part.sampling.groups is None]
    found += [_of_groups(joined) for joined in _joined(parts)]
    if reason := next((one.reason for one in found if one.reason), None):
        return Spread(0.0, reason=reason)
    variance = sum(one.variance for one in found)
    if variance == 0:
        return Spread(0.0, reason=NO_SPREAD)
    # Welch and Satterthwaite's.
    df = 1 / sum((one.variance / variance) ** 2 / one.df for one in found)
    return Spread(variance, sum(one.third for one in found), df)


def unknown_class(sampling: Sampling) -> str | None:
    """Why nothing is known of how a class of chosen size varies; None where all say it."""
    alone = int((sampling.units_per_class < 2).sum())
    if sampling.n_units < 2:
        return too_few(sampling)
    if not alone:
        return None
    if sampling.groups is None:
        return "a class whose size was chosen has a single image"
    which = "a class whose size was chosen is" if alone == 1 else f"{alone} classes are"
    return f"{which} in one group only, which says nothing of its spread"


def too_few(sampling: Sampling) -> str:
    """In words, that fewer than MIN_UNITS units say nothing of how a score varies."""
    return _units(sampling.n_units, "image" if sampling.groups is None else "group")


def _units(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}, of {MIN_UNITS} that an interval needs"


def _of_images(part: Part) -> Spread:
    """The spread from independent images; the more a few of them weigh, the fewer its degrees."""
    sampling = part.sampling
    if reason := unknown_class(sampling):
        return Spread(0.0, reason=reason)
    n = sampling.n
    if n < MIN_UNITS:
        return Spread(0.0, reason=too_few(sampling))
    pulls = sampling.deviations(part.influence) * sampling.weights / n
    squares = pulls**2
    variance = float(squares.sum())
    if variance == 0:
        return Spread(0.0, df=_MOST_DF)
    # The variance of a variance is (kurtosis − 1)/n of its square.
    kurtosis = n * float(((squares / variance) ** 2).sum())
    df = 2 * n / max(kurtosis - 1, 2 * n / _MOST_DF)
    return Spread(variance, float((pulls * squares).sum()), df)


def _of_groups(parts: Sequence[Part]) -> Spread:
    """The spread from parts that share groups, or from one part with groups of its own."""
    names = np.concatenate([part.sampling.groups for part in parts])
    number = np.unique(names, return_inverse=True)[1]
    g = int(number.max()) + 1
    if g < MIN_UNITS:
        return Spread(0.0, reason=_units(g, "group"))
    if reason := next(filter(None, (unknown_class(part.sampling) for part in parts)), None):
        return Spread(0.0, reason=reason)
    shares = np.bincount(
        number, np.concatenate([np.full(p.sampling.n, 1 / p.sampling.n) for p in parts])
    )
    effective = float(shares.sum() ** 2 / (shares**2).sum())
    if effective < MIN_UNITS:
        floored = int(10 * effective) / 10  # 3.97 is not 4 of 4
        return Spread(
            0.0,
            reason=f"{g} groups so unequal that they count as {floored:g} equal ones, of "
            f"{MIN_UNITS} that an interval needs",
        )
    pulls = [
        part.sampling.deviations(part.influence) * part.sampling.weights / part.sampling.n
        for part in parts
    ]
    sums = np.bincount(number, np.concatenate(pulls), minlength=g)
    # Of the groups in a class, one degree is spent on the mean of the class.
    free = min(float((part.sampling.weights**-2).mean()) for part in parts)
    df = effective * free
    if len(parts) == 1 and parts[0].sampling.classes is not None:
        df = min(df, _degrees_of_classes(sums, parts[0].sampling))
    return Spread(float((sums**2).sum()), float((sums**3).sum()), df)


def _degrees_of_classes(sums: np.ndarray, sampling: Sampling) -> float:
    """Degrees of the variance of groups that lie in one class each: fewer if few classes have it.

    Satterthwaite's, with the square of a variance of u groups divided by (u + 1)/(u − 1), which it
    is too large by on average.
    """
    if sampling.units_per_class.sum() > sampling.n_units:
        return _MOST_DF  # some group is in several classes
    class_of_group = np.empty(sampling.n_units, np.int64)
    class_of_group[sampling.unit] = sampling.stratum
    variances = np.bincount(class_of_group, sums**2)
    squares = float((variances**2 / (sampling.units_per_class + 1)).sum())
    return float(variances.sum() ** 2 / squares) if squares else _MOST_DF


def _joined(parts: Sequence[Part]) -> list[list[Part]]:
    """The grouped parts, in lists that have no group in common."""
    found: list[tuple[set[str], list[Part]]] = []
    for part in parts:
        if part.sampling.groups is None:
            continue
        names, members = set(part.sampling.groups.tolist()), [part]
        for other in [other for other in found if other[0] & names]:
            found.remove(other)
            names, members = names | other[0], [*other[1], *members]
        found.append((names, members))
    return [members for _, members in found]
