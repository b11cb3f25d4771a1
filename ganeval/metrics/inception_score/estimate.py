"""The Inception Score from logits: its correction, and the influence of every image."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from ganeval.arrays import Array, to_float64, to_numpy
from ganeval.lazy import torch
from ganeval.statistics import Estimate, Part, Sampling

_CHUNK = 8192

IMAGES_PER_CLASS = 2
"""With fewer, an interval covers too little."""

LEAST_GROUPS = 6
"""With fewer, an interval covers too little."""


def estimate(logits: Array, sampling: Sampling, *, splits: int = 1, seed: int = 0) -> Estimate:
    """The score of one side.

    What the logarithm of the score loses without a unit (an image, or a group) is that unit's
    influence; the mean influence is what few images take from it, the jackknife's bias.

    Args:
        logits: [n, k].
        sampling: of the images.
        splits: more than one gives the mean over that many random splits, without an interval.
        seed: of the splits.
    """
    n, k = len(logits), int(logits.shape[1])
    sums, plogp = _sums(logits, sampling)
    of_mean, of_one = float(_entropy(sums.sum(0) / n)), float(-plogp.mean())
    # A negative difference of two equal entropies is rounding error.
    log_score = max(of_mean - of_one, 0.0)
    details: dict[str, Any] = {
        "log_is": log_score,
        "entropy_of_mean": of_mean,
        "mean_entropy": of_one,
        "classes": k,
    }
    if splits > 1:
        values = _split_scores(logits, splits, seed)
        details["spread_over_splits"] = float(values.std())
        return Estimate(float(values.mean()), reason="splits are biased", details=details)
    value, reason = float(np.exp(log_score)), _no_interval(k, sampling)
    if n < k or sampling.n_units < 2:
        return Estimate(value, reason=reason, details=details)
    influence = _on_entropy(logits, sampling, sums)
    corrected = float(np.exp(log_score + influence.mean()))
    part = Part(corrected * (influence + plogp + of_one), sampling)
    limits = (1.0, float(details["classes"]))
    return Estimate(
        value, corrected, (part,), scale="log", limits=limits, reason=reason, details=details
    )


def _no_interval(k: int, sampling: Sampling) -> str | None:
    """Where the interval would cover too little."""
    if sampling.n < k:
        return "fewer images than classes"
    if sampling.n < IMAGES_PER_CLASS * k:
        return f"{sampling.n} images for {k} classes, of {IMAGES_PER_CLASS} per class that it needs"
    if sampling.groups is None or (g := sampling.n_units) >= LEAST_GROUPS:
        return None
    return f"{g} group{'s' * (g != 1)}, of {LEAST_GROUPS} that an interval needs"


def _predictions(logits: Array) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
    """(rows, p [t, k], Σ_k p log p [t]), tile by tile; 0 log 0 is 0."""
    with torch.no_grad():
        for start in range(0, len(logits), _CHUNK):
            rows = slice(start, start + _CHUNK)
            logp = to_float64(logits[rows]).log_softmax(1)
            p = logp.exp()
            yield rows, to_numpy(p), to_numpy((p * logp.clamp(min=-1e4)).sum(1))


def _sums(logits: Array, sampling: Sampling) -> tuple[np.ndarray, np.ndarray]:
    """Σ p over each class whose size was chosen [c, k], and Σ_k p log p of each image [n]."""
    sums = np.zeros((len(sampling.units_per_class), logits.shape[1]))
    plogp = np.empty(len(logits))
    for rows, p, own in _predictions(logits):
        _add(sums, sampling.stratum[rows], p)
        plogp[rows] = own
    return sums, plogp


def _add(sums: np.ndarray, numbers: np.ndarray, rows: np.ndarray) -> None:
    """Adds each row to the sum of its number, in place."""
    if len(sums) == 1:
        sums += rows.sum(0)
    else:
        np.add.at(sums, numbers, rows)


def _entropy(mean: np.ndarray) -> np.ndarray:
    """[...] nats of predictions [..., k]; a negative one is rounding error."""
    mean = np.maximum(mean, 0.0)
    return np.asarray(-(mean * np.log(np.where(mean > 0, mean, 1.0))).sum(-1))


def _on_entropy(logits: Array, sampling: Sampling, sums: np.ndarray) -> np.ndarray:
    """[n] influences on the entropy of the mean prediction: of leaving out the image's unit.

    Where class sizes were chosen, what is left of a class counts for all of it. An image has its
    own first-order influence and an equal part of what else its group does.
    """
    n, unit, stratum = sampling.n, sampling.unit, sampling.stratum
    sizes = np.bincount(stratum)
    _, cell, in_cell = np.unique(stratum * n + unit, return_inverse=True, return_counts=True)
    left = sizes[stratum] - in_cell[cell]  # of the image's class, without its unit
    pull = np.where(left > 0, sizes[stratum] / np.maximum(left, 1), 0.0)
    mean, means = sums.sum(0) / n, sums / sizes[:, None]
    slope = -np.log(np.where(mean > 0, mean, 1.0))
    first, loss = np.empty(n), np.empty(sampling.n_units)
    moved = np.zeros((sampling.n_units, len(mean))) if sampling.groups is not None else None
    for rows, p, _ in _predictions(logits):
        deviations = p - means[stratum[rows]]
        first[rows] = deviations @ slope
        steps = deviations * (pull[rows, None] / n)
        if moved is None:
            loss[rows] = _entropy(mean) - _entropy(mean - steps)
        else:
            np.add.at(moved, unit[rows], steps)
    if moved is not None:
        loss = np.asarray(_entropy(mean) - _entropy(mean - moved))
    images = np.bincount(unit)
    # Back from the mean of the others to the mean of all.
    loss *= images / np.maximum(np.bincount(unit, pull), 1.0)
    rest = (n * loss - np.bincount(unit, first)) / images
    return np.asarray(first + rest[unit])


def _split_scores(logits: Array, splits: int, seed: int) -> np.ndarray:
    """[splits] scores of the parts of a shuffle that is torch-fidelity's for the same seed."""
    n = len(logits)
    order = np.random.RandomState(seed).permutation(n)
    bounds = [i * n // splits for i in range(splits + 1)]
    scores = []
    for start, stop in itertools.pairwise(bounds):
        part = logits[order[start:stop]]
        sums, plogp = _sums(part, Sampling(len(part)))
        scores.append(np.exp(max(_entropy(sums[0] / len(part)) + plogp.mean(), 0.0)))
    return np.array(scores)
