"""Measures the cells that the results lack, and writes each line as soon as it is there."""

import functools
import importlib
import sys
import time
from collections.abc import Sequence
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
    several = jobs if jobs > 1 else None
    if several is not None:  # models first, each once; a failure shows where a cell needs it
        models = dict.fromkeys(model for name, cell in left for model in entry(name).needs(cell))
        _ = [*harness.measured(Model.train, list(models), several)]
    failed = 0
    measure = functools.partial(_measure, out)
    for (name, cell), found, seconds in harness.measured(
        measure, left, several, clock=time.process_time
    ):
        if isinstance(found, str):
            failed += 1
            print(f"{name} {cell}\n{found}", file=sys.stderr, flush=True)
            continue
        row = harness.identity(cell) | found
        row["trained"] = [model.command for model in entry(name).needs(cell)]
        about = {"machine": harness.machine(), "command": command(name, scale)}
        row |= {**about, "seconds": round(seconds, 1)}
        harness.append(out / name / RESULTS, row)
        print(name, cell.what, f"steps {cell.steps}, seed {cell.seed}: {seconds:.1f} s", flush=True)
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
