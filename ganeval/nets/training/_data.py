"""The training images, which are decoded once and kept in memory in their own dtype."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from ganeval.errors import ImageError, InputError
from ganeval.images._base import Batch, ImageSource, Pixels, ValueRange
from ganeval.nets._base import Card
from ganeval.nets._network import MIN_SIZE
from ganeval.nets._prepare import prepare, resolve_range

LEAST = 16
"""Least number of images without labels; fewer leave no batch to compare."""


@dataclass(frozen=True, eq=False)
class TrainingData:
    """The training images, all of one size, and what the card will say about them."""

    name: str
    images: np.ndarray
    """Images [n, c, h, w] of uint8, uint16 or float32, not yet resized if `card` resizes."""
    labels: np.ndarray
    """Positions [n] in `classes`; all are 0 if there are no classes."""
    classes: tuple[str, ...]
    """Empty for a training without labels."""
    groups: tuple[str, ...] | None
    hashes: np.ndarray
    """First word [n] uint64 of each image's hash."""
    card: Card
    """Channels, input size, resize rule, dtype and value range of the net to be trained."""
    prepared: bool
    """Whether `images` are already what the net takes: float32 in [0, 1]."""
    notes: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Hash of all images and labels; their order does not matter."""
        names = self.classes or ("",)
        pairs = zip(self.hashes, self.labels, strict=True)
        rows = sorted(f"{h:016x} {names[k]}" for h, k in pairs)
        return hashlib.blake2b("\n".join(rows).encode(), digest_size=16).hexdigest()


def read_labels(source: ImageSource) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels as numbers [n], and the class names.

    Raises:
        InputError: there are no labels, fewer than two classes, or classes of a single image.
    """
    if source.labels is None:
        raise InputError(
            f"{source.name} has no labels and a classifier needs them; put each class in a folder "
            "of its own, or say where the labels are: --label-by folder:LEVEL, regex:... or "
            "csv:FILE"
        )
    classes, labels, counts = np.unique(source.labels, return_inverse=True, return_counts=True)
    if len(classes) < 2:
        raise InputError(
            f"all {len(source)} images of {source.name} have the label {str(classes[0])!r}; a "
            "classifier needs at least 2 classes, see --label-by"
        )
    if counts.min() < 2:
        lone = [str(c) for c, k in zip(classes, counts, strict=True) if k < 2]
        shown = ", ".join(lone[:5]) + (", ..." if len(lone) > 5 else "")
        raise InputError(
            f"{len(lone)} of {len(classes)} classes of {source.name} have a single image "
            f"({shown}); each needs 2 or more, add images or leave the class out"
        )
    return labels.astype(np.int64), tuple(str(c) for c in classes)


def read_data(
    source: ImageSource,
    batches: Iterable[Batch],
    *,
    name: str,
    labelled: bool,
    input_size: tuple[int, int] | None,
    value_range: ValueRange | None,
) -> TrainingData:
    """Collects the images of `batches` and decides what the net will take.

    Args:
        source: source of the images.
        batches: batches of `source`, from `ganeval.images.iterate`.
        name: name of the net.
        labelled: whether the net learns the source's labels.
        input_size: (height, width) to resize to; None keeps the images' size, which must be one.
        value_range: value range to use instead of the source's.

    Raises:
        InputError: labels are missing or too few, or float images have no range.
        ImageError: an image differs from the others, or is smaller than 8 pixels.
    """
    pixels: list[Pixels] = []
    indices: list[int] = []
    hashes: list[np.ndarray] = []
    n_skipped = 0
    for batch in batches:
        _check_sizes(source, batch, input_size)
        pixels += batch.pixels
        indices += batch.indices
        hashes.append(batch.hashes[:, 0])
        n_skipped += len(batch.failures)
    if not pixels:
        raise InputError(f"{source.name} has no readable image; nothing to train on")
    kept = _subset(source, indices) if n_skipped else source
    labels, classes = np.zeros(len(kept), np.int64), tuple[str, ...]()
    if labelled:
        labels, classes = read_labels(kept)
    elif len(kept) < LEAST:
        raise InputError(
            f"{source.name} has {len(kept)} images; a net that learns without labels needs "
            f"{LEAST} or more, add images"
        )
    card = _card(name, kept, pixels[0], input_size=input_size, value_range=value_range)
    one_size = len({image.shape for image in pixels}) == 1
    if input_size is None and not one_size:
        _report_sizes(kept, pixels)
    images = _stack(kept, pixels, card=card, one_size=one_size)
    return TrainingData(
        name=source.name,
        images=images,
        labels=labels,
        classes=classes,
        groups=kept.groups,
        hashes=np.concatenate(hashes),
        card=card,
        prepared=not one_size,
        notes=(f"{n_skipped} images could not be read",) if n_skipped else (),
    )


def _check_sizes(source: ImageSource, batch: Batch, input_size: tuple[int, int] | None) -> None:
    """Raises ImageError if an image is smaller than a net can be."""
    for index, image in zip(batch.indices, batch.pixels, strict=True):
        side = min(input_size or image.shape[1:])
        if side < MIN_SIZE:
            raise ImageError(
                source.ids[index],
                f"is {side} pixels along a side and a net needs {MIN_SIZE}; enlarge the "
                "images: --input-size HEIGHT,WIDTH",
            )


def _card(
    name: str,
    source: ImageSource,
    first: Pixels,
    *,
    input_size: tuple[int, int] | None,
    value_range: ValueRange | None,
) -> Card:
    dtype = str(first.dtype)
    blank = Card(name=name, architecture="trunk", channels=None)
    declared = value_range or source.value_range
    return Card(
        name=name,
        architecture="trunk",
        channels=int(first.shape[0]),
        input_size=input_size or (int(first.shape[1]), int(first.shape[2])),
        resize="none" if input_size is None else "bilinear-antialias",
        dtype=dtype,
        value_range=resolve_range(dtype, card=blank, value_range=declared),
    )


def _report_sizes(source: ImageSource, pixels: list[Pixels]) -> None:
    first = pixels[0].shape[1:]
    for id, image in zip(source.ids, pixels, strict=True):
        if image.shape[1:] != first:
            have, want = (f"{h} x {w}" for h, w in (image.shape[1:], first))
            raise ImageError(
                id,
                f"is {have} pixels (height x width) but the images before it are {want}; resize "
                "all for training: --input-size HEIGHT,WIDTH",
            )


def _stack(source: ImageSource, pixels: list[Pixels], *, card: Card, one_size: bool) -> np.ndarray:
    """Stacks the images into one array; images of mixed sizes are resized to float32 for it."""
    parts = []
    for start in range(0, len(pixels), 256):
        part, ids = pixels[start : start + 256], source.ids[start : start + 256]
        prepared = prepare(part, ids=ids, card=card, dtype=card.dtype)  # checks them all
        parts.append(np.stack(part) if one_size else prepared.numpy())
    return np.concatenate(parts)


def _subset(source: ImageSource, indices: list[int]) -> ImageSource:
    def take(values: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if values is None else tuple(values[i] for i in indices)

    return replace(
        source,
        ids=tuple(source.ids[i] for i in indices),
        labels=take(source.labels),
        groups=take(source.groups),
        positions=tuple(source.positions[i] for i in indices),
    )
