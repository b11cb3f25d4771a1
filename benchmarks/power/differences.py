"""Power: how often do the tests notice a difference of a known kind?

    python -m benchmarks.power.differences --out benchmarks/power/results.jsonl

Each replicate draws 500 reals and 500 fakes of ten independent standard normal features; the fakes
differ as a cell says. All tests see the same data sets. A line counts p-values of at most 0.05.

The p-value of `logistic` and `ensemble` needs hundreds of refits for each data set. It is exact, so
their line has the AUC of each data set instead, and a data set counts as found where it is above
95 % of those of 500 data sets without a difference (see `power`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import harness
from benchmarks.harness import Row
from ganeval import Score, c2st, mmd

N, D = 500, 10
PERMUTATIONS = 199
"""Allow a level of exactly 5 %."""

REFITTED = ("logistic", "ensemble")


@dataclass(frozen=True)
class Cell:
    """One experiment."""

    test: str
    """mmd: the aggregated test, and its kernels by themselves; or a classifier of c2st."""
    difference: str
    """mean (of one feature, by 0.3), correlation (of one pair, 0.5), mode (5 % of the fakes are
    at +3 in one feature), none."""


def draw(difference: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Reals and fakes, [N, D] each."""
    real, fake = rng.standard_normal((2, N, D))
    if difference == "mean":
        fake[:, 0] += 0.3
    elif difference == "correlation":
        fake[:, 1] = 0.5 * fake[:, 0] + 0.75**0.5 * fake[:, 1]
    elif difference == "mode":
        fake[rng.random(N) < 0.05, 0] += 3
    return real, fake


def run(cell: Cell, *, replicates: int) -> dict[str, Any]:
    """Counts over replicates, or the AUC of each."""
    data = [draw(cell.difference, np.random.default_rng([i, 17])) for i in range(replicates)]
    if cell.test in REFITTED:
        scores = [c2st(*sides, classifier=cell.test, permutations=0) for sides in data]
        return {"replicates": replicates, "auc": [round(score.value, 5) for score in scores]}
    if cell.test != "mmd":  # the rank test is that of the first split
        scores = [c2st(*sides, classifier=cell.test, repeats=1) for sides in data]
        return {"replicates": replicates, "found": sum(map(low, scores))}
    scores = [mmd(*sides, permutations=PERMUTATIONS) for sides in data]
    alone = {
        f"{kernel['kernel']} {kernel['bandwidth'] or ''}".strip(): 0
        for kernel in scores[0].details["kernels"]
    }
    for score in scores:
        for name, kernel in zip(alone, score.details["kernels"], strict=True):
            alone[name] += kernel["p_value"] <= 0.05
    return {"replicates": replicates, "found": sum(map(low, scores)), "alone": alone}


def low(score: Score) -> int:
    """1 for a p-value of at most 5 %."""
    return int(score.details["p_value"] <= 0.05)


def power(row: Row, without: Row) -> float:
    """Share of the data sets of a line in which the difference was found.

    `without` is the line of the same test where there is none.
    """
    if "auc" in row:
        return float((np.array(row["auc"]) > np.quantile(without["auc"], 0.95)).mean())
    return float(row["found"] / row["replicates"])


TESTS = ("mmd", *REFITTED, "knn", "xgboost")
DIFFERENCES = ("none", "mean", "correlation", "mode")
LISTS = {"all": tuple(Cell(test, of) for test in TESTS for of in DIFFERENCES)}


def show(row: Row) -> str:
    """A line on the screen."""
    heard = f"{row['found']} found" if "found" in row else f"mean AUC {np.mean(row['auc']):.4f}"
    return f"{row['test']} {row['difference']}: {heard} of {row['replicates']}"


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, replicates=200, show=show)
