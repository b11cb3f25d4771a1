"""Tensors saved by torch (`.pt`, `.pth`) or as `.safetensors`: images in torch's layout.

A `.pt` is a tensor, or a dict, list or tuple of tensors, perhaps inside each other; a pair is taken
as images and labels. torch reads it with `weights_only`, so no Python object is unpickled.
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
from ganeval.errors import InputError
from ganeval.files import regular_file
from ganeval.images.arrays import ArrayReader, host_array, label_names, positions
from ganeval.images.layout import array_layout
from ganeval.images.named_arrays import GROUPS, LABELS, Stored, companion, image_array
from ganeval.images.pixels import MAX_VALUES, Decoding
from ganeval.images.rows import FeatureRows
from ganeval.images.stamp import file_stamp
from ganeval.lazy import torch

ALONE = ""
"""Name of a tensor that is the whole file."""


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
    return dict(_flat(saved, ALONE))


def _flat(value: Any, place: str) -> Iterator[tuple[str, Entry]]:
    """Tensors, and lists of names or numbers, inside dicts, lists and tuples."""
    if is_tensor(value):
        yield place, Entry(tuple(value.shape), _kind(value), value)
    elif isinstance(value, list | tuple) and value and not any(map(is_tensor, value)):
        if all(isinstance(each, str | int) for each in value):
            names = np.asarray(value)
            yield place, Entry(names.shape, names.dtype.kind, names)
            return
    if isinstance(value, list | tuple):
        keys = [str(number) for number in range(len(value))]
        if len(value) == 2 and all(map(is_tensor, value)) and value[1].ndim < 3 <= value[0].ndim:
            keys = ["images", "labels"]
        value = dict(zip(keys, value, strict=True))
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _flat(each, f"{place}/{key}".lstrip("/"))


def _kind(tensor: Any) -> str:
    if tensor.is_quantized or tensor.layout != torch.strided or tensor.is_complex():
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
    values = host_array(entries[key].rows[:])
    return label_names(values, count=len(values), name=f"{name} ({key})")
