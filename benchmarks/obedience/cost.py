"""Processor seconds of one thread, interval and test included. One JSON line per cell.

python -m benchmarks.obedience.cost --out benchmarks/obedience/cost.jsonl
"""

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks import harness
from ganeval import Features
from ganeval.features import as_features
from ganeval.metrics import METRICS


@dataclass(frozen=True)
class Cell:
    """One measurement: Gaussian classes whose centres are as far apart as images of a class."""

    metric: str
    classes: int
    n: int
    """Images of each class and side."""
    d: int


def side(cell: Cell, seed: int) -> Features:
    """Rows with labels."""
    names = np.repeat([f"c{i:02d}" for i in range(cell.classes)], cell.n)
    centres = 0.5 * np.random.default_rng(99).standard_normal((cell.classes, cell.d))
    rows = np.random.default_rng(seed).standard_normal((len(names), cell.d))
    rows += np.repeat(centres, cell.n, axis=0)
    return replace(as_features(rows), labels=tuple(names.tolist()))


def measure(cell: Cell) -> dict[str, Any]:
    """Seconds of the second call, which imports nothing."""
    sides = {"real": side(cell, 0), "fake": side(cell, 1)}
    small = Cell(cell.metric, 2, 4, 2)
    METRICS[cell.metric].scores(real=side(small, 0), fake=side(small, 1))
    start = time.process_time()
    (score,) = METRICS[cell.metric].scores(**sides)
    return {"cpu_seconds": time.process_time() - start, "value": score.value}


LISTS = {
    "all": [
        Cell(metric, 41, n, 64)
        for metric in ("obedience", "retrieval", "utility")
        for n in (4, 100)
    ]
}

if __name__ == "__main__":
    harness.main(__doc__, LISTS, measure, replicates=None)
