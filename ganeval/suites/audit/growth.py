"""How the distance of two halves of the images changes with n, and how many are enough."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganeval.errors import InputError
from ganeval.statistics import Estimate
from ganeval.suites.audit.halves import Halves, even_sample
from ganeval.suites.audit.paired import Reals
from ganeval.suites.plan import plan

PARTS = (0.125, 0.25, 0.5, 1.0)
"""Of each half, at which the distance is measured."""

FEWEST = 20
"""Images of a half below which nothing is measured."""


@dataclass(frozen=True)
class Size:
    """The distance of n images of one half from n of the other, which have no difference.

    Args:
        metric: entry of METRICS.
        n: images of each half.
        value: the plain distance, which falls with n.
        corrected: without the bias of finite n; `value` itself for KID.
        interval: of the distance; None where there is none.
        reason: why not.
    """

    metric: str
    n: int
    value: float | None
    corrected: float | None
    interval: tuple[float, float] | None
    reason: str | None = None


@dataclass(frozen=True)
class Enough:
    """The smallest number of images of each side for an interval of a wished width.

    Args:
        metric: entry of METRICS.
        half_width: that was wished for, in units of the metric.
        now: half-width with the images of a half.
        n: images of each side that are enough; None where no number is, or where it is unknown.
        reason: why `n` is unknown.
        groups: whole ones, that have as many images; None without groups.
    """

    metric: str
    half_width: float
    now: float | None = None
    n: int | None = None
    reason: str | None = None
    groups: int | None = None


def growth(halves: Halves, metrics: Sequence[str], *, level: float) -> list[Size]:
    """The distance of both halves at growing numbers of images."""
    whole = min(len(halves.real), len(halves.fake))
    found = []
    for metric in metrics:
        for n in sorted({round(part * whole) for part in PARTS}):
            if n < FEWEST:
                continue
            some = [
                side.take(even_sample(side.labels, np.arange(len(side)), n, seed=halves.seed))
                for side in (halves.real, halves.fake)
            ]
            try:
                estimate = Reals(some[0]).estimate(metric, some[1])
            except InputError as error:
                found.append(Size(metric, n, None, None, None, str(error)))
                continue
            found.append(_size(metric, n, estimate, level))
    return found


def _size(metric: str, n: int, estimate: Estimate, level: float) -> Size:
    known = not np.isnan(estimate.value)
    return Size(
        metric,
        n,
        estimate.value if known else None,
        estimate.centre if known and (estimate.corrected is not None or metric == "kid") else None,
        estimate.interval(level),
        estimate.no_interval,
    )


def enough(halves: Halves, metric: str, half_width: float, *, level: float) -> Enough:
    """From these images as a pilot, by `plan`; 0 for a width of which nothing is known."""
    try:
        reason = Reals(halves.real).estimate(metric, halves.fake).no_interval
    except InputError as error:
        reason = str(error)
    if reason is not None:
        return Enough(metric, half_width, reason=reason)
    found = plan(
        halves.real,
        {"other half": halves.fake},
        metric=metric,
        half_width=half_width or None,
        level=level,
    )
    now, needed = found.steps[0].half_width, found.needed
    if needed is None:
        what = "no number of images is enough" if half_width else "no fault moves the distance"
        return Enough(metric, half_width, now, reason=what)
    groups = None
    if halves.groups is not None:
        groups = max(needed.real_groups or 0, needed.fake_groups or 0)
    return Enough(metric, half_width, now, max(needed.n_real, needed.n_fake), groups=groups)
