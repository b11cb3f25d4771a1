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
from ganeval.metrics import METRICS, memorization
from ganeval.metrics.spine import Pair, take
from ganeval.statistics import NO_SPREAD, Estimate, Spread, difference, t_quantile, two_sided_p
from ganeval.suites.audit.halves import Halves
from ganeval.suites.audit.steps import COPIES, Step, not_asked, steps_of
from ganeval.suites.floor import floor_from

DISTANCES = ("fid", "kid")
JUDGED = (*DISTANCES, "precision", "coverage", "clipped_coverage")
"""Metrics that are asked."""

FEW = "fewer images than features"

RATE = 0.01
"""Share of new images that `memorization` takes for copies."""


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
        up_to: how much for the worse the fault may move the score, in floors: the end of the
            difference's interval; None where there is none.
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
    up_to: float | None = None


@dataclass(frozen=True)
class Outcome:
    """The difference of two scores against the same reals; `p_value` is None where unknown."""

    difference: float | None
    p_value: float | None
    reason: str | None = None
    spread: Spread | None = None


class Bench:
    """Compares images with and without a fault against the same reals.

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


def responses(
    halves: Halves,
    *,
    level: float,
    metrics: Sequence[str],
    faults: Sequence[str],
) -> tuple[list[Response], dict[str, str]]:
    """What all metrics make of all faults, mild ones first; and which faults could not be had."""
    bench = Bench(halves.real)
    floors = {metric: _floor(bench, metric, halves, level) for metric in metrics}
    found: list[Response] = []
    missing: dict[str, str] = {}
    for fault in faults:
        if not (steps := steps_of(halves, fault)):
            missing[fault] = not_asked(halves, fault)
            continue
        pairs = [bench.pairs(step.control, step.changed) for step in steps]
        for metric in metrics:
            outcomes = [bench.compared(metric, pair) for pair in pairs]
            found += _in_sequence(metric, fault, steps, outcomes, floors[metric], level)
        if fault == COPIES:
            found += _memorised(halves, steps, level)
    return found, missing


def _in_sequence(
    metric: str,
    fault: str,
    steps: Sequence[Step],
    outcomes: Sequence[Outcome],
    floor: float | None,
    level: float,
) -> list[Response]:
    """From the strongest down: the first that is not noticed ends it."""
    found, still = [], True
    sign = 1 if METRICS[metric].better == "lower" else -1
    for step, outcome in zip(reversed(steps), reversed(outcomes), strict=True):
        gap, p_value = outcome.difference, outcome.p_value
        worse = gap is not None and sign * gap > 0
        up_to = None
        if floor and gap is not None and (spread := outcome.spread) is not None:
            up_to = (sign * gap + float(t_quantile(level, spread.df)) * spread.std_error) / floor
        still = still and (p_value is None or (worse and p_value <= 1 - level))
        found.append(
            Response(
                metric=metric,
                fault=fault,
                strength=step.strength,
                words=step.words,
                difference=gap,
                floors=gap / floor if floor and gap is not None else None,
                p_value=p_value,
                worse=worse,
                noticed=still and p_value is not None,
                reason=outcome.reason,
                up_to=up_to,
            )
        )
    return found[::-1]


def _floor(bench: Bench, metric: str, halves: Halves, level: float) -> float | None:
    try:
        return floor_from(bench.estimate(metric, halves.fake), level)
    except InputError:
        return None


def _memorised(halves: Halves, steps: Sequence[Step], level: float) -> list[Response]:
    """Whether copies of the reals, as training images, are found among new images."""
    outcomes = [_memorisation(halves, step) for step in steps]
    return _in_sequence("memorization", COPIES, steps, outcomes, None, level)


def _memorisation(halves: Halves, step: Step) -> Outcome:
    """The per cent of suspects beyond those that chance gives, and the p-value of as many."""
    unseen = halves.new_and_unseen[1]
    if halves.seen.plain.groups is None:
        sides = [replace(side, groups=None) for side in (unseen, step.changed, halves.real)]
    else:
        sides = [unseen, step.changed, halves.real]
    try:
        score = memorization(sides[0], sides[1], train=sides[2], false_positive_rate=RATE)
    except InputError as error:
        return Outcome(None, None, str(error))
    reason = score.details.get("no_p_value") or score.details.get("too_few")
    p_value = None if reason else score.details["p_value"]
    return Outcome(score.value - 100 * RATE, p_value, reason)


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
