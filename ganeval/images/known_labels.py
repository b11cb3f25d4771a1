"""Labels that a data set keeps beside its items, so that no image is read for them.

They are believed only where they agree with items: a `target_transform`, or a wrapper that
relabels, changes the items and leaves `targets` as they are.
"""

import contextlib
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np

from ganeval.images.arrays import label_names
from ganeval.images.items import LABEL_KEYS, as_label

_MOST_CLASSES = 50
"""Classes of which one item each is compared."""


def known_labels(dataset: Any, label_at: Callable[[int], Any]) -> np.ndarray | None:
    """The labels [n] that a data set keeps; None if it keeps none, or items have others.

    Compared are the first item, the last, ten between them, and the first of each class.

    Args:
        dataset: with `targets` or `labels`, a column of labels, or made of such data sets.
        label_at: the label of one item.
    """
    values = _kept(dataset)
    if values is None:
        return None
    _, first_of_class = np.unique(values, return_index=True)
    spread = np.linspace(0, len(values) - 1, 12).astype(int)
    for index in sorted({*spread.tolist(), *first_of_class[:_MOST_CLASSES].tolist()}):
        label = label_at(index)
        if label is None or np.size(label) != 1 or np.reshape(label, ())[()] != values[index]:
            return None
    return values


def named(dataset: Any, values: np.ndarray, *, believed: bool, name: str) -> tuple[str, ...]:
    """The labels [n] as text: names of classes for numbers, if the data set has such names.

    `believed` says whether the labels that the data set keeps agree with its items.
    """
    classes = _classes(dataset)
    trusted = believed or (hasattr(dataset, "classes") and _kept(dataset) is None)
    if classes is not None and trusted and values.dtype.kind in "iu":
        if 0 <= values.min() and values.max() < len(classes):
            return tuple(str(classes[value]) for value in values)
    return label_names(values, count=len(values), name=name)


def _kept(dataset: Any) -> np.ndarray | None:
    """The labels [n] that a data set keeps, whether or not they are those of its items."""
    if hasattr(dataset, "column_names"):  # of Hugging Face
        column = _label_column(dataset)
        return None if column is None else _as_labels(dataset[column], len(dataset))
    for attribute in ("targets", "labels"):
        with contextlib.suppress(Exception):  # a property of the user's can raise anything
            found = _as_labels(getattr(dataset, attribute, None), len(dataset))
            if found is not None:
                return found
    if hasattr(dataset, "datasets"):  # torch's ConcatDataset
        parts = [_kept(part) for part in dataset.datasets]
        known = [part for part in parts if part is not None]
        return np.concatenate(known) if parts and len(known) == len(parts) else None
    if not hasattr(dataset, "dataset"):
        return None
    inner = _kept(dataset.dataset)
    if inner is None:
        return None
    if hasattr(dataset, "indices"):  # torch's Subset
        return inner[np.asarray(dataset.indices, dtype=np.intp)]
    return inner if len(inner) == len(dataset) else None


def _classes(dataset: Any) -> Sequence[Any] | None:
    """Names of classes, in the order of their numbers."""
    if hasattr(dataset, "column_names"):
        feature = (getattr(dataset, "features", None) or {}).get(_label_column(dataset))
        feature = getattr(feature, "feature", feature)  # of a column of batches
        classes = getattr(feature, "names", None)
    elif hasattr(dataset, "datasets") and not hasattr(dataset, "classes"):
        each = [_classes(part) for part in dataset.datasets]
        classes = each[0] if each and all(one == each[0] for one in each) else None
    elif hasattr(dataset, "dataset") and not hasattr(dataset, "classes"):
        classes = _classes(dataset.dataset)
    else:
        classes = getattr(dataset, "classes", None)
    return classes if isinstance(classes, list | tuple) else None


def _label_column(dataset: Any) -> str | None:
    found = [name for name in dataset.column_names or () if name in LABEL_KEYS]
    return found[0] if len(found) == 1 else None


def _as_labels(values: Any, count: int) -> np.ndarray | None:
    if values is None or callable(values):
        return None
    if not hasattr(values, "shape"):
        try:
            values = list(chain(values))
        except TypeError:
            return None
    labels = as_label(values)
    return labels if labels is not None and labels.shape == (count,) else None
