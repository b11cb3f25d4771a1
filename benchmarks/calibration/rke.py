"""How often do the intervals of RKE cover? One JSON line per cell.

    python benchmarks/calibration/rke.py --out benchmarks/calibration/rke.jsonl

For Gaussian fakes the score at n → ∞ is known at any bandwidth: Π (1 + 4 v / σ²)^½ over the
variances v of the features. The bandwidth is the one that each score takes from its own reals, as
is the default. Cells that the file has are skipped.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from coverage import upper_bound

from ganeval import Features, rke


@dataclass(frozen=True)
class Cell:
    """One experiment."""

    law: str
    """gaussian (features alike), power (variances 1/j), modes (of five, far apart)."""
    n: int
    d: int
    plates: int = 0
    """The fakes come from so many, each with an offset."""
    known: bool = True
    """Whether the metric is told the plates."""


PLATE_SD = 0.5
MODES = 5


def variances(cell: Cell) -> np.ndarray:
    """[d] of one mode, plates included."""
    one = 1.0 / np.arange(1, cell.d + 1) if cell.law == "power" else np.ones(cell.d)
    return one * (1 + PLATE_SD**2 * bool(cell.plates))


def centres(cell: Cell) -> np.ndarray:
    """[c, d] of the modes, which are equally likely."""
    if cell.law != "modes":
        return np.zeros((1, cell.d))
    return 4 * np.random.default_rng(7).standard_normal((MODES, cell.d))


def draw(cell: Cell, n: int, plates: int, rng: np.random.Generator) -> np.ndarray:
    """[n, d] features; as many plates as images make them independent."""
    scales = np.sqrt(variances(cell) / (1 + PLATE_SD**2 * bool(cell.plates)))
    rows = rng.standard_normal((n, cell.d)) * scales
    if cell.plates:
        offsets = PLATE_SD * rng.standard_normal((plates, cell.d)) * scales
        rows += offsets[np.arange(n) * plates // n]
    modes = centres(cell)
    return rows + modes[rng.integers(len(modes), size=n)]


def truth(cell: Cell, bandwidth: float) -> float:
    """1 / E exp(−|x − x'|² / σ²): differences are Gaussian, around those of the modes."""
    v, modes = 2 * variances(cell), centres(cell)
    apart = (modes[:, None] - modes[None]) ** 2
    wide = 1 + 2 * v / bandwidth**2
    means = np.exp(-(apart / (bandwidth**2 * wide)).sum(2)) / np.sqrt(wide).prod()
    return float(1 / means.mean())


def run(cell: Cell, replicates: int) -> dict[str, object]:
    """Coverage of one cell."""
    start = time.perf_counter()
    covered = intervals = 0
    ratios = []
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
            reals,
        )
        expected = truth(cell, score.details["bandwidth"])
        if score.corrected is not None:
            ratios.append(score.corrected / expected)
        if score.interval is not None:
            intervals += 1
            covered += score.interval[0] <= expected <= score.interval[1]
    row = {**asdict(cell), "replicates": replicates, "intervals": intervals}
    if intervals:
        row["coverage"] = covered / intervals
        row["upper_bound"] = upper_bound(covered, intervals)
    if ratios:
        row["median_ratio"] = float(np.median(ratios))
    return {**row, "seconds": round(time.perf_counter() - start, 1)}


def cells() -> Iterator[Cell]:
    """All cells."""
    for n in (20, 50, 100, 300, 1000):
        for law in ("gaussian", "power", "modes"):
            for d in (2, 16, 64):
                yield Cell(law, n, d)
    for plates in (4, 6, 12, 24, 48):
        yield Cell("power", 480, 16, plates)
    yield Cell("power", 480, 16, 12, known=False)


def main() -> None:
    """Runs the cells that the output file lacks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="results, one JSON line per cell")
    parser.add_argument("--replicates", type=int, default=500)
    options = parser.parse_args()
    torch.set_num_threads(1)
    lines = options.out.read_text().splitlines() if options.out.exists() else []
    done = [json.loads(line) for line in lines]
    for cell in cells():
        if any(asdict(cell).items() <= row.items() for row in done):
            continue
        row = run(cell, options.replicates)
        with options.out.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
