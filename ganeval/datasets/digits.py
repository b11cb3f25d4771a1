"""Two thousand handwritten digits: half are the real images, half the raw material of `models`.

The digits are a seeded sample of the MNIST test set (LeCun, Cortes and Burges), which no net
here was trained on. Each model is the second half with one known defect.
"""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np

from ganeval.images import open_images

Digits = tuple[np.ndarray, np.ndarray]
"""Images [n, 28, 28] uint8 and labels [n]."""


def write_digits(folder: Path) -> None:
    """Writes `real/` and one folder per model below `folder`, as PNG in class folders."""
    images, labels = _load()
    rng = np.random.default_rng(0)
    half = rng.permutation(len(images))
    real, rest = half[: len(half) // 2], half[len(half) // 2 :]
    _write(folder / "real", images[real], labels[real])
    for name, (make, _) in DIGIT_MODELS.items():
        _write(folder / name, *make(images[rest], labels[rest], np.random.default_rng(1)))


def _load() -> Digits:
    data = files("ganeval.datasets") / "data" / "digits-images-idx3-ubyte.gz"
    source = open_images(str(data))
    images = np.stack([source.read(i)[0] for i in range(len(source))])
    return images, np.array(source.labels)


def _fresh(images: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Digits:
    return images, labels


def _blurred(images: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Digits:
    from PIL import Image, ImageFilter

    soft = ImageFilter.GaussianBlur(0.8)
    return np.stack([np.asarray(Image.fromarray(image).filter(soft)) for image in images]), labels


def _noisy(images: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Digits:
    noisy = images + rng.normal(0, 25, images.shape)
    return noisy.clip(0, 255).astype(np.uint8), labels


def _no_fours(images: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Digits:
    """A mode dropped: every 4 gives way to another digit drawn at random."""
    kept = np.flatnonzero(labels != "4")
    chosen = np.where(labels == "4", rng.choice(kept, len(labels)), np.arange(len(labels)))
    return images[chosen], labels[chosen]


DIGIT_MODELS: dict[str, tuple[Callable[[np.ndarray, np.ndarray, np.random.Generator], Digits], str]]
DIGIT_MODELS = {
    "fresh": (_fresh, "fresh digits: perfect"),
    "no_fours": (_no_fours, "never draws a 4"),
    "blurred": (_blurred, "blur of 0.8 px"),
    "noisy": (_noisy, "noise of 25 in 255"),
}


def _write(folder: Path, images: np.ndarray, labels: np.ndarray) -> None:
    from PIL import Image

    for position, (image, label) in enumerate(zip(images, labels, strict=True)):
        path = folder / str(label) / f"{position:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path, compress_level=1)
