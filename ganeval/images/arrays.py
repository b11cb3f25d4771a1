"""Readers of one big array, in memory or loaded from its file at the first image."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from ganeval.arrays import Array, as_array, is_tensor, to_numpy
from ganeval.errors import ImageError, InputError
from ganeval.images._base import Pixels
from ganeval.images.layout import array_layout, channels_first, image_layout
from ganeval.images.pixels import Unreadable, to_pixels


@dataclass(frozen=True, eq=False)
class ArrayReader:
    """Images along the first axis of an array; subclasses override `load`."""

    name: str
    ids: tuple[str, ...]
    layout: str
    labels: tuple[str, ...] | None = None
    groups: tuple[str, ...] | None = None
    stamp: str | None = None
    notes: tuple[str, ...] = ()
    held: dict[str, Any] = field(default_factory=dict, repr=False)
    """`array`: the array, once it is loaded."""
    costly: ClassVar[bool] = False

    def load(self) -> Array:
        """The whole array, in `layout`."""
        return self.held["array"]

    def where(self, index: int) -> str:
        """The image's position in the array."""
        return f"{self.name}: image {self.ids[index]}"

    def read(self, index: int) -> Pixels:
        """The pixels of one image, or ImageError."""
        if "array" not in self.held:
            self.held["array"] = self.load()
        try:
            image = host_array(self.held["array"][index])
            return to_pixels(channels_first(image, self.layout))
        except Unreadable as error:
            raise ImageError(self.where(index), str(error)) from None


def open_array(
    array: Any, *, layout: str | None, name: str | None = None, batched: bool | None = None
) -> ArrayReader:
    """Opens an array of any library without a copy; images are read on demand.

    `batched=False` says that it is one image, without the axis of the images.
    """
    torch = is_tensor(array)
    shape = tuple(int(side) for side in array.shape)
    name = name or f"{'tensor' if torch else 'array'} {list(shape)}"
    if batched is False:
        found = image_layout(shape, layout=layout, torch=torch, name=name)
        array, shape = as_array(array, name=name)[None], (1, *shape)
    else:
        found = array_layout(shape, layout=layout, torch=torch, name=name)
    if not _reads_on_demand(array):
        array = as_array(array, name=name)
    return ArrayReader(name, positions(shape[0]), found, held={"array": array})


def _reads_on_demand(array: Any) -> bool:
    """Whether an array's data may lie in a file, as HDF5's, Zarr's and Dask's do."""
    in_memory = is_tensor(array) or isinstance(array, np.ndarray) or hasattr(array, "__dlpack__")
    return not in_memory and hasattr(array, "__getitem__")


def host_array(x: Any) -> np.ndarray:
    """`x` as NumPy on the CPU; bfloat16, which NumPy lacks, as float32."""
    return to_numpy(as_array(x, name="its array"))


MAX_IMAGES = 50_000_000
"""Most images of one array: a damaged header is found before ids are made for its count."""


class Positions(tuple[str, ...]):
    """Ids that are all different, as each is made from its own position."""

    __slots__ = ()


def positions(count: int) -> Positions:
    """Ids of `count` images without names: zero-padded positions, such as `00` to `99`."""
    if count > MAX_IMAGES:
        raise InputError(
            f"an array declares {count} images, more than {MAX_IMAGES}; its header is damaged, "
            "make the file again"
        )
    return _positions(count) if count <= _KEPT else _positions.__wrapped__(count)


_KEPT = 100_000
"""Images of the largest set whose ids are kept for the next one of its size: 6 MB."""


@functools.lru_cache(maxsize=4)
def _positions(count: int) -> Positions:
    width = len(str(max(count - 1, 0)))
    return Positions(map(f"%0{width}d".__mod__, range(count)))


def label_names(labels: Array, *, count: int, name: str) -> tuple[str, ...]:
    """Converts [n] or [n, 1] integers, booleans or strings to strings, or raises InputError."""
    values = np.asarray(labels)
    if values.shape not in ((count,), (count, 1)) or values.dtype.kind not in "iubUS":
        raise InputError(
            f"{name} has labels of shape {list(values.shape)} and type {values.dtype}; one integer "
            f"or string for each of the {count} images is needed"
        )
    flat: Sequence[Any] = values.reshape(count).tolist()
    return tuple(item.decode() if isinstance(item, bytes) else str(item) for item in flat)
