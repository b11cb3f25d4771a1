"""What `precision="bf16"` changes in FID: one line per net and data in results-precision.jsonl.

    .venv-peers/bin/python -m benchmarks.speed.precision --out …/results-precision.jsonl

Inception has the weights of GANEVAL_INCEPTION, or random ones. CIFAR-10 (GANEVAL_DATA) is scored
against itself blurred, simulated yeast against yeast of shorter cells.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import main


@dataclass(frozen=True)
class Cell:
    """One net on one kind of images."""

    net: str
    data: str
    n: int
    """Images per side."""


def sides(data: str, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Real and fake images [n, h, w, 3] uint8."""
    if data == "CIFAR-10":
        return cifar10(n)
    from ganeval.datasets.synthlin import simulate

    cells = [
        simulate("Arp3", n, seed=0).images,
        simulate("Arp3", n, seed=0, part="model", defect="shorter").images,
    ]
    empty = np.zeros((n, 48, 80, 1), np.uint8)
    real, fake = (np.concatenate([np.moveaxis(x, 1, -1), empty], -1) for x in cells)
    return real, fake


def cifar10(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Two sets of test images, the second blurred."""
    import io
    import zipfile

    from PIL import Image, ImageFilter

    folder = Path(os.environ["GANEVAL_DATA"]) / "cifar10"
    with zipfile.ZipFile(folder / "test.zip") as file:
        names = sorted(name for name in file.namelist() if name.endswith(".jpg"))
        names = names[:: len(names) // (2 * n)][: 2 * n]
        images = [Image.open(io.BytesIO(file.read(name))) for name in names]
    blur = ImageFilter.GaussianBlur(1)
    real, fake = images[::2], [image.filter(blur) for image in images[1::2]]
    return np.stack([np.asarray(x) for x in real]), np.stack([np.asarray(x) for x in fake])


def inception_weights(folder: Path) -> Path:
    """The file that was named, or one of random weights that keep activations' size."""
    if "GANEVAL_INCEPTION" in os.environ:
        return Path(os.environ["GANEVAL_INCEPTION"])
    import torch

    from benchmarks.speed.conftest import random_weights

    torch.save(random_weights(), folder / "random.pth")
    return folder / "random.pth"


def measure(cell: Cell) -> Mapping[str, Any]:
    """FID in both precisions, and how far the features are apart."""
    import ganeval

    real, fake = sides(cell.data, cell.n)
    with tempfile.TemporaryDirectory() as folder:
        weights = inception_weights(Path(folder)) if cell.net == "inception" else None
        values, features = {}, {}
        for precision in ("fp32", "bf16"):
            found = [
                ganeval.extract(x, cell.net, weights=weights, precision=precision)
                for x in (real, fake)
            ]
            values[precision] = ganeval.fid(*found, interval=False).value
            features[precision] = np.concatenate([side.features for side in found])
    exact, rough = features["fp32"], features["bf16"]
    return {
        "weights": os.environ.get("GANEVAL_INCEPTION", "random") if weights else "its own",
        "fid_fp32": values["fp32"],
        "fid_bf16": values["bf16"],
        "relative_difference": abs(values["bf16"] - values["fp32"]) / values["fp32"],
        "feature_error": float(np.linalg.norm(rough - exact) / np.linalg.norm(exact)),
    }


CELLS = [
    Cell("lin41", "yeast", 1000),
    Cell("inception", "CIFAR-10", 150),
    Cell("inception", "yeast", 150),
]

if __name__ == "__main__":
    main(__doc__, {"all": CELLS}, measure, replicates=None)
