"""Do the scores order real images by how much they were damaged?

    GANEVAL_DATA=/path/to/data python benchmarks/real_data/run.py [--cifar-net PATH]

Real MNIST (train images) under the shipped `mnist` net and, with the folder that
benchmarks/nets/cifar10/train.py wrote, real CIFAR-10 (JPEG; train images) under a net made by
`ganeval nets train`, against: other real images (test), and those damaged by noise, blur and
dropped classes at growing strength, under every metric that judges quality. Writes one line per
case to results.jsonl beside this file, goes on where it was, and writes the tables of README.md.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from tables import RESULTS, lines_of, write_tables

import ganeval

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from _machine import processor

LEVELS = {"noise": (10, 25, 50, 100), "blur": (0.4, 0.7, 1.0, 1.5), "dropped": (1, 2, 4, 8)}
OPTIONS = {"c2st": {"permutations": 0}}
"""Its AUC is wanted here, not its p-value: null.py has those."""


def main() -> None:
    """Scores every case and writes results and README."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cifar-net", help="folder of a net trained on CIFAR-10")
    parser.add_argument("--n", type=int, default=5000, help="images per side")
    options = parser.parse_args()
    torch.set_num_threads(1)
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
    for source in sources:
        score(*source, n=options.n)
        write_tables()


def score(name: str, net: str, train: Path, test: Path, *, n: int) -> None:
    """One line per case: every metric of the train images against test images, damaged or not."""
    loaded = ganeval.load_net(net)
    done = {
        (row["damage"], row["level"])
        for row in lines_of(RESULTS)
        if (row["data"], row["net"], row["n"]) == (name, loaded.card.name, n)
    }
    reals = ganeval.extract(ganeval.open_images(train, max_images=n), loaded)
    images, labels = read(ganeval.open_images(test, max_images=n))
    for damage, level, damaged in cases(images, labels):
        if (damage, level) in done:
            continue
        fakes = ganeval.extract(damaged, loaded)
        row: dict[str, object] = {"data": name, "net": loaded.card.name, "n": n}
        row |= {"damage": damage, "level": level, "machine": machine()}
        row["scores"] = {
            result.metric: {key: getattr(result, key) for key in ("value", "corrected", "interval")}
            for result in scores(reals, fakes)
        }
        with RESULTS.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(json.dumps(row), flush=True)


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


def cases(images: np.ndarray, labels: np.ndarray) -> Iterator[tuple[str, float, np.ndarray]]:
    """(damage, level, images): none first, then each kind at growing strength."""
    yield "none", 0, images
    for level in LEVELS["noise"]:
        noise = np.random.default_rng(0).normal(0, level, images.shape)
        yield "noise", level, (images + noise).clip(0, 255).astype(np.uint8)
    for level in LEVELS["blur"]:
        soft = gaussian_filter(images.astype(np.float32), (0, level, level, 0))
        yield "blur", level, soft.round().astype(np.uint8)
    for level in LEVELS["dropped"]:
        kept = np.flatnonzero(~np.isin(labels, np.unique(labels)[:level]))
        chosen = np.random.default_rng(0).choice(kept, len(images))
        chosen = np.where(np.isin(np.arange(len(images)), kept), np.arange(len(images)), chosen)
        yield "dropped", level, images[chosen]


def machine() -> str:
    """Processor and cores."""
    return f"{processor()}, {os.cpu_count()} cores"


if __name__ == "__main__":
    main()
