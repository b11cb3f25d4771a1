"""The Inception Score from logits: its correction, and the influence of every image."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ganeval.arrays import Array, to_float64, to_numpy
from ganeval.lazy import torch
from ganeval.shared import Found, Share, each, in_order, sum_of, work
from ganeval.statistics import Estimate, Part, Sampling

_CHUNK = 8192

IMAGES_PER_CLASS = 2
"""With fewer, an interval covers too little."""

LEAST_GROUPS = 6
"""With fewer, an interval covers too little."""


def estimate(
    logits: Array,
    sampling: Sampling,
    *,
    splits: int = 1,
    split_size: int | None = None,
    seed: int = 0,
) -> Estimate:
    """The score of one side.

    What the logarithm of the score loses without a unit (an image, or a group) is that unit's
    influence; the mean influence is what few images take from it, the jackknife's bias.

    Args:
        logits: [n, k].
        sampling: of the images.
        splits: more than one gives the mean over that many random splits, without an interval.
        split_size: gives the mean over splits of that many images in their order, the last with
            what is left, without an interval.
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
    if splits > 1 or split_size is not None:
        parts = _shuffled(n, splits, seed) if split_size is None else _in_order(n, split_size)
        values = _scores_of(logits, parts)
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


def _predictions(share: Share) -> Iterator[tuple[slice, np.ndarray, np.ndarray, np.ndarray]]:
    """(rows, their positions, p [t, k], Σ_k p log p [t]), tile by tile; 0 log 0 is 0."""
    with torch.no_grad():
        for start in range(0, len(share.rows), _CHUNK):
            rows = slice(start, start + _CHUNK)
            logp = to_float64(share.rows[rows]).log_softmax(1)
            p = logp.exp()
            plogp = (p * logp.clamp(min=-1e4)).sum(1)
            yield rows, share.own[rows], to_numpy(p), to_numpy(plogp)


def _sums(logits: Array, sampling: Sampling) -> tuple[np.ndarray, np.ndarray]:
    """Σ p over each class whose size was chosen [c, k], and Σ_k p log p of each image [n]."""
    classes = len(sampling.units_per_class)
    found = each(logits, _share_of_sums, stratum=sampling.stratum, classes=classes)
    return sum_of(found, "sums"), in_order(logits, found, "plogp")


@work
def _share_of_sums(share: Share, stratum: np.ndarray, classes: int) -> Found:
    sums = np.zeros((classes, share.rows.shape[1]))
    plogp = np.empty(len(share.rows))
    for rows, positions, p, own in _predictions(share):
        _add(sums, stratum[positions], p)
        plogp[rows] = own
    return {"sums": sums, "plogp": plogp}


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
    grouped = sampling.groups is not None
    given = {"mean": mean, "means": means, "slope": slope, "stratum": stratum, "pull": pull}
    if grouped:
        given["unit"] = unit
    found = each(logits, _share_of_steps, n_units=sampling.n_units, **given)
    first = in_order(logits, found, "first")
    if grouped:
        loss = np.asarray(_entropy(mean) - _entropy(mean - sum_of(found, "moved")))
    else:
        loss = in_order(logits, found, "loss")
    images = np.bincount(unit)
    # Back from the mean of the others to the mean of all.
    loss *= images / np.maximum(np.bincount(unit, pull), 1.0)
    rest = (n * loss - np.bincount(unit, first)) / images
    return np.asarray(first + rest[unit])


@work
def _share_of_steps(
    share: Share,
    n_units: int,
    mean: np.ndarray,
    means: np.ndarray,
    slope: np.ndarray,
    stratum: np.ndarray,
    pull: np.ndarray,
    unit: np.ndarray | None = None,
) -> Found:
    """What images, or groups of them, do to the entropy of the mean; see `_on_entropy`."""
    first, loss = np.empty(len(share.rows)), np.empty(len(share.rows))
    moved = np.zeros((0 if unit is None else n_units, len(mean)))
    for rows, positions, p, _ in _predictions(share):
        deviations = p - means[stratum[positions]]
        first[rows] = deviations @ slope
        steps = deviations * (pull[positions, None] / share.n)
        if unit is None:
            loss[rows] = _entropy(mean) - _entropy(mean - steps)
        else:
            np.add.at(moved, unit[positions], steps)
    return {"first": first, "loss": loss, "moved": moved}


def _shuffled(n: int, splits: int, seed: int) -> list[np.ndarray]:
    """Parts of a shuffle of n images that is torch-fidelity's for the same seed."""
    order = np.random.RandomState(seed).permutation(n)
    bounds = [i * n // splits for i in range(splits + 1)]
    return [order[start:stop] for start, stop in itertools.pairwise(bounds)]


def _in_order(n: int, size: int) -> list[np.ndarray]:
    """Parts of `size` images and one of the rest, as the evaluator of guided-diffusion has them."""
    return [np.arange(start, min(start + size, n)) for start in range(0, n, size)]


def _scores_of(logits: Array, parts: Sequence[np.ndarray]) -> np.ndarray:
    """The score of each of some parts of the images, given by their positions, by itself."""
    number, sizes = np.empty(len(logits), np.int64), np.array([len(part) for part in parts])
    for i, part in enumerate(parts):
        number[part] = i
    sums, plogp = _sums(logits, Sampling(len(logits), number))
    logs = _entropy(sums / sizes[:, None]) + np.bincount(number, plogp) / sizes
    return np.asarray(np.exp(np.maximum(logs, 0.0)))
