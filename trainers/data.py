"""What the nets learn: real images or points in memory, drawn in batches.

A batch is a function of the seed and its number, so the order of the data needs no state.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, Protocol

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
from trainers.chance import generator, stream
from trainers.text import embed


@dataclass(frozen=True)
class Batch:
    """Images [n, c, h, w] in [-1, 1], or points [n, 2], with class numbers [n]."""

    x: Tensor
    y: Tensor

    def detach(self) -> "Batch":
        """Without gradients."""
        return Batch(self.x.detach(), self.y)


@dataclass(frozen=True)
class Texts:
    """Captions of images, where these stand for classes.

    Args:
        captions: no two alike; a class number is a place in it.
        vectors: [n, 1024] of each.
        subjects: the class that each speaks of.
    """

    captions: tuple[str, ...]
    vectors: np.ndarray
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """An entry of DATA: what it holds can be known without having it.

    Args:
        shape: of one image (c, h, w), or (2,) for points.
        load: onto a device.
        classes: their names in order; empty where there are none.
        shared: how many first channels show the same in every class: LIN's red.
        texts: captions, where images have them instead of classes.
    """

    shape: tuple[int, ...]
    load: Callable[[torch.device], "Data"]
    classes: tuple[str, ...] = ()
    shared: int = 0
    texts: Callable[[], Texts] | None = None


class Data(Protocol):
    """Real data in memory."""

    def batch(self, n: int, *, seed: int, number: int, each: bool = False) -> Batch:
        """Batch `number` of n images; with `each`, n of every class, class by class."""
        ...

    def held_out(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """At most n images [n, c, h, w] uint8 (or points float64) never trained on; classes [n]."""
        ...


@dataclass(frozen=True)
class Points:
    """Draws from 25 Gaussians, fresh in every batch, or from a fixed sample.

    Args:
        grid: the law.
        fixed: points of each mode to draw from, once and for all; None draws afresh.
        labelled: whether rows of the grid are classes.
    """

    grid: Grid
    fixed: int | None = None
    labelled: bool = False

    def batch(self, n: int, *, seed: int, number: int, each: bool = False) -> Batch:
        """See Data."""
        rng = stream(seed, "points", number)
        rows = np.repeat(np.arange(5), n) if each else rng.integers(5, size=n)
        if self.fixed is None:
            points, _ = self.grid.draw(len(rows), rng, rows)
        else:
            sample = _fixed_points(self.grid, self.fixed)
            points = sample[rows, rng.integers(sample.shape[1], size=len(rows))]
        y = rows if self.labelled else np.zeros_like(rows)
        return Batch(torch.from_numpy(points.astype(np.float32)), torch.from_numpy(y))

    def held_out(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """See Data."""
        return self.grid.draw(n, stream(0, "held-out points"))


@lru_cache(maxsize=2)
def _fixed_points(grid: Grid, per_mode: int) -> np.ndarray:
    """[5 rows, 5 * per_mode, 2]."""
    rng = stream(0, "fixed points")
    offsets = grid.spread * rng.standard_normal((5, 5, per_mode, 2))
    places = np.array(grid.places)
    x, y = np.meshgrid(places, places)
    points: np.ndarray = offsets + np.stack([x, y], axis=2)[:, :, None]
    return points.reshape(5, -1, 2)


@dataclass(frozen=True, eq=False)
class Images:
    """A training part and a held-out part, as uint8, on the device that trains."""

    x: Tensor
    """[n, c, h, w] uint8."""
    y: Tensor
    """[n] int64."""
    n_classes: int
    x_held_out: Tensor
    y_held_out: Tensor
    _order: dict[tuple[int, ...], Tensor] = field(default_factory=dict, repr=False)
    _of_class: dict[int, Tensor] = field(default_factory=dict, repr=False)

    def batch(self, n: int, *, seed: int, number: int, each: bool = False) -> Batch:
        """See Data; every image once per epoch, in an order of its own."""
        if each:
            rows = [self._members(k) for k in range(self.n_classes)]
            places = [self._places(len(r), n, seed, number, k) for k, r in enumerate(rows)]
            index = torch.cat([r[place] for r, place in zip(rows, places, strict=True)])
        else:
            index = self._places(len(self.x), n, seed, number)
        index = index.to(self.x.device)
        return Batch(self.x[index].float() / 127.5 - 1, self.y[index])

    def held_out(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """See Data; a fixed sample, in the order of the data."""
        keep = generator(0, "held out")
        chosen = torch.randperm(len(self.x_held_out), generator=keep)[:n].sort().values
        chosen = chosen.to(self.x.device)
        return self.x_held_out[chosen].cpu().numpy(), self.y_held_out[chosen].cpu().numpy()

    def _members(self, k: int) -> Tensor:
        if k not in self._of_class:
            self._of_class[k] = (self.y == k).nonzero()[:, 0].cpu()
        return self._of_class[k]

    def _places(self, total: int, n: int, seed: int, number: int, k: int = -1) -> Tensor:
        """Places `number * n` to `(number + 1) * n` of an endless row of shuffled epochs."""
        start, stop = number * n, (number + 1) * n
        parts = []
        for epoch in range(start // total, (stop - 1) // total + 1):
            key = (seed, k, epoch)
            if key not in self._order:
                self._order.pop((seed, k, epoch - 2), None)
                order = torch.randperm(total, generator=generator(seed, "order", k, epoch))
                self._order[key] = order
            first = epoch * total
            parts.append(self._order[key][max(start - first, 0) : stop - first])
        return torch.cat(parts)


DATA: Registry[Source] = Registry("data")


def data_dir() -> Path:
    """Where MNIST, CIFAR-10 and LIN lie: GANEVAL_DATA, or InputError."""
    given = os.environ.get("GANEVAL_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        raise InputError(
            f"there is no folder {folder}; set GANEVAL_DATA to a folder with mnist/ (IDX files), "
            "cifar10/ (zips of class folders) or LIN's own folders"
        )
    return folder


def mnist(device: torch.device) -> Images:
    """Digits, enlarged from 28 to 32 pixels by linear interpolation."""
    parts = []
    for part in ("train", "t10k"):
        x, y = _read(ganeval.open_images(_file(f"mnist/{part}-images-idx3-ubyte.gz")))
        larger = torch.nn.functional.interpolate(x.float(), (32, 32), mode="bilinear")
        parts.append((larger.round().byte(), y))
    return _images(*parts, device=device)


def cifar10(device: torch.device) -> Images:
    """CIFAR-10 as zips of class folders."""
    train, test = (
        _read(ganeval.open_images(_file(f"cifar10/{part}.zip"))) for part in ("train", "test")
    )
    return _images(train, test, device=device)


def lin_cells(proteins: Sequence[str]) -> Source:
    """LIN's own folders, of these proteins."""

    def load(device: torch.device) -> Images:
        train, test = (_read(lin(data_dir(), part=part, proteins=proteins)) for part in _PARTS)
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


def captioned(proteins: Sequence[str], *, per_class: int, held_out: int) -> Source:
    """Simulated cells with a caption each, squeezed to 64 x 64 pixels."""

    @cache
    def cells() -> tuple[list[tuple[Tensor, Tensor]], Texts]:
        captions: dict[str, str] = {}
        found = []
        for part, n in zip(_PARTS, (per_class, held_out), strict=True):
            images, y = [], list[str]()
            for name in proteins:
                drawn = simulate(name, n, part=part)
                images.append(torch.from_numpy(drawn.images).float())
                captions |= dict.fromkeys(drawn.captions, name)
                y += drawn.captions
            square = torch.nn.functional.interpolate(
                torch.cat(images), (64, 64), mode="bilinear", antialias=True
            )
            places = {caption: i for i, caption in enumerate(captions)}
            found.append((square.round().byte(), torch.tensor([places[text] for text in y])))
        texts = Texts(tuple(captions), embed(list(captions)), tuple(captions.values()))
        return found, texts

    def load(device: torch.device) -> Images:
        train, test = cells()[0]
        return _images(train, test, device=device)

    return Source((2, 64, 64), load, shared=1, texts=lambda: cells()[1])


def _file(path: str) -> Path:
    found = data_dir() / path
    if not found.exists():
        raise InputError(
            f"there is no {path} in {data_dir()}; set GANEVAL_DATA to a folder with it"
        )
    return found


def _read(source: ImageSource) -> tuple[Tensor, Tensor]:
    """All images of a source and their class numbers, in the order of the classes' names."""
    assert source.labels is not None
    x = np.stack([pixels for batch in iterate(source, batch_size=1024) for pixels in batch.pixels])
    _, y = np.unique(np.array(source.labels), return_inverse=True)
    return torch.from_numpy(x), torch.from_numpy(y)


def _images(
    train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], *, device: torch.device
) -> Images:
    x, y, x_test, y_test = (part.to(device) for part in (*train, *test))
    return Images(x, y, int(y.max()) + 1, x_test, y_test)


_PARTS: tuple[Literal["train", "test"], ...] = ("train", "test")
_ROWS = tuple(f"row {i}" for i in range(5))
_CIFAR10 = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip

DATA.add("gaussians", Source((2,), lambda device: Points(GRID)))
DATA.add("gaussians-sharp", Source((2,), lambda device: Points(SHARP_GRID, fixed=4000)))
DATA.add(
    "gaussians-rows", Source((2,), lambda device: Points(GRID, fixed=100, labelled=True), _ROWS)
)
DATA.add("mnist", Source((1, 32, 32), mnist, tuple("0123456789")))
DATA.add("cifar10", Source((3, 32, 32), cifar10, _CIFAR10))
DATA.add("lin6", lin_cells(LIN6))
DATA.add("lin41", lin_cells(LIN41))
DATA.add("synthlin6", synthlin(LIN6, per_class=1000, held_out=200))
DATA.add("synthlin6-captions", captioned(LIN6, per_class=1000, held_out=200))
DATA.add("synthlin41", synthlin(LIN41, per_class=500, held_out=50))
