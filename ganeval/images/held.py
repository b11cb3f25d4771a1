"""The reader of images that are fetched one by one from a Python object."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ganeval.arrays import is_tensor
from ganeval.errors import GanevalError, ImageError
from ganeval.images._base import Pixels
from ganeval.images.items import image_pixels
from ganeval.images.pixels import Decoding, Unreadable

Layouts = dict[tuple[bool, int], str]
"""Layouts that are settled: of arrays (False) or tensors (True) with so many axes."""


@dataclass(frozen=True, eq=False)
class SequenceReader:
    """Images at the positions of a data set, a list, or what was read of a stream."""

    name: str
    ids: tuple[str, ...]
    labels: tuple[str, ...] | None
    decoding: Decoding
    fetch: Callable[[int], Any] = field(repr=False)
    """The image at a position."""
    layouts: Layouts = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    costly: bool = False
    groups: ClassVar[None] = None
    stamp: ClassVar[None] = None

    def where(self, index: int) -> str:
        """The item's position."""
        return f"{self.name}: image {self.ids[index]}"

    def read(self, index: int) -> Pixels:
        """The pixels of one item, or ImageError."""
        try:
            image = self.fetch(index)
            return image_pixels(image, self.decoding, layout=self.layouts.get(layout_key(image)))
        except Unreadable as error:
            raise ImageError(self.where(index), str(error)) from None


def fetched(dataset: Any, index: int, *, name: str) -> Any:
    """One item of a data set, or ImageError with what the data set raised as its cause."""
    try:
        return dataset[index]
    except GanevalError:
        raise
    except Exception as error:  # a data set of the user's can raise anything
        problem = f"cannot be fetched: the data set raised {type(error).__name__}: {error}"
        raise ImageError(name, problem.partition("\n")[0]) from error


def layout_key(image: Any) -> tuple[bool, int]:
    """The key of an array or tensor in Layouts."""
    return is_tensor(image), len(getattr(image, "shape", ()))
