"""How often do the intervals of RKE cover? One JSON line per cell.

    python -m benchmarks.calibration.rke --out benchmarks/calibration/rke.jsonl

For Gaussian fakes the score at n → ∞ is known at any bandwidth: Π (1 + 4 v / σ²)^½ over the
variances v of the features. The bandwidth is the one that each score takes from its own reals, as
is the default.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import harness
from benchmarks.calibration.outcomes import outcome_of, spoken, summary
from benchmarks.harness import Row
from ganeval import Features, rke


@dataclass(frozen=True)
class Cell:
    """One experiment."""

    world: str
    """gaussian (features alike), power (variances 1/j), modes (of five, far apart), one mode (has
    95 % of the images, four others share the rest)."""
    n: int
    d: int
    plates: int = 0
    """The fakes come from so many, each with an offset."""
    known: bool = True
    """Whether the metric is given the plates."""


def as_now(row: Row) -> Row:
    """A line of an earlier version in the names of today; it had the median of the ratios only."""
    row = {"world" if name == "law" else name: value for name, value in row.items()}
    if "printed" not in row:
        row["printed"] = row.pop("intervals")
        row["covered"] = round((row.get("coverage") or 0) * row["printed"])
    return row


PLATE_SD = 0.5
MODES = 5


def variances(cell: Cell) -> np.ndarray:
    """[d] of one mode, plates included."""
    one = 1.0 / np.arange(1, cell.d + 1) if cell.world == "power" else np.ones(cell.d)
    return one * (1 + PLATE_SD**2 * bool(cell.plates))


def centres(cell: Cell) -> np.ndarray:
    """[c, d] of the modes."""
    if cell.world not in ("modes", "one mode"):
        return np.zeros((1, cell.d))
    return 4 * np.random.default_rng(7).standard_normal((MODES, cell.d))


def shares(cell: Cell) -> np.ndarray:
    """[c] of the modes."""
    if cell.world == "one mode":
        return np.array([0.95, *[0.05 / (MODES - 1)] * (MODES - 1)])
    return np.full(len(centres(cell)), 1 / len(centres(cell)))


def draw(cell: Cell, n: int, plates: int, rng: np.random.Generator) -> np.ndarray:
    """[n, d] features; as many plates as images make them independent."""
    scales = np.sqrt(variances(cell) / (1 + PLATE_SD**2 * bool(cell.plates)))
    rows = rng.standard_normal((n, cell.d)) * scales
    if cell.plates:
        offsets = PLATE_SD * rng.standard_normal((plates, cell.d)) * scales
        rows += offsets[np.arange(n) * plates // n]
    modes = centres(cell)
    return rows + modes[rng.choice(len(modes), size=n, p=shares(cell))]


def truth(cell: Cell, bandwidth: float) -> float:
    """1 / E exp(−|x − x'|² / σ²): differences are Gaussian, around those of the modes."""
    v, modes = 2 * variances(cell), centres(cell)
    apart = (modes[:, None] - modes[None]) ** 2
    wide = 1 + 2 * v / bandwidth**2
    means = np.exp(-(apart / (bandwidth**2 * wide)).sum(2)) / np.sqrt(wide).prod()
    weights = shares(cell)
    return float(1 / (weights @ means @ weights))


def run(cell: Cell, *, replicates: int) -> dict[str, Any]:
    """Coverage of one cell."""
    outcomes = []
    for i in range(replicates):
        rng = np.random.default_rng([i, cell.n, cell.d, cell.plates])
        reals, fakes = (draw(cell, cell.n, plates, rng) for plates in (cell.n, cell.plates))
        name = rng.integers(1 << 40)
        groups = tuple(str(j * cell.plates // cell.n) for j in range(cell.n))
        score = rke(
            Features(
                features=fakes,
                ids=tuple(f"{name}/{j:06d}" for j in range(cell.n)),
                groups=groups if cell.plates and cell.known else None,
            ),
            real=reals,
        )
        outcomes.append(outcome_of(score, truth=truth(cell, score.details["bandwidth"])))
    return summary(outcomes, float("nan"))


def cells() -> Iterator[Cell]:
    """All cells."""
    for n in (20, 50, 100, 300, 1000):
        for world in ("gaussian", "power", "modes"):
            for d in (2, 16, 64):
                yield Cell(world, n, d)
    for plates in (4, 6, 12, 24, 48):
        yield Cell("power", 480, 16, plates)
    yield Cell("power", 480, 16, 12, known=False)
    for n in (60, 300):
        yield Cell("one mode", n, 16)


LISTS = {"all": tuple(cells())}


if __name__ == "__main__":
    harness.main(
        __doc__,
        LISTS,
        run,
        read=as_now,
        show=lambda row: f"{row['world']} d={row['d']} n={row['n']}: {spoken(row)}",
    )
