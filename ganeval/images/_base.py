"""The contract between the files on a disk and everything that measures them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np

from ganeval.arrays import Float32, UInt8, UInt16
from ganeval.distributed import shard

Pixels: TypeAlias = (
    UInt8[np.ndarray, "_c _h _w"] | UInt16[np.ndarray, "_c _h _w"] | Float32[np.ndarray, "_c _h _w"]
)
"""One decoded image [c, h, w], uint8, uint16 or float32; images may differ in shape."""

ValueRange: TypeAlias = tuple[tuple[float, float], ...]
"""(low, high) for all channels, or one pair per channel."""


@runtime_checkable
class Reader(Protocol):
    """Reads one format: lists ids in its own order and decodes one image at a time.

    Readers are pickled into decoding processes, so they hold paths, not open files.
    """

    @property
    def name(self) -> str:
        """What the user typed, or a few words for data in memory."""
        ...

    @property
    def ids(self) -> Sequence[str]:
        """Unique ids: paths below the root with `/` between folders, or zero-padded positions."""
        ...

    @property
    def labels(self) -> Sequence[str] | None:
        """Labels that the format itself carries (an `.npz` with `labels`, a set of pairs).

        An image without a label has the empty text.
        """
        ...

    @property
    def groups(self) -> Sequence[str] | None:
        """Groups that the format itself carries: the well of a field, the volume of a plane."""
        ...

    @property
    def stamp(self) -> str | None:
        """Hash of (path, size, mtime) of every file: changes when the data may have changed.

        None for data in memory, which is never cached.
        """
        ...

    @property
    def notes(self) -> Sequence[str]:
        """Findings that the user should know; echoed once."""
        ...

    @property
    def costly(self) -> bool:
        """Whether `read` decodes a file, so that extra processes help."""
        ...

    def where(self, index: int) -> str:
        """Name of the image in messages: its path, or its position in the array."""
        ...

    def read(self, index: int) -> Pixels:
        """The pixels of `ids[index]`, or ImageError."""
        ...


@dataclass(frozen=True, eq=False)
class ImageSource:
    """Images in id order, the same on every machine, with labels and groups; see `open_images`."""

    name: str
    ids: tuple[str, ...]
    labels: tuple[str, ...] | None
    groups: tuple[str, ...] | None
    value_range: ValueRange | None
    """Declared range; None means the dtype's own (integers only)."""
    on_error: str
    """`fail` or `skip`: what extraction does with an image that cannot be read."""
    stamp: str | None
    """Changes when pixels, ids, labels or groups may have changed; None is never cached."""
    protocol: dict[str, object]
    """How images were chosen and read: strict JSON, part of every score."""
    notes: tuple[str, ...]
    """Findings for the user, one line each."""
    reader: Reader = field(repr=False)
    positions: tuple[int, ...] = field(repr=False)
    """Position of each id in the reader."""

    def __len__(self) -> int:
        return len(self.ids)

    def select(self, indices: Sequence[int]) -> "ImageSource":
        """Returns a source of some of the images; `indices` are ascending positions."""
        stamp = self.stamp and hashlib.blake2b(f"{self.stamp} {list(indices)}".encode()).hexdigest()
        return replace(
            self,
            ids=tuple(self.ids[i] for i in indices),
            labels=self.labels and tuple(self.labels[i] for i in indices),
            groups=self.groups and tuple(self.groups[i] for i in indices),
            positions=tuple(self.positions[i] for i in indices),
            stamp=stamp,
        )

    def shard(self, index: int, count: int) -> "ImageSource":
        """Share `index` (from 0) of `count`: every `count`-th image. The shares are disjoint."""
        return self.select(shard(len(self), index, count))

    def read(self, index: int) -> Pixels:
        """The pixels of `ids[index]` after channel selection, or ImageError."""
        return self.reader.read(self.positions[index])

    def where(self, index: int) -> str:
        """Name of the image in messages: its path, or its position in the array."""
        return self.reader.where(self.positions[index])


class Kind(NamedTuple):
    """What must be equal for images to be measured together."""

    dtype: str
    channels: int
    height: int
    width: int


@dataclass(frozen=True, eq=False)
class Batch:
    """Consecutive images of a source, decoded; `failures` lists those that could not be read."""

    indices: tuple[int, ...]
    """Positions in the source, ascending, of the images in `pixels`."""
    pixels: tuple[Pixels, ...]
    hashes: np.ndarray
    """[len(indices), 2] uint64: BLAKE2b-128 of dtype, shape and pixels of each image."""
    failures: tuple[tuple[str, str], ...] = ()
    """(id, problem) of each image that could not be read, under `on_error="skip"`."""

    @property
    def kinds(self) -> dict[Kind, int]:
        """Each kind of image in the batch, with the source position of its first image."""
        found: dict[Kind, int] = {}
        for index, pixels in zip(self.indices, self.pixels, strict=True):
            found.setdefault(Kind(pixels.dtype.name, *pixels.shape), index)
        return found
