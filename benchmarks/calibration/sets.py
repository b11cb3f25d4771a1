"""How often are images found that are alike, in sets or one after the other, or that are not?

    GANEVAL_DATA=/path/to/data python -m benchmarks.calibration.sets

writes a line for each population: how many of 40 samples `undeclared_sets` and `alike_in_sequence`
flag; and what the latter says of data sets in the order of their files.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits

import ganeval
from benchmarks._machine import processor
from ganeval import Features
from ganeval.features import as_features
from ganeval.metrics.spine.clusters import undeclared_sets
from ganeval.metrics.spine.sequence import alike_in_sequence

SAMPLES, D = 40, 16
OUT = Path(__file__).with_name("sets.jsonl")

Draw = Callable[[np.random.Generator], np.ndarray]


def in_sets(count: int, size: int, noise: float) -> Draw:
    """Sets of images around centres of unit variance."""
    return lambda rng: (
        np.repeat(rng.standard_normal((count, D)), size, axis=0)
        + noise * rng.standard_normal((count * size, D))
    )


def classes(k: int, n: int) -> Draw:
    """Well separated classes whose sizes are chance."""
    return lambda rng: rng.standard_normal((n, D)) + 4 * np.eye(k, D)[rng.integers(k, size=n)] * 4


def populations() -> dict[str, Draw]:
    """By name."""
    found: dict[str, Draw] = {
        f"normal d={d} n={n}": lambda rng, d=d, n=n: rng.standard_normal((n, d))
        for d in (1, 2, 8, 64)
        for n in (20, 60, 300, 1000)
    }
    found["Student's t, 3 degrees"] = lambda rng: rng.standard_t(3, size=(300, D))
    found["lognormal"] = lambda rng: rng.lognormal(size=(300, 8))
    for d in (2, 4):
        found[f"whole numbers d={d}"] = lambda rng, d=d: rng.integers(6, size=(300, d)) * 1.0
    for n in (60, 200, 600):
        found |= {f"{k} classes by chance n={n}": classes(k, n) for k in (10, 3, 2)}
    found |= {f"100 x 4 copies, noise {z}": in_sets(100, 4, z) for z in (0.05, 0.2, 0.5)}
    found |= {f"12 videos x 40 frames, noise {z}": in_sets(12, 40, z) for z in (0.1, 0.3, 0.5)}
    for count, size, rho in ((6, 160, 0.2), (6, 160, 0.02), (48, 20, 0.1), (48, 20, 0.02)):
        noise = (1 / rho - 1) ** 0.5
        name = f"{count} plates x {size} images, correlation {rho}"
        found[name] = in_sets(count, size, noise)
        found[f"{name}, in no order"] = in_no_order(found[name])
    return found


def in_no_order(draw: Draw) -> Draw:
    """The same, shuffled."""
    return lambda rng: rng.permutation(draw(rng))


def in_files() -> Iterator[tuple[str, Features]]:
    """Real images in the order of their files, with their labels."""
    digits, labels = load_digits(return_X_y=True)
    of_digits = replace(as_features(digits), labels=tuple(map(str, labels)))
    yield "digits of scikit-learn", of_digits
    if "GANEVAL_DATA" not in os.environ:
        return
    data = Path(os.environ["GANEVAL_DATA"])
    mnist = pixels(data / "mnist/t10k-images-idx3-ubyte.gz")
    yield "MNIST test, first half", mnist.take(np.arange(5000))
    yield "MNIST test, second half", mnist.take(np.arange(5000, 10_000))
    mnist = pixels(data / "mnist/train-images-idx3-ubyte.gz")
    yield "MNIST training", mnist
    yield "MNIST training, shuffled", mnist.take(np.random.default_rng(1).permutation(60_000))
    yield "CIFAR-10 test", pixels(data / "cifar10/test.zip")


def pixels(path: Path) -> Features:
    """Of a data set."""
    return ganeval.extract(ganeval.open_images(str(path)), "pixels")


def main() -> None:
    """Counts and writes."""
    torch.set_num_threads(1)
    lines = []

    def write(**line: Any) -> None:
        lines.append(json.dumps({**line, "machine": processor()}) + "\n")
        print(lines[-1], end="", flush=True)

    for name, draw in populations().items():
        rng = np.random.default_rng(1)
        drawn = [draw(rng) for _ in range(SAMPLES)]
        flagged = sum(undeclared_sets(rows) is not None for rows in drawn)
        in_sequence = sum(alike_in_sequence(rows) is not None for rows in drawn)
        write(population=name, flagged=flagged, in_sequence=in_sequence, of=SAMPLES)
    for name, side in in_files():
        found = alike_in_sequence(side.features, side.labels)
        write(files=name, n=len(side), **({} if found is None else asdict(found)))
    OUT.write_text("".join(lines))


if __name__ == "__main__":
    main()
