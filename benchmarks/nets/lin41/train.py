"""How the shipped `lin41` net was made: on simulated yeast alone.

    python -m benchmarks.nets.lin41.train && python -m benchmarks.nets.lin41.train --install

simulates the training cells (SynthLIN, seed 0, part `train`, of strains drawn from what the real
cells leave open of each protein's numbers: doubt.json, times `--doubt`), trains, writes card and
weights to --out, and adds a line with the figures on fresh simulated cells (part `test`) to
--results. `--install` copies a net trained before to ganeval/nets/weights. Interrupted, the same
command goes on. What the net makes of real cells is measured by check.py.
"""

import argparse
import os
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.harness import append
from benchmarks.nets._report import evaluate, machine, show
from benchmarks.nets.lin41.strains import Doubt, read
from ganeval.datasets import LIN41
from ganeval.datasets.synthlin import PROTEINS, Protein, simulate
from ganeval.datasets.synthlin.simulate import Part
from ganeval.images import open_images
from ganeval.nets import Card, load_card, train_net

HERE = Path(__file__).resolve().parent

WEIGHTS = HERE.parents[2] / "ganeval" / "nets" / "weights"

STRAIN = 10
"""Cells of one draw of a protein's numbers."""


class Labelled:
    """Cells [n, 2, 48, 80], as many of each protein in turn, as a data set."""

    def __init__(self, images: np.ndarray) -> None:
        self.images, self.classes = images, list(LIN41)
        per_class = len(images) // len(LIN41)
        self.targets = [i // per_class for i in range(len(images))]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return torch.from_numpy(self.images[index]), self.targets[index]


def main() -> None:
    """Simulates, trains, tests; or installs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--per-class", type=int, default=1200)
    parser.add_argument("--doubt", type=float, default=2.0, help="factor on what is left open")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--widths", default="16,32,64,128")
    parser.add_argument("--jitter", type=float, default=0.25)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, default=HERE.parents[2] / "build" / "nets" / "lin41")
    parser.add_argument("--results", type=Path, default=HERE / "results.jsonl")
    parser.add_argument("--install", action="store_true", help="ship the net in --out")
    options = parser.parse_args()
    if options.install:
        install(options.out)
        return
    start = time.perf_counter()
    images = cells("train", options.per_class, options.doubt, options.workers)
    simulated = time.perf_counter() - start
    card = train(
        images,
        name="lin41",
        out=options.out,
        epochs=options.epochs,
        widths=tuple(int(width) for width in options.widths.split(",")),
        jitter=options.jitter,
        device=options.device,
        data_name="SynthLIN: simulated cells only, no real image",
        licence="Apache-2.0",
    )
    trained = time.perf_counter() - start - simulated
    test = Labelled(cells("test", 100, 0.0, options.workers))
    figures = evaluate(card, open_images(test), threads=torch.get_num_threads())
    row = {
        "what": "trained",
        "sha256": card.sha256,
        "settings": {
            name: getattr(options, name)
            for name in ("per_class", "doubt", "epochs", "widths", "jitter", "device")
        },
        "simulation_seconds": round(simulated),
        "training_seconds": round(trained),
        "synthlin_test": figures,
        "machine": machine(torch.get_num_threads()),
    }
    append(options.results, row)
    print(f"SynthLIN test accuracy {figures['accuracy']:.4f}, ece {figures['ece']:.4f}")


def train(images: np.ndarray, **settings: Any) -> Card:
    """Trains on cells [n, 2, 48, 80], as many of each protein in turn; settings of `train_net`."""
    return train_net(
        open_images(Labelled(images)),
        batch_size=256,
        held_out=0.02,
        shift=0.05,
        progress=show,
        **settings,
    )


def cells(part: str, per_class: int, doubt: float, workers: int) -> np.ndarray:
    """Cells [41 * per_class, 2, 48, 80] uint8, protein by protein."""
    tasks = [(protein, part, per_class, doubt) for protein in LIN41]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        return np.concatenate(list(pool.map(_cells, tasks)))


def _cells(task: tuple[str, Part, int, float]) -> np.ndarray:
    protein, part, n, scale = task
    if scale == 0:
        return simulate(protein, n, part=part).images
    return of_strains(PROTEINS[protein], read(HERE / "doubt.json")[protein], n, scale, part)


def of_strains(
    protein: Protein,
    doubt: Doubt,
    n: int,
    scale: float,
    part: Part = "train",
    *,
    each: int = STRAIN,
) -> np.ndarray:
    """Cells [n, 2, 48, 80] of one protein, `each` of each of its strains."""
    return np.concatenate(
        [
            simulate(
                doubt.strain(protein, start // each, scale), min(each, n - start),
                part=part, start=start,
            ).images
            for start in range(0, n, each)
        ]
    )  # fmt: skip


def install(folder: Path) -> None:
    """Copies card and weights to where they are shipped from."""
    card = load_card(folder)
    shutil.copyfile(folder / "weights.safetensors", WEIGHTS / "lin41.safetensors")
    shipped = replace(
        card,
        empty_channels=(2,),
        weights="lin41.safetensors",
        source="benchmarks/nets/lin41/train.py",
    )
    (WEIGHTS / "lin41.json").write_text(shipped.to_json(), encoding="utf-8")


if __name__ == "__main__":
    main()
