"""Which of the arrays in a container are the images, and which are their labels and groups."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ganeval.errors import InputError

USUAL = ("images", "image", "imgs", "img", "x", "X", "data", "arr_0")
"""Names of the array of images, if there are others beside it."""
LABELS = ("labels", "label", "y", "Y", "targets", "target", "classes", "cls")
GROUPS = ("groups", "group")
TWINS = {
    "images": ("labels",),
    "image": ("label", "labels"),
    "imgs": ("labels",),
    "img": ("label", "labels"),
    "data": ("labels", "label"),
    "x": ("y",),
    "X": ("y", "Y"),
}
"""Words in the name of an array of images, and what replaces them in the name of its labels."""


class Stored(NamedTuple):
    """What is known of an array before it is read."""

    shape: tuple[int, ...]
    kind: str
    """NumPy's letter for the kind of number: `u`, `i`, `f`, `b`; `U` for strings."""


def image_array(arrays: Mapping[str, Stored], wanted: str, *, name: str) -> tuple[str, str | None]:
    """Finds the path of the array of images, and a note on others that were left out.

    Without a name it is the only array of three or four axes, or the only one of a usual name
    (`images`, `x`, `data`). `wanted` is the path of an array or of a group of arrays.

    Args:
        arrays: arrays by their path in the container.
        wanted: what follows `::`, or the empty string.
        name: what the user typed.

    Raises:
        InputError: there is none or more than one; the message lists them.
    """
    file = name.partition("::")[0]
    wanted = wanted.strip("/")
    if wanted in arrays:
        return wanted, None
    inside = {path: array for path, array in arrays.items() if f"{path}/".startswith(f"{wanted}/")}
    inside = inside if wanted else dict(arrays)
    if wanted and not inside:
        raise InputError(
            f"{file} has no array {wanted!r}; it holds {_listing(arrays)}: name one as {file}::NAME"
        )
    images = [
        path
        for path, (shape, kind) in inside.items()
        if len(shape) in (3, 4) and kind in "biuf" and 0 not in shape
    ]
    usual = [path for path in images if base(path) in USUAL]
    for found in (images, usual):
        if len(found) == 1:
            others = {path: arrays[path] for path in images if path != found[0]}
            note = f"read array {found[0]}; left out {_listing(others)}" if others else None
            return found[0], note
    if images:
        listed = _listing({path: arrays[path] for path in images})
        raise InputError(
            f"{name} holds {len(images)} arrays of images, {listed}; name one as {file}::NAME"
        )
    rows = [path for path, (shape, kind) in inside.items() if len(shape) == 2 and kind in "iuf"]
    hint = f"; name features as {file}::{rows[0]}" if rows else ""
    raise InputError(
        f"{name} has no array of images, [n, h, w] or [n, h, w, c]; it holds "
        f"{_listing(inside)}{hint}"
    )


def companion(
    arrays: Mapping[str, Stored], key: str, *, names: tuple[str, ...], kinds: str = "iubUS"
) -> str | None:
    """Finds the array beside `key` that has one value per image under one of `names`.

    The labels of `train/images` are `train/labels`, those of `x_train` are `y_train`. Plain
    `labels` belong to `key` only if it has a usual name, or is the only array of images beside
    them. `kinds` are the kinds of values that it may have.
    """
    folder, _, own = key.rpartition("/")
    prefix = f"{folder}/" if folder else ""
    count = arrays[key].shape[0]
    beside = [
        path for path, (shape, kind) in arrays.items()
        if path.rpartition("/")[0] == folder and len(shape) in (3, 4) and kind in "biuf"
    ]  # fmt: skip
    candidates = []
    if names is LABELS:
        words = own.split("_")
        candidates = [
            "_".join([*words[:i], twin, *words[i + 1 :]])
            for i, word in enumerate(words)
            for twin in TWINS.get(word, ())
        ]
    if own in USUAL or beside == [key]:
        candidates += names
    for candidate in candidates:
        found = arrays.get(prefix + candidate)
        if found and found.kind in kinds and found.shape in ((count,), (count, 1)):
            return prefix + candidate
    return None


def whole_numbers(values: np.ndarray) -> np.ndarray | None:
    """Floats as integers if all are whole, as MATLAB stores classes; other values as they are."""
    if values.dtype.kind != "f":
        return values
    wide = values.astype(np.float64)
    whole = bool(np.all(np.abs(wide) < 2**53)) and bool(np.all(wide == np.floor(wide)))
    return wide.astype(np.int64) if whole else None


def base(path: str) -> str:
    """The last part of a path."""
    return path.rpartition("/")[2]


def _listing(arrays: Mapping[str, Stored], *, limit: int = 6) -> str:
    listed = [f"{path} {list(array.shape)}" for path, array in sorted(arrays.items())]
    rest = [f"and {len(listed) - limit} more"] if len(listed) > limit else []
    return ", ".join([*listed[:limit], *rest]) or "nothing"
