"""Which metric notices which fault, and from what strength?

A fault is noticed if the score of images with it differs for the worse from that of images without
it against the same reals, by the paired comparison of `compare`. Strengths are tested from the
strongest down, each only if all stronger ones that have a p-value were noticed, so that no
correction for their number is needed: of a fault that changes nothing, any strength is noticed with
a chance of 1 − level at most.

Source: fixed sequences: Maurer, Hothorn & Lehmacher 1995; Westfall & Krishen 2001,
doi:10.1016/S0378-3758(01)00077-5.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.metrics import METRICS, Metric, memorization
from ganeval.metrics.spine import Pair, take
from ganeval.statistics import Estimate, difference, two_sided_p
from ganeval.suites.audit.halves import Halves
from ganeval.suites.audit.steps import COPIES, FAULTS, SHIFT, Step, not_asked, steps_of
from ganeval.suites.floor import floor_from

DISTANCES = ("fid", "kid")
JUDGED = (*DISTANCES, "precision", "coverage", "clipped_coverage")
"""Metrics that are asked."""

FEW = "fewer images than features"


@dataclass(frozen=True)
class Response:
    """What one metric makes of one fault at one strength.

    Args:
        metric: entry of METRICS.
        fault: its name.
        strength: as a number, which grows.
        words: the strength in words.
        difference: the score with the fault less that without; None where there is none.
        floors: the difference, in what chance does to the score of the halves; None for unknown.
        p_value: that there is no difference; of `memorization`, that there are no copies.
        worse: whether the difference is for the worse.
        noticed: whether it is for the worse and significant, like those of all stronger ones.
        reason: why there is no p-value.
    """

    metric: str
    fault: str
    strength: float
    words: str
    difference: float | None = None
    floors: float | None = None
    p_value: float | None = None
    worse: bool = False
    noticed: bool = False
    reason: str | None = None


@dataclass(frozen=True)
class Outcome:
    """The difference of two scores against the same reals; `p_value` is None where unknown."""

    difference: float | None
    p_value: float | None
    reason: str | None = None


class Judge:
    """Compares images with and without faults by one metric, against the same reals.

    Args:
        real: the reals.
        metric: entry of METRICS.
    """

    def __init__(self, real: Features, metric: str) -> None:
        self.entry: Metric = METRICS[metric]
        self._real = take(real, None, role="real", metric=metric)
        self._controls: dict[tuple[str, bool], Estimate] = {}

    def compared(self, control: Features, changed: Features) -> Outcome:
        """Of `changed` less `control`."""
        try:
            pairs = [self._pair(control), self._pair(changed)]
            if any(pair.sides[0].sampling.classes is None for pair in pairs):
                pairs = [pair.with_real(self._real.sampled(None, pair.fake)) for pair in pairs]
            key = control.fingerprint, pairs[0].sides[0].sampling.classes is None
            if key not in self._controls:  # most faults have the same one
                self._controls[key] = self._estimate(pairs[0])
            first, second = self._controls[key], self._estimate(pairs[1])
        except InputError as error:
            return Outcome(None, None, str(error))
        if reason := first.reason or second.reason:
            return Outcome(None, None, reason)
        gap = difference(second, first)
        if gap.spread.reason:
            return Outcome(gap.centre, None, gap.spread.reason)
        return Outcome(gap.centre, two_sided_p(gap.centre, gap.spread.std_error, gap.spread.df))

    def estimate(self, side: Features) -> Estimate:
        """The score of a side against the reals."""
        return self._estimate(self._pair(side))

    def _pair(self, side: Features) -> Pair:
        fake = take(side, None, role="fake", metric=self.entry.name)
        return Pair.of(self._real, fake, interval=False)

    def _estimate(self, pair: Pair) -> Estimate:
        real, fake = pair.sides
        if self.entry.name == "fid" and min(len(real.rows), len(fake.rows)) <= real.d:
            return Estimate(np.nan, reason=FEW)
        assert self.entry.estimate is not None
        return self.entry.estimate(real, fake)


def responses(
    halves: Halves,
    *,
    level: float,
    metrics: Iterable[str] = JUDGED,
    faults: Sequence[str] = (*FAULTS, SHIFT, COPIES),
) -> tuple[list[Response], dict[str, str]]:
    """What all metrics make of all faults, mild ones first; and which faults could not be had."""
    made = {fault: steps_of(halves, fault) for fault in faults}
    missing = {fault: not_asked(halves, fault) for fault, steps in made.items() if not steps}
    found: list[Response] = []
    for metric in metrics:
        judge = Judge(halves.real, metric)
        floor = _floor(judge, halves, level)
        for fault, steps in made.items():
            found += _by_judge(judge, fault, steps, floor, level)
    if COPIES in faults:
        found += _memorised(halves, made[COPIES], level)
    return found, missing


def _by_judge(
    judge: Judge, fault: str, steps: Sequence[Step], floor: float | None, level: float
) -> list[Response]:
    found, still = [], True
    sign = 1 if judge.entry.better == "lower" else -1
    for step in reversed(steps):
        outcome = judge.compared(step.control, step.changed)
        worse = outcome.difference is not None and sign * outcome.difference > 0
        sure = outcome.p_value is not None and outcome.p_value <= 1 - level
        still = still and (outcome.p_value is None or (worse and sure))
        found.append(
            Response(
                judge.entry.name,
                fault,
                step.strength,
                step.words,
                outcome.difference,
                outcome.difference / floor if floor and outcome.difference is not None else None,
                outcome.p_value,
                worse,
                still and outcome.p_value is not None,
                outcome.reason,
            )
        )
    return found[::-1]


def _floor(judge: Judge, halves: Halves, level: float) -> float | None:
    try:
        return floor_from(judge.estimate(halves.fake), level)
    except InputError:
        return None


def _memorised(halves: Halves, steps: Sequence[Step], level: float) -> list[Response]:
    """Whether copies of the reals, as training images, are found among new images."""
    groups = halves.seen.plain.groups is not None
    unseen = halves.new_and_unseen[1]
    found, still = [], True
    for step in reversed(steps):
        told = [
            side if groups else replace(side, groups=None)
            for side in (unseen, step.changed, halves.real)
        ]
        score, reason, p_value = None, None, None
        try:
            score = memorization(told[0], told[1], train=told[2], level=level)
            p_value = score.details["p_value"]
            reason = score.details.get("no_p_value") or score.details.get("too_few")
            p_value = None if reason else p_value
        except InputError as error:
            reason = str(error)
        still = still and (p_value is None or p_value <= 1 - level)
        found.append(
            Response(
                "memorization",
                COPIES,
                step.strength,
                step.words,
                None if score is None else score.value - 1,
                p_value=p_value,
                worse=score is not None and score.value > 1,
                noticed=still and p_value is not None,
                reason=reason,
            )
        )
    return found[::-1]


def noticed_from(found: Iterable[Response], metric: str, fault: str) -> Response | None:
    """The mildest strength that is noticed; None for none."""
    return next(
        (one for one in found if one.metric == metric and one.fault == fault and one.noticed), None
    )


def strongest(found: Iterable[Response], metric: str, fault: str) -> Response | None:
    """The response to the strongest step, of those with a p-value if there are any."""
    own = [one for one in found if one.metric == metric and one.fault == fault]
    known = [one for one in own if one.p_value is not None]
    return next(reversed(known or own), None)
