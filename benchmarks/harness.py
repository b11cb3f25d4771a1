"""Cells of an experiment: each runs once, and its line is in the results file as soon as it ends.

A cell is a frozen dataclass that says what is measured. A results file has one JSON line for each
cell that ran: the cell's fields, what was found, and the machine, the command and the seconds.
Cells that the file has already are skipped, so a run that was killed goes on where it stopped.
"""

import argparse
import functools
import json
import multiprocessing
import os
import shlex
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Any

from benchmarks._machine import machine

Row = dict[str, Any]

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def lines_of(path: Path) -> list[Row]:
    """Rows of a results file; none where there is no file, and none of a line that was cut off."""
    if not path.exists():
        return []
    whole, _, _ = path.read_text(encoding="utf-8").rpartition("\n")
    return [json.loads(line) for line in whole.splitlines()]


def append(path: Path, row: Mapping[str, Any]) -> None:
    """Adds one line to a results file, after taking away what a killed run wrote of its last."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if end := file.seek(0, os.SEEK_END):
            file.seek(end - 1)
            if file.read() != b"\n":
                file.seek(0)
                file.truncate(file.read().rfind(b"\n") + 1)
        file.write(json.dumps(row).encode() + b"\n")


def fields_of(cell: Any) -> list[str]:
    """Of a dataclass or one of its cells: what makes it another one."""
    return [item.name for item in fields(cell) if item.compare]


def identity(cell: Any) -> Row:
    """The fields that make a cell another one: those that dataclasses compare."""
    whole = asdict(cell)
    return {name: whole[name] for name in fields_of(cell)}


def found(cells: Iterable[Any], rows: Iterable[Row]) -> dict[Any, Row]:
    """The cells that have a row, each with the row of most replicates.

    A row is of a cell if all fields agree; one that the row lacks counts as the field's default.
    """
    kept, by_kind = list(rows), dict[type, dict[tuple, Row]]()
    having = {}
    for cell in dict.fromkeys(cells):
        kind = type(cell)
        if kind not in by_kind:
            by_kind[kind] = {}
            for row in sorted(kept, key=lambda row: row.get("replicates", 0)):
                by_kind[kind][_key_of_row(kind, row)] = row
        if (row := by_kind[kind].get(_key(identity(cell)))) is not None:
            having[cell] = row
    return having


def lacking(cells: Iterable[Any], rows: Iterable[Row], *, replicates: int | None = None) -> list:
    """The cells without a row, or without one of so many replicates; each once, in their order.

    A cell that has `most` wants no more than that.
    """
    wished = list(dict.fromkeys(cells))
    having = found(wished, rows)
    return [
        cell
        for cell in wished
        if cell not in having
        or (replicates is not None and having[cell]["replicates"] < wanted(cell, replicates))
    ]


def wanted(cell: Any, replicates: int) -> int:
    """Replicates of a cell: fewer where each takes long and the cell says so."""
    most = getattr(cell, "most", None)
    return replicates if most is None else min(replicates, most)


def _key(values: Row) -> tuple:
    """Hashable; JSON makes lists of tuples, and 1.0 equals 1."""
    return tuple(_tuples(value) for value in values.values())


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list | tuple) else value


def _key_of_row(kind: type, row: Row) -> tuple:
    values = {}
    for item in fields(kind):
        if item.compare:
            default = None if item.default is MISSING else item.default
            values[item.name] = row.get(item.name, default)
    return _key(values)


def run_cells(
    measure: Callable[[Any], Mapping[str, Any]],
    cells: Iterable[Any],
    out: Path,
    *,
    jobs: int | None = None,
    replicates: int | None = None,
    read: Callable[[Row], Row] = dict,
) -> Iterator[Row]:
    """Measures the cells that the file lacks, and gives each line once it is written.

    Args:
        measure: what was found of a cell, as strict JSON; with a machine, command or seconds of
            its own, those are kept.
        cells: frozen dataclasses.
        out: results, one JSON line per cell.
        jobs: processes, each with one thread; None stays in this one, where `measure` need not
            be importable.
        replicates: see `lacking`.
        read: a row of an earlier version in the names of today.

    Raises:
        SystemExit: at the end, if some cells failed; the others have their lines.
    """
    left = lacking(cells, map(read, lines_of(out)), replicates=replicates)
    failed = 0
    for cell, found, seconds in measured(measure, left, jobs):
        if isinstance(found, str):
            failed += 1
            print(f"{cell}\n{found}", file=sys.stderr, flush=True)
            continue
        about = {"machine": machine(), "command": command(), "seconds": round(seconds, 1)}
        row = {**identity(cell), **found}
        row |= {name: value for name, value in about.items() if name not in row}
        append(out, row)
        yield row
    if failed:
        sys.exit(f"{failed} of {len(left)} cells failed")


Measured = tuple[Any, Any, float]
"""A cell; what was found, or how it failed; seconds."""


def measured(
    measure: Callable[[Any], Any],
    cells: Sequence[Any],
    jobs: int | None,
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[Measured]:
    """What was found of each cell, in the order in which they end; see `run_cells`.

    Args:
        measure: of one cell.
        cells: all of them.
        jobs: processes, with one thread each; None stays in this one.
        clock: of the seconds.
    """
    task = functools.partial(_task, measure, clock)
    if jobs is None:
        _one_thread()
        yield from map(task, cells)
    elif cells:
        # Children read these before they import anything.
        os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
        processes = min(jobs, len(cells))
        with multiprocessing.get_context("spawn").Pool(processes, _one_thread) as pool:
            yield from pool.imap_unordered(task, cells)


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def _task(measure: Callable[[Any], Any], clock: Callable[[], float], cell: Any) -> Measured:
    start = clock()
    try:
        found: Any = measure(cell)
    except Exception:
        found = traceback.format_exc()
    return cell, found, clock() - start


def command() -> str:
    """The command line of this process, as a reader would type it."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    program = Path(sys.argv[0]).name if spec is None else f"-m {spec.name}"
    return shlex.join(["python", *program.split(), *sys.argv[1:]])


def parser(
    doc: str | None, lists: Mapping[str, Sequence[Any]], *, replicates: int | None = 500
) -> argparse.ArgumentParser:
    """The options that all experiments have: --out, --only, --jobs, --list, --replicates."""
    made = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    made.add_argument("--out", type=Path, help="results, one JSON line per cell")
    made.add_argument(
        "--only",
        nargs="+",
        default=[],
        metavar="TEXT",
        help="a list of this name, or cells that `--list` shows with TEXT (or, if TEXT has commas, "
        "with all of its parts); several are added. Lists: " + ", ".join(lists),
    )
    made.add_argument("--jobs", type=int, default=1, help="processes, of one thread each")
    made.add_argument("--list", action="store_true", help="name the cells and run none")
    if replicates is not None:
        made.add_argument("--replicates", type=int, default=replicates)
    return made


def selected(lists: Mapping[str, Sequence[Any]], only: Sequence[str]) -> list[Any]:
    """The cells that `--only` asks for, each once; all of them if it asks for nothing."""
    found = []
    for name, cells in lists.items():
        for cell in cells:
            text = f"{name}: {cell}"
            if not only or any(
                one == name or (one not in lists and all(part in text for part in one.split(",")))
                for one in only
            ):
                found.append(cell)
    return list(dict.fromkeys(found))


def main(
    doc: str | None,
    lists: Mapping[str, Sequence[Any]],
    measure: Callable[..., Mapping[str, Any]],
    *,
    replicates: int | None = 500,
    read: Callable[[Row], Row] = dict,
    show: Callable[[Row], str] = json.dumps,
) -> None:
    """A whole program: `measure(cell)`, or `measure(cell, replicates=…)`, of what is asked for."""
    options = parser(doc, lists, replicates=replicates)
    given = options.parse_args()
    cells = selected(lists, given.only)
    if given.list:
        print(
            *(f"{name}: {cell}" for name, of in lists.items() for cell in of if cell in cells),
            sep="\n",
        )
        return
    if given.out is None:
        options.error("--out is missing: the file for the results")
    if replicates is not None:
        measure, replicates = (
            functools.partial(_repeated, measure, given.replicates),
            given.replicates,
        )
    for row in run_cells(
        measure, cells, given.out, jobs=given.jobs, replicates=replicates, read=read
    ):
        print(show(row), flush=True)


def _repeated(
    measure: Callable[..., Mapping[str, Any]], replicates: int, cell: Any
) -> Mapping[str, Any]:
    number = wanted(cell, replicates)
    return {"replicates": number, **measure(cell, replicates=number)}
