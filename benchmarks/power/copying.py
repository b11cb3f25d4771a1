"""Memorisation: how many planted copies are found, and how many new images are accused?

    GANEVAL_DATA=... python -m benchmarks.power.copying --out benchmarks/power/copying.jsonl

Fakes are new images, of which 1 % are replaced by training images that were flipped (or not),
shifted by up to 2 pixels along each side, made brighter or darker by up to a quarter with a new
black level, and given some noise. Each of the replicates parts 2,400 images that are not among the
training images anew into 1,000 held-out reals and the new fakes, and asks for a p-value of every
fake; a fake is accused at p ≤ 0.01.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import shift as shifted
from scipy.stats import false_discovery_control

from benchmarks import harness
from benchmarks.calibration.pools import DATA
from benchmarks.harness import Row
from ganeval import extract, open_images
from ganeval.datasets import LIN41
from ganeval.datasets.synthlin import simulate
from ganeval.metrics.copies.likeness import of_pixels
from ganeval.metrics.copies.memorization import (
    FALSE_DISCOVERIES,
    FINE,
    PIXELS,
    conformal_p_values,
)

TRAIN, UNSEEN, COPIES = 1500, 2400, 200
"""Training images; others, to be held-out reals or new fakes; copies to draw from."""

N, PLANTED = 1000, 10
RATE = 0.01


@dataclass(frozen=True)
class Cell:
    """One experiment."""

    data: str
    """mnist, cifar10 or synthlin."""


def images_of(data: str) -> np.ndarray:
    """[n, c, h, w] float64 from 0 to 1, in a random order; enough for all pools."""
    n, rng = TRAIN + UNSEEN, np.random.default_rng(0)
    if data == "synthlin":
        per_protein = -(-n // len(LIN41))
        found = [simulate(name, per_protein, part="test").images for name in LIN41]
        return rng.permutation(np.concatenate(found) / 255.0)[:n]
    folder = Path(os.environ.get("GANEVAL_DATA", DATA))
    path = {
        "mnist": folder / "mnist" / "train-images-idx3-ubyte.gz",
        "cifar10": folder / "cifar10" / "test.zip",
    }[data]
    source = open_images(path)
    chosen = rng.permutation(len(source))[:n]
    features = extract(source, "pixels:all").take(np.sort(chosen))
    preprocessing = features.protocol["preprocessing"]
    ((height, width),) = preprocessing["sizes"]
    rows = np.asarray(features.features, float)
    return rng.permutation(rows).reshape(n, preprocessing["channels"], height, width)


def transformed(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Copies that a look would recognise."""
    copies = []
    for image in images:
        flipped = image[..., ::-1] if rng.random() < 0.5 else image
        moved = shifted(flipped, (0, *rng.integers(-2, 3, 2)), order=0, mode="nearest")
        brighter = rng.uniform(0.75, 1.25) * moved + rng.uniform(0, 0.1)
        copies.append(brighter + 0.02 * rng.standard_normal(image.shape))
    return np.stack(copies)


def rows_of(images: np.ndarray) -> np.ndarray:
    """[n, d] as net `pixels:32` has them."""
    import torch

    found = extract(torch.from_numpy(np.round(255 * images.clip(0, 1)).astype(np.uint8)), PIXELS)
    return np.asarray(found.features, np.float64)


def run(cell: Cell, *, replicates: int) -> dict[str, Any]:
    """Shares of copies that were found and of new images that were accused."""
    images = images_of(cell.data)
    train, unseen = np.split(images, [TRAIN])
    rng = np.random.default_rng(1)
    copies = transformed(train[rng.choice(TRAIN, COPIES, replace=False)], rng)
    _, c, h, w = images.shape
    shape = (c, min(h, FINE), min(w, FINE))
    trained = rows_of(train)
    of_unseen, of_copy = (
        of_pixels(rows_of(some), trained, shape).ratios for some in (unseen, copies)
    )
    found = listed = 0
    accused, wrong = [], []
    for i in range(replicates):
        rng = np.random.default_rng([i, 3])
        real, new, _ = np.split(rng.permutation(of_unseen), [N, 2 * N - PLANTED])
        fakes = np.concatenate([rng.choice(of_copy, PLANTED), new])
        p = conformal_p_values(fakes, real, np.arange(N))
        list_of = false_discovery_control(p) <= FALSE_DISCOVERIES
        found += int((p[:PLANTED] <= RATE).sum())
        accused.append(float((p[PLANTED:] <= RATE).mean()))
        listed += int(list_of[:PLANTED].sum())
        wrong.append(float(list_of[PLANTED:].sum() / max(list_of.sum(), 1)))
    return {
        "replicates": replicates,
        "n_train": TRAIN,
        "n": N,
        "planted": PLANTED,
        "rate": RATE,
        "power": found / (PLANTED * replicates),
        "false_positive_rate": float(np.mean(accused)),
        "power_of_list": listed / (PLANTED * replicates),
        "false_discovery_rate": float(np.mean(wrong)),
        "quantiles": {
            "accused": np.quantile(accused, [0.05, 0.95]).round(5).tolist(),
            "copies": np.quantile(of_copy, [0.5, 0.9, 0.95]).round(4).tolist(),
            "new": np.quantile(of_unseen, [0.01, 0.05, 0.5]).round(4).tolist(),
        },
    }


LISTS = {"all": (Cell("synthlin"), Cell("mnist"), Cell("cifar10"))}


def show(row: Row) -> str:
    """A line on the screen."""
    return (
        f"{row['data']}: {100 * row['power']:.1f} % of copies found, "
        f"{100 * row['false_positive_rate']:.2f} % of new images accused; in the list "
        f"{100 * row['power_of_list']:.1f} %, {100 * row['false_discovery_rate']:.1f} % of it wrong"
    )


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, replicates=10_000, show=show)
