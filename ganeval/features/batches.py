"""Features as rows that engines move about: a dictionary of columns, in pieces and in any order."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.errors import InputError
from ganeval.features._base import Features, array_fingerprint, check_alike
from ganeval.moments import joined_protocol
from ganeval.npz import broken_as_input_error
from ganeval.schema import check_protocol, decode, fit

Batch = Mapping[str, Any]
"""Columns with a row for each image."""


class _About(TypedDict):
    """What rows have in common."""

    name: str
    classes: tuple[str, ...] | None
    protocol: dict[str, Any]
    warnings: tuple[str, ...]


def to_batch(features: Features) -> dict[str, np.ndarray]:
    """A row for each image; the first has in `about` what all have in common, as JSON."""
    about: _About = {
        "name": features.name,
        "classes": features.classes,
        "protocol": dict(features.protocol),
        "warnings": features.warnings,
    }
    arrays = {name: getattr(features, name) for name in ("features", "logits", "hashes")}
    texts = {"id": features.ids, "label": features.labels, "group": features.groups}
    text = json.dumps(about, allow_nan=False)
    return {
        **{name: to_numpy(array) for name, array in arrays.items() if array is not None},
        **{name: np.array(column) for name, column in texts.items() if column is not None},
        "about": np.array([text, *[""] * (len(features) - 1)]),
    }


def from_batches(batches: Iterable[Batch]) -> Features:
    """The features of rows that an Embedder made, in id order.

    Args:
        batches: pieces of its rows, in any order and cut anywhere; none may be left out.

    Raises:
        InputError: there are no rows, an image occurs twice, or rows were not made in the same way.
    """
    pieces = [piece for piece in batches if len(piece["id"])]
    if not pieces:
        raise InputError("there are no rows of features; give what an Embedder returned")
    with broken_as_input_error("these are no rows of an Embedder", "give what it returned"):
        abouts = [
            fit(decode(text.encode()), _About)
            for piece in pieces
            for text in map(str, piece["about"])
            if text
        ]
        for about in abouts:
            check_protocol(about["protocol"])
        if not abouts:
            raise ValueError("none says how it was made")
    _check_made_alike(abouts)
    ids = np.concatenate([np.asarray(piece["id"]).astype(str) for piece in pieces])
    order = np.argsort(ids, kind="stable")

    def rows(name: str) -> np.ndarray | None:
        if name not in pieces[0]:
            return None
        return np.concatenate([_matrix(piece[name]) for piece in pieces])[order]

    def texts(name: str) -> tuple[str, ...] | None:
        if name not in pieces[0]:
            return None
        return tuple(
            np.concatenate([np.asarray(p[name]).astype(str) for p in pieces])[order].tolist()
        )

    features, hashes = rows("features"), rows("hashes")
    assert features is not None
    assert hashes is not None
    return Features(
        features=features,
        ids=tuple(ids[order].tolist()),
        logits=rows("logits"),
        labels=texts("label"),
        groups=texts("group"),
        hashes=hashes,
        classes=abouts[0]["classes"],
        name=abouts[0]["name"],
        fingerprint=array_fingerprint(hashes),
        protocol=joined_protocol([about["protocol"] for about in abouts]),
        warnings=tuple(dict.fromkeys(text for about in abouts for text in about["warnings"])),
    )


def _check_made_alike(abouts: Sequence[_About]) -> None:
    none = np.zeros((0, 1))
    first, *others = [Features(none, (), protocol=about["protocol"]) for about in abouts]
    for other in others:
        check_alike(first, other)


def _matrix(column: Any) -> np.ndarray:
    """[t, d] of a column that an engine may hold as a list of rows."""
    array = np.asarray(column)
    return np.stack([np.asarray(row) for row in array]) if array.dtype == object else array
