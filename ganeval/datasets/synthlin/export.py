"""SynthLIN on disk: in LIN's own layout, or as the output of a model with a known fault."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ganeval.datasets.lin import LIN41
from ganeval.datasets.synthlin.defects import defect_of
from ganeval.datasets.synthlin.proteins import PROTEINS
from ganeval.datasets.synthlin.simulate import Part, check_seed, simulate, simulate_all
from ganeval.errors import InputError
from ganeval.files import whole_folder
from ganeval.version import __version__

Progress = Callable[[int, int], None]

CHUNK = 50
"""Cells per task."""

MANIFEST = "synthlin.json"
"""File that says how a folder was made; it is there once all else is."""


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
    cell, as data sets of images with text do. The same arguments give the same files. The folder
    appears when it is complete; where it is there already, of the same arguments, it is kept.

    Args:
        folder: new or empty folder.
        per_class: training cells of each protein.
        test_per_class: test cells of each protein, 0 for no test part; None takes `per_class`.
        proteins: classes from LIN41.
        seed: seed of all random numbers.
        same_cells: file `cell0007.png` of every protein shows the same cell.
        num_workers: number of processes.
        progress: called with (cells written, total cells).

    Raises:
        InputError: the folder holds something else, or a protein is unknown.
    """
    test_per_class = per_class if test_per_class is None else test_per_class
    _check(per_class, proteins, seed, num_workers)
    if test_per_class < 0:
        raise InputError(f"test_per_class is {test_per_class}; give 0 or more")
    counts: dict[Part, int] = {"train": per_class, "test": test_per_class}
    settings = {
        "per_class": per_class, "test_per_class": test_per_class, "proteins": list(proteins),
        "seed": seed, "same_cells": same_cells,
    }  # fmt: skip

    def tasks(root: Path) -> list[_Task]:
        return [
            _Task(
                root / f"SynthLIN_size-48-80_{part}", written, same_cells, part, start,
                min(start + CHUNK, n), seed, "none", None,
            )
            for part, n in counts.items()
            for written in ([tuple(proteins)] if same_cells else [(name,) for name in proteins])
            for start in range(0, n, CHUNK)
        ]  # fmt: skip

    _run(folder, settings, tasks, num_workers, progress)


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
    The folder appears when it is complete; where it is there already, of the same arguments, it
    is kept.

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
        InputError: the folder holds something else, or a protein or defect is unknown.
    """
    _check(per_class, proteins, seed, num_workers)
    defect_of(defect, strength)  # fails before anything is written
    settings = {
        "per_class": per_class, "proteins": list(proteins), "seed": seed, "defect": defect,
        "strength": strength,
    }  # fmt: skip

    def tasks(root: Path) -> list[_Task]:
        return [
            _Task(
                root, (name,), False, "model", start, min(start + CHUNK, per_class), seed, defect,
                strength,
            )
            for name in proteins
            for start in range(0, per_class, CHUNK)
        ]  # fmt: skip

    _run(folder, settings, tasks, num_workers, progress)


def is_written(folder: str | Path) -> bool:
    """Whether one of the functions above wrote this folder."""
    return (Path(folder) / MANIFEST).is_file()


def _check(per_class: int, proteins: Sequence[str], seed: int, num_workers: int) -> None:
    check_seed(seed)
    if num_workers < 0:
        raise InputError(f"num_workers is {num_workers}; give 0 or more")
    if len(set(proteins)) < len(proteins):
        raise InputError(f"a protein is named twice in {', '.join(proteins)}; name each once")
    if unknown := [name for name in proteins if name not in PROTEINS]:
        raise InputError(f"there is no protein {', '.join(unknown)}; known: {', '.join(LIN41)}")
    if per_class < 1:
        raise InputError(f"per_class is {per_class}; give 1 or more")


def _run(
    folder: str | Path,
    settings: dict[str, Any],
    tasks_in: Callable[[Path], list[_Task]],
    num_workers: int,
    progress: Progress | None,
) -> None:
    """Runs the tasks beside the folder, which then takes its place with a manifest."""
    root = Path(folder)
    total = sum((task.stop - task.start) * len(task.proteins) for task in tasks_in(root))
    manifest = {"software": f"ganeval {__version__}", "images": total, "settings": settings}
    if is_written(root):
        _check_same(root, manifest)
        return
    with whole_folder(root) as beside:
        _write_all(tasks_in(beside), total, num_workers, progress)
        text = json.dumps(manifest, indent=1) + "\n"
        (beside / MANIFEST).write_text(text, encoding="utf-8")


def _check_same(root: Path, manifest: dict[str, Any]) -> None:
    """Raises InputError if a folder that was written before is another, or has lost images."""
    try:
        there = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        there = None
    images = sum(1 for _ in root.rglob("*.png"))
    if there != manifest or images != manifest["images"]:
        what = "of other settings" if images == manifest["images"] else f"with {images} of them"
        raise InputError(
            f"{root} holds simulated cells already, {what}, and not these "
            f"{manifest['images']}; name a new folder"
        )


def _write_all(tasks: list[_Task], total: int, num_workers: int, progress: Progress | None) -> None:
    for task in tasks:
        for protein in task.proteins:
            (task.folder / protein).mkdir(parents=True, exist_ok=True)
    done = 0
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
