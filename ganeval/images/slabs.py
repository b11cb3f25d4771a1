"""Images along the first axis of arrays that are stored in chunks.

A chunk often holds parts of many images, and a store decodes all of it to return one. So images
are read in slabs: as many consecutive images as a chunk (or shard) spans. The last slab is kept,
and images read in order decode each chunk once.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ganeval.errors import ImageError
from ganeval.images._base import Pixels
from ganeval.images.layout import channels_first
from ganeval.images.pixels import MAX_BYTES, Unreadable, broken, check_size, to_pixels

SLAB_BYTES = 1 << 29
"""Most bytes of a slab, unless one image is larger."""
UNCHUNKED_BYTES = 1 << 24
"""About the bytes of a slab where no chunk sets its size."""


@dataclass(frozen=True, eq=False)
class SlabReader(ABC):
    """One image per row of an array; subclasses load consecutive rows."""

    name: str
    ids: tuple[str, ...]
    layout: str
    shape: tuple[int, ...]
    """[n, …] of the array, in `layout`."""
    rows: int
    """Images of a slab; the last slab may be shorter."""
    stamp: str | None
    labels: tuple[str, ...] | None = None
    groups: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    held: dict[str, Any] = field(default_factory=dict, repr=False)
    """`slab` and `images`: number and rows of the last slab; and what subclasses keep open."""

    @property
    def costly(self) -> bool:
        """Whether each image has chunks of its own; else processes would decode chunks again."""
        return self.rows == 1

    @abstractmethod
    def load(self, start: int, stop: int) -> np.ndarray:
        """Rows `start` to `stop` of the array, or Unreadable."""

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "held": {}}  # an open file does not cross processes

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def where(self, index: int) -> str:
        """The image's position in the array."""
        return f"{self.name}: image {self.ids[index]}"

    def read(self, index: int) -> Pixels:
        """The pixels of one image, or ImageError."""
        try:
            start = index - index % self.rows
            if self.held.get("start") != start:
                self._check_declared_size()
                self.held.pop("images", None)  # freed before the next slab is read
                self.held["start"] = None
                stop = min(start + self.rows, self.shape[0])
                self.held["images"] = self.load(start, stop)
                if self.held["images"].shape != (stop - start, *self.shape[1:]):
                    raise broken("its array has changed since it was opened")
                self.held["start"] = start
            return to_pixels(channels_first(self.held["images"][index - start], self.layout))
        except Unreadable as error:
            raise ImageError(self.where(index), str(error)) from None

    def _check_declared_size(self) -> None:
        image = dict(zip(self.layout, self.shape, strict=True))
        height, width, channels = image["H"], image["W"], image.get("C", 1)
        check_size(height, width, values=height * width * channels)


def slab_rows(
    shape: tuple[int, ...], chunk: tuple[int, ...] | None, itemsize: int
) -> tuple[int, tuple[str, ...]]:
    """Images of a slab, and a note if chunks are too large to be decoded only once.

    Args:
        shape: [n, …] of the array.
        chunk: shape of a chunk or shard; None if the array is stored in one piece.
        itemsize: bytes of one number.

    Raises:
        Unreadable: one chunk is larger than any image may be.
    """
    image = max(1, int(np.prod(shape[1:], dtype=object)) * itemsize)
    if chunk is None:
        return max(1, min(shape[0], UNCHUNKED_BYTES // image)), ()
    whole = int(np.prod([min(c, s) for c, s in zip(chunk, shape, strict=True)], dtype=object))
    if whole * itemsize > MAX_BYTES:
        raise Unreadable(
            f"has chunks of shape {list(chunk)}, larger than the limit of {MAX_BYTES} bytes; "
            "store it again in smaller chunks"
        )
    wanted = max(1, min(chunk[0], shape[0]))
    rows = min(wanted, max(1, SLAB_BYTES // image))
    if rows == wanted:
        return rows, ()
    times = -(-wanted // rows)
    return rows, (
        f"a chunk spans {wanted} images, which do not fit in memory, and is decoded {times} times;"
        " store the array again in chunks of fewer images",
    )
