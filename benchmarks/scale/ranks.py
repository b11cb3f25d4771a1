"""Memory of several processes that score together, and whether they say what one would.

    python -m benchmarks.scale.ranks --out benchmarks/scale/ranks.jsonl

The processes talk over gloo and have equal shares of both sides, made on the fly. Memory is the
largest resident set of the first one, and of the others; what one has beside its own rows and its
libraries is what scoring together costs it. Metrics of pairs are scored by one process as well.
Where rows stay on the disk (memory-mapped), memory is what the process has beside pages of files.
"""

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import harness


@dataclass(frozen=True)
class Cell:
    """One score with its interval."""

    n: int
    """Images a side."""
    d: int
    """Features per image."""
    ranks: int = 2
    metric: str = "fid"
    on_disk: bool = False
    """Whether rows are memory-mapped."""


PAIRS = ("kid", "prdc", "rke", "kde_log_likelihood")

LISTS = {
    "parts": [Cell(20_000, 2048), Cell(1_280_000, 16)],
    "pairs": [Cell(5_000, 2048, metric=metric) for metric in PAIRS],
    "whole": [Cell(1_280_000, 2048, on_disk=True)],
}
"""`whole` takes 21 GB of disk; its two parts, many features and many images, take little."""

SIDES = ((0, 0.0), (1, 0.1))
"""Seed and shift of the reals and of the fakes."""


def share(cell: Cell, rank: int, seed: int, shift: float, folder: str) -> np.ndarray:
    """[n / ranks, d] float32 of one process."""
    shape = (cell.n // cell.ranks, cell.d)
    if not cell.on_disk:
        return filled(np.empty(shape, np.float32), rank, seed, shift)
    path = f"{folder}/{seed}-{rank}.npy"
    filled(np.lib.format.open_memmap(path, "w+", np.float32, shape), rank, seed, shift)
    opened: np.ndarray = np.load(path, mmap_mode="r")
    return opened


def filled(rows: np.ndarray, rank: int, seed: int, shift: float) -> np.ndarray:
    """The rows, with numbers of a rank's own in them."""
    rng = np.random.default_rng([seed, rank])
    for start in range(0, len(rows), 4096):
        part = rows[start : start + 4096]
        part[:] = rng.standard_normal(part.shape, np.float32) + shift
    return rows


def one_rank(rank: int, folder: str, cell: Cell) -> None:
    """Scores with the others, and writes down what it took."""
    import torch
    import torch.distributed as dist

    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo",
        store=dist.FileStore(f"{folder}/store", cell.ranks),
        rank=rank,
        world_size=cell.ranks,
        timeout=timedelta(hours=2),
    )
    real, fake = (share(cell, rank, seed, shift, folder) for seed, shift in SIDES)
    write_score(f"{folder}/{rank}.json", cell, real, fake, process_group=dist.group.WORLD)
    dist.destroy_process_group()


def alone(folder: str, cell: Cell) -> None:
    """One process with all shares."""
    import torch

    torch.set_num_threads(1)
    real, fake = (
        np.concatenate([share(cell, rank, seed, shift, folder) for rank in range(cell.ranks)])
        for seed, shift in SIDES
    )
    write_score(f"{folder}/alone.json", cell, real, fake)


def write_score(path: str, cell: Cell, real: np.ndarray, fake: np.ndarray, **options: Any) -> None:
    """The score, and what it took."""
    import ganeval

    began = time.process_time()
    with beside_files() if cell.on_disk else whole() as peak:
        scores = getattr(ganeval, cell.metric)(real=real, fake=fake, **options)
    first, *others = scores if isinstance(scores, tuple) else (scores,)
    found = {
        "cpu_seconds": time.process_time() - began,
        "rows_mb": (real.nbytes + fake.nbytes) / 2**20,
        "peak_mb": max(peak),
        "value": first.value,
        "corrected": first.corrected,
        "interval": first.interval,
        "others": [[score.value, score.interval] for score in others],
    }
    with open(path, "w") as file:
        json.dump(found, file)


@contextmanager
def whole() -> Iterator[list[float]]:
    """Collects the largest resident set of this process, in megabytes."""
    found: list[float] = []
    yield found
    found.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


@contextmanager
def beside_files() -> Iterator[list[float]]:
    """Collects, ten times a second, the megabytes of this process that are no pages of files."""
    found, ended = [0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            status = Path("/proc/self/status").read_text()
            found.append(int(re.findall(r"RssAnon:\s+(\d+)", status)[0]) / 1024)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield found
    finally:
        ended.set()
        watcher.join()


def run(cell: Cell) -> dict[str, Any]:
    """What the first process says, the largest of the others, and what one alone would say."""
    with tempfile.TemporaryDirectory() as folder:
        wait_for([_start(f"one_rank({rank}, {folder!r}, {cell})") for rank in range(cell.ranks)])
        first, *others = (_read(f"{folder}/{rank}.json") for rank in range(cell.ranks))
        found = {**first, "peak_mb_of_others": max(other["peak_mb"] for other in others)}
        if cell.metric in PAIRS:
            wait_for([_start(f"alone({folder!r}, {cell})")])
            whole = _read(f"{folder}/alone.json")
            found |= {"peak_mb_alone": whole["peak_mb"], "gap": _gap(first, whole)}
    return found


def _start(call: str) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, **dict.fromkeys(harness.ONE_THREAD, "1")}
    code = f"from benchmarks.scale.ranks import *; {call}"
    return subprocess.Popen([sys.executable, "-c", code], env=environment)


def wait_for(processes: "Sequence[subprocess.Popen[bytes]]") -> None:
    """Until all have ended well."""
    for process in processes:
        if process.wait():
            raise RuntimeError("a process failed")


def _read(path: str) -> dict[str, Any]:
    with open(path) as file:
        found: dict[str, Any] = json.load(file)
    return found


def _gap(one: dict[str, Any], other: dict[str, Any]) -> float:
    """The largest relative difference of any number of the scores."""
    ours, theirs = (
        np.hstack([found["value"], found["interval"], *(np.hstack(o) for o in found["others"])])
        for found in (one, other)
    )
    return float((np.abs(ours - theirs) / np.abs(theirs)).max())


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, replicates=None)
