"""How often do the intervals of the KDE log-likelihood cover? One JSON line per cell.

    python -m benchmarks.calibration.kde --out benchmarks/calibration/kde.jsonl

What an interval should hold is the expected log-likelihood of a real under the kernel density of
so many fakes at the bandwidth of that very score. It is taken from independent draws of fakes and
reals on a grid of bandwidths, and interpolated.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import harness
from benchmarks.calibration.outcomes import outcome_of, spoken, summary
from benchmarks.harness import Row
from ganeval import Features, kde_log_likelihood

TRUTH_DRAWS, TRUTH_QUERIES, GRID = 300, 2000, 7


@dataclass(frozen=True)
class Cell:
    """One experiment."""

    world: str
    """gaussian; power (unequal directions, shifted); skewed; modes (the fakes lack one of five);
    plates (the reals come from so many, each with an offset); mode of 2 % missing; 3 % garbage
    (fakes that are three times as far out)."""
    n: int
    m: int
    d: int
    chosen: bool
    """Whether each score chooses its bandwidth, or all have a typical one."""
    plates: int = 0
    known: bool = True
    """Whether the metric is given the plates."""


def as_now(row: Row) -> Row:
    """A line of an earlier version in the names of today; its intervals were not all printed."""
    row = {"world" if name == "law" else name: value for name, value in row.items()}
    if "printed" not in row:
        row["rule_off"] = True
        row["printed"] = row.pop("intervals")
        row["covered"] = round((row.get("coverage") or 0) * row["printed"])
        row["median_half_width"] = row.get("half_width")
    return row


def draw(cell: Cell, side: str, n: int, rng: np.random.Generator, plates: int) -> np.ndarray:
    """[n, d] features."""
    d, real = cell.d, side == "real"
    noise = rng.standard_normal((n, d))
    match cell.world:
        case "gaussian":
            return noise if real else 1.1 * noise
        case "power":
            scales = np.arange(1, d + 1) ** -0.5
            if real:
                return noise * scales
            return noise * scales * np.linspace(0.6, 1, d) + 0.7 * scales * (np.arange(d) < 4)
        case "skewed":
            noise = rng.exponential(size=(n, d)) - 1
            return noise if real else 0.8 * noise + 0.1
        case "modes":
            corners = 8 * np.array([[0, 0], [0, 1], [1, 0], [1, 1], [2, 0]]) @ np.eye(2, d)
            return noise + corners[rng.integers(5 if real else 4, size=n)]
        case "plates":
            offsets = 0.5 * rng.standard_normal((plates, d))
            return noise + offsets[np.arange(n) * plates // n] if real else noise
        case "mode of 2 % missing":
            noise[:, 0] += 6 * (real and rng.random(n) < 0.02)
            return noise
        case "3 % garbage":
            return noise * np.where(not real and rng.random((n, 1)) < 0.03, 3.0, 1.0)
    raise ValueError(cell.world)


def expected(cell: Cell, bandwidths: np.ndarray) -> tuple[np.ndarray, float]:
    """The expectation at each bandwidth, and its own standard error."""
    grid = np.unique(np.geomspace(bandwidths.min(), bandwidths.max(), GRID))
    rng = np.random.default_rng(99)
    values = np.empty((TRUTH_DRAWS, len(grid)))
    for row in values:
        real = draw(cell, "real", TRUTH_QUERIES, rng, plates=TRUTH_QUERIES)
        fake = draw(cell, "fake", cell.m, rng, plates=cell.m)
        for i, h in enumerate(grid):
            row[i] = kde_log_likelihood(real, fake, bandwidth=h, interval=False).value
    truth = np.interp(np.log(bandwidths), np.log(grid), values.mean(axis=0))
    return truth, float(values.std(axis=0).mean() / TRUTH_DRAWS**0.5)


def pair(cell: Cell, rng: np.random.Generator) -> tuple[Features, Features]:
    """Both sides; ids differ, so blocks differ from replicate to replicate."""
    sides = []
    for side, n in (("real", cell.n), ("fake", cell.m)):
        name = rng.integers(1 << 40)
        grouped = cell.plates and side == "real" and cell.known
        sides.append(
            Features(
                features=draw(cell, side, n, rng, plates=cell.plates),
                ids=tuple(f"{name}/{side}/{i:06d}" for i in range(n)),
                groups=tuple(str(i * cell.plates // n) for i in range(n)) if grouped else None,
            )
        )
    return sides[0], sides[1]


def run(cell: Cell, *, replicates: int) -> dict[str, Any]:
    """Coverage and widths of one cell."""
    bandwidth = None
    if not cell.chosen:
        pilots = [pair(cell, np.random.default_rng([1, i])) for i in range(10)]
        found = [kde_log_likelihood(*sides, interval=False).details for sides in pilots]
        bandwidth = float(np.median([details["bandwidth"] for details in found]))
    scores = [
        kde_log_likelihood(*pair(cell, np.random.default_rng([2, i])), bandwidth=bandwidth)
        for i in range(replicates)
    ]
    bandwidths = np.array([score.details["bandwidth"] for score in scores])
    truths, truth_error = expected(cell, bandwidths)
    outcomes = [outcome_of(s, truth=t) for s, t in zip(scores, truths.tolist(), strict=True)]
    return {
        "bandwidth": float(np.median(bandwidths)),
        "truth_std_error": truth_error,
        **summary(outcomes, float("nan")),
    }


def cells() -> Iterator[Cell]:
    """All cells."""
    for d in (2, 16, 64):
        for n in (100, 300, 1000):
            for world in ("gaussian", "power", "skewed", "modes"):
                for chosen in (True, False):
                    yield Cell(world, n, n, d, chosen)
    for n in (30, 40, 60):
        for world in ("gaussian", "power", "skewed"):
            for d in (2, 16, 64):
                yield Cell(world, n, n, d, True)
    for n, d in ((100, 1), (300, 1), (600, 1), (1000, 1), (150, 4), (300, 4), (100, 8), (300, 8)):
        yield Cell("skewed", n, n, d, True)
        yield Cell("skewed", n, n, d, False)
    for d in (1, 2):
        for n in (2000, 4000):
            for chosen in (True, False):
                yield Cell("skewed", n, n, d, chosen)
    for n, m, d in (
        (200, 2000, 16),
        (2000, 200, 16),
        (2000, 50, 16),
        (300, 3000, 2),
        (3000, 300, 2),
    ):
        yield Cell("power", n, m, d, True)
        yield Cell("skewed", n, m, d, True)
    for plates in (6, 12, 24):
        for known in (True, False):
            for chosen in (True, False):
                yield Cell("plates", 480, 480, 16, chosen, plates, known)
    for world in ("mode of 2 % missing", "3 % garbage"):
        for d in (2, 8):
            for n in (150, 500):
                yield Cell(world, n, n, d, True)
                yield Cell(world, n, n, d, False)


LISTS = {"all": tuple(cells())}


if __name__ == "__main__":
    harness.main(
        __doc__,
        LISTS,
        run,
        read=as_now,
        show=lambda row: f"{row['world']} d={row['d']} n={row['n']}/{row['m']}: {spoken(row)}",
    )
