"""HDF5: one array of many images, `FILE.h5::NAME`."""

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ganeval.errors import InputError
from ganeval.files import regular_file
from ganeval.images.arrays import label_names, positions
from ganeval.images.layout import array_layout
from ganeval.images.named_arrays import (
    GROUPS,
    LABELS,
    Stored,
    companion,
    image_array,
    whole_numbers,
)
from ganeval.images.pixels import Decoding, Unreadable, broken
from ganeval.images.rows import FeatureRows, check_memory
from ganeval.images.slabs import SlabReader, slab_rows
from ganeval.images.stamp import file_stamp
from ganeval.optional import optional

DAMAGED = (OSError, RuntimeError, ValueError, KeyError, TypeError)
"""What h5py raises for damaged files."""


@dataclass(frozen=True, eq=False)
class Hdf5Reader(SlabReader):
    """One data set of a file that each process opens for itself."""

    path: str = ""
    key: str = ""

    def load(self, start: int, stop: int) -> np.ndarray:
        """Reads the rows, and with them each of their chunks once."""
        try:
            if "file" not in self.held:
                self.held["file"] = _h5py(self.name).File(self.path, "r")
            found: np.ndarray = self.held["file"][self.key][start:stop]
        except DAMAGED as error:
            raise broken(_reason(error)) from None
        return found


def open_hdf5(path: Path, *, name: str, decoding: Decoding) -> Hdf5Reader:
    """Finds the images of an HDF5 file, and their labels and groups if it has them.

    The images are the array after `::`, else the only one of three or four axes, else the only
    one called `images`, `x`, `data` or the like. See `named_arrays`. Links to other files are not
    followed.
    """
    file, _, wanted = str(path).partition("::")
    with _opened(file, name=name) as root:
        arrays = _arrays(root)
        if wanted:
            _refuse_links(root, wanted, name=name)
        key, note = image_array(arrays, wanted, name=name)
        stored = _inside(root[key], name=name)
        shape, kind = arrays[key]
        if kind not in "biuf":
            raise InputError(
                f"{name} ({key}) has values of type {stored.dtype}; store them as uint8, uint16 or "
                "float32"
            )
        try:
            rows, notes = slab_rows(shape, stored.chunks, stored.dtype.itemsize)
        except Unreadable as error:
            raise InputError(f"{name} {error}") from None
        layout = array_layout(shape, layout=decoding.layout, torch=False, name=f"{name} ({key})")
        ids = positions(shape[0])
        notes += (note,) if note else ()
        found = {}
        for names in (LABELS, GROUPS):
            beside = companion(arrays, key, names=names) or companion(
                arrays, key, names=names, kinds="f"
            )
            found[names], told = _values(root, beside, count=shape[0], name=name)
            notes += told
        notes += _unwritten(stored)
    return Hdf5Reader(
        name, ids, layout, shape, rows, file_stamp(file, key), found[LABELS], found[GROUPS], notes,
        path=os.path.abspath(file), key=key,
    )  # fmt: skip


def hdf5_rows(path: Path, *, name: str) -> FeatureRows | None:
    """The array named after `::` if it has two axes, that is features; else None."""
    file, _, wanted = str(path).partition("::")
    key = wanted.strip("/")
    with _opened(file, name=name) as root:
        stored = _arrays(root).get(key)
        if stored is None or len(stored.shape) != 2 or stored.kind not in "iuf":
            return None

    def read() -> np.ndarray:
        with _opened(file, name=name) as root:
            array = _inside(root[key], name=name)
            check_memory(array.size * array.dtype.itemsize, name=name)
            found: np.ndarray = array[:]
        return found

    return FeatureRows(stored.shape, read)


def _h5py(name: str) -> Any:
    """The package, with the compressions of hdf5plugin if that is installed."""
    h5py = optional("h5py", extra="hdf5", purpose=f"reading {name}")
    with suppress(ImportError):
        importlib.import_module("hdf5plugin")
    return h5py


@contextmanager
def _opened(file: str, *, name: str) -> Iterator[Any]:
    """The open file; whatever h5py raises for a damaged one becomes InputError."""
    h5py = _h5py(name)
    regular_file(file, name=name)
    try:
        with h5py.File(file, "r") as root:
            yield root
    except InputError:
        raise
    except PermissionError:
        raise InputError(f"{name} cannot be opened: check its permissions") from None
    except DAMAGED as error:
        raise InputError(
            f"{name} is not an HDF5 file that can be read ({_reason(error)}); write it again"
        ) from None


def _arrays(root: Any) -> dict[str, Stored]:
    """Every array by its path; links are not followed."""
    import h5py

    found = {}

    def visit(path: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            text = h5py.check_string_dtype(item.dtype) is not None
            found[path] = Stored(item.shape or (), "U" if text else item.dtype.kind)

    root.visititems(visit)
    return found


def _refuse_links(root: Any, wanted: str, *, name: str) -> None:
    """Raises InputError if a part of the path is a link, which may lead to another file."""
    import h5py

    group, parts = root, [part for part in wanted.split("/") if part]
    for part in parts:
        if not isinstance(group, h5py.Group) or part not in group.keys():
            return  # the message on names says so
        link = group.get(part, getlink=True)
        if not isinstance(link, h5py.HardLink):
            raise InputError(
                f"{name}: {part!r} is a link to {getattr(link, 'path', 'elsewhere')!r}, and links "
                "are not followed; name the array itself, in its own file"
            )
        group = group[part]


def _inside(array: Any, *, name: str) -> Any:
    """The array, or InputError if its values are kept outside of the file."""
    if array.is_virtual or array.external:
        raise InputError(
            f"{name}: the values of {array.name} are kept in other files, which are not opened; "
            "copy them into one array"
        )
    return array


def _values(
    root: Any, key: str | None, *, count: int, name: str
) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """Labels or groups, one per image, or a note on why they are not taken."""
    import h5py

    if key is None:
        return None, ()
    array = _inside(root[key], name=name)
    if unwritten := _unwritten(array):
        return None, (f"array {key} is not taken: {unwritten[0]}",)
    values = array.asstr()[:] if h5py.check_string_dtype(array.dtype) else array[:]
    values = np.asarray(values.tolist()) if values.dtype.kind == "O" else values
    whole = whole_numbers(values)
    if whole is None:
        return None, (f"array {key} is not taken: its numbers are not whole",)
    return label_names(whole, count=count, name=f"{name} ({key})"), ()


def _unwritten(array: Any) -> tuple[str, ...]:
    """A note on chunks that were never written, which read as the fill value."""
    if array.chunks is None:
        wanted, found = 1, int(array.id.get_storage_size() > 0)
    else:
        pairs = zip(array.shape, array.chunks, strict=True)
        wanted = int(np.prod([-(-side // chunk) for side, chunk in pairs], dtype=object))
        found = array.id.get_num_chunks()
    if found >= wanted:
        return ()
    return (
        f"{wanted - found} of {wanted} chunks were never written and read as "
        f"{array.fillvalue}: was the writer cut short?",
    )


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())[:160]
    if "filter" in text and ("regist" in text or "plugin" in text or "available" in text):
        return f"{text}; pip install hdf5plugin brings more compressions"
    return text
