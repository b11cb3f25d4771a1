"""How large a difference is, in units: of means, of spreads, or of shares of the images."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ganeval.statistics import (
    ASPECTS,
    BEYOND,
    Estimate,
    Part,
    Sampling,
    Spread,
    spread,
    t_quantile,
    variance_of_few,
)

Aspect = Literal["mean", "spread", "share"]

BOTH_ENDS = 0.5
"""Share of the difference of the whole by which the lower and the upper quarter differ at least,
where the whole distribution has moved. Of a normal distribution that moves it is 0.75."""

FEW = 5
"""Images of a kind, on a side, below which the variance of their share is that of a few."""


@dataclass(frozen=True)
class Effect:
    """One property of the fakes against that of the reals.

    Args:
        aspect: what differs most: the mean, the standard deviation, or the share of the images
            beyond a value, as where something is rare or missing.
        real: that figure for the reals; shares are from 0 to 1.
        fake: for the fakes.
        value: fake less real; for standard deviations fake over real.
        interval: of `value`; None where `no_interval` says why.
        level: coverage of the interval, raised for having been chosen among many.
        beyond: for shares, the least (or largest) value that counts.
        above: for shares, whether values from `beyond` upwards count, or downwards.
        no_interval: why there is none.
    """

    aspect: Aspect
    real: float
    fake: float
    value: float
    interval: tuple[float, float] | None
    level: float
    beyond: float | None = None
    above: bool = True
    no_interval: str | None = None

    @property
    def is_clear(self) -> bool:
        """Whether the interval tells the difference from none."""
        none = 1.0 if self.aspect == "spread" else 0.0
        return self.interval is not None and not self.interval[0] <= none <= self.interval[1]

    @property
    def rises(self) -> bool:
        """Whether the figure of the fakes is the larger one."""
        return self.fake > self.real


def effect_of(
    values: "Both", samplings: tuple[Sampling, Sampling], sizes: np.ndarray, *, level: float
) -> Effect:
    """The effect of one property in the aspect that says most about it.

    That is the aspect with the largest difference whose interval tells it from none. Where both
    ends of the distribution move, it is the mean; where one end moves, as where a kind of image is
    missing, it is the share of the images there.

    Args:
        values: [n] of the reals and [m] of the fakes.
        samplings: of both.
        sizes: [a] difference in each of ASPECTS, in standard deviations.
        level: coverage of the interval.
    """
    first: Effect | None = None
    for aspect in _by_interest(values, sizes):
        effect = in_aspect(values, samplings, aspect, level)
        if effect.is_clear:
            return effect
        first = first or effect
    assert first is not None
    return first


def _by_interest(values: "Both", sizes: np.ndarray) -> list[int]:
    """Positions in ASPECTS, those that say most first."""
    place = ASPECTS.index("place")
    if len(np.unique(np.concatenate(values))) <= 2:
        return [place]  # shares beyond a value are the mean in other words
    sizes = np.abs(sizes)
    order = [int(i) for i in np.argsort(-sizes, kind="stable")]
    quarters = sizes[[2 + BEYOND.index(q) for q in (0.25, 0.75)]]
    both_move = quarters.min() >= BOTH_ENDS * sizes[place] >= BOTH_ENDS**2 * sizes.max()
    if both_move:
        return [place, *(i for i in order if i != place)]
    if order[0] == place:
        order = [*(i for i in order if i != place), place]
    return order


def in_aspect(
    values: "Both", samplings: tuple[Sampling, Sampling], aspect: int, level: float
) -> Effect:
    """The effect in one of ASPECTS, by its position."""
    if aspect == ASPECTS.index("place"):
        return _of_means(values, samplings, level)
    if aspect == ASPECTS.index("spread"):
        return _of_spreads(values, samplings, level)
    return _of_shares(values, samplings, BEYOND[aspect - 2], level)


Both = tuple[np.ndarray, np.ndarray]


def _parts(influences: Both, samplings: tuple[Sampling, Sampling]) -> tuple[Part, Part]:
    return Part(-influences[0], samplings[0]), Part(influences[1], samplings[1])


def _of_means(values: Both, samplings: tuple[Sampling, Sampling], level: float) -> Effect:
    real, fake = (float(side.mean()) for side in values)
    parts = _parts((values[0] - real, values[1] - fake), samplings)
    found = Estimate(fake - real, parts=parts)
    return Effect(
        "mean", real, fake, fake - real, found.interval(level), level,
        no_interval=found.no_interval,
    )  # fmt: skip


def _of_spreads(values: Both, samplings: tuple[Sampling, Sampling], level: float) -> Effect:
    """The ratio of the standard deviations, with an interval of its logarithm."""
    real, fake = (float(side.std()) for side in values)
    if not (real and fake):
        return Effect(
            "spread", real, fake, fake / real if real else np.inf, None, level,
            no_interval="all images of one side have the same value",
        )  # fmt: skip
    parts = _parts(tuple(((s - s.mean()) ** 2 / s.var() - 1) / 2 for s in values), samplings)
    found = Estimate(float(np.log(fake / real)), parts=parts)
    limits = found.interval(level)
    interval = None if limits is None else (float(np.exp(limits[0])), float(np.exp(limits[1])))
    return Effect("spread", real, fake, fake / real, interval, level, no_interval=found.no_interval)


def _of_shares(
    values: Both, samplings: tuple[Sampling, Sampling], quantile: float, level: float
) -> Effect:
    """The share of images beyond a quantile of both sides together."""
    from scipy.stats import rankdata

    pooled = np.concatenate(values)
    u = (rankdata(pooled) - 0.5) / len(pooled)
    above = quantile > 0.5
    which = u > quantile if above else u < quantile
    has = np.split(which, [len(values[0])])
    beyond = float((pooled[which].min if above else pooled[which].max)()) if which.any() else None
    real, fake = (float(side.mean()) for side in has)
    found = spread_of_shares((has[0], has[1]), samplings)
    interval = None
    if found.reason is None:
        half = t_quantile(level, found.df) * found.std_error
        interval = (max(fake - real - half, -1.0), min(fake - real + half, 1.0))
    return Effect("share", real, fake, fake - real, interval, level, beyond, above, found.reason)


def spread_of_shares(has: Both, samplings: tuple[Sampling, Sampling]) -> Spread:
    """Of the difference of two shares; a share of few images varies more than its images show.

    Args:
        has: [n] and [m] bool, which images count.
        samplings: of both sides.
    """
    shares = [float(side.mean()) for side in has]
    parts = _parts((has[0] - shares[0], has[1] - shares[1]), samplings)
    found = spread(parts)
    if found.reason:
        return found
    added = 0.0
    for side, share, part in zip(has, shares, parts, strict=True):
        if min(side.sum(), (~side).sum()) < FEW:
            least = variance_of_few(share, part.sampling.effective_units)
            added += max(least - spread([part]).variance, 0.0)
    return replace(found, variance=found.variance + added)
