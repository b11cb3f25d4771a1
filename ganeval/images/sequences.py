"""Images from Python objects: data sets, lists, loaders and generators."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from ganeval.arrays import is_tensor
from ganeval.errors import ImageError, InputError
from ganeval.images._base import Pixels
from ganeval.images.arrays import host_array, label_names, positions
from ganeval.images.layout import array_layout, channels_first, image_layout
from ganeval.images.pixels import Decoding, Unreadable, to_pixels


@dataclass(frozen=True, eq=False)
class SequenceReader:
    """Anything with a length and items: an item is an image, or a pair of image and label."""

    name: str
    ids: tuple[str, ...]
    labels: tuple[str, ...] | None
    decoding: Decoding
    items: Any = field(repr=False)
    groups: ClassVar[None] = None
    stamp: ClassVar[None] = None
    notes: tuple[str, ...] = ()
    costly: ClassVar[bool] = False

    def where(self, index: int) -> str:
        """The item's position."""
        return f"{self.name}: image {self.ids[index]}"

    def read(self, index: int) -> Pixels:
        """The pixels of one item, or ImageError."""
        try:
            return item_pixels(_image(self.items[index]), self.decoding)
        except Unreadable as error:
            raise ImageError(self.where(index), str(error)) from None


def open_dataset(dataset: Any, *, decoding: Decoding) -> SequenceReader:
    """Opens a torch `Dataset`, or any object with `len` and items; images are read on demand.

    A label is the second part of a pair, if it is one integer or string. Labels come from
    `targets` if the data set has them (torchvision's and their subsets do), named by its
    `classes`; otherwise every item is fetched once more, only for its label.
    """
    name = f"{type(dataset).__name__} of {len(dataset)} items"
    if not len(dataset):
        raise InputError(f"{name} is empty; give at least one image")
    first, note = dataset[0], tuple[str, ...]()
    labels = None
    if _is_pair(first) and _is_label(first[1]):
        values = _targets(dataset)
        if values is None:
            values = [dataset[index][1] for index in range(len(dataset))]
        labels = _class_names(dataset, values, name=name)
    elif _is_pair(first):
        note = (f"the second part of an item ({type(first[1]).__name__}) is not taken as a label",)
    _image(first)
    return SequenceReader(name, positions(len(dataset)), labels, decoding, dataset, notes=note)


def open_iterable(batches: Iterable[Any], *, decoding: Decoding) -> SequenceReader:
    """Reads batches, or pairs of batch and labels, into memory.

    In a list or tuple an item of two or three axes, or a PIL image, is one image; from a loader
    or generator every array is a batch.
    """
    kind = type(batches).__name__
    single = isinstance(batches, list | tuple)
    images: list[np.ndarray] = []
    labels: list[str] = []
    for number, item in enumerate(batches):
        batch, label = (item[0], item[1]) if _is_pair(item) else (item, None)
        name = f"item {number} of the {kind}"
        if _is_pil(batch) or (single and _axes(batch) < 4):
            if not _is_pil(batch) and not hasattr(batch, "shape"):
                raise _not_images(name, batch)
            found = [_at(name, batch, decoding)]
            label = None if label is None else [label]
        else:
            if not hasattr(batch, "shape"):
                raise _not_images(name, batch)
            found = _batch(name, batch, decoding)
        images += found
        if label is not None:
            labels += label_names(_plain(label), count=len(found), name=name)
    name = f"{kind} of {len(images)} images"
    if not images:
        raise InputError(f"{name} is empty; a generator can be read once only")
    if labels and len(labels) < len(images):
        raise InputError(f"{name} has labels for {len(labels)} of them; label all or none")
    named = tuple(labels) if labels else None
    own = Decoding(layout="NCHW", keep_alpha=decoding.keep_alpha)
    return SequenceReader(name, positions(len(images)), named, own, images)


def item_pixels(item: Any, decoding: Decoding) -> Pixels:
    """One array, tensor or PIL image as [c, h, w], or Unreadable."""
    if _is_pil(item):
        from ganeval.images.raster import pil_pixels

        return to_pixels(pil_pixels(item, decoding).transpose(2, 0, 1))
    array = host_array(item)
    try:
        layout = image_layout(
            array.shape, layout=decoding.layout, torch=is_tensor(item), name="its array"
        )
    except InputError as error:
        raise Unreadable(f"cannot be used: {error}") from None
    return to_pixels(channels_first(array, layout))


def _batch(name: str, batch: Any, decoding: Decoding) -> list[np.ndarray]:
    layout = array_layout(
        tuple(batch.shape), layout=decoding.layout, torch=is_tensor(batch), name=name
    )
    # Copied, because loaders may reuse the memory.
    array = np.array(host_array(batch))
    return [channels_first(image, layout) for image in array]


def _at(name: str, image: Any, decoding: Decoding) -> np.ndarray:
    try:
        return item_pixels(image, decoding).copy()
    except Unreadable as error:
        raise ImageError(name, str(error)) from None


def _is_pair(item: object) -> bool:
    return isinstance(item, tuple | list) and len(item) == 2 and not isinstance(item[0], str)


def _image(item: Any) -> Any:
    image = item[0] if _is_pair(item) else item
    if _is_pil(image) or hasattr(image, "shape"):
        return image
    raise _not_images("an item", image)


def _not_images(name: str, item: object) -> InputError:
    return InputError(
        f"{name} is a {type(item).__name__}, not an image; give arrays, tensors or PIL images, "
        "alone or as (images, labels)"
    )


def _is_pil(item: object) -> bool:
    return any(base.__module__ == "PIL.Image" for base in type(item).__mro__)


def _axes(item: Any) -> int:
    return len(getattr(item, "shape", ()))


def _plain(value: Any) -> Any:
    return host_array(value) if hasattr(value, "shape") else np.asarray(value)


def _is_label(value: Any) -> bool:
    array = _plain(value)
    return array.size == 1 and array.dtype.kind in "iubUS"


def _targets(dataset: Any) -> list[Any] | None:
    """Labels of all items without reading an image, or None if the data set keeps none."""
    if hasattr(dataset, "indices") and hasattr(dataset, "dataset"):  # torch.utils.data.Subset
        inner = _targets(dataset.dataset)
        return None if inner is None else [inner[index] for index in dataset.indices]
    targets = getattr(dataset, "targets", None)
    if targets is None or len(targets) != len(dataset):
        return None
    return list(_plain(targets).tolist())


def _class_names(dataset: Any, values: Sequence[Any], *, name: str) -> tuple[str, ...]:
    while not hasattr(dataset, "classes") and hasattr(dataset, "dataset"):
        dataset = dataset.dataset
    classes = getattr(dataset, "classes", None)
    flat = np.array([_plain(value).reshape(()).item() for value in values])
    if isinstance(classes, list | tuple) and flat.dtype.kind in "iu":
        if 0 <= flat.min() and flat.max() < len(classes):
            return tuple(str(classes[value]) for value in flat)
    return label_names(flat, count=len(values), name=name)
