"""What a classifier's scores on held-out images amount to: AUC, accuracy, log-loss, p-value."""

from typing import Any

import numpy as np

from ganeval.metrics.c2st.classifiers import Verdicts
from ganeval.metrics.spine import Units
from ganeval.statistics import permutation_p_value, permutations, permuted_sides, quantiles

RANK_PERMUTATIONS = 1999
_DIGITS = 9
"""Copies of one image get scores that are equal but for rounding; they are ties."""


def summary(
    verdicts: Verdicts, real: np.ndarray, held_out: np.ndarray
) -> dict[str, dict[str, Any]]:
    """The values of each measure in every repeat, and their quantiles."""
    logits = rounded(verdicts.logits)
    columns = [
        (logits[held_out[:, r] & real[:, r], r], logits[held_out[:, r] & ~real[:, r], r])
        for r in range(logits.shape[1])
    ]
    accuracy = [
        ((s > 0).mean() + (s == 0).mean() / 2 + (t < 0).mean() + (t == 0).mean() / 2) / 2
        for s, t in columns
    ]
    log_loss = [(np.logaddexp(0, -s).mean() + np.logaddexp(0, t).mean()) / 2 for s, t in columns]
    gap = [s.mean() - t.mean() for s, t in columns]
    third = ("log_loss", log_loss) if verdicts.probabilistic else ("critic_gap", gap)
    return {
        "auc": _spread([_auc(s, t) for s, t in columns]),
        "accuracy": _spread(accuracy),
        third[0]: _spread(third[1]),
    }


def area_under_curve(logits: np.ndarray, real: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    """[r] share of held-out pairs in which the real scores higher than the fake; ties are half."""
    logits = rounded(logits)
    return np.array(
        [
            _auc(logits[held_out[:, r] & real[:, r], r], logits[held_out[:, r] & ~real[:, r], r])
            for r in range(logits.shape[1])
        ]
    )


def rank_p_value(scores: np.ndarray, units: Units, held_out: np.ndarray, *, seed: int) -> float:
    """The AUC of one split against those after permutations of its held-out units.

    The classifier never saw these images, so if both sides are alike the sides of the units are
    exchangeable: the test is exact for any classifier and any n.
    """
    from scipy.stats import rankdata

    ranks = rankdata(rounded(scores[held_out]))
    of, real = units.of[held_out], units.real[held_out]
    names, of = np.unique(of, return_inverse=True)
    kinds, strata = units.kinds[names], units.strata[names]

    # Mean rank of reals less that of fakes: the AUC, but for constants, at any split into sides.
    def statistic(side: np.ndarray) -> float:
        if side.all() or not side.any():
            return 0.0
        return float(ranks[side].mean() - ranks[~side].mean())

    moves = permutations(kinds, strata, count=RANK_PERMUTATIONS, seed=seed)
    permuted = [statistic(permuted_sides(real, of, kinds, move)) for move in moves]
    return permutation_p_value(statistic(real), permuted)


def placements(real: np.ndarray, fake: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each real the share of fakes that score lower, for each fake that of reals above it.

    Ties are half. The mean of either is the AUC (DeLong's components).
    """
    return _twice_below(real, fake) / (2 * len(fake)), 1 - _twice_below(fake, real) / (
        2 * len(real)
    )


def rounded(logits: np.ndarray) -> np.ndarray:
    """To nine digits of the largest in each column, where rounding errors of sums end."""
    size = np.abs(logits).max(axis=0, keepdims=True)
    scale = 10.0 ** (_DIGITS - np.ceil(np.log10(np.where(size > 0, size, 1.0))))
    return np.asarray(np.round(logits * scale) / scale) + 0.0


def _auc(real: np.ndarray, fake: np.ndarray) -> float:
    """From a sum of integers, so that equal areas are equal to the last digit."""
    return float(1 - _twice_below(fake, real).mean() / (2 * len(real)))


def _twice_below(scores: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each score, twice the number of others below it; ties count once."""
    order = np.sort(others)
    below = np.searchsorted(order, scores, "left") + np.searchsorted(order, scores, "right")
    return np.asarray(below)


def _spread(values: list[Any]) -> dict[str, Any]:
    return {**quantiles(values), "values": [float(value) for value in values]}
