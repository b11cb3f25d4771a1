"""Do the scores order real images by how much they were damaged?

    GANEVAL_DATA=/path/to/data python -m benchmarks.real_data.run [--cifar-net PATH]

Real MNIST (train images) under the shipped `mnist` net and, with the folder that
benchmarks/nets/cifar10/train.py wrote, real CIFAR-10 (JPEG; train images) under a net made by
`ganeval nets train`, against: other real images (test), and those damaged by noise, blur and
dropped classes at growing strength, under every metric that judges quality. Writes one line per
case to results.jsonl beside this file, goes on where it was, and writes the tables of README.md.
"""

import argparse
import functools
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

import ganeval
from benchmarks.harness import run_cells
from benchmarks.real_data.tables import RESULTS, write_tables

LEVELS = {"noise": (10, 25, 50, 100), "blur": (0.4, 0.7, 1.0, 1.5), "dropped": (1, 2, 4, 8)}
OPTIONS = {"c2st": {"permutations": 0}}
"""Its AUC is wanted here, not its p-value: null.py has those."""


@dataclass(frozen=True)
class Case:
    """One data set under one net, damaged in one way."""

    data: str
    net: str
    n: int
    damage: str
    level: float


def main() -> None:
    """Scores every case and writes results and README."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cifar-net", help="folder of a net trained on CIFAR-10")
    parser.add_argument("--n", type=int, default=5000, help="images per side")
    options = parser.parse_args()
    data = Path(os.environ["GANEVAL_DATA"])
    sources = [
        (
            "MNIST", "mnist",
            data / "mnist/train-images-idx3-ubyte.gz", data / "mnist/t10k-images-idx3-ubyte.gz",
        )
    ]  # fmt: skip
    if options.cifar_net:
        sources.append(
            (
                "CIFAR-10 (JPEG)", options.cifar_net,
                data / "cifar10/train.zip", data / "cifar10/test.zip",
            )
        )  # fmt: skip
    for name, net, train, test in sources:
        loaded = ganeval.load_net(net)
        cases = [Case(name, loaded.card.name, options.n, *kind) for kind in kinds()]
        for row in run_cells(measuring(loaded, train, test, options.n), cases, RESULTS):
            print(json.dumps(row), flush=True)
        write_tables()


def measuring(
    net: ganeval.FeatureNet, train: Path, test: Path, n: int
) -> Callable[[Case], dict[str, object]]:
    """What gives every score of the train images against test images, damaged or not."""

    @functools.cache
    def sides() -> tuple[ganeval.Features, np.ndarray, np.ndarray]:
        reals = ganeval.extract(ganeval.open_images(train, max_images=n), net)
        return reals, *read(ganeval.open_images(test, max_images=n))

    def measure(case: Case) -> dict[str, object]:
        reals, images, labels = sides()
        fakes = ganeval.extract(damaged(images, labels, case.damage, case.level), net)
        found = {
            result.metric: {key: getattr(result, key) for key in ("value", "corrected", "interval")}
            for result in scores(reals, fakes)
        }
        return {"scores": found}

    return measure


def scores(reals: ganeval.Features, fakes: ganeval.Features) -> Iterator[ganeval.Score]:
    """Of every metric that judges quality and needs no training images."""
    entries = {entry.command: entry for entry in map(ganeval.METRICS.__getitem__, ganeval.METRICS)}
    for command, entry in entries.items():
        if entry.judges_quality and not entry.needs_train:
            yield from entry.scores(real=reals, fake=fakes, **OPTIONS.get(command, {}))


def read(source: ganeval.ImageSource) -> tuple[np.ndarray, np.ndarray]:
    """Images [n, h, w, c] and labels [n]."""
    images = np.stack([source.read(i).transpose(1, 2, 0) for i in range(len(source))])
    return images, np.array(source.labels)


def kinds() -> Iterator[tuple[str, float]]:
    """(damage, level): none first, then each kind at growing strength."""
    yield "none", 0
    for damage, levels in LEVELS.items():
        yield from ((damage, level) for level in levels)


def damaged(images: np.ndarray, labels: np.ndarray, damage: str, level: float) -> np.ndarray:
    """Images [n, h, w, c], the worse the higher the level."""
    match damage:
        case "noise":
            noise = np.random.default_rng(0).normal(0, level, images.shape)
            return (images + noise).clip(0, 255).astype(np.uint8)
        case "blur":
            soft = gaussian_filter(images.astype(np.float32), (0, level, level, 0))
            return soft.round().astype(np.uint8)
        case "dropped":
            kept = np.flatnonzero(~np.isin(labels, np.unique(labels)[: int(level)]))
            chosen = np.random.default_rng(0).choice(kept, len(images))
            order = np.arange(len(images))
            return images[np.where(np.isin(order, kept), order, chosen)]
    return images


if __name__ == "__main__":
    main()
