"""Time and memory of a score as the number of images grows.

    python -m benchmarks.scale.growth --out benchmarks/scale/results.jsonl

Each cell runs in a process of its own, with one thread, on 128 features (128 logits) per image that
are made on the fly, as many real as fake. Seconds are those of the processor, so that other
processes do not count; memory is the largest resident set of the whole process, Python, torch and
the rows of both sides included.
"""

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import harness

FEATURES = 128
BLOCK = 1000
"""Images in a block of a block estimate."""


@dataclass(frozen=True)
class Cell:
    """One score."""

    metric: str
    """Name of the function; `… in blocks` for a mean over blocks of 1,000 images."""
    n: int
    """Images a side."""


def cells(metric: str, *sizes: int) -> list[Cell]:
    """A metric at some sizes."""
    return [Cell(metric, n) for n in sizes]


E3, E4, E5, E6 = 10**3, 10**4, 10**5, 10**6
LISTS = {
    "sums": cells("fid", E3, E4, E5, E6) + cells("inception_score", E3, E4, E5, E6),
    "blocks": cells("kid in blocks", E4, E5, E6) + cells("prdc in blocks", E4, E5, E6),
    "pairs": cells("kid", E3, E4, E5) + cells("prdc", E3, E4, E5),
}


def rows(n: int, seed: int, shift: float) -> np.ndarray:
    """[n, 128] float32, correlated."""
    rng = np.random.default_rng(seed)
    mix = np.random.default_rng(FEATURES).normal(size=(FEATURES, FEATURES)).astype(np.float32)
    made = np.empty((n, FEATURES), np.float32)
    for start in range(0, n, 10_000):
        part = made[start : start + 10_000]
        part[:] = rng.standard_normal(part.shape, np.float32) @ mix / FEATURES**0.5 + shift
    return made


def score(metric: str, n: int) -> dict[str, Any]:
    """Computes one score in this process."""
    import torch

    import ganeval

    torch.set_num_threads(1)
    torch.linalg.eigvalsh(torch.eye(3))  # loads LAPACK
    real, fake = rows(n, 0, 0.0), rows(n, 1, 0.1)
    name, _, blocks = metric.partition(" in ")
    options = {"blocks": n // BLOCK} if blocks else {}
    before, began = _resident(), time.process_time()
    sides = (fake,) if name == "inception_score" else (real, fake)
    found = getattr(ganeval, name)(*sides, **options)
    seconds = time.process_time() - began
    first = found[0] if isinstance(found, tuple) else found
    return {
        "cpu_seconds": seconds,
        "rows_mb": before,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "value": first.value,
        "interval": first.interval,
        "std_error": first.std_error,
    }


def _resident() -> float:
    """Megabytes that this process has now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def run(cell: Cell) -> dict[str, Any]:
    """What a cell's line says."""
    environment = {**os.environ, **dict.fromkeys(harness.ONE_THREAD, "1")}
    module = "from benchmarks.scale.growth import *"
    code = f"{module}; print(json.dumps(score({cell.metric!r}, {cell.n})))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, replicates=None)
