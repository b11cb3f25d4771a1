"""Which model is better, and how sure: differences of scores on shared reals."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.metrics import METRICS, Metric, check_level, compared_features, shared_blocks
from ganeval.statistics import MIN_BLOCKS, Jackknife, holm, jackknife, t_quantile, two_sided_p

THESE_SAMPLES = (
    "This is about these samples: another training run of the same model may score differently. "
    "Give several runs of each to compare models: NAME=run1,run2,run3."
)
TRAINING_RUNS = "Intervals count the spread between training runs."


@dataclass(frozen=True)
class Estimate:
    """A model's score without the bias of finite n; `std_error` is None where it has none."""

    model: str
    estimate: float
    std_error: float | None
    interval: tuple[float, float] | None
    runs: int


@dataclass(frozen=True)
class Difference:
    """Score of `model` less that of `other`.

    Args:
        interval: of this difference alone.
        simultaneous: such that all intervals of the comparison hold at once (Bonferroni).
        p_value: adjusted for the number of pairs (Holm).
    """

    model: str
    other: str
    estimate: float
    std_error: float
    interval: tuple[float, float]
    simultaneous: tuple[float, float]
    p_value: float


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
    """

    metric: str
    level: float
    models: tuple[Estimate, ...]
    differences: tuple[Difference, ...]
    best: str
    not_distinguishable: tuple[str, ...]
    verdict: str
    warnings: tuple[str, ...] = ()


def compare(
    real: Any,
    models: Mapping[str, Any],
    *,
    metric: str = "fid",
    feature_net: Any = None,
    level: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """Compares models on the same reals, pair by pair, corrected for the number of pairs.

    The jackknife of differences leaves out the same block of reals for both models, so what the
    draw of the reals adds to both scores cancels.

    Args:
        real: images, Features, rows [n, d], or a path to any of them.
        models: name to the model's images, likewise; or to a list of two or more sets of
            images, one of each training run. Then differences are between mean scores of runs,
            and their errors are those between runs.
        metric: `fid`, `kid` or another whose entry has `blockwise`.
        feature_net: for images; see `extract`.
        level: nominal coverage of the intervals.
        seed: of the blocks.

    Raises:
        InputError: one model only, runs of some models only, under 4 blocks or groups, a metric
            that cannot be compared, too few images for it.

    Source: design of the paired jackknife and its measured error rates: benchmarks/calibration.
    """
    entry = METRICS[metric]
    if entry.blockwise is None:
        able = ", ".join(name for name in METRICS if METRICS[name].blockwise is not None)
        raise InputError(f"models cannot be compared by {metric}; take one of {able}")
    if len(models) < 2:
        raise InputError(f"there is {len(models)} model to compare; give at least 2")
    check_level(level)
    runs = {name: _runs(given) for name, given in models.items()}
    side, fakes, warnings = compared_features(
        real,
        {
            name if len(of) == 1 else f"{name}[{i}]": run
            for name, of in runs.items()
            for i, run in enumerate(of, 1)
        },
        feature_net=feature_net,
        metric=metric,
    )
    counts = {name: len(of) for name, of in runs.items()}
    replicated = _replicated(counts)
    parts = iter(fakes)
    by_model = {name: [next(parts) for _ in range(n)] for name, n in counts.items()}
    if replicated:
        estimates, pairs = _between_runs(entry, side, by_model, level=level, seed=seed)
    else:
        singles = {name: of[0] for name, of in by_model.items()}
        estimates, pairs = _between_samples(entry, side, singles, level=level, seed=seed)
    return _verdict(
        entry, estimates, pairs, level=level, replicated=replicated, warnings=tuple(warnings)
    )


def _runs(given: Any) -> list[Any]:
    if isinstance(given, list | tuple):
        if not given:
            raise InputError("a model has no runs; give its images, or a list of two runs or more")
        return list(given)
    return [given]


def _replicated(counts: Mapping[str, int]) -> bool:
    if min(counts.values()) == 1 < max(counts.values()):
        single = ", ".join(name for name, n in counts.items() if n == 1)
        raise InputError(
            f"{single} has one training run and others have several; give at least 2 of each "
            "model, or one of each"
        )
    return max(counts.values()) > 1


def _check_blocks(g: int) -> None:
    if g < MIN_BLOCKS:
        raise InputError(
            f"the smallest side makes {g} block{'s' * (g != 1)} or groups; a comparison needs at "
            f"least {MIN_BLOCKS}: give more images, or images of more groups"
        )


@dataclass(frozen=True)
class _Pair:
    estimate: float
    std_error: float
    df: float


def _between_samples(
    metric: Metric, real: Features, fakes: Mapping[str, Features], *, level: float, seed: int
) -> tuple[list[Estimate], dict[tuple[str, str], _Pair]]:
    """By leaving out block i of the reals and of both models' fakes."""
    assert metric.blockwise is not None
    first, others, g = shared_blocks(real, list(fakes.values()), seed=seed)
    _check_blocks(g)
    values: dict[str, tuple[float, np.ndarray]] = {}
    shares = {"": np.bincount(first, minlength=g)}
    for (name, fake), blocks in zip(fakes.items(), others, strict=True):
        values[name] = metric.blockwise(real, fake, first, blocks, g)
        shares[name] = np.bincount(blocks, minlength=g)
    estimates = []
    for name, (value, left_out) in values.items():
        sure = jackknife(value, left_out, shares[""], shares[name])
        estimates.append(
            Estimate(name, sure.estimate, sure.std_error, sure.interval(level), runs=1)
        )
    pairs = {}
    for a, b in itertools.combinations(fakes, 2):
        sure = jackknife(
            values[a][0] - values[b][0],
            values[a][1] - values[b][1],
            shares[""],
            shares[a],
            shares[b],
        )
        pairs[a, b] = _Pair(sure.estimate, sure.std_error, sure.df)
    return estimates, pairs


def _between_runs(
    metric: Metric,
    real: Features,
    fakes: Mapping[str, Sequence[Features]],
    *,
    level: float,
    seed: int,
) -> tuple[list[Estimate], dict[tuple[str, str], _Pair]]:
    """The spread between runs holds training and sampling of fakes; the reals' part is added."""
    assert metric.blockwise is not None
    flat = [run for of in fakes.values() for run in of]
    first, others, g = shared_blocks(real, flat, seed=seed)
    _check_blocks(g)
    sizes = np.bincount(first, minlength=g)
    centres: dict[str, np.ndarray] = {}
    by_reals: dict[str, np.ndarray] = {}
    blocks = iter(others)
    for name, of in fakes.items():
        corrected, real_only = [], []
        for run in of:
            own = next(blocks)
            value, left_out = metric.blockwise(real, run, first, own, g)
            both = jackknife(value, left_out, sizes, np.bincount(own, minlength=g))
            corrected.append(both.estimate)
            real_only.append(metric.blockwise(real, run, first, np.full(len(run), g), g)[1] - value)
        centres[name] = np.array(corrected)
        by_reals[name] = np.mean(real_only, axis=0)
    estimates = []
    for name, scores in centres.items():
        sure = _sum_of(scores, jackknife(0.0, by_reals[name], sizes))
        half = t_quantile(level, sure.df) * sure.std_error
        limits = (sure.estimate - half, sure.estimate + half)
        estimates.append(Estimate(name, sure.estimate, sure.std_error, limits, runs=len(scores)))
    pairs = {}
    for a, b in itertools.combinations(fakes, 2):
        shared = jackknife(0.0, by_reals[a] - by_reals[b], sizes)
        pairs[a, b] = _sum_of(centres[a], shared, centres[b])
    return estimates, pairs


def _sum_of(scores: np.ndarray, reals: Jackknife, less: np.ndarray | None = None) -> _Pair:
    """Mean of runs (less that of others) with Welch and Satterthwaite's degrees of freedom."""
    parts = [(float(scores.var(ddof=1)) / len(scores), len(scores) - 1.0)]
    estimate = float(scores.mean())
    if less is not None:
        parts.append((float(less.var(ddof=1)) / len(less), len(less) - 1.0))
        estimate -= float(less.mean())
    parts.append((reals.std_error**2, reals.df))
    variance = sum(v for v, _ in parts)
    df = variance**2 / sum(v**2 / d for v, d in parts) if variance > 0 else 1.0
    return _Pair(estimate, variance**0.5, df)


def _verdict(
    metric: Metric,
    estimates: Sequence[Estimate],
    pairs: Mapping[tuple[str, str], _Pair],
    *,
    level: float,
    replicated: bool,
    warnings: tuple[str, ...],
) -> Comparison:
    sign = 1 if metric.better == "lower" else -1
    ranked = sorted(estimates, key=lambda e: (sign * e.estimate, e.model))
    place = {e.model: i for i, e in enumerate(ranked)}
    adjusted = holm([two_sided_p(p.estimate, p.std_error, p.df) for p in pairs.values()])
    differences = []
    for ((a, b), pair), p_value in zip(pairs.items(), adjusted, strict=True):
        swap = place[a] > place[b]
        model, other = (b, a) if swap else (a, b)
        estimate = -pair.estimate if swap else pair.estimate
        half, wide = (
            t_quantile(share, pair.df) * pair.std_error
            for share in (level, 1 - (1 - level) / len(pairs))
        )
        differences.append(
            Difference(
                model,
                other,
                estimate,
                pair.std_error,
                (estimate - half, estimate + half),
                (estimate - wide, estimate + wide),
                float(p_value),
            )
        )
    differences.sort(key=lambda d: (place[d.model], place[d.other]))
    best = ranked[0].model
    unclear = tuple(d.other for d in differences if d.model == best and d.p_value > 1 - level)
    return Comparison(
        metric=metric.name,
        level=level,
        models=tuple(ranked),
        differences=tuple(differences),
        best=best,
        not_distinguishable=unclear,
        verdict=_in_words(metric, best, unclear, len(ranked), level, replicated),
        warnings=warnings,
    )


def _in_words(
    metric: Metric, best: str, unclear: tuple[str, ...], n: int, level: float, replicated: bool
) -> str:
    sure = f"at {100 * level:g} %, corrected for {n * (n - 1) // 2} comparisons"
    if n == 2:
        sure = f"at {100 * level:g} %"
    if not unclear:
        text = f"{best} is best by {metric.label}, {sure}."
    elif len(unclear) == n - 1:
        text = f"No model is best by {metric.label}, {sure}: {best} scores best, but "
        text += f"{_listed(unclear)} cannot be told from it."
    else:
        text = f"{best} scores best by {metric.label}, but {_listed(unclear)} cannot be told "
        text += f"from it, {sure}; the others are worse."
    return f"{text} {TRAINING_RUNS if replicated else THESE_SAMPLES}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
