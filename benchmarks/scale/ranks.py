"""Memory of the first of several processes that score together.

    python -m benchmarks.scale.ranks --out benchmarks/scale/ranks.jsonl

The processes talk over gloo and have equal shares of both sides, made on the fly. Memory is the
largest resident set of the first one; what it has beside its own rows is what scoring together
costs it.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from benchmarks import harness


@dataclass(frozen=True)
class Cell:
    """One FID with its interval."""

    n: int
    """Images a side."""
    d: int
    """Features per image."""
    ranks: int = 2


LISTS = {
    "parts": [Cell(20_000, 2048), Cell(1_280_000, 16)],
    "whole": [Cell(1_280_000, 2048, ranks=16)],
}
"""`whole` takes 128 GB of memory; its two parts, many features and many images, take little."""


def share(cell: Cell, rank: int, seed: int, shift: float) -> np.ndarray:
    """[n / ranks, d] float32 of one process."""
    rng = np.random.default_rng([seed, rank])
    made = np.empty((cell.n // cell.ranks, cell.d), np.float32)
    for start in range(0, len(made), 4096):
        part = made[start : start + 4096]
        part[:] = rng.standard_normal(part.shape, np.float32) + shift
    return made


def one_rank(rank: int, folder: str, n: int, d: int, ranks: int) -> None:
    """Scores with the others, and writes down what it took."""
    import torch
    import torch.distributed as dist

    import ganeval

    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo",
        store=dist.FileStore(f"{folder}/store", ranks),
        rank=rank,
        world_size=ranks,
        timeout=timedelta(hours=2),
    )
    cell = Cell(n, d, ranks)
    sides = share(cell, rank, 0, 0.0), share(cell, rank, 1, 0.1)
    began = time.process_time()
    score = ganeval.fid(*sides, process_group=dist.group.WORLD)
    found = {
        "cpu_seconds": time.process_time() - began,
        "rows_mb": sum(side.nbytes for side in sides) / 2**20,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "value": score.value,
        "corrected": score.corrected,
        "interval": score.interval,
    }
    with open(f"{folder}/{rank}.json", "w") as file:
        json.dump(found, file)
    dist.destroy_process_group()


def run(cell: Cell) -> dict[str, Any]:
    """What the first process says."""
    environment = {**os.environ, **dict.fromkeys(harness.ONE_THREAD, "1")}
    module = "from benchmarks.scale.ranks import *"
    with tempfile.TemporaryDirectory() as folder:
        processes = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    f"{module}; one_rank({rank}, {folder!r}, {cell.n}, {cell.d}, {cell.ranks})",
                ],
                env=environment,
            )
            for rank in range(cell.ranks)
        ]
        for process in processes:
            if process.wait():
                raise RuntimeError("a rank failed")
        with open(f"{folder}/0.json") as file:
            found: dict[str, Any] = json.load(file)
    return found


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, replicates=None)
