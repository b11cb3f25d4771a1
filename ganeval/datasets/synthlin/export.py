"""SynthLIN on disk, in LIN's own layout."""

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from ganeval.datasets.lin import LIN41
from ganeval.datasets.synthlin.defects import DEFECTS
from ganeval.datasets.synthlin.proteins import PROTEINS
from ganeval.datasets.synthlin.simulate import Part, simulate, simulate_all
from ganeval.errors import InputError

CHUNK = 50
"""Cells per task."""


@dataclass(frozen=True)
class _Task:
    folder: Path
    protein: str | None
    """None draws all proteins of the same cells."""
    proteins: tuple[str, ...]
    part: Part
    start: int
    stop: int
    seed: int
    defect: str | None
    strength: float | None


def write_synthlin(
    folder: str | Path,
    *,
    per_class: int = 100,
    test_per_class: int | None = None,
    proteins: Sequence[str] = LIN41,
    seed: int = 0,
    defect: str | None = None,
    strength: float | None = None,
    same_cells: bool = False,
    num_workers: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Writes `SynthLIN_size-48-80_train` and `..._test` with a folder of RGB PNG per protein.

    Red is Bgs4, green the protein, blue is empty. `metadata.jsonl` in each part has a caption per
    cell, as data sets of images with text do. The same arguments give the same files.

    Args:
        folder: new or empty.
        per_class: training cells of each protein.
        test_per_class: test cells; None takes as many.
        proteins: classes, of LIN41.
        seed: of everything.
        defect: entry of DEFECTS, for both parts.
        strength: of the defect; None takes its typical one.
        same_cells: file `cell0007.png` of every protein shows the same cell.
        num_workers: processes; scripts that give some need the `__main__` guard.
        progress: called with (cells written, cells in all).

    Raises:
        InputError: a folder with something in it, an unknown protein or defect.
    """
    root = Path(folder)
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise InputError(f"{root} is not an empty folder; name a new one")
    if unknown := [name for name in proteins if name not in PROTEINS]:
        raise InputError(f"there is no protein {', '.join(unknown)}; known: {', '.join(LIN41)}")
    if defect is not None:
        DEFECTS[defect]
        if same_cells:
            raise InputError("cells shared by all proteins have no defects; leave one out")
    counts: dict[Part, int] = {
        "train": per_class,
        "test": per_class if test_per_class is None else test_per_class,
    }
    if min(counts.values()) < 0 or not sum(counts.values()):
        raise InputError(f"per class are {per_class} cells; give 1 or more")
    tasks = [
        _Task(
            root / f"SynthLIN_size-48-80_{part}", protein, tuple(proteins), part, start,
            min(start + CHUNK, n), seed, defect, strength,
        )
        for part, n in counts.items()
        for protein in ([None] if same_cells else proteins)
        for start in range(0, n, CHUNK)
    ]  # fmt: skip
    for part, protein in itertools.product(counts, proteins):
        if counts[part]:
            (root / f"SynthLIN_size-48-80_{part}" / protein).mkdir(parents=True)
    total, done = sum(counts.values()) * len(proteins), 0
    captions: dict[Path, list[tuple[str, str]]] = {}
    for task, rows in zip(tasks, _run(tasks, num_workers), strict=True):
        captions.setdefault(task.folder, []).extend(rows)
        done += len(rows)
        if progress is not None:
            progress(done, total)
    for part_folder, rows in captions.items():
        lines = [json.dumps({"file_name": name, "text": text}) for name, text in sorted(rows)]
        (part_folder / "metadata.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _run(tasks: list[_Task], num_workers: int) -> Iterator[list[tuple[str, str]]]:
    if num_workers < 2:
        yield from map(_write, tasks)
        return
    pool: Executor
    with ProcessPoolExecutor(num_workers, get_context("spawn")) as pool:
        yield from pool.map(_write, tasks)


def _write(task: _Task) -> list[tuple[str, str]]:
    """Writes the cells of a task; returns (file name, caption) of each."""
    n = task.stop - task.start
    if task.protein is not None:
        cells = simulate(
            task.protein, n, seed=task.seed, part=task.part, start=task.start,
            defect=task.defect, strength=task.strength,
        )  # fmt: skip
        pictures = {task.protein: cells.images}
    else:
        cells = simulate_all(n, seed=task.seed, part=task.part, start=task.start)
        pictures = {p: cells.images[:, [0, 1 + LIN41.index(p)]] for p in task.proteins}
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
