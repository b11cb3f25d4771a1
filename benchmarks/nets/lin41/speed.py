"""How fast cells are simulated and measured.

    python -m benchmarks.nets.lin41.speed [--folder FOLDER]

Times the simulator in memory, `ganeval data synthlin --per-class 100` (8,200 cells as PNG), net
`morphology` in memory, and `ganeval features extract` of the test part, on all processors, three
times each, and adds a line with the medians to results.jsonl. Files go to a new folder within
FOLDER, by default where temporary files go: creating a file may take a disk as long as simulating
a third of a cell. About five minutes; nothing else should run.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import numpy as np
import torch

from benchmarks.harness import append
from benchmarks.nets._report import machine
from ganeval.datasets import LIN41
from ganeval.datasets.synthlin import simulate
from ganeval.nets import load_net
from ganeval.nets._sharing import shared_among

HERE = Path(__file__).resolve().parent

PER_CLASS = 100
WORKERS = os.cpu_count() or 1


def main() -> None:
    """All four figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--results", type=Path, default=HERE / "results.jsonl")
    options = parser.parse_args()
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        list(pool.map(cells, LIN41[:WORKERS]))  # until everything is imported
        simulate_all = seconds(lambda: list(pool.map(cells, LIN41)))
        images = np.concatenate(list(pool.map(cells, LIN41)))
    with shared_among(load_net("morphology"), WORKERS) as net:
        batch = torch.from_numpy(images).float() / 255
        net(batch[:100])
        measure_all = seconds(lambda: net(batch))
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        names = (f"{folder}/{number}" for number in count())
        data = ("data", "synthlin")
        write_all = seconds(lambda: command(*data, next(names), "--per-class", str(PER_CLASS)))
        test = f"{folder}/0/SynthLIN_size-48-80_test"
        net_options = ("--feature-net", "morphology", "--channels", "0,1", "--no-cache")
        extract = ("features", "extract", test, *net_options, "-o")
        extract_all = seconds(lambda: command(*extract, f"{next(names)}.npz"))
    row = {
        "what": "speed",
        "cells": len(images),
        "simulated_per_second": round(len(images) / simulate_all),
        "measured_per_second": round(len(images) / measure_all),
        "data_synthlin_per_second": round(2 * len(images) / write_all),
        "features_extract_per_second": round(len(images) / extract_all),
        "files": str(options.folder),
        "machine": machine(WORKERS),
    }
    print(row)
    append(options.results, row)


def cells(protein: str) -> np.ndarray:
    """[100, 2, 48, 80] uint8."""
    return simulate(protein, PER_CLASS).images


def seconds(run: Callable[[], object]) -> float:
    """Median of three."""
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return median(taken)


def command(*arguments: str) -> None:
    """A whole run of the command line."""
    ganeval = Path(sys.executable).with_name("ganeval")
    subprocess.run([str(ganeval), *arguments], check=True, capture_output=True)


if __name__ == "__main__":
    main()
