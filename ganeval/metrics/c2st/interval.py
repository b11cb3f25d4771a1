"""The error of an area under the curve (AUC) that is a median over repeated splits."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ganeval.metrics.c2st.verdicts import placements
from ganeval.metrics.spine import Side
from ganeval.statistics import (
    MIN_UNITS,
    NO_SPREAD,
    Estimate,
    Part,
    Spread,
    corrected_std_error,
    spread,
    t_quantile,
    variance_of_few,
    wilson_interval,
)

MIN_GROUPS = 12
"""Equal groups, or images, of a side that an interval needs.

With fewer groups the error that training adds is underestimated, and intervals cover too little.
"""

FEW_DF = 2.0 * MIN_UNITS
"""Degrees of freedom of a variance that about four images decide."""


@dataclass(frozen=True, eq=False)
class MedianArea(Estimate):
    """A median AUC, whose error is not that of the influences alone.

    Args:
        error: its spread.
        images: independent images whose share, if it were the AUC, would have the same variance.
    """

    error: Spread | None = None
    images: float = 0.0

    @cached_property
    def spread(self) -> Spread:
        """The standard error."""
        return Spread(0.0, reason=self.reason) if self.error is None else self.error

    def interval(self, level: float) -> tuple[float, float] | None:
        """Wilson's, with Student's quantile: the variance grows with AUC · (1 − AUC)."""
        if self.no_interval:
            return None
        return wilson_interval(self.value, self.images, t_quantile(level, self.spread.df))


def held_out_influence(logits: np.ndarray, real: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    """[n] influence of each image on the mean AUC, from the repeats in which it was held out.

    Args:
        logits: [n, r], rounded so that copies tie.
        real: [n] bool.
        held_out: [n, r] bool.
    """
    pulls = np.zeros(len(logits))
    for r, scores in enumerate(logits.T):
        sides = [np.flatnonzero(held_out[:, r] & side) for side in (real, ~real)]
        placed = placements(*(scores[side] for side in sides))
        for side, shares in zip(sides, placed, strict=True):
            pulls[side] += (shares - shares.mean()) / len(side)
    sizes = np.where(real, real.sum(), (~real).sum())
    return np.asarray(pulls / logits.shape[1] * sizes)


def median_area(
    areas: np.ndarray,
    influences: tuple[np.ndarray, np.ndarray],
    sides: tuple[Side, Side],
    *,
    ratio: float,
) -> MedianArea:
    """The median AUC of the repeats, and how it would vary with other images of the same number.

    The variance is the larger of two estimates, each of which misses something: that of the
    held-out images (DeLong's, summed over groups) leaves out the choice of the training images;
    Nadeau and Bengio's has few degrees of freedom, and sees little where a training and a held-out
    image move the AUC in the same direction. Near 0 and 1, where a few misplaced images decide
    the first and hardly anything differs between splits, it is at least that of a share of as many
    independent images as the smaller side has.

    Args:
        areas: [r] AUC of every repeat.
        influences: of the images of each side.
        sides: real and fake.
        ratio: held-out images per training image.

    Source: DeLong, DeLong & Clarke-Pearson 1988, doi:10.2307/2531595; Nadeau & Bengio 2003,
    doi:10.1023/A:1024068626366.
    """
    value = float(np.median(areas))
    reason = "one repeat has no spread" if len(areas) < 2 else _too_few(sides)
    if reason is not None:
        return MedianArea(value, reason=reason)
    found = spread([Part(i, side.sampling) for i, side in zip(influences, sides, strict=True)])
    if found.reason not in (None, NO_SPREAD):
        return MedianArea(value, reason=found.reason)
    units = min(side.sampling.effective_units for side in sides)
    variance = max(found.variance, corrected_std_error(areas, ratio) ** 2)
    of_one = value * (1 - value)
    df = found.df
    if found.reason == NO_SPREAD or found.df < FEW_DF:
        variance, df = max(variance, of_one / units), units - 1
    images = of_one / variance if of_one else units
    if not of_one:
        variance = variance_of_few(value, units)
    return MedianArea(value, error=Spread(variance, df=min(df, len(areas) - 1)), images=images)


def _too_few(sides: tuple[Side, Side]) -> str | None:
    """Why there are too few groups, or images, to train on some and hold out others."""
    for side in sides:
        effective = side.sampling.effective_units
        if effective >= MIN_GROUPS:
            continue
        if side.sampling.groups is None:
            return f"{side.n} images of {side.role}, of {MIN_GROUPS} that an interval needs"
        g = side.sampling.n_units
        counted = f"{g} group{'s' * (g != 1)} of {side.role}"
        if g >= MIN_GROUPS:
            counted += f", so unequal that they count as {effective:.2g} equal ones"
        return f"{counted}, of {MIN_GROUPS} that the interval of a trained classifier needs"
    return None
