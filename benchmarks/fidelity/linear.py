"""Do clipped scores fall in proportion to the share of bad fakes? Beside density and coverage.

    python -m benchmarks.fidelity.linear --out benchmarks/fidelity/linear.jsonl --replicates 3

Of each score, R² of the line 1 − share against the mean scores, and of the best line; 500 images a
side.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import harness
from ganeval import clipped_density_coverage, prdc

N = 500
SHARES = np.linspace(0, 1, 11)
NAMES = ("clipped_density", "clipped_coverage", "density", "coverage")


@dataclass(frozen=True)
class Cell:
    """Features per image, and what the bad fakes are."""

    d: int
    bad: str


CELLS = [Cell(d, bad) for d in (8, 64) for bad in ("far away", "noise")]


def run(cell: Cell, *, replicates: int) -> dict[str, Any]:
    """Mean scores by the share of bad fakes."""
    sums = np.zeros((len(NAMES), len(SHARES)))
    for i in range(replicates):
        rng = np.random.default_rng([i, cell.d])
        for at, share in enumerate(SHARES):
            real, fake = rng.standard_normal((2, N, cell.d))
            bad = np.arange(N) < share * N
            fake[bad] = 50 + fake[bad] if cell.bad == "far away" else 5 * fake[bad]
            clipped = clipped_density_coverage(real, fake, interval=False)
            plain = prdc(real, fake, interval=False)
            sums[:, at] += [float(s) for s in (*clipped, plain.density, plain.coverage)]
    means = sums / replicates
    return {
        "scores": dict(zip(NAMES, means.tolist(), strict=True)),
        "r2_of_1_less_share": dict(zip(NAMES, map(_r2, means), strict=True)),
        "r2_of_a_line": {
            name: float(np.corrcoef(SHARES, found)[0, 1] ** 2)
            for name, found in zip(NAMES, means, strict=True)
        },
    }


def _r2(scores: np.ndarray) -> float:
    off = ((scores - (1 - SHARES)) ** 2).sum()
    return float(1 - off / ((scores - scores.mean()) ** 2).sum())


def show(row: Mapping[str, Any]) -> str:
    """A line on the screen."""
    return f"d = {row['d']}, {row['bad']}: {row['r2_of_1_less_share']}"


if __name__ == "__main__":
    harness.main(__doc__, {"all": CELLS}, run, show=show)
