"""Scores that are means of judgements of images, such as shares: their variance and interval.

Precision is the share of fakes that lie near a real. Each judgement rests on its own image and on
others (the reals that are near), and an image that is left out changes many of them. Squared
leave-one-out effects are then too large a variance (Efron & Stein 1981,
doi:10.1214/aos/1176345462): that one judgement depends on other images is in the variance of the
judgements already, and is counted again for each of those images. What the others add is that
judgements which share an image move together: (Σ Δ)² − Σ Δ² over the judgements, for each image
left out. Σ Δ² is the excess.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ganeval.statistics.intervals import NORMAL, t_quantile, wilson_interval
from ganeval.statistics.sampling import Sampling
from ganeval.statistics.spread import NO_SPREAD, Part, Spread, spread

LEAST_RARE = 5
"""Images of the rarer judgement (groups with one) below which the variance is assumed."""

ALIKE = 3
"""The images that count as one there, if judgements share images.

Assumed, on the safe side: too few images are of the rarer judgement to estimate how much more a
share varies than that of independent images. Cells `others` of benchmarks/calibration cover.
"""


@dataclass(frozen=True, eq=False)
class Judged:
    """What the variance of a mean of judgements takes beyond the influences.

    Args:
        own: influences of the judged images by their own judgement alone.
        excess: for each part of the estimate, the variance that its influences count twice.
        assumed: the independent images that a share is taken to be of, where its variance cannot
            be estimated or need not be; None where the influences tell it.
        added: variance of a share that too few images of the rarer kind show.
        judges_reals: whether the judged images are the reals.
    """

    own: tuple[Part, ...]
    excess: tuple[float, ...]
    assumed: float | None = None
    added: float = 0.0
    judges_reals: bool = False

    def spread(self, whole: Spread) -> Spread:
        """`whole` without the excess, but with at least the variance of the judgements alone."""
        if whole.reason == NO_SPREAD and self.added:
            return Spread(self.added, df=NORMAL)
        if whole.reason:
            return whole
        least = spread(self.own).variance
        variance = max(whole.variance - sum(self.excess), least) + self.added
        return whole.times((variance / whole.variance) ** 0.5)

    def times(self, factor: float) -> "Judged":
        """Judgements in other units."""
        return replace(
            self,
            own=tuple(Part(factor * part.influence, part.sampling) for part in self.own),
            excess=tuple(factor**2 * excess for excess in self.excess),
            added=factor**2 * self.added,
        )


def judged_share(
    judgements: np.ndarray,
    sampling: Sampling,
    *,
    excess: Sequence[float] | None = None,
    judges_reals: bool = False,
) -> Judged:
    """What is known of the variance of a share.

    Args:
        judgements: [n] bool, of every judged image.
        sampling: of the judged images.
        excess: as in `Judged`, where a judgement rests on other images too; None where not.
        judges_reals: as in `Judged`.
    """
    has = np.asarray(judgements, bool)
    share = float(has.mean())
    own = Part(has - share, sampling)
    variance = spread([own]).variance
    assumed = _assumed_images(has, sampling, variance, alone=excess is None)
    added = 0.0
    if assumed is not None and (excess is not None or not 0 < share < 1):
        added = max(variance_of_few(share, sampling.effective_units) - variance, 0.0)
    return Judged((own,), (0.0,) if excess is None else tuple(excess), assumed, added, judges_reals)


def _assumed_images(
    has: np.ndarray, sampling: Sampling, variance: float, *, alone: bool
) -> float | None:
    """`assumed` of `Judged`; `alone` where a judgement rests on its own image only."""
    share = float(has.mean())
    if alone and sampling.groups is None:
        # Wilson's interval needs no estimate of the variance, unless class sizes were chosen.
        if sampling.classes is None or not variance:
            return float(sampling.n)
        return max(share * (1 - share) / variance, float(sampling.n))
    rare = has if share <= 0.5 else ~has
    if len(np.unique(sampling.unit[rare])) >= LEAST_RARE:
        return None
    # Every group counts as one image, the worst case.
    return sampling.effective_units / (ALIKE if sampling.groups is None else 1)


def variance_of_few(share: float, n: float) -> float:
    """Of a share of n independent images, as if two images more were of either kind.

    So it is not 0 for a share of 0 or 1. Source: Agresti & Coull 1998, doi:10.2307/2685469.
    """
    p = (share * n + 2) / (n + 4)
    return p * (1 - p) / (n + 4)


def judged_mean(
    judgements: np.ndarray,
    sampling: Sampling,
    *,
    excess: Sequence[float],
    judges_reals: bool = False,
) -> Judged:
    """What is known of the variance of a mean of judgements of any size; arguments as above."""
    values = np.asarray(judgements, np.float64)
    own = Part(values - values.mean(), sampling)
    return Judged((own,), tuple(excess), judges_reals=judges_reals)


def share_interval(
    share: float, found: Spread, judged: Judged, level: float
) -> tuple[float, float]:
    """Wilson's interval, with as many independent images as would have the same variance.

    With groups, Student's t takes the place of the normal quantile (Korn & Graubard 1998).

    Args:
        share: from 0 to 1.
        found: its spread.
        judged: the judgements it is the mean of.
        level: nominal coverage.
    """
    sampling = judged.own[0].sampling
    if judged.assumed is not None:
        df = NORMAL if sampling.groups is None else sampling.effective_units - 1
        return wilson_interval(share, judged.assumed, t_quantile(level, df))
    effective = share * (1 - share) / found.variance
    if sampling.classes is None:
        effective = min(effective, sampling.n)
    return wilson_interval(share, effective, t_quantile(level, found.df))


def judged_difference(first: Judged | None, second: Judged | None) -> Judged | None:
    """What is known of a difference of means of judgements, of two fakes against the same reals."""
    if first is None or second is None or len(first.excess) < 2:
        return None
    own, other = first.own[0], second.own[0]
    fake_excess = (first.excess[1], second.excess[1])
    added = first.added + second.added
    if not first.judges_reals:  # the judgements are of different images
        both = (own, Part(-other.influence, other.sampling))
        return Judged(both, (first.excess[0] + second.excess[0], *fake_excess), added=added)
    # Both judgements of a real may move alike with the other reals, which is then no excess.
    joint = Part(own.influence - other.influence, own.sampling)
    return Judged((joint,), (0.0, *fake_excess), added=added, judges_reals=True)
