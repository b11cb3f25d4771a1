"""Which checkpoint of a training run is best, without the luck of having been picked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.metrics import METRICS, Metric, check_level, compared_features, shared_blocks
from ganeval.statistics import MIN_BLOCKS, Jackknife, jackknife, t_quantile


@dataclass(frozen=True)
class Selection:
    """The checkpoint that scores best, and what it would score on new images.

    Args:
        metric: entry of METRICS.
        best: the step that scores best on all images.
        steps: every step with its estimate, in order.
        naive: the best step's estimate: too good, since luck helped to pick it.
        estimate: the score of a checkpoint chosen on one half of the images, on the other half;
            the mean over both ways round.
        interval: of `estimate`, at `level`.
        level: nominal coverage.
        chosen: the steps that each half chose.
        verdict: in words.
    """

    metric: str
    best: int
    steps: tuple[tuple[int, float], ...]
    naive: float
    estimate: float
    interval: tuple[float, float]
    level: float
    chosen: tuple[int, int]
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

    The lowest of many noisy numbers is lower than what it measures. So each half of the images
    (reals and fakes, whole groups) chooses a checkpoint, which is then scored on the other half.

    Args:
        real: images, Features, rows [n, d], or a path to any of them.
        checkpoints: training step to the images generated at it.
        metric: as for `compare`.
        feature_net: for images; see `extract`.
        level: nominal coverage of the interval.
        seed: of the halves and blocks.

    Raises:
        InputError: as `compare`; also where half of the images are too few.
    """
    entry = METRICS[metric]
    if entry.blockwise is None:
        able = ", ".join(name for name in METRICS if METRICS[name].blockwise is not None)
        raise InputError(f"checkpoints cannot be compared by {metric}; take one of {able}")
    if len(checkpoints) < 2:
        raise InputError(f"there is {len(checkpoints)} checkpoint; give at least 2")
    check_level(level)
    ordered = dict(sorted(checkpoints.items()))
    side, fakes, _ = compared_features(
        real,
        {f"step {step}": data for step, data in ordered.items()},
        feature_net=feature_net,
        metric=metric,
    )
    sign = 1 if entry.better == "lower" else -1
    first, others, g = shared_blocks(side, fakes, seed=seed)
    if g < 2 * MIN_BLOCKS:
        raise InputError(
            f"there are {g} blocks or groups; choosing on one half and scoring on the other "
            f"needs at least {2 * MIN_BLOCKS}"
        )
    whole = [
        _score(entry, side, fake, first, own, g) for fake, own in zip(fakes, others, strict=True)
    ]
    halves = []
    for odd in (0, 1):
        kept = np.flatnonzero(np.arange(g) % 2 == odd)
        halves.append(
            [
                _part(entry, side, fake, first, own, kept)
                for fake, own in zip(fakes, others, strict=True)
            ]
        )
    steps = list(ordered)
    picks = [int(np.argmin([sign * s.estimate for s in half])) for half in halves]
    judged = [halves[1][picks[0]], halves[0][picks[1]]]
    estimate = float(np.mean([s.estimate for s in judged]))
    std_error = sum(s.std_error**2 for s in judged) ** 0.5 / 2
    half_width = t_quantile(level, sum(s.df for s in judged)) * std_error
    top = int(np.argmin([sign * s.estimate for s in whole]))
    chosen = (steps[picks[0]], steps[picks[1]])
    agree = (
        "both halves of the images choose it"
        if set(chosen) == {steps[top]}
        else (f"halves of the images choose {chosen[0]} and {chosen[1]}")
    )
    return Selection(
        metric=metric,
        best=steps[top],
        steps=tuple((step, s.estimate) for step, s in zip(steps, whole, strict=True)),
        naive=whole[top].estimate,
        estimate=estimate,
        interval=(estimate - half_width, estimate + half_width),
        level=level,
        chosen=chosen,
        verdict=(
            f"Step {steps[top]} scores best by {entry.label} of {len(steps)} checkpoints; {agree}. "
            f"On the images that did not choose, it scores {estimate:.4g} "
            f"({100 * level:g} % CI {estimate - half_width:.4g} to {estimate + half_width:.4g}); "
            f"on those that did, {whole[top].estimate:.4g}, which luck may have helped."
        ),
    )


def _score(
    metric: Metric, real: Features, fake: Features, x: np.ndarray, y: np.ndarray, g: int
) -> Jackknife:
    assert metric.blockwise is not None
    value, left_out = metric.blockwise(real, fake, x, y, g)
    return jackknife(value, left_out, np.bincount(x, minlength=g), np.bincount(y, minlength=g))


def _part(
    metric: Metric, real: Features, fake: Features, x: np.ndarray, y: np.ndarray, kept: np.ndarray
) -> Jackknife:
    """The same of some of the blocks."""
    at_x, at_y = (np.flatnonzero(np.isin(blocks, kept)) for blocks in (x, y))
    # Blocks are numbered anew, from 0.
    own_x, own_y = np.searchsorted(kept, x[at_x]), np.searchsorted(kept, y[at_y])
    return _score(metric, real.take(at_x), fake.take(at_y), own_x, own_y, len(kept))
