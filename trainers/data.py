"""Training data: one entry per data set. A new one is a line at the end."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

import ganeval
from ganeval.datasets import LIN6, LIN41, lin
from ganeval.datasets.gaussians import GRID, SHARP_GRID, Grid
from ganeval.datasets.synthlin import simulate
from ganeval.errors import InputError
from ganeval.images import ImageSource, iterate
from ganeval.registry import Registry
from trainers.batches import Data, Images, Points, Source, Texts, resized
from trainers.birds import birds
from trainers.folder import PARTS, data_dir, lin_dir
from trainers.text import embed, unseen

DATA: Registry[Source] = Registry("data")


def mnist(device: torch.device) -> Images:
    """Digits, enlarged from 28 to 32 pixels by linear interpolation."""
    parts = []
    for part in ("train", "t10k"):
        x, y = _read(ganeval.open_images(_file(f"mnist/{part}-images-idx3-ubyte.gz")))
        parts.append((resized(x, (32, 32)), y))
    return _images(*parts, device=device)


def cifar10(device: torch.device) -> Images:
    """CIFAR-10 as zips of class folders."""
    train, test = (
        _read(ganeval.open_images(_file(f"cifar10/{part}.zip"))) for part in ("train", "test")
    )
    return _images(train, test, device=device)


def lin_cells(proteins: Sequence[str]) -> Source:
    """LIN's own cells of these proteins."""

    def load(device: torch.device) -> Images:
        train, test = (_read(lin(lin_dir(), part=part, proteins=proteins)) for part in PARTS)
        return _images(train, test, device=device)

    return Source((2, 48, 80), load, tuple(sorted(proteins)), shared=1)


def synthlin(proteins: Sequence[str], *, per_class: int, held_out: int) -> Source:
    """Simulated cells of these proteins, red and green."""

    def cells(part: Literal["train", "test"], n: int) -> tuple[Tensor, Tensor]:
        images = np.concatenate([simulate(name, n, part=part).images for name in proteins])
        return torch.from_numpy(images), torch.arange(len(proteins)).repeat_interleave(n)

    def load(device: torch.device) -> Images:
        return _images(cells("train", per_class), cells("test", held_out), device=device)

    return Source((2, 48, 80), load, tuple(proteins), shared=1)


def points(grid: Grid, *, fixed: int | None = None, classes: tuple[str, ...] = ()) -> Source:
    """25 Gaussians; rows of the grid may be classes; see Points."""

    def load(device: torch.device) -> Points:
        return Points(grid, fixed, bool(classes), device)

    return Source((2,), load, classes)


def flipped(source: Source) -> Source:
    """The same data with half of each batch mirrored and half flipped top to bottom."""

    def load(device: torch.device) -> Data:
        images = source.load(device)
        assert isinstance(images, Images)
        return replace(images, flips=True)

    return replace(source, load=load)


def captioned(
    proteins: Sequence[str], *, per_class: int, held_out: int, all_combinations: bool = True
) -> Source:
    """Simulated cells with a caption each, resized to 64 x 64 pixels.

    Without all combinations, each protein lacks one stage of the cell cycle in training (`unseen`).
    """

    @cache
    def cells() -> tuple[list[tuple[Tensor, Tensor]], Texts]:
        captions: dict[str, str] = {}
        found = []
        for part, n in zip(PARTS, (per_class, held_out), strict=True):
            images, y = [], list[str]()
            for number, name in enumerate(proteins):
                drawn = simulate(name, n, part=part)
                kept = [
                    i
                    for i, text in enumerate(drawn.captions)
                    if all_combinations or part == "test" or not unseen(text, number)
                ]
                texts = [drawn.captions[i] for i in kept]
                images.append(torch.from_numpy(drawn.images[kept]))
                captions |= dict.fromkeys(texts, name)
                y += texts
            places = {caption: i for i, caption in enumerate(captions)}
            square = resized(torch.cat(images), (64, 64))
            found.append((square, torch.tensor([places[text] for text in y])))
        subjects, trained = tuple(captions.values()), found[0][1].numpy()
        return found, Texts(tuple(captions), embed(list(captions)), subjects, trained)

    def load(device: torch.device) -> Images:
        train, test = cells()[0]
        return _images(train, test, device=device)

    return Source((2, 64, 64), load, shared=1, texts=lambda: cells()[1], natural=(48, 80))


def _file(path: str) -> Path:
    found = data_dir() / path
    if not found.exists():
        raise InputError(
            f"there is no {path} in {data_dir()}; set GANEVAL_DATA to a folder with it"
        )
    return found


def _read(source: ImageSource) -> tuple[Tensor, Tensor]:
    """Reads all images of a source; class numbers follow the order of the classes' names."""
    if source.labels is None:
        raise InputError(f"{source.name} has no labels; wanted folders or a file of them")
    x = np.stack([pixels for batch in iterate(source, batch_size=1024) for pixels in batch.pixels])
    _, y = np.unique(np.array(source.labels), return_inverse=True)
    return torch.from_numpy(x), torch.from_numpy(y)


def _images(
    train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], *, device: torch.device
) -> Images:
    x, y, x_test, y_test = (part.to(device) for part in (*train, *test))
    return Images(x, y, int(y.max()) + 1, x_test, y_test)


_CIFAR10 = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip

DATA.add("gaussians", points(GRID))
DATA.add("gaussians-sharp", points(SHARP_GRID, fixed=4000))
DATA.add("gaussians-rows", points(GRID, fixed=100, classes=tuple(f"row {i}" for i in range(5))))
DATA.add("mnist", Source((1, 32, 32), mnist, tuple("0123456789")))
DATA.add("cifar10", Source((3, 32, 32), cifar10, _CIFAR10))
DATA.add("lin6", lin_cells(LIN6))
DATA.add("lin41", lin_cells(LIN41))
DATA.add("lin6-flipped", flipped(DATA["lin6"]))
DATA.add("synthlin6", synthlin(LIN6, per_class=1000, held_out=200))
DATA.add("synthlin6-flipped", flipped(DATA["synthlin6"]))
DATA.add("synthlin6-captions", captioned(LIN6, per_class=1000, held_out=200))
DATA.add(
    "synthlin6-combinations", captioned(LIN6, per_class=1000, held_out=500, all_combinations=False)
)
DATA.add(
    "synthlin6-combinations-small",
    captioned(LIN6, per_class=200, held_out=200, all_combinations=False),
)
DATA.add("cub", birds(256))
DATA.add("cub-64", birds(64))
DATA.add("synthlin41", synthlin(LIN41, per_class=500, held_out=50))
DATA.add("synthlin6-small", synthlin(LIN6, per_class=200, held_out=1))
DATA.add("synthlin41-small", synthlin(LIN41, per_class=50, held_out=1))
