"""An estimate: a value, its correction, and what each image adds to its error."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np

from ganeval.statistics.intervals import TOO_CLOSE, distance_interval, skewed_interval, too_close
from ganeval.statistics.judgements import Judged, judged_difference, share_interval
from ganeval.statistics.spread import NO_SPREAD, Part, Spread, spread

Scale: TypeAlias = Literal["plain", "log", "distance", "share"]
"""What an interval is made of: the score itself, its logarithm, a squared distance, or a share."""


_ROUNDING = 1e-12
"""Share of a score below which its standard error is rounding."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """A score of two samples of images, and how it would vary with other samples.

    Args:
        value: the plain number, as other packages print it.
        corrected: without the bias of finite n; None where there is no correction.
        parts: influences of the reals and of the fakes on the score (of the fakes alone, for a
            score of one side); empty where there are none.
        scale: of the interval.
        second_order: variance of a squared distance that is 0.
        widest: what the variance of a squared distance grows by, over 4, in the widest direction.
        judged: of a score that is a mean of judgements of images; None for others.
        limits: the lowest and the highest value that the score can have.
        reason: why there is no interval; None where there may be one.
        details: further numbers of this metric; strict JSON.
    """

    value: float
    corrected: float | None = None
    parts: tuple[Part, ...] = ()
    scale: Scale = "plain"
    second_order: float = 0.0
    widest: float = 0.0
    judged: Judged | None = None
    limits: tuple[float, float] = (-np.inf, np.inf)
    reason: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def centre(self) -> float:
        """What the interval is around: the corrected value, or the plain one."""
        return self.value if self.corrected is None else self.corrected

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest value that the true score can have."""
        low, high = self.limits
        return (max(low, 0.0), high) if self.scale == "distance" else (low, high)

    @cached_property
    def spread(self) -> Spread:
        """The standard error, from the influences."""
        if not self.parts:
            return Spread(0.0, reason=self.reason or "no interval is known for this metric")
        found = spread(self.parts)
        return found if self.judged is None else self.judged.spread(found)

    def times(self, factor: float) -> "Estimate":
        """The score in other units."""
        return replace(
            self,
            value=factor * self.value,
            corrected=None if self.corrected is None else factor * self.corrected,
            parts=tuple(Part(factor * part.influence, part.sampling) for part in self.parts),
            second_order=factor**2 * self.second_order,
            widest=factor * self.widest,
            judged=None if self.judged is None else self.judged.times(factor),
            limits=(factor * self.limits[0], factor * self.limits[1]),
        )

    @property
    def no_interval(self) -> str | None:
        """Why there is no interval; None where there is one."""
        if reason := self.reason or self.spread.reason:
            return reason
        if self.spread.std_error <= _ROUNDING * abs(self.centre):
            return NO_SPREAD
        return TOO_CLOSE if self.too_close else None

    @cached_property
    def too_close(self) -> bool:
        """Whether a squared distance is further below 0 than chance takes it."""
        if self.scale != "distance" or self.spread.reason:
            return False
        return too_close(self.centre, self.spread, self.second_order)

    def interval(self, level: float) -> tuple[float, float] | None:
        """(low, high) at a nominal coverage; None where `no_interval` says why."""
        if self.no_interval:
            return None
        if self.scale == "distance":
            return distance_interval(
                self.centre,
                self.spread,
                level,
                second_order=self.second_order,
                widest=self.widest,
            )
        if self.scale == "log":
            relative = self.spread.times(1 / self.centre)
            low, high = skewed_interval(float(np.log(self.centre)), relative, level)
            low, high = float(np.exp(low)), float(np.exp(high))
            return max(low, self.limits[0]), min(high, self.limits[1])
        if self.scale == "share":
            assert self.judged is not None
            low, high = share_interval(
                self.centre / self.limits[1],
                self.spread.times(1 / self.limits[1]),
                self.judged,
                level,
            )
            return self.limits[1] * low, self.limits[1] * high
        low, high = skewed_interval(self.centre, self.spread, level)
        return max(low, self.limits[0]), min(high, self.limits[1])


def difference(first: Estimate, second: Estimate) -> Estimate:
    """`first` less `second`: two scores against the same reals, whose noise partly cancels."""
    parts = [first.parts[-1], Part(-second.parts[-1].influence, second.parts[-1].sampling)]
    if len(first.parts) > 1:
        (real, _), (same, _) = first.parts, second.parts
        parts.insert(0, Part(real.influence - same.influence, real.sampling))
    return Estimate(
        first.value - second.value,
        first.centre - second.centre,
        tuple(parts),
        judged=judged_difference(first.judged, second.judged),
        reason=first.reason,
    )
