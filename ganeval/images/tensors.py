"""Tensors saved by torch (`.pt`, `.pth`) or as `.safetensors`: images in torch's layout.

A `.pt` is a tensor, or a dict, list or tuple of tensors, perhaps inside each other; a pair is taken
as images and labels, and a list of images [c, h, w] of one shape as one tensor. torch reads it with
`weights_only`, so no Python object is unpickled.
"""

import math
import os
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ganeval.arrays import Array, is_tensor
from ganeval.errors import InputError, cut
from ganeval.files import regular_file
from ganeval.images.arrays import ArrayReader, host_array, label_names, positions
from ganeval.images.layout import array_layout
from ganeval.images.named_arrays import GROUPS, LABELS, Stored, companion, image_array
from ganeval.images.pixels import MAX_VALUES, Decoding
from ganeval.images.rows import FeatureRows
from ganeval.images.stamp import file_stamp
from ganeval.lazy import torch
from ganeval.schema import MAX_DEPTH

ALONE = ""
"""Name of a tensor that is the whole file."""
MOST_ENTRIES = 100_000
"""Values in one file; the same list, stored once, may stand at very many places."""
MOST_ITEMS = 50_000_000
"""Names and numbers in all lists of one file."""
MOST_REPEATS = 16
"""Times that a view may repeat the stored values; grey images shown as RGB repeat them 3 times."""


class Entry(NamedTuple):
    """One tensor of a file."""

    shape: tuple[int, ...]
    kind: str
    """NumPy's letter for the kind of number; `c` for all that cannot be read."""
    rows: Any
    """The tensor, or what reads some of its rows."""


@dataclass(frozen=True, eq=False)
class TensorReader(ArrayReader):
    """One tensor of a file, of which safetensors reads only the images that are wanted."""

    path: str = ""
    key: str = ALONE

    def load(self) -> Array:
        """The tensor, or what reads its rows."""
        rows: Array = _entries(self.path, name=self.name)[self.key].rows
        return rows


def open_tensors(path: Path, *, name: str, decoding: Decoding) -> TensorReader:
    """Finds the images of a file, and their labels and groups if it has them."""
    file, _, wanted = str(path).partition("::")
    entries = _entries(file, name=name)
    stored = {key: Stored(entry.shape, entry.kind) for key, entry in entries.items()}
    key, note = (ALONE, None) if ALONE in stored else image_array(stored, wanted, name=name)
    shape, kind = stored[key]
    if kind not in "biuf":
        raise InputError(f"{name} holds numbers that are not real or not dense; save real numbers")
    layout = array_layout(shape, layout=decoding.layout, torch=True, name=name)
    if math.prod(shape[1:]) > MAX_VALUES:
        raise InputError(
            f"{name} has shape {list(shape)}: an image is too large; save smaller ones"
        )
    _check_stored(entries[key], name=name)
    labels, groups = (
        _values(entries, None if key == ALONE else companion(stored, key, names=names), name=name)
        for names in (LABELS, GROUPS)
    )
    return TensorReader(
        name, positions(shape[0]), layout, labels, groups, file_stamp(file, key),
        (note,) if note else (), path=os.path.abspath(file), key=key,
    )  # fmt: skip


def tensor_rows(path: Path, *, name: str) -> FeatureRows | None:
    """The tensor named after `::`, or alone in its file, if it has two axes; else None."""
    file, _, wanted = str(path).partition("::")
    entries = _entries(file, name=name)
    key = wanted.strip("/") if wanted or len(entries) != 1 else next(iter(entries))
    if key not in entries or len(entries[key].shape) != 2 or entries[key].kind not in "iuf":
        return None
    _check_stored(entries[key], name=name)
    return FeatureRows(entries[key].shape, lambda: host_array(entries[key].rows[:]))


def _entries(file: str, *, name: str) -> dict[str, Entry]:
    """Tensors by their place in the file."""
    regular_file(file, name=name)
    read = _safetensors if file.lower().endswith(".safetensors") else _saved
    return read(file, name=name)


def _safetensors(file: str, *, name: str) -> dict[str, Entry]:
    import safetensors

    kinds = {"BOOL": "b", "U": "u", "I": "i", "F": "f", "BF": "f"}
    try:
        opened: Any = safetensors.safe_open(file, framework="pt")
        entries = {}
        for key in opened.keys():
            rows = opened.get_slice(key)
            kind = kinds.get(str(rows.get_dtype()).split("_")[0].rstrip("0123456789"), "c")
            entries[key] = Entry(tuple(rows.get_shape()), kind, rows)
    except (OSError, safetensors.SafetensorError) as error:
        raise InputError(f"{name} is not a safetensors file that can be read ({error})") from None
    return entries


def _saved(file: str, *, name: str) -> dict[str, Entry]:
    """What `torch.save` wrote."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old formats
            saved = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # damage can make torch raise anything
        text = " ".join(str(error).split())
        if any(word in text for word in ("Unsupported global", "Unsupported class", "TorchScript")):
            raise InputError(
                f"{name} holds Python objects, which are never unpickled; save its tensors alone: "
                "torch.save({'images': images, 'labels': labels}, PATH)"
            ) from None
        raise InputError(
            f"{name} is not a file of tensors that can be read ({text[:60]})"
        ) from None
    entries: dict[str, Entry] = {}
    items = 0
    for number, (place, entry) in enumerate(_flat(saved, ALONE, name=name)):
        items += 0 if entry is None or is_tensor(entry.rows) else len(entry.rows)
        if number >= MOST_ENTRIES or items > MOST_ITEMS:
            raise InputError(
                f"{name} holds more than {MOST_ENTRIES} values or {MOST_ITEMS} names and numbers; "
                "save one tensor of all images"
            )
        if entry is not None and place in entries:
            raise InputError(f"{name} holds two values at {cut(place)!r}; save them by other names")
        if entry is not None:
            entries[place] = entry
    return entries


def _flat(
    value: Any, place: str, depth: int = 0, *, name: str
) -> Iterator[tuple[str, Entry | None]]:
    """Tensors, and lists of names or numbers, inside dicts, lists and tuples; None for others."""
    if depth > MAX_DEPTH:
        raise InputError(
            f"{name} holds lists or dicts nested more than {MAX_DEPTH} deep; save its tensors alone"
        )
    if isinstance(value, list) and _are_images(value, name=name):
        value = torch.stack(value)
    if is_tensor(value):
        shape = () if value.is_nested else tuple(value.shape)
        yield place, Entry(shape, _kind(value), value)
    elif isinstance(value, list | tuple) and value and not any(map(is_tensor, value)):
        if all(isinstance(each, str | int) for each in value):
            names = np.asarray(value)
            yield place, Entry(names.shape, names.dtype.kind, names)
            return
        yield place, None
    else:
        yield place, None
    if isinstance(value, list | tuple):
        keys = [str(number) for number in range(len(value))]
        if len(value) == 2 and all(map(is_tensor, value)) and value[1].ndim < 3 <= value[0].ndim:
            keys = ["images", "labels"]
        for key, each in zip(keys, value, strict=True):
            yield from _flat(each, f"{place}/{key}".lstrip("/"), depth + 1, name=name)
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _flat(each, f"{place}/{key}".lstrip("/"), depth + 1, name=name)


def _are_images(values: list[Any], *, name: str) -> bool:
    """Whether a list is images [c, h, w] of one shape; InputError where that is in doubt."""
    if len(values) < 2 or not all(map(is_tensor, values)) or any(x.is_nested for x in values):
        return False
    shapes = {tuple(x.shape) for x in values}
    strided = all(_kind(x) != "c" for x in values)
    if strided and len({x.dtype for x in values}) == len(shapes) == 1 and values[0].ndim == 3:
        held = {x.untyped_storage().data_ptr(): x.untyped_storage().nbytes() for x in values}
        # Views may show far more values than the file holds.
        return bool(sum(x.numel() * x.element_size() for x in values) <= sum(held.values()))
    if len(values) > 2 and {len(shape) for shape in shapes} <= {2, 3}:
        first, last = (list(x.shape) for x in (values[0], values[-1]))
        raise InputError(
            f"{name} holds a list of {len(values)} tensors, the first {first}, the last {last}; "
            "save one tensor: torch.stack(images) of images of one shape, or torch.cat(features)"
        )
    return False


def _check_stored(entry: Entry, *, name: str) -> None:
    """Raises InputError where a view shows far more values than the file holds."""
    if not is_tensor(entry.rows):
        return
    shown = math.prod(entry.shape) * entry.rows.element_size()
    if shown > MOST_REPEATS * entry.rows.untyped_storage().nbytes():
        raise InputError(
            f"{name} shows the same values many times as shape {list(entry.shape)}; save what it "
            "stands for: torch.save(x.contiguous(), PATH)"
        )


def _kind(tensor: Any) -> str:
    if (
        tensor.is_nested
        or tensor.is_quantized
        or tensor.layout != torch.strided
        or tensor.is_complex()
    ):
        return "c"
    if tensor.dtype == torch.bool:
        return "b"
    if tensor.is_floating_point():
        return "f"
    return "u" if str(tensor.dtype).startswith("torch.uint") else "i"


def _values(entries: Mapping[str, Entry], key: str | None, *, name: str) -> tuple[str, ...] | None:
    """Labels or groups, one per image."""
    if key is None:
        return None
    rows = entries[key].rows
    values = rows if isinstance(rows, np.ndarray) else host_array(rows[:])
    return label_names(values, count=len(values), name=f"{name} ({key})")
