"""Real images or points in memory, drawn in batches.

A batch is a function of the seed and its number, so the order of the data needs no state.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from ganeval.datasets.gaussians import Grid
from trainers.chance import generator, stream

_CPU = torch.device("cpu")


@dataclass(frozen=True)
class Batch:
    """Images [n, c, h, w] in [-1, 1], or points [n, 2], with class numbers [n]."""

    x: Tensor
    y: Tensor

    def detach(self) -> "Batch":
        """Returns the batch without gradients."""
        return Batch(self.x.detach(), self.y)


def resized(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Resizes images [n, c, h, w] uint8 to (h, w): linear interpolation, antialiased."""
    return interpolate(images.float(), size, mode="bilinear", antialias=True).round().byte()


@dataclass(frozen=True)
class Texts:
    """Captions of images, used in place of classes.

    Args:
        captions: all captions; a class number is the position of one.
        vectors: [n, 1024], one per caption.
        subjects: class that each caption describes.
        drawn: number of each training image's caption; fakes are drawn from these.
    """

    captions: tuple[str, ...]
    vectors: np.ndarray
    subjects: tuple[str, ...]
    drawn: np.ndarray


@dataclass(frozen=True)
class Source:
    """An entry of DATA, which describes the data before they are loaded.

    Args:
        shape: shape of one image (c, h, w), or (2,) for points.
        load: loads the data onto a device.
        classes: names of the classes in order; empty if there are none.
        shared: number of first channels that are the same in every class, such as LIN's red.
        texts: captions, if images have them instead of classes.
        natural: (h, w) in pixels of the images before resizing, at which nets judge them.
    """

    shape: tuple[int, ...]
    load: Callable[[torch.device], "Data"]
    classes: tuple[str, ...] = ()
    shared: int = 0
    texts: Callable[[], Texts] | None = None
    natural: tuple[int, int] | None = None


class Data(Protocol):
    """Real data in memory."""

    def batch(self, n: int, *, seed: int, number: int, each: bool = False) -> Batch:
        """Batch `number` of n images; with `each`, n of every class, class by class."""
        ...

    def held_out(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """At most n images [n, c, h, w] uint8 (or points float64) not trained on; classes [n]."""
        ...


@dataclass(frozen=True)
class Points:
    """Points from 25 Gaussians, new in every batch or drawn from a fixed sample.

    Args:
        grid: distribution of the points.
        fixed: points per mode in the fixed sample; None draws new points.
        labelled: whether rows of the grid are classes.
        device: device of the batches.
    """

    grid: Grid
    fixed: int | None = None
    labelled: bool = False
    device: torch.device = _CPU

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
        x = torch.from_numpy(points.astype(np.float32))
        return Batch(x.to(self.device), torch.from_numpy(y).to(self.device))

    def held_out(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """See Data."""
        return self.grid.draw(n, stream(0, "held-out points"))


@lru_cache(maxsize=2)
def _fixed_points(grid: Grid, per_mode: int) -> np.ndarray:
    """Fixed points [5 rows, 5 * per_mode, 2]."""
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
    flips: bool = False
    """Whether half of the images are mirrored, and half flipped top to bottom."""
    _of_class: dict[int, Tensor] = field(default_factory=dict, repr=False)

    def batch(self, n: int, *, seed: int, number: int, each: bool = False) -> Batch:
        """See Data; every epoch has each image once, in a new order."""
        if each:
            rows = [self._members(k) for k in range(self.n_classes)]
            index = torch.cat(
                [r[places(len(r), n, seed=seed, number=number, k=k)] for k, r in enumerate(rows)]
            )
        else:
            index = places(len(self.x), n, seed=seed, number=number)
        index = index.to(self.x.device)
        x = self.x[index].float() / 127.5 - 1
        if self.flips:
            rng = generator(seed, "flips", number)
            for axis in (2, 3):
                flipped = torch.rand(len(x), generator=rng) < 0.5
                x = torch.where(flipped.to(x.device)[:, None, None, None], x.flip(axis), x)
        return Batch(x, self.y[index])

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


def places(total: int, n: int, *, seed: int, number: int, k: int = -1) -> Tensor:
    """Places `number * n` to `(number + 1) * n` of an endless sequence of shuffled epochs.

    Args:
        total: images per epoch.
        n: number of places.
        seed: seed of the orders.
        number: number of the batch.
        k: class that has its own orders.
    """
    start, stop = number * n, (number + 1) * n
    parts = []
    for epoch in range(start // total, (stop - 1) // total + 1):
        first = epoch * total
        parts.append(_epoch(total, seed, k, epoch)[max(start - first, 0) : stop - first])
    return torch.cat(parts)


@lru_cache(maxsize=128)  # more than two epochs of 41 classes
def _epoch(total: int, seed: int, k: int, epoch: int) -> Tensor:
    return torch.randperm(total, generator=generator(seed, "order", k, epoch))
