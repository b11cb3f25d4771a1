"""Searches for copies where there are none: do p-values of C_T and intervals of AuthPct hold?

    python -m benchmarks.calibration.copies --out benchmarks/calibration/copies.jsonl

Training images, held-out reals and fakes are drawn from one distribution, so that no fake is a
copy. A line says how often C_T's p-value is below 0.05, and how often AuthPct's interval holds the
share of authentic images among 4,000 new fakes, given the same training images.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import harness
from benchmarks.calibration.outcomes import clopper_pearson
from benchmarks.harness import Row
from ganeval import authpct, ct

NEW = 4000


@dataclass(frozen=True)
class Cell:
    """One experiment: images of each kind, features, and their distribution."""

    n: int
    d: int
    noise: str = "gaussian"
    """gaussian, or modes: five, far apart."""


def draw(cell: Cell, n: int, rng: np.random.Generator) -> np.ndarray:
    """[n, d] images."""
    x = rng.standard_normal((n, cell.d))
    if cell.noise == "modes":
        x += 4 * np.random.default_rng(7).standard_normal((5, cell.d))[rng.integers(5, size=n)]
    return x


def run(cell: Cell, *, replicates: int) -> dict[str, Any]:
    """Counts over replicates."""
    low_p = printed = held = 0
    for i in range(replicates):
        rng = np.random.default_rng([i, cell.n, cell.d])
        train, real, fake = (draw(cell, cell.n, rng) for _ in range(3))
        low_p += ct(real, fake, train=train).details["p_value"] < 0.05
        limits = authpct(real, fake, train=train).interval
        if limits is not None:
            printed += 1
            truth = authpct(real, draw(cell, NEW, rng), train=train).value
            held += limits[0] <= truth <= limits[1]
    return {"replicates": replicates, "low_p": int(low_p), "printed": printed, "covered": int(held)}


def cells() -> Iterator[Cell]:
    """All cells."""
    for noise in ("gaussian", "modes"):
        for n in (50, 200):
            for d in (4, 16):
                yield Cell(n, d, noise)


LISTS = {"all": tuple(cells())}


def spoken(row: Row) -> str:
    """A line on the screen."""
    low, high = clopper_pearson(row["low_p"], row["replicates"])
    holds = clopper_pearson(row["covered"], row["printed"])
    return (
        f"{row['noise']} d={row['d']} n={row['n']}: p < 0.05 in {100 * low:.1f} to "
        f"{100 * high:.1f} %; AuthPct covers {100 * holds[0]:.1f} to {100 * holds[1]:.1f} %"
    )


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, read=lambda row: row, show=spoken)
