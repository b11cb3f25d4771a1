"""SynthLIN on disk: in LIN's own layout, or as the output of a model with a known fault."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganeval.datasets.lin import LIN41
from ganeval.datasets.synthlin.defects import defect_of
from ganeval.datasets.synthlin.proteins import PROTEINS
from ganeval.datasets.synthlin.simulate import Part, check_seed, simulate, simulate_all
from ganeval.errors import InputError

Progress = Callable[[int, int], None]

CHUNK = 50
"""Cells per task."""


@dataclass(frozen=True)
class _Task:
    folder: Path
    proteins: tuple[str, ...]
    """One protein, or all that are written for the same cells."""
    same_cells: bool
    part: Part
    start: int
    stop: int
    seed: int
    defect: str
    strength: float | None


def write_synthlin(
    folder: str | Path,
    *,
    per_class: int = 100,
    test_per_class: int | None = None,
    proteins: Sequence[str] = LIN41,
    seed: int = 0,
    same_cells: bool = False,
    num_workers: int = 0,
    progress: Progress | None = None,
) -> None:
    """Writes `SynthLIN_size-48-80_train` and `..._test` with a folder of RGB PNG per protein.

    Red is Bgs4, green the protein, blue is empty. `metadata.jsonl` in each part has a caption per
    cell, as data sets of images with text do. The same arguments give the same files.

    Args:
        folder: new or empty folder.
        per_class: training cells of each protein.
        test_per_class: test cells of each protein; None takes `per_class`.
        proteins: classes from LIN41.
        seed: seed of all random numbers.
        same_cells: file `cell0007.png` of every protein shows the same cell.
        num_workers: number of processes.
        progress: called with (cells written, total cells).

    Raises:
        InputError: the folder is not empty, or a protein is unknown.
    """
    root = _check(folder, per_class, proteins, seed)
    counts: dict[Part, int] = {
        "train": per_class,
        "test": per_class if test_per_class is None else test_per_class,
    }
    tasks = [
        _Task(
            root / f"SynthLIN_size-48-80_{part}", written, same_cells, part, start,
            min(start + CHUNK, n), seed, "none", None,
        )
        for part, n in counts.items()
        for written in ([tuple(proteins)] if same_cells else [(name,) for name in proteins])
        for start in range(0, n, CHUNK)
    ]  # fmt: skip
    _run(tasks, num_workers, progress)


def write_model(
    folder: str | Path,
    *,
    per_class: int = 100,
    proteins: Sequence[str] = LIN41,
    defect: str = "none",
    strength: float | None = None,
    seed: int = 0,
    num_workers: int = 0,
    progress: Progress | None = None,
) -> None:
    """Writes what a model with a known fault would make: one folder of RGB PNG per protein.

    The cells are neither training nor test cells of that seed, but from the same distribution.

    Args:
        folder: new or empty folder.
        per_class: cells of each protein.
        proteins: classes from LIN41.
        defect: entry of DEFECTS; `none` is a perfect model.
        strength: strength of the defect; None takes its typical one.
        seed: seed of all random numbers.
        num_workers: number of processes.
        progress: called with (cells written, total cells).

    Raises:
        InputError: the folder is not empty, or a protein or defect is unknown.
    """
    root = _check(folder, per_class, proteins, seed)
    defect_of(defect, strength)  # fails before anything is written
    tasks = [
        _Task(
            root, (name,), False, "model", start, min(start + CHUNK, per_class), seed, defect,
            strength,
        )
        for name in proteins
        for start in range(0, per_class, CHUNK)
    ]  # fmt: skip
    _run(tasks, num_workers, progress)


def _check(folder: str | Path, per_class: int, proteins: Sequence[str], seed: int) -> Path:
    root = Path(folder)
    check_seed(seed)
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise InputError(f"{root} is not an empty folder; name a new one")
    if len(set(proteins)) < len(proteins):
        raise InputError(f"a protein is named twice in {', '.join(proteins)}; name each once")
    if unknown := [name for name in proteins if name not in PROTEINS]:
        raise InputError(f"there is no protein {', '.join(unknown)}; known: {', '.join(LIN41)}")
    if per_class < 1:
        raise InputError(f"per_class is {per_class}; give 1 or more")
    return root


def _run(tasks: list[_Task], num_workers: int, progress: Progress | None) -> None:
    for task in tasks:
        for protein in task.proteins:
            (task.folder / protein).mkdir(parents=True, exist_ok=True)
    total, done = sum((task.stop - task.start) * len(task.proteins) for task in tasks), 0
    captions: dict[Path, list[tuple[str, str]]] = {}
    for task, rows in zip(tasks, _written(tasks, num_workers), strict=True):
        captions.setdefault(task.folder, []).extend(rows)
        done += len(rows)
        if progress is not None:
            progress(done, total)
    for folder, rows in captions.items():
        lines = [json.dumps({"file_name": name, "text": text}) for name, text in sorted(rows)]
        (folder / "metadata.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _written(tasks: list[_Task], num_workers: int) -> Iterator[list[tuple[str, str]]]:
    if num_workers < 2:
        yield from map(_write, tasks)
        return
    from ganeval.processes import fresh_processes  # multiprocessing: slow to import

    with fresh_processes(num_workers) as pool:
        yield from pool.map(_write, tasks)


def _write(task: _Task) -> list[tuple[str, str]]:
    """Writes the cells of a task; returns (file name, caption) of each."""
    n = task.stop - task.start
    if task.same_cells:
        cells = simulate_all(n, seed=task.seed, part=task.part, start=task.start)
        pictures = {p: cells.images[:, [0, 1 + LIN41.index(p)]] for p in task.proteins}
    else:
        (protein,) = task.proteins
        cells = simulate(
            protein, n, seed=task.seed, part=task.part, start=task.start,
            defect=task.defect, strength=task.strength,
        )  # fmt: skip
        pictures = {protein: cells.images}
    rows = []
    for protein, images in pictures.items():
        for number, (image, text) in enumerate(zip(images, cells.captions, strict=True)):
            name = f"{protein}/cell{task.start + number:04d}.png"
            _save(task.folder / name, image)
            rows.append((name, text))
    return rows


def _save(path: Path, image: np.ndarray) -> None:
    from PIL import Image

    rgb = np.zeros((*image.shape[1:], 3), np.uint8)
    rgb[..., :2] = np.moveaxis(image, 0, 2)
    Image.fromarray(rgb).save(path, compress_level=1)
