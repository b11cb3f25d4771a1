"""Zarr: one array of many images, `store.zarr::NAME`, in a folder or a zip."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganeval.errors import InputError
from ganeval.images._base import Reader
from ganeval.images.arrays import label_names, positions
from ganeval.images.containers import is_store
from ganeval.images.files import readable_text
from ganeval.images.layout import array_layout
from ganeval.images.named_arrays import (
    GROUPS,
    LABELS,
    Stored,
    companion,
    image_array,
    whole_numbers,
)
from ganeval.images.ome_zarr import ome_images, open_ome_zarr
from ganeval.images.pixels import Decoding, Unreadable
from ganeval.images.rows import FeatureRows, check_memory
from ganeval.images.shards import holds_shards
from ganeval.images.slabs import SlabReader, slab_rows
from ganeval.images.zarr_chunks import decoded, decoder, opened_store
from ganeval.images.zarr_files import (
    Meta,
    ZarrFiles,
    files_stamp,
    missing_chunks,
    missing_note,
    zarr_files,
)


@dataclass(frozen=True, eq=False)
class ZarrReader(SlabReader):
    """One array of a store that each process opens for itself."""

    path: str = ""
    key: str = ""

    def load(self, start: int, stop: int) -> np.ndarray:
        """Reads the rows, and with them each of their chunks or shards once."""
        if "array" not in self.held:
            store = opened_store(self.path, name=self.name)
            self.held["array"] = decoder(store, self.key, name=self.name)
        return decoded(self.held["array"], slice(start, stop))


def open_zarr(path: Path, *, name: str, decoding: Decoding) -> Reader:
    """Opens the images of OME-Zarr, or else the one array of images; see `named_arrays`.

    After `::` comes the path of an array, a group, an image of OME-Zarr or one of its levels.
    """
    file, _, wanted = str(path).partition("::")
    if not is_store(file) and os.path.isdir(file) and holds_shards(file, ".zarr"):
        return _open_folder(file, name=name, decoding=decoding)
    files = zarr_files(file, name=name)
    if images := ome_images(files, wanted.strip("/")):
        return open_ome_zarr([images], name=name, decoding=decoding)
    arrays = {key: meta for key, _, meta in files.nodes() if meta is not None}
    if list(arrays) == [""]:  # the store is one array
        if wanted:
            raise InputError(f"{name}: the store is one array without a name; leave out ::{wanted}")
        return _reader(files, "", arrays, (), decoding=decoding)
    key, note = image_array(_stored(arrays), wanted, name=name)
    return _reader(files, key, arrays, (note,) if note else (), decoding=decoding)


def _open_folder(folder: str, *, name: str, decoding: Decoding) -> Reader:
    """The images of all stores in a folder."""
    found = []
    for store in sorted(os.listdir(folder)):
        if store.lower().endswith(".zarr"):
            shown = f"{name.rstrip('/')}/{readable_text(store)}"
            images = ome_images(zarr_files(os.path.join(folder, store), name=shown), "")
            if images is None:
                raise InputError(f"{shown} is no image of OME-Zarr; give that store alone")
            found.append(images)
    return open_ome_zarr(found, name=name, decoding=decoding)


def zarr_rows(path: Path, *, name: str) -> FeatureRows | None:
    """The array named after `::` if it has two axes, that is features; else None."""
    file, _, wanted = str(path).partition("::")
    files, key = zarr_files(file, name=name), wanted.strip("/")
    meta = files.array(key)
    if meta is None or len(meta.shape) != 2 or meta.dtype is None or meta.dtype.kind not in "iuf":
        return None
    if ome_images(files, key):  # a level of a grey image
        return None

    def read() -> np.ndarray:
        return _whole(files, key, meta)

    return FeatureRows(meta.shape, read)


def _reader(
    files: ZarrFiles,
    key: str,
    arrays: Mapping[str, Meta],
    notes: tuple[str, ...],
    *,
    decoding: Decoding,
) -> ZarrReader:
    name, meta = files.name, arrays[key]
    shown = f"{name} ({key})" if key else name
    if meta.dtype is None or meta.dtype.kind not in "biuf":
        raise InputError(
            f"{shown} has values of type {meta.type_name}; store them as uint8, uint16 or float32"
        )
    layout = array_layout(meta.shape, layout=decoding.layout, torch=False, name=shown)
    try:
        rows, large = slab_rows(meta.shape, meta.chunk, meta.dtype.itemsize)
    except Unreadable as error:
        raise InputError(f"{name} {error}") from None
    kept, stored, count = files.files(key), _stored(arrays), meta.shape[0]
    found = {}
    for names in (LABELS, GROUPS):
        beside = companion(stored, key, names=names) or companion(
            stored, key, names=names, kinds="f"
        )
        found[names], told = _values(files, beside, arrays, count=count)
        notes += told
    notes += large + missing_note(*missing_chunks(meta, kept), meta.fill_value)
    return ZarrReader(
        name, positions(count), layout, meta.shape, rows, files_stamp(files.path, {key: kept}),
        found[LABELS], found[GROUPS], notes, path=files.path, key=files.root + key,
    )  # fmt: skip


def _stored(arrays: Mapping[str, Meta]) -> dict[str, Stored]:
    return {
        key: Stored(meta.shape, meta.dtype.kind if meta.dtype else "V")
        for key, meta in arrays.items()
    }


def _values(
    files: ZarrFiles, key: str | None, arrays: Mapping[str, Meta], *, count: int
) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """Labels or groups, one per image, and what the user should know of them."""
    if key is None:
        return None, ()
    meta = arrays[key]
    missing = missing_note(*missing_chunks(meta, files.files(key)), meta.fill_value)
    notes = tuple(f"array {key}: {note}" for note in missing)
    values = whole_numbers(_whole(files, key, meta))
    if values is None:
        return None, (f"array {key} is not taken: its numbers are not whole",)
    return label_names(values, count=count, name=f"{files.name} ({key})"), notes


def _whole(files: ZarrFiles, key: str, meta: Meta) -> np.ndarray:
    size = int(np.prod(meta.shape, dtype=object)) * (meta.dtype.itemsize if meta.dtype else 1)
    check_memory(size, name=files.name)
    try:
        store = opened_store(files.path, name=files.name)
        array = decoder(store, files.root + key, name=files.name)
        return decoded(array, slice(None))
    except Unreadable as error:
        raise InputError(f"{files.name}: array {key or '/'} {error}") from None
