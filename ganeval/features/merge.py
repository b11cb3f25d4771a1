"""Joins features of many files in a folder, of which memory never holds more than a few rows."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.features._base import (
    Features,
    check_columns,
    check_widths,
    keys_fingerprint,
    merge_features,
    row_keys,
)
from ganeval.features.folder import BLOCK, RowsInFolder, check_name
from ganeval.files import own_folder


def merge_into_folder(parts: Sequence[Features], folder: str | os.PathLike[str]) -> Features:
    """`merge_features`, written to a new folder whose name ends in `.features`.

    Raises:
        InputError: as `merge_features`, or the folder is there already.
    """
    check_name(folder)
    first = parts[0]
    for part in parts[1:]:
        check_widths((part.name, part.features.shape[1]), (first.name, first.features.shape[1]))
        check_columns((part.name, part.columns), (first.name, first.columns))
    whole = merge_features([with_places(part, number) for number, part in enumerate(parts)])
    with own_folder(folder):
        return _written(parts, whole, folder)


def _written(
    parts: Sequence[Features], whole: Features, folder: str | os.PathLike[str]
) -> Features:
    """The rows of the parts in the places that `whole` says, in the folder."""
    first = parts[0]
    number_of, row_of = to_numpy(whole.features).T
    rows = RowsInFolder(Path(folder), key=os.urandom(16).hex())
    names = [name for name in ("features", "logits", "hashes") if getattr(first, name) is not None]
    keys = []
    for start in range(0, len(whole), BLOCK):
        some = slice(start, start + BLOCK)
        for name in names:
            joined = _gathered([getattr(p, name) for p in parts], number_of[some], row_of[some])
            rows.add(**{name: joined})
            if name == "features" and first.hashes is None:
                keys.append(row_keys(joined))
    arrays = rows.arrays()
    fingerprint = whole.fingerprint
    if keys:
        features = arrays["features"]
        fingerprint = keys_fingerprint(np.concatenate(keys), features.dtype.str, features.shape)
    merged = replace(
        whole,
        features=arrays["features"],
        logits=arrays.get("logits"),
        hashes=arrays.get("hashes"),
        fingerprint=fingerprint,
        classes=first.classes,
        columns=first.columns,
    )
    merged.complete(folder, None)
    return merged


def with_places(part: Features, number: int) -> Features:
    """The same with the number of the part and of the row in place of each row."""
    places = np.stack([np.full(len(part), number), np.arange(len(part))], axis=1)
    logits = None if part.logits is None else np.zeros((len(part), 0))
    return replace(part, features=places, logits=logits, classes=None, columns=None)


def _gathered(parts: Sequence[np.ndarray], number_of: np.ndarray, row_of: np.ndarray) -> np.ndarray:
    """Some rows, each by the number of its part and its own there."""
    dtype = np.result_type(*(part.dtype for part in parts))
    joined = np.empty((len(row_of), parts[0].shape[1]), dtype)
    for number in np.unique(number_of):
        here = number_of == number
        joined[here] = parts[number][row_of[here]]
    return joined
