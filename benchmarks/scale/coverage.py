"""How often does the interval of a block estimate hold what it estimates?

    python -m benchmarks.scale.coverage --out benchmarks/scale/coverage.jsonl

The truth of KID is known in closed form: both distributions are Gaussian, and the kernel is a
polynomial. That of precision, recall, density and coverage is the mean over all blocks of all
replicates: the expected score of that many images.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

import ganeval
from benchmarks import harness
from benchmarks.calibration.outcomes import outcome_of, spoken, summary


@dataclass(frozen=True)
class Cell:
    """One experiment."""

    metric: str
    n: int
    """Images a side."""
    blocks: int
    shift: float
    """Of the mean of every feature of the fakes."""
    d: int = 8


CELLS = [
    Cell(metric, 2000, blocks, shift)
    for metric in ("kid", "precision", "recall", "density", "coverage")
    for blocks in (10, 40)
    for shift in (0.0, 0.3)
]


def kid_of_gaussians(d: int, shift: float) -> float:
    """KID's kernel mean over N(0, 1) and N(shift, 1) in d features.

    E (x·y/d + 1)³ for independent x ~ N(μ, 1) and y ~ N(ν, 1), from the moments of x·y: given x it
    is N(x·ν, |x|²).
    """

    def mean(mu: np.ndarray, nu: np.ndarray) -> float:
        a, nn, mm = float(mu @ nu), float(nu @ nu), float(mu @ mu)
        first = a
        second = a**2 + nn + d + mm
        third = a**3 + 3 * a * nn + 3 * a * (mm + d + 2)
        return third / d**3 + 3 * second / d**2 + 3 * first / d + 1

    zero, other = np.zeros(d), np.full(d, shift)
    return mean(zero, zero) + mean(other, other) - 2 * mean(zero, other)


def run(cell: Cell, *, replicates: int) -> dict[str, Any]:
    """What a cell's line says."""
    outcomes = []
    for number in range(replicates):
        rng = np.random.default_rng([number, cell.n, cell.d])
        real = rng.standard_normal((cell.n, cell.d))
        fake = rng.standard_normal((cell.n, cell.d)) + cell.shift
        function = ganeval.kid if cell.metric == "kid" else ganeval.prdc
        found = function(real, fake, blocks=cell.blocks, seed=number)
        outcomes.append(outcome_of(found if cell.metric == "kid" else getattr(found, cell.metric)))
    truth = kid_of_gaussians(cell.d, cell.shift) if cell.metric == "kid" else None
    return summary(outcomes, truth)


if __name__ == "__main__":
    harness.main(__doc__, {"blocks": CELLS}, run, show=spoken)
