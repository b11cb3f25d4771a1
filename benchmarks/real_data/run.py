"""Do the scores order real images by how much they were damaged?

    GANEVAL_DATA=/path/to/data python benchmarks/real_data/run.py [--cifar-net PATH]

Real MNIST (train images) under the shipped `mnist` net and, with the folder that
benchmarks/nets/cifar10/train.py wrote, real CIFAR-10 (JPEG; train images) under a net made by
`ganeval nets train`, against: other real images (test), and those damaged by noise, blur and
dropped classes at growing strength. Writes one line per case to results.jsonl beside this file
and the tables to README.md.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

import ganeval

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from _machine import processor  # noqa: E402

LEVELS = {"noise": (10, 25, 50, 100), "blur": (0.4, 0.7, 1.0, 1.5), "dropped": (1, 2, 4, 8)}
UNITS = {"noise": "sd {} of 255", "blur": "sd {} px", "dropped": "{} of 10 classes"}


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
    rows = [row for source in sources for row in score(*source, n=options.n)]
    with (HERE / "results.jsonl").open("w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    write_tables(rows)


def score(name: str, net: str, train: Path, test: Path, *, n: int) -> Iterator[dict[str, object]]:
    """One row per case: FID and KID of the train images against test images, damaged or not."""
    loaded = ganeval.load_net(net)
    reals = ganeval.extract(ganeval.open_images(train, max_images=n), loaded)
    images, labels = read(ganeval.open_images(test, max_images=n))
    for damage, level, damaged in cases(images, labels):
        fakes = ganeval.extract(damaged, loaded)
        row: dict[str, object] = {"data": name, "net": loaded.card.name, "n": n}
        row |= {"damage": damage, "level": level, "machine": machine()}
        for metric in (ganeval.fid, ganeval.kid):
            result = metric(reals, fakes)
            row[result.metric] = {
                key: getattr(result, key) for key in ("value", "corrected", "interval")
            }
        print(json.dumps(row), flush=True)
        yield row


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


def write_tables(rows: list[dict]) -> None:  # type: ignore[type-arg]
    """README.md from the rows."""
    text = ["# Real images, damaged more and more", ""]
    text += ["Written by `benchmarks/real_data/run.py` from `results.jsonl`; corrected FID and KID"]
    text += ["with 95 % intervals, train images of each data set against its test images.", ""]
    for name in dict.fromkeys(row["data"] for row in rows):
        mine = [row for row in rows if row["data"] == name]
        text += [f"## {name}, net `{mine[0]['net']}`, n = {mine[0]['n']} / {mine[0]['n']}", ""]
        text += ["| damage | FID | KID |", "|---|---|---|"]
        for row in mine:
            what = (
                "none"
                if row["damage"] == "none"
                else f"{row['damage']}, " + UNITS[row["damage"]].format(row["level"])
            )
            text.append(f"| {what} | {show(row['fid'])} | {show(row['kid'])} |")
        text += ["", f"Machine: {mine[0]['machine']}.", ""]
    (HERE / "README.md").write_text("\n".join(text))


def show(score: dict) -> str:  # type: ignore[type-arg]
    """Estimate and interval."""
    value = score["value"] if score["corrected"] is None else score["corrected"]
    interval = score["interval"]
    between = "" if interval is None else f" ({interval[0]:.3g} to {interval[1]:.3g})"
    return f"{value:.3g}{between}"


def machine() -> str:
    """Processor and cores."""
    return f"{processor()}, {os.cpu_count()} cores"


if __name__ == "__main__":
    main()
