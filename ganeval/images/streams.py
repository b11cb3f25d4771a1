"""Reads streams into memory: loaders, generators, iterable data sets, and an item by itself.

How many images an array of an item holds follows from what gave the item:

- Items of a loader are batches.
- Items of torch's `IterableDataset` are one image each, unless they have four axes.
- Items of anything else (a generator, a web data set) are batches if they have four axes or as
  many labels as images, and one image if they have one label. With fewer axes and no label they
  could be either, which is an error until `batched` says it.

An array's layout is settled by the first item and kept for all others like it, so that a short
last batch is not taken for something else.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ganeval.arrays import as_array, is_array, is_tensor, to_numpy
from ganeval.errors import ImageError, InputError
from ganeval.images._base import Reader
from ganeval.images.arrays import label_names, positions
from ganeval.images.held import Layouts, SequenceReader, layout_key
from ganeval.images.items import (
    is_group,
    is_path,
    is_picture,
    is_pil,
    item_of,
    left_out,
    one_layout,
    several_labels,
)
from ganeval.images.layout import array_layout, channels_first
from ganeval.images.path_list import open_paths
from ganeval.images.pixels import Decoding


def read_stream(
    stream: Iterable[Any],
    name: str,
    decoding: Decoding,
    *,
    batched: bool | None,
    gives: bool | None = None,
) -> Reader:
    """Reads all images of a stream into memory; `gives` is what the kind of stream says."""
    intake = _Intake(decoding, batched=batched, gives=gives)
    for number, thing in enumerate(stream):
        intake.take(thing, name=name if isinstance(stream, list) else f"item {number} of {name}")
    return intake.reader(stream, name)


class _Intake:
    """Collects images and labels of items, by what the first of them shows."""

    def __init__(self, decoding: Decoding, *, batched: bool | None, gives: bool | None) -> None:
        self._decoding = decoding
        self._batched = batched
        self._gives = gives
        self._layouts: Layouts = {}
        self._images: list[Any] = []
        self._labels: list[str] = []
        self._notes: dict[str, None] = {}

    def take(self, thing: Any, *, name: str, of_group: bool = False) -> None:
        """Adds the images of one item, or of one part of a list of items."""
        if is_group(thing) and self._batched is not False:
            for place, one in enumerate(thing):
                self.take(one, name=f"part {place} of {name}", of_group=True)
            return
        item = item_of(thing, name=name)
        _refuse_list_of_arrays(thing, name)
        if item.rest:
            self._notes[left_out(item.rest)] = None
        if is_picture(item.image):
            found = [_kept_picture(item.image, name)]
        elif isinstance(item.image, list | tuple):
            found = [self._one(image, name) for image in item.image]
        elif self._is_batch(item.image, item.label, name, of_group=of_group):
            found = list(self._each(item.image, name))
        else:
            found = [self._one(item.image, name)]
        self._images += found
        if item.label is None:
            return
        if len(found) != item.label.size and 1 in (len(found), item.label.size):
            self._notes[several_labels(item.label, len(found))] = None
            return
        self._labels += label_names(item.label.reshape(-1), count=len(found), name=name)

    def reader(self, stream: Any, name: str) -> Reader:
        """The reader of all that was taken."""
        images, count = self._images, len(self._images)
        name = f"{name.removeprefix('the ')} of {count} images"
        if not count:
            raise InputError(f"{name} is empty; a generator can be read once only")
        if self._labels and len(self._labels) < count:
            raise InputError(
                f"{name} has labels for {len(self._labels)} of them; label all or none"
            )
        if not self._labels and all(map(is_path, images)):
            return open_paths(images, decoding=self._decoding)
        return SequenceReader(
            name,
            positions(count),
            tuple(self._labels) if self._labels else None,
            self._decoding,
            images.__getitem__,
            {layout_key(image): "NCHW" for image in images if isinstance(image, np.ndarray)},
            notes=tuple(self._notes),
            costly=is_path(images[0]),
        )

    def _is_batch(self, image: Any, label: np.ndarray | None, name: str, *, of_group: bool) -> bool:
        """Whether an array is a batch; `of_group` says that it is one of a list of images."""
        shape = tuple(image.shape)
        if of_group or len(shape) > 3:
            return len(shape) > 3 and self._batched is not False
        if self._batched is not None:
            return self._batched
        if self._gives:
            return True
        if label is not None:
            if label.size == 1 and shape[0] != 1:
                return False
            if label.shape == (shape[0],):
                return True
        if self._gives is False:
            return False
        if len(shape) == 3 and shape[0] == 1:
            return True  # one image in either case
        several = "a batch of grey images" if len(shape) == 3 else "rows of features"
        raise InputError(
            f"{name} has shape {list(shape)}, which is one image or {several}; say batched=False "
            "if each item is one image, batched=True if it is a batch"
        )

    def _each(self, batch: Any, name: str) -> Iterator[np.ndarray]:
        key = layout_key(batch)
        layout = self._layouts.get(key, self._decoding.layout)
        found = array_layout(tuple(batch.shape), layout=layout, torch=is_tensor(batch), name=name)
        self._layouts[key] = found
        # Copied, because loaders may use the memory again.
        for image in np.array(to_numpy(as_array(batch, name=name))):
            yield channels_first(image, found)

    def _one(self, image: Any, name: str) -> Any:
        if is_picture(image):
            return _kept_picture(image, name)
        key = (is_tensor(image), -len(image.shape))
        layout = self._layouts.get(key, self._decoding.layout)
        self._layouts[key] = one_layout(image, layout=layout, name=name)
        array = np.array(to_numpy(as_array(image, name=name)))
        return channels_first(array, self._layouts[key])


def _kept_picture(image: Any, name: str) -> Any:
    """A PIL image is copied, because its file may be closed or it may be drawn on again."""
    if not is_pil(image):
        return image
    try:
        return image.copy()
    except OSError as error:
        raise ImageError(name, f"cannot be read: {error}; leave it out") from None


def _refuse_list_of_arrays(thing: Any, name: str) -> None:
    """Raises InputError for [array, array] of three axes: two images, or a batch and another."""
    if isinstance(thing, list) and len(thing) > 1 and all(map(is_array, thing[:2])):
        axes = [len(part.shape) for part in thing[:2]]
        if axes[0] == axes[1] and axes[0] < 4:
            raise InputError(
                f"{name} is a list of {len(thing)} arrays of {axes[0]} axes, which are images, or "
                "one batch and what belongs to it; stack the images, or give (images, labels)"
            )
