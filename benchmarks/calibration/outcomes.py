"""What replicates of a cell gave, counted: how often an interval was printed, and how it did."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from ganeval import Score

BIASED = ("fid", "intra_fid", "inception_score", "rke")
"""Metrics whose plain value is no estimate of what the interval should hold."""


@dataclass(frozen=True)
class Outcome:
    """One replicate."""

    value: float | None
    """The plain number; None where the program refuses."""
    estimate: float | None
    """Of the truth: the corrected number, or the plain one of a metric without a correction."""
    interval: tuple[float, float] | None
    std_error: float | None = None
    reason: str = ""
    """Why there is no interval."""
    truth: float | None = None
    """Of this replicate, where each has its own."""


def outcome_of(score: Score, *, truth: float | None = None) -> Outcome:
    """Of a score."""
    plain = None if score.metric in BIASED else score.value
    return Outcome(
        score.value,
        plain if score.corrected is None else score.corrected,
        score.interval,
        score.std_error,
        "" if score.interval is not None else str(score.details.get("no_interval", "no reason")),
        truth,
    )


def summary(outcomes: Sequence[Outcome], truth: float | None) -> dict[str, Any]:
    """Coverage, width, bias and spread; strict JSON.

    Args:
        outcomes: of every replicate.
        truth: of all of them. None takes the mean of the estimates; NaN each one's own.

    Returns:
        `printed` intervals, of which `covered` hold the truth; `coverage` with its Clopper-Pearson
        bounds `coverage_low` and `coverage_high`; shares that lie `below` and `above` the truth;
        `mean_half_width` and `median_half_width`, of which those over 1.96 `sd` are the ratio to
        one who knows the sampling variance; `mean`, `sd` and `bias_in_sd` of the estimates, of
        which there are so many; `no_interval`, the reasons (numbers are N) and their counts.
    """
    plain = [o.value for o in outcomes if o.value is not None]
    known = [o for o in outcomes if o.estimate is not None]
    estimates = np.array([o.estimate for o in known], float)
    if truth is None:
        truth = float(estimates.mean()) if len(estimates) else float("nan")

    def truth_for(outcome: Outcome) -> float:
        return truth if outcome.truth is None else outcome.truth

    errors = estimates - np.array([truth_for(o) for o in known], float)
    sd = float(errors.std(ddof=1)) if len(errors) > 1 else None
    result: dict[str, Any] = {
        "truth": float(np.mean([truth_for(o) for o in outcomes])),
        "plain": float(np.mean(plain)) if plain else None,
        "estimates": len(known),
        "mean": float(estimates.mean()) if len(known) else None,
        "sd": sd,
        "bias_in_sd": float(errors.mean() / sd) if sd else None,
    }
    printed = [o for o in outcomes if o.interval is not None]
    result["printed"] = len(printed)
    if printed:
        low, high = np.array([o.interval for o in printed], float).T
        at = np.array([truth_for(o) for o in printed], float)
        covered, half = int(((low <= at) & (at <= high)).sum()), (high - low) / 2
        bounds = clopper_pearson(covered, len(printed))
        result |= {
            "covered": covered,
            "coverage": covered / len(printed),
            "coverage_low": bounds[0],
            "coverage_high": bounds[1],
            "below": float(np.mean(high < at)),
            "above": float(np.mean(at < low)),
            "mean_half_width": float(half.mean()),
            "median_half_width": float(np.median(half)),
        }
        known_errors = [o.std_error for o in printed if o.std_error is not None]
        result["std_error"] = float(np.mean(known_errors)) if known_errors else None
    reasons = Counter(re.sub(r"\d[\d,.]*", "N", o.reason) for o in outcomes if not o.interval)
    result["no_interval"] = dict(reasons.most_common())
    return {
        name: None if isinstance(value, float) and not np.isfinite(value) else value
        for name, value in result.items()
    }


def clopper_pearson(k: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share of which k of n were counted."""
    low = float(stats.beta.ppf(0.025, k, n - k + 1)) if k else 0.0
    return low, float(stats.beta.ppf(0.975, k + 1, n - k)) if k < n else 1.0


def spoken(row: dict[str, Any]) -> str:
    """The counts of a line in few words."""
    words = [f"{row['printed']} of {row['replicates']} printed"]
    if row["printed"]:
        bounds = f"{100 * row['coverage_low']:.1f} to {100 * row['coverage_high']:.1f}"
        words.append(f"cover {100 * row['coverage']:.1f} % ({bounds})")
    if row["printed"] and row["sd"]:
        words.append(f"width {row['median_half_width'] / (1.96 * row['sd']):.2f} of the oracle's")
    if row["bias_in_sd"] is not None:
        words.append(f"bias {row['bias_in_sd']:.2f} sd")
    return ", ".join([*words, f"{row['seconds']} s"])
