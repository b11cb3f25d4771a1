"""An estimate: a value, its correction, and what each image adds to its error."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np

from ganeval.statistics.intervals import TOO_CLOSE, distance_interval, t_interval, too_close
from ganeval.statistics.spread import Part, Spread, spread

Scale: TypeAlias = Literal["plain", "log", "distance"]
"""On which an interval is symmetric: as it is, its logarithm, or that of a squared distance."""


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
        reason: why there is no interval; None where there may be one.
        details: further numbers of this metric; strict JSON.
    """

    value: float
    corrected: float | None = None
    parts: tuple[Part, ...] = ()
    scale: Scale = "plain"
    second_order: float = 0.0
    widest: float = 0.0
    reason: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def centre(self) -> float:
        """What the interval is around: the corrected value, or the plain one."""
        return self.value if self.corrected is None else self.corrected

    @cached_property
    def spread(self) -> Spread:
        """The standard error, from the influences."""
        if not self.parts:
            return Spread(0.0, 1.0, 0.0, self.reason or "no interval is known for this metric")
        return spread(self.parts)

    def times(self, factor: float) -> "Estimate":
        """The score in other units."""
        return replace(
            self,
            value=factor * self.value,
            corrected=None if self.corrected is None else factor * self.corrected,
            parts=tuple(Part(factor * part.influence, part.sampling) for part in self.parts),
            second_order=factor**2 * self.second_order,
            widest=factor * self.widest,
        )

    @property
    def no_interval(self) -> str | None:
        """Why there is no interval; None where there is one."""
        if reason := self.reason or self.spread.reason:
            return reason
        return TOO_CLOSE if self.too_close else None

    @cached_property
    def too_close(self) -> bool:
        """Whether a squared distance is further below 0 than chance takes it."""
        if self.scale != "distance" or self.reason or self.spread.reason:
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
            relative = Spread(
                self.spread.variance / self.centre**2, self.spread.df, self.spread.effective
            )
            low, high = t_interval(float(np.log(self.centre)), relative, level)
            return float(np.exp(low)), float(np.exp(high))
        return t_interval(self.centre, self.spread, level)


def difference(first: Estimate, second: Estimate) -> Estimate:
    """`first` less `second`, two scores against the same reals, whose choice then cancels in part."""
    (real, fake), (same_real, other_fake) = first.parts, second.parts
    return Estimate(
        first.value - second.value,
        first.centre - second.centre,
        (
            Part(real.influence - same_real.influence, real.sampling),
            fake,
            Part(-other_fake.influence, other_fake.sampling),
        ),
        reason=first.reason or second.reason,
    )
