"""Which checkpoint of a training run is best, without the luck of having been picked."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.errors import InputError
from ganeval.metrics import check_level, compared_pairs
from ganeval.statistics import Estimate, difference, winner, within
from ganeval.suites.compare import comparable
from ganeval.wording import listed


@dataclass(frozen=True)
class Selection:
    """The checkpoint that scores best, and what it would score on new images.

    Args:
        metric: entry of METRICS.
        best: the step that scores best.
        steps: every step with its estimate, in order.
        naive: the best step's estimate: too good, since luck helped to pick it.
        estimate: the same, corrected for having been picked.
        interval: of the best step's true score, at `level`.
        level: nominal coverage.
        not_distinguishable: other steps that may be as good.
        verdict: in words.
    """

    metric: str
    best: int
    steps: tuple[tuple[int, float], ...]
    naive: float
    estimate: float
    interval: tuple[float, float]
    level: float
    not_distinguishable: tuple[int, ...]
    verdict: str


def best_checkpoint(
    real: Any,
    checkpoints: Mapping[int, Any],
    *,
    metric: str = "fid",
    feature_net: Any = None,
    level: float = 0.95,
    seed: int = 0,
) -> Selection:
    """Picks the best of several checkpoints and corrects its score for having been picked.

    The lowest of many noisy numbers is lower than what it measures. The influences of the images
    say how the scores of all checkpoints vary together, and so how much luck the best one had.

    Args:
        real: images, Features, rows [n, d], or a path to any of them.
        checkpoints: training step to the images generated at it.
        metric: as for `compare`.
        feature_net: for images; see `extract`.
        level: nominal coverage of the interval.
        seed: accepted for uniformity; unused.

    Raises:
        InputError: as `compare`.

    Example:
        >>> ganeval.best_checkpoint("real/", {1000: "a/", 2000: "b/"}, feature_net="lin41").best

    Source: Andrews, Kitagawa & McCloskey 2024, doi:10.1093/qje/qjad043.
    """
    entry = comparable(metric)
    assert entry.estimate is not None
    check_level(level)
    named = {f"step {step}": data for step, data in sorted(checkpoints.items())}
    pairs, _ = compared_pairs(real, named, feature_net=feature_net, metric=metric)
    found = [entry.estimate(*pair.sides) for pair in pairs.values()]
    return best_of_steps(
        dict(zip(sorted(checkpoints), found, strict=True)), metric=metric, level=level
    )


def best_of_steps(steps: Mapping[int, Estimate], *, metric: str, level: float = 0.95) -> Selection:
    """Picks the best of checkpoints whose estimates on the same reals are known.

    Raises:
        InputError: under 2 checkpoints, or an estimate without an interval.
    """
    entry = comparable(metric)
    check_level(level)
    if len(steps) < 2:
        raise InputError(f"there is {len(steps)} checkpoint; give at least 2")
    for step, one in steps.items():
        if reason := one.no_interval:
            raise InputError(f"step {step} cannot be compared by {metric}: {reason}")
    names, found = list(steps), list(steps.values())
    estimates = np.array([one.centre for one in found])
    picked = winner(
        estimates,
        _covariance(found),
        level=level,
        lower_is_better=entry.better == "lower",
        df=min(one.spread.df for one in found),
    )
    best = names[picked.index]
    unclear = tuple(names[i] for i in picked.contenders if i != picked.index)
    low, high = within(found[picked.index].bounds, picked.estimate, picked.interval)
    rivals = (
        "no other may be as good"
        if not unclear
        else (f"{listed([str(step) for step in unclear])} may be as good")
    )
    return Selection(
        metric=entry.name,
        best=best,
        steps=tuple(zip(names, estimates.tolist(), strict=True)),
        naive=picked.naive,
        estimate=picked.estimate,
        interval=(low, high),
        level=level,
        not_distinguishable=unclear,
        verdict=(
            f"Step {best} scores best by {entry.label} of {len(names)} checkpoints; {rivals}. "
            f"Corrected for having been picked, it scores {picked.estimate:.4g} "
            f"({100 * level:g} % CI {low:.4g} to {high:.4g}); as it was picked, {picked.naive:.4g}."
        ),
    )


def _covariance(found: list[Estimate]) -> np.ndarray:
    """[t, t] of the errors of estimates on the same reals."""
    variances = np.array([one.spread.variance for one in found])
    matrix = np.diag(variances)
    for i, j in itertools.combinations(range(len(found)), 2):
        apart = difference(found[i], found[j]).spread.variance
        matrix[i, j] = matrix[j, i] = (variances[i] + variances[j] - apart) / 2
    return matrix
