"""Are the tails of the features so heavy that the error of a Fréchet distance has no size?

An influence is quadratic in the features, so that its variance is their fourth moment. Where that
is infinite, no number of images shows the standard error: samples without an extreme image look
harmless and have intervals that are far too narrow. Influences alone cannot tell this from a rare
kind of image, which intervals do cover. The features can, because each of them has a tail, and a
rare kind is extreme in few directions only.

The measure is the Gini coefficient of excesses: by how much the largest tenth of a feature exceed
the others. It is 1/2 for exponential tails, 1/(2 − ξ) for those of a generalised Pareto
distribution (Pickands 1975, doi:10.1214/aos/1176343003), and needs no moments. Cells `tails` of
benchmarks/calibration say how often it speaks, and what intervals without a warning cover.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganeval.arrays import smallest, to_numpy
from ganeval.lazy import Tensor

NO_FOURTH_MOMENT = 0.5524
"""Of Student's t with four degrees of freedom, whose fourth moment is just infinite."""

EXPONENTIAL, SURE = 0.5, 1.645
"""Gini coefficient of exponential tails, and the standard errors beyond it that a verdict needs."""

SHARE, FEWEST = 0.1, 5
"""Of the images, those that are the tail of a feature, and how many at least."""

MOST_IMAGES = 1000
"""Enough: the tails of all features are taken together."""

TOO_HEAVY = (
    "the features have such heavy tails that a few extreme images, seen or not, decide the error; "
    "use KID, or a net whose features are bounded"
)


@dataclass(frozen=True)
class Tail:
    """How heavy the tails of one side's features are.

    Args:
        gini: mean over features of the Gini coefficient of their excesses.
        variance: of `gini` for exponential tails.
    """

    gini: float
    variance: float

    @classmethod
    def of(cls, z: Tensor) -> "Tail":
        """From features [n, r] of mean 0, of which none is a combination of others."""
        n, r = z.shape
        k = min(max(FEWEST, int(SHARE * n)), n - 1)
        if k < 2:
            return cls(gini=0.0, variance=1.0)  # two images have no tail
        largest = -np.sort(smallest(-np.abs(to_numpy(z).T, order="C"), k + 1), axis=1)
        found = gini(largest[:, :k] - largest[:, k:])
        # That of k exponential numbers is a mean of k − 1 uniform ones.
        return cls(float(found.mean()), 1 / (12 * (k - 1) * r))


def gini(excesses: np.ndarray) -> np.ndarray:
    """[r] unbiased Gini coefficients of [r, k] numbers from 0 on, descending; 0 where all are 0."""
    k = excesses.shape[1]
    ranks = np.arange(k - 1, -k, -2)  # k − 1, k − 3, …, 1 − k
    total = excesses.sum(axis=1)
    return np.asarray(excesses @ ranks / np.where(total > 0, total, 1.0) / (k - 1))


def too_heavy(tails: Sequence[Tail], variances: Sequence[float]) -> bool:
    """Whether the sides that the error comes from have tails like those without a fourth moment.

    Args:
        tails: of each side.
        variances: what each side adds to the variance of the distance.
    """
    shares = np.array(variances) / max(sum(variances), 1e-300)
    mean = sum(share * tail.gini for share, tail in zip(shares, tails, strict=True))
    variance = sum(share**2 * tail.variance for share, tail in zip(shares, tails, strict=True))
    return bool(mean > max(NO_FOURTH_MOMENT, EXPONENTIAL + SURE * variance**0.5))
