"""Two sets of images against the same reals: the difference of their scores, image by image."""

from dataclasses import dataclass

import numpy as np

from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.metrics import METRICS
from ganeval.metrics.spine import Pair, take
from ganeval.statistics import NO_SPREAD, Estimate, Spread, difference, two_sided_p

FEW = "fewer images than features"


@dataclass(frozen=True)
class Outcome:
    """The difference of two scores against the same reals; `p_value` is None where unknown."""

    difference: float | None
    p_value: float | None
    reason: str | None = None
    spread: Spread | None = None


class Reals:
    """What images with and without a fault are compared against.

    Args:
        real: the reals.
    """

    def __init__(self, real: Features) -> None:
        self._real = take(real, None, role="real", metric="audit")
        self._controls: dict[tuple[str, str, bool], Estimate] = {}

    def pairs(self, control: Features, changed: Features) -> tuple[Pair, Pair]:
        """Both beside the reals, whose class sizes count as chosen beside both or neither."""
        first, second = self._pair(control), self._pair(changed)
        if any(pair.sides[0].sampling.classes is None for pair in (first, second)):
            first, second = (
                pair.with_real(self._real.sampled(None, pair.fake)) for pair in (first, second)
            )
        return first, second

    def compared(self, metric: str, pairs: tuple[Pair, Pair]) -> Outcome:
        """The score of the second less that of the first."""
        control, changed = pairs
        chosen = control.sides[0].sampling.classes is not None
        key = metric, control.fake.fingerprint, chosen
        try:
            if key not in self._controls:  # most faults have the same one
                self._controls[key] = _estimate(metric, control)
            first, second = self._controls[key], _estimate(metric, changed)
        except InputError as error:
            return Outcome(None, None, str(error))
        if reason := first.reason or second.reason:
            return Outcome(None, None, reason)
        gap = difference(second, first)
        if gap.spread.reason == NO_SPREAD and gap.centre == 0:
            return Outcome(0.0, 1.0, spread=gap.spread)  # the net does not see it at all
        if gap.spread.reason:
            return Outcome(gap.centre, None, gap.spread.reason)
        p_value = two_sided_p(gap.centre, gap.spread.std_error, gap.spread.df)
        return Outcome(gap.centre, p_value, spread=gap.spread)

    def estimate(self, metric: str, side: Features) -> Estimate:
        """The score of a side against the reals."""
        return _estimate(metric, self._pair(side))

    def _pair(self, side: Features) -> Pair:
        return Pair.of(self._real, take(side, None, role="fake", metric="audit"), interval=False)


def _estimate(metric: str, pair: Pair) -> Estimate:
    real, fake = pair.sides
    if metric == "fid" and min(len(real.rows), len(fake.rows)) <= real.d:
        return Estimate(np.nan, reason=FEW)
    estimate = METRICS[metric].estimate
    assert estimate is not None
    return estimate(real, fake)
