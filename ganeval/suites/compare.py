"""Which model is better, and how sure: differences of scores on shared reals."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ganeval.errors import InputError
from ganeval.metrics import METRICS, Metric, check_level, compared_pairs, metrics_named
from ganeval.statistics import (
    Estimate,
    Spread,
    difference,
    holm,
    level_of_bounds,
    supported_margin,
    t_quantile,
    two_sided_p,
)
from ganeval.suites.floor import floor_of
from ganeval.suites.models import check_names
from ganeval.suites.obedience import ModelObedience, judged_models, obedience_of
from ganeval.suites.runs import Runs, RunsGap
from ganeval.suites.verdict import ModelScore, Nearness, verdict


@dataclass(frozen=True)
class Difference:
    """Score of `model` less that of `other`.

    Args:
        model: the better one by its estimate.
        other: the other one.
        estimate: of the difference.
        std_error: of the estimate.
        interval: of this difference alone.
        simultaneous: wide enough that all intervals of the comparison hold at once (Bonferroni).
        p_value: adjusted for the number of pairs (Holm).
        within: the smallest margin within which the data shows the difference to lie (two
            one-sided tests, at the comparison's level for all pairs at once).
    """

    model: str
    other: str
    estimate: float
    std_error: float
    interval: tuple[float, float]
    simultaneous: tuple[float, float]
    p_value: float
    within: float


@dataclass(frozen=True)
class Comparison:
    """All models by score, best first; every pair's difference; and what may be said.

    Args:
        metric: entry of METRICS.
        level: of the intervals; 1 − level is how often any pair of equal models is told apart.
        models: best first.
        differences: of all pairs, the better one first.
        best: the first model.
        not_distinguishable: models that may be as good as the best.
        verdict: in words.
        warnings: what a reader should know.
        floor: how far chance moves the score of one half of the reals against the other, at
            `level`: what a perfect model of that many images may score. None where unknown.
        margin: of equivalence, in floors.
        equivalent: models whose difference from the best is shown to be within the margin.
        obedience: of each model, whether it shows what it was asked for; models that do not are
            placed last. Empty where a side has no labels, or classes are not the same.
    """

    metric: str
    level: float
    models: tuple[ModelScore, ...]
    differences: tuple[Difference, ...]
    best: str
    not_distinguishable: tuple[str, ...]
    verdict: str
    warnings: tuple[str, ...] = ()
    floor: float | None = None
    margin: float = 1.0
    equivalent: tuple[str, ...] = ()
    obedience: tuple[ModelObedience, ...] = ()


def compare(
    real: Any,
    models: Mapping[str, Any],
    *,
    metric: str = "fid",
    feature_net: Any = None,
    level: float = 0.95,
    margin: float = 1.0,
    seed: int = 0,
) -> Comparison:
    """Compares models on the same reals, pair by pair, corrected for the number of pairs.

    Each real image has an influence on the score of either model. In the difference of two models
    their influences subtract, so that noise from the choice of reals cancels.

    Where both sides have labels, models that do not show what they were asked for (`obedience`,
    p < 0.01, corrected for the number of models) are placed last, whatever they score.

    That two models cannot be told apart does not make them equally good: `within` of a difference
    says how far apart they may be, and `equivalent` names the models that are shown to be no
    further from the best than `margin`, in units of the floor.

    Args:
        real: images, Features, rows [n, d], or a path to any of them.
        models: name to the model's images, in any of these forms; or to a list of two or more sets
            of images, one of each training run. Then differences are between mean scores of runs,
            and their errors include the spread between runs.
        metric: `fid`, `kid`, or another whose images have influences.
        feature_net: for images; see `extract`.
        level: nominal coverage of the intervals.
        margin: how far apart models may be and yet count as equivalent, in floors. A floor is how
            far chance moves the score of one half of the reals against the other.
        seed: accepted for uniformity; unused.

    Raises:
        InputError: models without names, one model only, runs of some models only, a metric that
            cannot be compared, or images that give a model no interval.

    Example:
        >>> ganeval.compare("real/", {"a": "a/", "b": "b/"}, feature_net="lin41").verdict
    """
    entry = comparable(metric)
    check_level(level)
    _check_margin(margin)
    named = _flat(models)
    pairs, warnings = compared_pairs(real, named, feature_net=feature_net, metric=metric)
    assert entry.estimate is not None
    found = iter([entry.estimate(*pair.sides) for pair in pairs.values()])
    estimates = {name: [next(found) for _ in _runs(given)] for name, given in models.items()}
    judged, left_out = judged_models({name: pair.sides for name, pair in pairs.items()})
    obeyed = iter(judged.values())
    reals = next(iter(pairs.values())).sides[0].features
    assert reals is not None
    return compare_estimates(
        estimates,
        metric=entry.name,
        level=level,
        warnings=(*warnings, *left_out),
        floor=floor_of(reals, entry, level=level),
        margin=margin,
        obedience={n: [next(obeyed) for _ in _runs(given)] for n, given in models.items()}
        if judged
        else {},
    )


def compare_estimates(
    models: Mapping[str, Sequence[Estimate]],
    *,
    metric: str,
    level: float = 0.95,
    warnings: tuple[str, ...] = (),
    floor: float | None = None,
    margin: float = 1.0,
    obedience: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> Comparison:
    """Compares models whose estimates on the same reals are known, one for each training run.

    `obedience` has the value and the details of that metric, of each model and run: models that do
    not show what they were asked for are placed last.

    Fields of the result say what `floor` and `margin` are.

    Raises:
        InputError: models without names, one model only, runs of some models only, or an estimate
            without an interval.
    """
    entry = comparable(metric)
    check_level(level)
    _check_margin(margin)
    if len(models) < 2:
        raise InputError(f"there is {len(models)} model to compare; give at least 2")
    for name, of in models.items():
        for estimate in of:
            if reason := estimate.no_interval:
                raise InputError(
                    f"{name} cannot be compared by {metric}: {reason}; take more images or another "
                    "metric"
                )
    scores, gaps = _of_runs(models, level) if _replicated(models) else _of_samples(models, level)
    sign = 1 if entry.better == "lower" else -1
    obeyed = obedience_of(obedience or {})
    last = {model.model: -model.share for model in obeyed if not model.obeys}
    ranked = sorted(
        scores, key=lambda one: (last.get(one.model, -2.0), sign * one.estimate, one.model)
    )
    place = {score.model: i for i, score in enumerate(ranked)}
    adjusted = holm([gap.p_value() for gap in gaps.values()])
    differences = []
    for ((a, b), gap), p_value in zip(gaps.items(), adjusted, strict=True):
        swap = place[a] > place[b]
        model, other = (b, a) if swap else (a, b)
        apart = -gap.estimate if swap else gap.estimate
        alone, at_once = (
            (apart - half, apart + half)
            for half in map(gap.half_width, (level, 1 - (1 - level) / len(gaps)))
        )
        differences.append(
            Difference(
                model,
                other,
                apart,
                gap.std_error,
                alone,
                at_once,
                float(p_value),
                supported_margin(apart, gap.half_width, level=level, tests=len(gaps)),
            )
        )
    differences.sort(key=lambda d: (place[d.model], place[d.other]))
    best = ranked[0].model
    rivals = [d for d in differences if d.model == best and (best in last or d.other not in last)]
    unclear = tuple(d.other for d in rivals if d.p_value > 1 - level)
    aside = [d for d in differences if d.model == best and d not in rivals]
    alike = tuple(d.other for d in aside if d.p_value > 1 - level)
    within = {d.other: d.within for d in rivals}
    near = Nearness(within, floor, margin)
    return Comparison(
        metric=entry.name,
        level=level,
        models=tuple(ranked),
        differences=tuple(differences),
        best=best,
        not_distinguishable=unclear,
        verdict=verdict(entry, ranked, unclear, level, near, obeyed, alike),
        warnings=warnings,
        floor=floor,
        margin=margin,
        equivalent=near.equivalent,
        obedience=obeyed,
    )


def comparable(metric: str) -> Metric:
    """The entry of a metric by which models can be compared.

    Raises:
        InputError: an unknown metric, or one without influences.
    """
    several = metrics_named(metric)
    if len(several) > 1:
        names = ", ".join(entry.name for entry in several)
        raise InputError(f"{metric} is several metrics ({names}); compare by one at a time")
    (entry,) = several
    if entry.estimate is None:
        able = [METRICS[name] for name in METRICS if METRICS[name].estimate is not None]
        single = [one.name if len(metrics_named(one.command)) > 1 else one.command for one in able]
        raise InputError(f"models cannot be compared by {metric}; take one of {', '.join(single)}")
    return entry


def _check_margin(margin: float) -> None:
    """Raises InputError unless `margin` is a positive number."""
    if not 0 < margin < float("inf"):
        raise InputError(f"margin is {margin:g}; wanted a positive number of floors, such as 1")


def _runs(given: Any) -> list[Any]:
    if isinstance(given, list | tuple):
        if not given:
            raise InputError("a model has no runs; give its images, or a list of two runs or more")
        return list(given)
    return [given]


def _flat(models: Mapping[str, Any]) -> dict[str, Any]:
    """Every run under a name of its own."""
    check_names(models)
    if len(models) < 2:
        raise InputError(f"there is {len(models)} model to compare; give at least 2")
    found = {}
    for name, given in models.items():
        runs = _runs(given)
        for i, run in enumerate(runs, 1):
            found[name if len(runs) == 1 else f"{name}[{i}]"] = run
    _replicated({name: _runs(given) for name, given in models.items()})
    return found


def _replicated(models: Mapping[str, Sequence[Any]]) -> bool:
    """Whether each model has several runs."""
    counts = {name: len(of) for name, of in models.items()}
    if min(counts.values()) == 1 < max(counts.values()):
        single = ", ".join(name for name, n in counts.items() if n == 1)
        raise InputError(
            f"{single} has one training run and others have several; give at least 2 of each "
            "model, or one of each"
        )
    return max(counts.values()) > 1


@dataclass(frozen=True)
class _Gap:
    """The score of one model less that of another on the same reals."""

    estimate: float
    spread: Spread

    @property
    def std_error(self) -> float:
        return self.spread.std_error

    def half_width(self, level: float) -> float:
        return t_quantile(level, self.spread.df) * self.std_error

    def p_value(self) -> float:
        return two_sided_p(self.estimate, self.std_error, self.spread.df)


_Pairs = dict[tuple[str, str], _Gap | RunsGap]


def _of_samples(
    models: Mapping[str, Sequence[Estimate]], level: float
) -> tuple[list[ModelScore], _Pairs]:
    """Scores and differences by the choice of images alone."""
    scores = []
    for name, (found,) in models.items():
        limits = found.interval(level)
        bounds = found.interval(level_of_bounds(level))
        assert limits is not None and bounds is not None
        scores.append(
            ModelScore(
                name,
                found.centre,
                found.spread.std_error,
                limits,
                from_reals=bounds[1] if found.scale == "distance" else None,
            )
        )
    gaps: _Pairs = {}
    for a, b in itertools.combinations(models, 2):
        gap = difference(models[a][0], models[b][0])
        if gap.spread.reason:
            raise InputError(f"{a} and {b} cannot be compared: {gap.spread.reason}")
        gaps[a, b] = _Gap(gap.centre, gap.spread)
    return scores, gaps


def _of_runs(
    models: Mapping[str, Sequence[Estimate]], level: float
) -> tuple[list[ModelScore], _Pairs]:
    """Scores and differences of models, whose runs are a sample of all runs."""
    runs = {name: Runs.of(found) for name, found in models.items()}
    scores = []
    for name, of in runs.items():
        scores.append(
            ModelScore(
                name,
                of.estimate,
                of.std_error,
                of.interval(level),
                runs=of.count,
                from_reals=(
                    of.interval(level_of_bounds(level))[1]
                    if models[name][0].scale == "distance"
                    else None
                ),
                sampling_sd=of.sampling_sd,
                run_sd=of.run_sd,
                runs_to_halve=of.runs_for(of.half_width(level) / 2, level),
            )
        )
    gaps: _Pairs = {(a, b): RunsGap(runs[a], runs[b]) for a, b in itertools.combinations(runs, 2)}
    return scores, gaps
