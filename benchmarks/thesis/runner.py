"""Measures the cells that the results lack, and writes each line as soon as it is there."""

import functools
import importlib
import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from benchmarks import harness
from benchmarks.thesis.cells import Cell
from benchmarks.thesis.models import Model
from ganeval.errors import InputError
from trainers.folder import data_dir

NAMES = (
    "table1", "fig6", "appa2", "fig7", "fig9", "fig11", "fig12", "table3", "fig14", "appb", "fig16",
    "conclusions", "joint", "reconstruction", "recipes",
)  # fmt: skip
"""Tables and figures, one folder each, in the order of the page."""

NEEDED = {"fig7": ["mnist"], "fig9": ["mnist"], "fig11": ["mnist"], "appb": ["mnist", "cifar10"]}
"""Folders of GANEVAL_DATA; all others make their own images."""

RESULTS = "results.jsonl"


class Entry(Protocol):
    """A table or figure: the module `benchmarks.thesis.NAME`.

    One that the thesis makes a claim of also has `claims(rows)`, a list of `Claim`.
    """

    TITLE: str

    def cells(self, scale: str) -> Sequence[Cell]:
        """What is measured at a scale."""
        ...

    def needs(self, cell: Cell) -> Sequence[Model]:
        """Models behind a cell."""
        ...

    def run(self, cell: Cell, out: Path) -> dict[str, Any]:
        """Measures one cell, and may leave pictures in the folder `out`."""
        ...

    def show(self, rows: list[dict[str, Any]], out: Path) -> str:
        """A section of the page from all rows, and the pictures that rows are enough for."""
        ...


def entry(name: str) -> Entry:
    """The module of a table or figure."""
    found: Any = importlib.import_module(f"benchmarks.thesis.{name}")
    return found


def run(names: Sequence[str], scale: str, out: Path, jobs: int, only: str) -> bool:
    """Measures what is missing; returns whether none failed."""
    left = [
        (name, cell)
        for name in names
        if _has_data(name)
        for cell in harness.lacking(
            entry(name).cells(scale), harness.lines_of(out / name / RESULTS)
        )
        if only in cell.what
    ]
    if jobs > 1:
        models = dict.fromkeys(model for name, cell in left for model in entry(name).needs(cell))
        _ = [*_each(Model.train, list(models), jobs)]  # a failure shows where a cell needs it
    failed = 0
    for (name, cell), found, seconds in _each(functools.partial(_measure, out), left, jobs):
        if isinstance(found, str):
            failed += 1
            print(f"{name} {cell}\n{found}", file=sys.stderr, flush=True)
            continue
        row = harness.identity(cell) | found
        row["trained"] = [model.command for model in entry(name).needs(cell)]
        row |= {"machine": harness.machine(), "command": command(name, scale), "seconds": seconds}
        harness.append(out / name / RESULTS, row)
        print(name, cell.what, f"steps {cell.steps}, seed {cell.seed}: {seconds} s", flush=True)
    return not failed


def _has_data(name: str) -> bool:
    """Whether the images that a figure needs are here; says so where they are not."""
    for folder in NEEDED.get(name, ()):
        try:
            if (data_dir() / folder).is_dir():
                continue
        except InputError:
            pass
        print(f"{name} skipped: set GANEVAL_DATA to a folder with {folder}/", file=sys.stderr)
        return False
    return True


def command(name: str, scale: str) -> str:
    """What a reader would type for one table or figure."""
    return f"python -m benchmarks.thesis {name} --scale {scale}"


def _measure(out: Path, task: tuple[str, Cell]) -> dict[str, Any]:
    name, cell = task
    (out / name).mkdir(parents=True, exist_ok=True)
    return entry(name).run(cell, out / name)


def _each(
    function: Callable[[Any], Any], items: Sequence[Any], jobs: int
) -> Iterator[tuple[Any, Any, float]]:
    """(item, result or traceback, CPU seconds) of each item."""
    task = functools.partial(_timed, function)
    if jobs == 1:
        _one_thread()
        yield from map(task, items)
    elif items:
        os.environ.update(dict.fromkeys(harness.ONE_THREAD, "1"))  # read by the children
        with multiprocessing.get_context("spawn").Pool(jobs, _one_thread) as pool:
            yield from pool.imap_unordered(task, items)


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def _timed(function: Callable[[Any], Any], item: Any) -> tuple[Any, Any, float]:
    begun = time.process_time()
    try:
        found = function(item)
    except Exception:
        found = traceback.format_exc()
    return item, found, round(time.process_time() - begun, 1)
