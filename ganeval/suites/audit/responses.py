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

from ganeval.errors import InputError
from ganeval.metrics import METRICS, memorization
from ganeval.statistics import t_quantile
from ganeval.suites.audit.halves import Halves
from ganeval.suites.audit.paired import Outcome, Reals
from ganeval.suites.audit.steps import COPIES, Step, not_asked, steps_of
from ganeval.suites.floor import floor_from

DISTANCES = ("fid", "kid")
JUDGED = (*DISTANCES, "precision", "coverage", "clipped_coverage")
"""Metrics that are asked."""

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


def responses(
    halves: Halves,
    *,
    level: float,
    metrics: Sequence[str],
    faults: Sequence[str],
) -> tuple[list[Response], dict[str, str]]:
    """What all metrics make of all faults, mild ones first; and which faults could not be had."""
    reals = Reals(halves.real)
    floors = {metric: _floor(reals, metric, halves, level) for metric in metrics}
    found: list[Response] = []
    missing: dict[str, str] = {}
    for fault in faults:
        if not (steps := steps_of(halves, fault)):
            missing[fault] = not_asked(halves, fault)
            continue
        pairs = [reals.pairs(step.control, step.changed) for step in steps]
        for metric in metrics:
            outcomes = [reals.compared(metric, pair) for pair in pairs]
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


def _floor(reals: Reals, metric: str, halves: Halves, level: float) -> float | None:
    try:
        return floor_from(reals.estimate(metric, halves.fake), level)
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
    reason = score.details.get("no_p_value")
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
