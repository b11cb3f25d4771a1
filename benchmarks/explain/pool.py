"""Named features of many images, made once and kept: draws from them are cheap.

    GANEVAL_DATA=... nice python -m benchmarks.explain.pool DIR

makes DIR/SET/DEFECT.npz, features of net `morphology:offsets` for simulated yeast and of net
`texture` for the test images of CIFAR-10. A run that was killed goes on where it stopped.
"""

import functools
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.calibration.pools import DATA
from ganeval import Features, extract, open_images
from ganeval.datasets import LIN6
from ganeval.datasets.synthlin import simulate

CELLS = {"real": 800, "none": 800}
FAULTY = 400
"""Cells of each protein: real and good ones, and those of each faulty model."""

PROTEINS = {
    "yeast": LIN6,
    "septum": ("For3", "Mor2", "Pck2", "Ras1", "Rga1", "Shk1"),
}
"""The proteins of the published models, and six that sit at the septum."""

YEAST = ("real", "none", "shorter", "shifted", "blurred", "no_division", "memorised")
SETS = {
    "yeast": YEAST,
    "septum": ("real", "no_septum"),
    "photographs": ("real", "blurred", "darker", "grid", "shifted"),
}
"""What each set has: `real`, and what faulty models make."""


def cells(of: str, defect: str) -> Features:
    """Simulated cells of six proteins; the fakes are others than the reals."""
    import torch

    kind = "none" if defect == "real" else defect
    part = "test" if defect == "real" else "model"
    n = CELLS.get(defect, FAULTY)
    images = [simulate(p, n, part=part, defect=kind).images for p in PROTEINS[of]]
    found = extract(torch.from_numpy(np.concatenate(images)), "morphology:offsets")
    return labelled(found, np.repeat(PROTEINS[of], n))


def photographs(defect: str) -> Features:
    """CIFAR-10's test images with a fault, all ten classes; every second is real, the rest fake."""
    import torch

    source = open_images(Path(os.environ.get("GANEVAL_DATA", DATA)) / "cifar10" / "test.zip")
    places = range(0 if defect == "real" else 1, len(source), 2)
    labels = np.array([source.labels[i] for i in places])
    images = np.stack([source.read(i) for i in places]).astype(np.float64)
    made = FAULTS[defect](images).round().clip(0, 255).astype(np.uint8)
    return labelled(extract(torch.from_numpy(made), "texture"), labels)


def _blurred(images: np.ndarray) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(images, (0, 0, 0.5, 0.5))


def _grid(images: np.ndarray) -> np.ndarray:
    """Every second pixel along both axes is 4 grey levels brighter, as after upsampling."""
    made = images.copy()
    made[:, :, ::2, ::2] += 4
    return made


def _shifted(images: np.ndarray) -> np.ndarray:
    """The first channel one pixel to the right."""
    made = images.copy()
    made[:, 0] = np.roll(images[:, 0], 1, axis=2)
    return made


FAULTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "real": lambda images: images,
    "blurred": _blurred,
    "darker": lambda images: 0.9 * images,
    "grid": _grid,
    "shifted": _shifted,
}


def labelled(features: Features, labels: np.ndarray) -> Features:
    """The features with classes."""
    return replace(features, labels=tuple(map(str, labels)))


def write_pool(folder: Path) -> None:
    """Makes what the folder lacks."""
    import torch

    torch.set_num_threads(1)
    for of, defects in SETS.items():
        for defect in defects:
            path = folder / of / f"{defect}.npz"
            if path.exists():
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            found = photographs(defect) if of == "photographs" else cells(of, defect)
            found.save(path)
            print(path, len(found), flush=True)


@functools.cache
def read_pool(folder: Path, of: str, defect: str) -> Features:
    """Features of one set of images."""
    path = folder / of / f"{defect}.npz"
    if not path.exists():
        sys.exit(f"{path} is missing; make it: python -m benchmarks.explain.pool {folder}")
    return Features.load(path)


if __name__ == "__main__":
    write_pool(Path(sys.argv[1]))
