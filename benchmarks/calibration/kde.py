"""How often do the intervals of the KDE log-likelihood cover? One JSON line per cell.

    python benchmarks/calibration/kde.py --out benchmarks/calibration/kde.jsonl

What an interval should hold is the expected log-likelihood of a real under the kernel density of
so many fakes at the bandwidth of that very score. It is taken from independent draws of fakes and
reals on a grid of bandwidths, and interpolated. The rule by which few images in few features have
no interval is off: the cells show why it is there. Cells that the file has are skipped.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest import mock

import numpy as np
import torch

from ganeval import Features, kde_log_likelihood

RULE_OFF = {"LEAST_IMAGES": 0, "LEAST_VALUES": 0, "LEAST_VALUES_OF_FEW": 0}
TRUTH_DRAWS, TRUTH_QUERIES, GRID = 300, 2000, 7


@dataclass(frozen=True)
class Cell:
    """One experiment."""

    law: str
    """gaussian; power (unequal directions, shifted); skewed; modes (the fakes lack one of five);
    plates (the reals come from so many, each with an offset)."""
    n: int
    m: int
    d: int
    chosen: bool
    """Whether each score chooses its bandwidth, or all have a typical one."""
    plates: int = 0
    known: bool = True
    """Whether the metric is told the plates."""


def draw(cell: Cell, side: str, n: int, rng: np.random.Generator, plates: int) -> np.ndarray:
    """[n, d] features."""
    d, real = cell.d, side == "real"
    noise = rng.standard_normal((n, d))
    match cell.law:
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
    raise ValueError(cell.law)


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


def run(cell: Cell, replicates: int) -> dict[str, object]:
    """Coverage and widths of one cell."""
    start = time.perf_counter()
    bandwidth = None
    if not cell.chosen:
        pilots = [pair(cell, np.random.default_rng([1, i])) for i in range(10)]
        found = [kde_log_likelihood(*sides, interval=False).details for sides in pilots]
        bandwidth = float(np.median([details["bandwidth"] for details in found]))
    with mock.patch.multiple("ganeval.metrics.kde.estimates", **RULE_OFF):
        scores = [
            kde_log_likelihood(*pair(cell, np.random.default_rng([2, i])), bandwidth=bandwidth)
            for i in range(replicates)
        ]
    values = np.array([score.value for score in scores])
    bandwidths = np.array([score.details["bandwidth"] for score in scores])
    truth, truth_error = expected(cell, bandwidths)
    result: dict[str, object] = {
        "bandwidth": float(np.median(bandwidths)),
        "truth": float(truth.mean()),
        "truth_std_error": truth_error,
        "mean": float(values.mean()),
        "sd": float((values - truth).std(ddof=1)),
        "intervals": sum(score.interval is not None for score in scores),
    }
    if result["intervals"] == replicates:
        low, high = np.array([score.interval for score in scores]).T
        result |= {
            "coverage": float(np.mean((low <= truth) & (truth <= high))),
            "below": float(np.mean(high < truth)),
            "above": float(np.mean(truth < low)),
            "half_width": float(np.median(high - low) / 2),
            "std_error": float(np.mean([score.std_error for score in scores])),
        }
    seconds = round(time.perf_counter() - start, 1)
    return {**asdict(cell), "replicates": replicates, **result, "seconds": seconds}


def cells() -> Iterator[Cell]:
    """All cells."""
    for d in (2, 16, 64):
        for n in (100, 300, 1000):
            for law in ("gaussian", "power", "skewed", "modes"):
                for chosen in (True, False):
                    yield Cell(law, n, n, d, chosen)
    for n in (30, 40, 60):
        for law in ("gaussian", "power", "skewed"):
            for d in (2, 16, 64):
                yield Cell(law, n, n, d, True)
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


def main() -> None:
    """Runs the cells that the output file lacks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="results, one JSON line per cell")
    parser.add_argument("--replicates", type=int, default=500)
    parser.add_argument("--only", default="", help="run cells whose JSON contains this text")
    options = parser.parse_args()
    torch.set_num_threads(1)
    lines = options.out.read_text().splitlines() if options.out.exists() else []
    done = [json.loads(line) for line in lines]
    for cell in cells():
        own = asdict(cell).items()
        if any(row["replicates"] >= options.replicates and own <= row.items() for row in done):
            continue
        if options.only not in json.dumps(asdict(cell)):
            continue
        row = run(cell, options.replicates)
        with options.out.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
