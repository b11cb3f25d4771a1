"""One batch of a training loop as a source of images."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ganeval.arrays import is_array, is_tensor
from ganeval.errors import InputError
from ganeval.images._base import ImageSource
from ganeval.images.held import Layouts, layout_key
from ganeval.images.items import is_group, item_of
from ganeval.images.layout import array_layout
from ganeval.images.open import open_images
from ganeval.images.value_range import RangeLike


def open_batch(
    batch: Any,
    *,
    layout: str | None = None,
    batched: bool | None = None,
    value_range: RangeLike = None,
    settled: Layouts | None = None,
) -> ImageSource:
    """Opens a batch: images, or images with labels and more, as a loader gives them.

    Args:
        batch: what `open_images` takes; of a list, tuple or dictionary the parts of one item, as
            in `[images, labels]`, or a list of images.
        layout: axes of arrays, as for `open_images`.
        batched: False for one image, or a list of single images.
        value_range: the values that mean black and white.
        settled: layouts of earlier batches, which hold for this one too; it is added to, so that
            three grey images that are left over are not taken for one image of three channels.

    Raises:
        InputError: it holds no images, or could be read in two ways.
    """
    several = isinstance(batch, list | tuple | Mapping) and batched is not False
    found: Layouts = {}
    if batched is not False:
        found = _layout_of(batch, layout, settled or {})
    kept = next(iter(found.values()), layout)
    if several:
        _refuse_batches(batch)
        batch, batched = iter([batch]), True
    source = open_images(batch, layout=kept, batched=batched, value_range=value_range)
    if settled is not None:
        settled.update(found)
    if layout is None and kept is not None:  # it was found, not declared
        protocol = {name: value for name, value in source.protocol.items() if name != "layout"}
        source = replace(source, protocol=protocol)
    if (labels := source.reader.labels) is not None:
        # Few images of many classes: labels that all differ are classes here, not ids.
        source = replace(source, labels=tuple(labels[position] for position in source.positions))
    return source


def _layout_of(batch: Any, layout: str | None, settled: Layouts) -> Layouts:
    """The layout of a batch's array, by the first like it; empty if it has no array."""
    image = batch
    if isinstance(batch, list | tuple | Mapping):
        if is_group(batch):
            return {}
        image = item_of(batch, name="the batch").image
    if not is_array(image) or len(image.shape) not in (3, 4):
        return {}
    key, shape = layout_key(image), tuple(image.shape)
    known = settled.get(key, layout)
    return {
        key: array_layout(
            shape,
            layout=known,
            torch=is_tensor(image),
            name="the batch",
            single="give batched=False for a single image",
        )
    }


def _refuse_batches(batch: Any) -> None:
    """Raises InputError for several batches in a list, of which only the first would be read."""
    if isinstance(batch, list | tuple) and len(batch) > 1:
        if all(is_array(part) and len(part.shape) > 3 for part in batch[:2]):
            raise InputError(
                f"the batch is a list of {len(batch)} batches; give one at a time, or the images "
                "alone"
            )
