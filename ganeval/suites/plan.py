"""How many images, plates and training runs are enough? From a pilot, before they are made."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ganeval.errors import InputError
from ganeval.metrics import Metric, check_level, compared_pairs
from ganeval.statistics import Estimate, Pilot, least_times
from ganeval.suites.compare import comparable
from ganeval.suites.runs import Runs, RunsGap

TIMES = (1.0, 2.0, 5.0, 10.0)
"""Of the pilot, what the table shows."""

POWER = 0.8
"""How often a difference of the detectable size is found."""

SHARE = 0.9
"""Of studies of a size, those whose half-width is in the range of a step."""

FEW = 50
"""Groups with which a pilot knows a standard error to a tenth; fewer are said to know less."""


@dataclass(frozen=True)
class Step:
    """A study of some size, and how sure it will be.

    Args:
        times: as many times the pilot's images, or groups of as many images each.
        n_real: images.
        n_fake: images of each model.
        real_groups: plates or patients of the reals; None where images are independent.
        fake_groups: of each model's images, in the same way.
        half_width: of the interval of the score, or of the difference of two models.
        half_widths: (low, high) between which 90 of 100 studies of this size find it; None for
            metrics that are no squared distance, as FID and KID are.
        fakes_alone: the same, if there are more fakes but the pilot's reals; None where both sides
            share groups.
        detectable: difference of two models that is found in 80 of 100 studies; None for one.
    """

    times: float
    n_real: int
    n_fake: int
    real_groups: int | None
    fake_groups: int | None
    half_width: float
    half_widths: tuple[float, float] | None
    fakes_alone: float | None
    detectable: float | None


@dataclass(frozen=True)
class Plan:
    """What is wished for, what it takes, and what other sizes give.

    Args:
        metric: entry of METRICS.
        models: one, whose score is planned, or two, whose difference is.
        level: of the intervals.
        half_width: that was wished for; None for none.
        difference: that was wished to be found; None for none.
        steps: the pilot and multiples of it.
        needed: the smallest study that gives what was wished; None without a wish, or if no
            number of images does.
        fakes_needed: images of each model that give it with the pilot's reals; None if none do.
        runs_needed: training runs of each model that give it with the pilot's images a run; None
            without runs, or if none do.
        verdict: in words.
        warnings: what a reader should know.
    """

    metric: str
    models: tuple[str, ...]
    level: float
    half_width: float | None
    difference: float | None
    steps: tuple[Step, ...]
    needed: Step | None
    fakes_needed: int | None
    runs_needed: int | None
    verdict: str
    warnings: tuple[str, ...] = ()


def plan(
    real: Any,
    models: Mapping[str, Any],
    *,
    metric: str = "fid",
    half_width: float | None = None,
    difference: float | None = None,
    feature_net: Any = None,
    level: float = 0.95,
    seed: int = 0,
) -> Plan:
    """Foretells from a pilot how sure a larger study will be, and how large it has to be.

    The pilot's images say how much each of them moves the score, and so how its error falls with
    their number. Plates (groups) count as plates: a larger study has more of them, with as many
    images in each. The plan supposes that new images are like the pilot's.

    Args:
        real: images, Features, rows [n, d], or a path to any of them.
        models: name to images, of one model, whose score is to be known to ± `half_width`; or of
            two, whose difference is. A list of sets of images is training runs, as in `compare`.
        metric: as for `compare`.
        half_width: wished half-width of the interval.
        difference: difference of the two models that is to be found in 80 of 100 studies.
        feature_net: for images; see `extract`.
        level: of the intervals.
        seed: accepted for uniformity; unused.

    Raises:
        InputError: no or over two models, a wish that is not positive, a `difference` of one
            model, or a pilot that has no interval.

    Example:
        >>> ganeval.plan("real/", {"a": "a/"}, half_width=0.1, feature_net="lin41").verdict
    """
    entry = comparable(metric)
    check_level(level)
    _check_wishes(models, half_width, difference)
    runs = {name: list(of) if isinstance(of, list | tuple) else [of] for name, of in models.items()}
    flat = {(name, i): run for name, of in runs.items() for i, run in enumerate(of)}
    named = {f"{name}[{i + 1}]" if i else name: run for (name, i), run in flat.items()}
    pairs, warnings = compared_pairs(real, named, feature_net=feature_net, metric=metric)
    assert entry.estimate is not None
    found = {
        key: entry.estimate(*pair.sides)
        for key, pair in zip(flat, pairs.values(), strict=True)
    }  # fmt: skip
    for (name, _), one in found.items():
        if reason := one.no_interval:
            raise InputError(
                f"{name} says nothing of its error by {metric}: {reason}; take a larger pilot or "
                "another metric"
            )
    estimates = {name: [found[name, i] for i in range(len(of))] for name, of in runs.items()}
    return _planned(entry, estimates, half_width, difference, level, tuple(warnings))


def _check_wishes(
    models: Mapping[str, Any], half_width: float | None, difference: float | None
) -> None:
    """Raises InputError for wishes that cannot be planned for."""
    if len(models) not in (1, 2):
        raise InputError(f"there are {len(models)} models; give one, or two for their difference")
    for name, wish in (("half_width", half_width), ("difference", difference)):
        if wish is not None and not 0 < wish < math.inf:
            raise InputError(f"{name} is {wish:g}; wanted a positive number, in units of the score")
    if half_width is not None and difference is not None:
        raise InputError("half_width and difference were both given; plan for one of them")
    if difference is not None and len(models) == 1:
        raise InputError(
            "difference is between two models, and there is one; give the pilot of both, or "
            "half_width"
        )


def _planned(
    entry: Metric,
    estimates: Mapping[str, Sequence[Estimate]],
    half_width: float | None,
    difference: float | None,
    level: float,
    warnings: tuple[str, ...],
) -> Plan:
    firsts = [of[0] for of in estimates.values()]
    pilot = Pilot.of(firsts)

    def step(times: float) -> Step:
        alone = None if pilot.shared else pilot.half_width(1, times, level)
        found = pilot.detectable(times, times, level, POWER) if len(firsts) == 2 else None
        n = [_sizes(firsts[0], i, times) for i in (0, -1)]
        width = pilot.half_width(times, times, level)
        ranged = bool(pilot.distances)
        widths = pilot.half_widths(times, times, level, SHARE) if ranged else None
        return Step(times, n[0][0], n[1][0], n[0][1], n[1][1], width, widths, alone, found)

    def reach(real: float, fake: float) -> float:
        if difference is not None:
            return pilot.detectable(real, fake, level, POWER)
        return pilot.half_width(real, fake, level)

    wish = half_width if difference is None else difference
    needed, fakes_needed, runs_needed = None, None, None
    if wish is not None:
        if (times := least_times(lambda t: reach(t, t), wish)) is not None:
            needed = step(times)
        if not pilot.shared and (times := least_times(lambda t: reach(1, t), wish)) is not None:
            fakes_needed = _sizes(firsts[0], -1, times)[0]
        if min(map(len, estimates.values())) > 1:
            runs_needed = _runs_needed(estimates, half_width, difference, level)
    made = Plan(
        entry.name, tuple(estimates), level, half_width, difference,
        tuple(map(step, TIMES)), needed, fakes_needed, runs_needed, "", warnings,
    )  # fmt: skip
    return Plan(**{**vars(made), "verdict": _verdict(entry, made, pilot, estimates)})


def _sizes(found: Estimate, side: int, times: float) -> tuple[int, int | None]:
    """(images, groups) of a side of so many times the pilot; groups are whole."""
    sampling = found.parts[side].sampling
    if sampling.groups is None:
        return math.ceil(times * sampling.n - 1e-9), None
    groups = math.ceil(times * sampling.n_units - 1e-9)
    return round(groups * sampling.n / sampling.n_units), groups


def _runs_needed(
    estimates: Mapping[str, Sequence[Estimate]],
    half_width: float | None,
    difference: float | None,
    level: float,
) -> int | None:
    """Training runs of each model with the pilot's reals and images a run; None if none suffice."""
    runs = [Runs.of(of) for of in estimates.values()]

    def reach(count: int) -> float:
        grown = [one.of_as_many(count) for one in runs]
        whole: Runs | RunsGap = grown[0] if len(grown) == 1 else RunsGap(grown[0], grown[1])
        width = whole.half_width(level)
        return width if difference is None else width + whole.half_width(2 * POWER - 1)

    wish = half_width if difference is None else difference
    assert wish is not None
    return next((count for count in range(2, 200) if reach(count) <= wish), None)


def _verdict(
    entry: Metric,
    made: Plan,
    pilot: Pilot,
    estimates: Mapping[str, Sequence[Estimate]],
) -> str:
    """One plain sentence, and what is not certain of it."""
    percent = f"{100 * made.level:g} %"
    now = made.steps[0]
    two = len(estimates) == 2
    what = entry.label
    if two:
        what = f"the difference in {entry.label} of {' and '.join(made.models)}"
    if made.half_width is not None:
        aim = f"To know {what} to ± {made.half_width:g} ({percent})"
    elif made.difference is not None:
        aim = f"To find a difference of {made.difference:g} in {entry.label} in 80 of 100 studies"
    else:
        text = f"The pilot knows {what} to ± {now.half_width:.3g} ({percent})"
        return f"{text}; see the table for larger studies."
    if made.needed is None:
        text = f"{aim}, no number of images is enough"
    elif made.needed.times == 1:
        text = f"{aim}, the pilot's {_images(made.needed)} are enough"
    else:
        text = f"{aim}, take {_images(made.needed)}, {made.needed.times:.3g} times the pilot"
    if made.needed is not None and made.needed.times == 1:
        pass
    elif made.fakes_needed is not None:
        text += f"; with the pilot's {now.n_real} reals, {made.fakes_needed} generated images"
        text += " of each model" * two + " are enough"
    elif now.fakes_alone is not None:
        text += "; more generated images alone are not enough"
    text += "."
    if min(map(len, estimates.values())) > 1:
        runs = made.runs_needed
        text += " Training runs are a sample too: " + (
            f"{runs} of each model are enough, with the pilot's images a run."
            if runs is not None
            else "no number of them is enough with the pilot's images."
        )
    else:
        text += " This holds for these trained models; retraining moves scores too."
    if next(iter(estimates.values()))[0].judged is not None:
        text += f" {entry.label} and its error move with n by themselves: the plan is a rough one."
    elif made.needed is not None and made.needed.times > 1:
        text += _doubts(made.needed, pilot)
    return text


def _doubts(step: Step, pilot: Pilot) -> str:
    """How sure the plan is, and why it is no surer; empty where nothing is to be said."""
    reasons = []
    if any(one.near_0 for one in pilot.distances):
        reasons.append("it grows with the distance, which the pilot hardly tells from 0")
    groups = [count for count in (step.real_groups, step.fake_groups) if count is not None]
    in_pilot = round(min(groups) / step.times) if groups else FEW
    if in_pilot < FEW:
        reasons.append(f"{in_pilot} groups hardly show how much groups differ")
    why = "; ".join(reasons)
    if step.half_widths is None:
        return f" The plan is a rough one: {why}." if why else ""
    low, high = step.half_widths
    text = f" Of 100 such studies, 90 would find a half-width of {low:.3g} to {high:.3g}"
    return f"{text}: {why}." if why else f"{text}."


def _images(step: Step) -> str:
    """Of both sides, in words."""
    said = []
    for n, groups, kind in (
        (step.n_real, step.real_groups, "real"),
        (step.n_fake, step.fake_groups, "generated"),
    ):
        said.append(f"{n} {kind}" + (f" (in {groups} groups)" if groups is not None else ""))
    return f"{' and '.join(said)} images"
