"""Images from Python objects: data sets, lists, loaders, streams and generators."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ganeval.arrays import is_array, is_tensor
from ganeval.errors import InputError
from ganeval.images._base import Reader
from ganeval.images.arrays import positions
from ganeval.images.held import Layouts, SequenceReader, fetched, layout_key
from ganeval.images.items import (
    as_label,
    is_group,
    is_path,
    is_picture,
    is_several,
    item_of,
    items_in,
    left_out,
    one_layout,
    several_labels,
)
from ganeval.images.known_labels import known_labels, named
from ganeval.images.path_list import open_paths
from ganeval.images.pixels import Decoding
from ganeval.images.streams import read_stream


def open_items(spec: Any, *, decoding: Decoding, batched: bool | None) -> Reader:
    """Opens a data set, list, table, loader, stream or generator, an item, or a batch with labels.

    Raises:
        InputError: it holds no images, or it is not clear whether items are images or batches.
    """
    kind = type(spec).__name__
    if is_picture(spec):
        spec = [spec]
    elif is_array(spec):
        spec = items_in(spec)
    if isinstance(spec, list | tuple) and spec and all(map(is_path, spec)):
        return open_paths(spec, decoding=decoding)
    if isinstance(spec, Mapping) or (batched is None and _is_item(spec)):
        return read_stream([spec], f"the {kind}", decoding, batched=batched)
    if isinstance(spec, list | tuple):
        if isinstance(spec, tuple) and batched is None and all(map(_is_batch, spec[:2])):
            raise InputError(
                f"a tuple of {len(spec)} batches is images and what belongs to them, or several "
                "batches; give the images alone, or a list of batches"
            )
        if batched or _holds_batches(spec):
            return read_stream(spec, f"the {kind}", decoding, batched=batched)
        return open_dataset(spec, decoding=decoding)
    bases = {base.__name__ for base in type(spec).__mro__}
    if "Module" in bases or isinstance(spec, type):
        raise no_images(spec)
    if "IterableDataset" in bases:  # torch gives these a __getitem__ that only raises
        gives = None if "DataPipeline" in bases else False  # web data sets may batch
        reader = read_stream(spec, f"the {kind}", decoding, batched=batched, gives=gives)
        return _named_by(spec, reader)
    if hasattr(spec, "__len__") and hasattr(spec, "__getitem__"):
        if not batched:
            return open_dataset(spec, decoding=decoding)
        spec = [spec[index] for index in range(len(spec))]
    if hasattr(spec, "__iter__") and not hasattr(spec, "seek"):
        alone = getattr(spec, "batch_size", 0) is None and not getattr(spec, "batch_sampler", None)
        gives = True if "DataLoader" in bases and not alone else None
        reader = read_stream(spec, f"the {kind}", decoding, batched=batched, gives=gives)
        return _named_by(getattr(spec, "dataset", None), reader)
    raise no_images(spec)


def no_images(spec: Any) -> InputError:
    """The error for what is not images."""
    kind = type(spec).__name__
    if callable(spec) and not isinstance(spec, type):
        return InputError(
            f"a {kind} makes images but holds none; call it, and give its batches: "
            "(generator(noise) for noise in batches)"
        )
    if hasattr(spec, "seek"):
        return InputError(f"a {kind} is an open file; give its path or its bytes, file.read()")
    if hasattr(spec, "__getitem__") and not isinstance(spec, type):
        return InputError(f"a {kind} does not say how many items it has; give it a __len__")
    return InputError(
        f"a {kind} holds no images; give a path, an array or tensor, a data set, or an iterable of "
        "images or batches"
    )


def open_dataset(dataset: Any, *, decoding: Decoding) -> SequenceReader:
    """Opens anything with `len` and items of one image each, which are fetched on demand.

    Labels come from what the data set keeps (`targets`, a column), if its items agree with it;
    otherwise every item is fetched once more, only for its label.
    """
    count = len(dataset)
    name = f"{type(dataset).__name__} of {count} items"
    if not count:
        raise InputError(f"{name} is empty; give at least one image")

    def item(index: int) -> Any:
        place = f"item {index} of the {type(dataset).__name__}"
        return item_of(fetched(dataset, index, name=place), name=place)

    first = item(0)
    if is_several(first.image):
        raise InputError(f"an item of {name} holds several images; say batched=True")
    if is_array(first.image) and len(first.image.shape) > 3:
        raise InputError(
            f"an item of {name} has shape {list(first.image.shape)}, which is not one image; if "
            "it is a batch, say batched=True"
        )
    unclear = decoding.layout is None and isinstance(dataset, list) and is_tensor(first.image)
    if unclear and _looks_like_batch(first.image.shape):
        raise InputError(
            f"an item of {name} has shape {list(first.image.shape)}, which is one image of "
            f"{len(first.image)} channels or a batch of grey images; say batched=True, or "
            "layout='NCHW' for images"
        )
    notes = [left_out(first.rest)] if first.rest else []
    labels = None
    if first.label is not None and first.label.size > 1:
        notes.append(several_labels(first.label, 1))
    elif first.label is not None:
        values = known_labels(dataset, lambda index: item(index).label)
        believed = values is not None
        if values is None:
            values = _one_each([item(index).label for index in range(count)], name)
        labels = named(dataset, values, believed=believed, name=name)
    layouts: Layouts = {}
    if is_array(first.image):
        # An ambiguous array raises here as it would for the first image.
        layouts[layout_key(first.image)] = one_layout(
            first.image, layout=decoding.layout, name=f"an item of {name}"
        )
    return SequenceReader(
        name,
        positions(count),
        labels,
        decoding,
        _Image(dataset),
        layouts,
        notes=tuple(notes),
        costly=isinstance(dataset, list | tuple) and is_path(first.image),
    )


class _Image:
    """Fetches the image of an item of a data set; it can be sent to another process."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset

    def __call__(self, index: int) -> Any:
        name = f"{type(self._dataset).__name__}: image {index}"
        return item_of(fetched(self._dataset, index, name=name), name=name).image


def _named_by(dataset: Any, reader: Reader) -> Reader:
    """The reader of a stream or loader, its labels named as the data set behind it names them."""
    numbers = [label for label in reader.labels or () if label.isdecimal()]
    if not isinstance(reader, SequenceReader) or not numbers or len(numbers) < len(reader.ids):
        return reader

    def label_at(index: int) -> Any:
        return item_of(dataset[index], name="an item").label

    try:
        # A column of Hugging Face declares what its numbers mean.
        believed = hasattr(dataset, "column_names") or known_labels(dataset, label_at) is not None
        labels = named(dataset, np.array(numbers, int), believed=believed, name=reader.name)
    except Exception:  # a data set without a length, or that only its sampler can index
        return reader
    return replace(reader, labels=labels)


def _is_item(spec: Any) -> bool:
    """Whether a list is the parts of one item, as a loader gives them: images, then no images."""
    if not isinstance(spec, list | tuple) or len(spec) < 2:
        return False
    if is_picture(spec[0]) or is_group(spec):
        return False
    images, other = spec[:2]
    if not (is_several(images) or (is_array(images) and len(images.shape) > 2)):
        return False
    is_image = is_picture(other) or (is_array(other) and len(other.shape) > 2)
    return as_label(other) is not None or not is_image


def _holds_batches(spec: Any) -> bool:
    image: Any = spec[0] if len(spec) else None
    if isinstance(image, tuple | list) and len(image):
        image = image[0]
    return _is_batch(image)


def _is_batch(image: Any) -> bool:
    return is_array(image) and len(image.shape) > 3


def _looks_like_batch(shape: Sequence[int]) -> bool:
    """Whether a tensor's first axis is too long for channels."""
    return len(shape) == 3 and shape[0] >= min(shape[1:])


def _one_each(labels: list[np.ndarray | None], name: str) -> np.ndarray:
    values = [
        None if label is None or label.size != 1 else label.reshape(())[()] for label in labels
    ]
    if (missing := values.count(None)) > 0:
        raise InputError(
            f"{name} has labels for {len(values) - missing} of them; label all or none"
        )
    return np.array(values)
