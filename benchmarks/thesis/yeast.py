"""Cells of yeast: simulated ones, and LIN's own where `--lin` gave them; models of them."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from filelock import FileLock

import ganeval
from benchmarks.thesis.models import ROOT, Model, small
from ganeval import Features
from ganeval.datasets import LIN6, LIN41, lin
from ganeval.datasets.synthlin import simulate
from ganeval.errors import InputError
from ganeval.files import whole
from ganeval.images import iterate

NET = "lin41"

PROTEINS = {6: LIN6, 41: LIN41}

Part = Literal["train", "test"]


def sources() -> tuple[str, ...]:
    """Where cells come from: `synthlin`, and `lin` if its folders were given."""
    return ("synthlin", "lin") if os.environ.get("GANEVAL_LIN") else ("synthlin",)


def per_class(scale: str) -> int:
    """Cells of each class and side: the thesis' 500, or as few as FID takes."""
    return 100 if scale == "small" else 500


def cells_of(source: str, proteins: Sequence[str], part: Part, n: int) -> np.ndarray:
    """[k, n, 2, 48, 80] uint8: n cells of each protein."""
    if source == "lin":
        return np.stack([_lin_cells(name, part, n) for name in proteins])
    return np.stack([_simulated(name, part, n) for name in proteins])


def _simulated(protein: str, part: Part, n: int) -> np.ndarray:
    """Simulated once, and kept in build/thesis."""
    path = ROOT / "cells" / f"{protein}-{part}-{n}.npy"
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        if not path.exists():
            with whole(path) as beside, beside.open("wb") as file:
                np.save(file, simulate(protein, n, part=part).images)
    return np.asarray(np.load(path))


def _lin_cells(protein: str, part: Part, n: int) -> np.ndarray:
    everything = lin(Path(os.environ["GANEVAL_LIN"]), part=part, proteins=[protein])
    if len(everything) < n:
        raise InputError(
            f"LIN's {part} part has {len(everything)} cells of {protein}; wanted {n}; unpack all "
            "of it"
        )
    chosen = np.sort(np.random.default_rng(0).permutation(len(everything))[:n])
    found = everything.select(chosen.tolist())
    return np.stack([x for batch in iterate(found, batch_size=256) for x in batch.pixels])


def model(recipe: str, source: str, k: int, scale: str, steps: int, *changes: str) -> Model:
    """A recipe of k proteins: an eighth of the width and few cells, or the thesis' setting.

    At small scale nets are as slow as batches are large: batches are of 16, or of 4 of each class
    where every batch has all classes.
    """
    if scale == "full":
        return Model(recipe, steps, (f"data={source}{k}", *changes))
    data = f"synthlin{k}-small" if source == "synthlin" else f"{source}{k}"
    batch = 4 if "one-class" in recipe or "star" in recipe else 16
    return small(recipe, steps, f"data={data}", *changes, width=0.125, batch=batch)


def fakes(trained: Model, k: int, n: int) -> np.ndarray:
    """[k, n, 2, 48, 80]: n cells of each class; the same noise in no two classes."""
    drawn = trained.draw(np.repeat(np.arange(k), n))
    return drawn.reshape(k, n, *drawn.shape[1:])


def seen(images: np.ndarray, proteins: Sequence[str]) -> list[Features]:
    """Features of cells [k, n, 2, 48, 80], a set for each class."""
    k, n = images.shape[:2]
    flat = torch.from_numpy(np.ascontiguousarray(images.reshape(k * n, *images.shape[2:])))
    found = ganeval.extract(flat, NET)
    return [
        replace(
            found,
            features=found.features[i * n : (i + 1) * n],
            ids=tuple(f"{name}-{j}" for j in range(n)),
            logits=None,
            hashes=None if found.hashes is None else found.hashes[i * n : (i + 1) * n],
            labels=(name,) * n,
            fingerprint=f"{found.fingerprint}-{name}",
            name=name,
        )
        for i, name in enumerate(proteins)
    ]


def joined(classes: Sequence[Features]) -> Features:
    """All classes as one set."""
    first = classes[0]
    return replace(
        first,
        features=np.concatenate([np.asarray(one.features) for one in classes]),
        ids=tuple(name for one in classes for name in one.ids),
        hashes=None,
        labels=tuple(name for one in classes for name in one.labels or ()),
        fingerprint=first.fingerprint.rpartition("-")[0],
        name="all classes",
    )
