"""What is in a zarr store, in a folder or a zip: its metadata and its files, not yet decoded.

Formats 2 and 3 are read here only as far as to know where arrays are, what their shapes and chunks
are, and whether their files are complete. The zarr package decodes them.
"""

import hashlib
import json
import os
import re
import stat
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ganeval.errors import InputError
from ganeval.files import regular_file
from ganeval.images.containers import ZARR_METADATA
from ganeval.images.files import hidden, readable_text
from ganeval.images.members import plain_name
from ganeval.images.pixels import MAX_BYTES
from ganeval.images.stamp import file_state
from ganeval.images.zarr_chunks import reason
from ganeval.optional import require

CHUNK = re.compile(r"(c[/.])?\d+([/.]\d+)*|c")
"""Name of a chunk or shard below its array, in format 2 or 3."""
MOST_METADATA = 1 << 26
"""Most bytes of one metadata file."""
NODES = 100_000
"""Most groups and arrays that are searched."""


class Meta(NamedTuple):
    """An array's metadata."""

    shape: tuple[int, ...]
    chunk: tuple[int, ...]
    """Shape of what is one file: a chunk, or a shard of several chunks."""
    dtype: np.dtype | None
    """None if NumPy has no such type of numbers."""
    type_name: str
    fill_value: object


@dataclass(frozen=True)
class ZarrFiles(ABC):
    """A store; keys are paths below its root with `/` between folders."""

    path: str
    root: str
    """The folder around the store in its zip, with its slash, or nothing."""
    name: str
    """What the user typed, for messages."""

    @property
    def store(self) -> str:
        """The name of the store's own folder or file."""
        return readable_text(os.path.basename(self.path))

    @abstractmethod
    def bytes_of(self, key: str) -> bytes | None:
        """The content of a small file, or None if there is none."""

    @abstractmethod
    def folders(self, key: str) -> list[str]:
        """Names of the folders in a folder, sorted."""

    @abstractmethod
    def files(self, key: str) -> dict[str, str]:
        """The state of all files below a folder; InputError for pipes and the like."""

    def json_of(self, key: str) -> dict[str, Any] | None:
        """A JSON object, or None if there is no such file."""
        data = self.bytes_of(key)
        if data is None:
            return None
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise InputError(f"{self.name}: {key} is no JSON object; write the store again")
        return value

    def attributes(self, key: str) -> dict[str, Any] | None:
        """What a group or array says of itself; those of OME-Zarr 0.5 without their `ome`.

        None if there is neither a group nor an array.
        """
        if (node := self.json_of(_join(key, "zarr.json"))) is not None:
            found = node.get("attributes")
        elif (found := self.json_of(_join(key, ".zattrs"))) is None:
            known = any(self.bytes_of(_join(key, file)) for file in (".zgroup", ".zarray"))
            return {} if known else None
        found = found if isinstance(found, dict) else {}
        ome = found.get("ome")
        return ome if isinstance(ome, dict) else found

    def array(self, key: str) -> Meta | None:
        """Metadata of the array, None if there is none, InputError if it cannot be read safely."""
        node = self.json_of(_join(key, "zarr.json"))
        if node is not None and node.get("node_type") != "array":
            return None
        three = node is not None
        node = node if three else self.json_of(_join(key, ".zarray"))
        if node is None:
            return None
        if "pickle" in json.dumps([node.get(part) for part in ("codecs", "filters", "compressor")]):
            raise InputError(
                f"{self.name}: array {key or '/'} holds pickled Python objects, which are never "
                "loaded; save a plain array of numbers"
            )
        try:
            chunks = node["chunk_grid"]["configuration"]["chunk_shape"] if three else node["chunks"]
            shape, chunk = tuple(map(int, node["shape"])), tuple(map(int, chunks))
            if len(shape) != len(chunk) or min(shape, default=0) < 0 or min(chunk, default=1) < 1:
                raise ValueError(f"shape {shape} in chunks {chunk}")
            named = node["data_type"] if three else node["dtype"]
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise InputError(
                f"{self.name}: the metadata of array {key or '/'} are damaged ({error}); write the "
                "store again"
            ) from None
        return Meta(shape, chunk, _dtype(named), ascii(named)[:40], node.get("fill_value"))

    def nodes(self, key: str = "") -> Iterator[tuple[str, dict[str, Any], Meta | None]]:
        """(path, attributes, metadata of an array or None) of everything below, parents first.

        Images of OME-Zarr are not entered.
        """
        waiting, count = [key], 0
        while waiting:
            here = waiting.pop()
            attributes = self.attributes(here)
            if attributes is None:
                continue
            if (count := count + 1) > NODES:
                raise InputError(f"{self.name} has more than {NODES} groups; name one of them")
            meta = self.array(here)
            yield here, attributes, meta
            if meta is None and "multiscales" not in attributes:
                waiting += [_join(here, folder) for folder in reversed(self.folders(here))]


@dataclass(frozen=True)
class FolderFiles(ZarrFiles):
    """A store in a folder."""

    def bytes_of(self, key: str) -> bytes | None:
        """Reads a file that is regular and small."""
        file = os.path.join(self.path, key)
        try:
            status = os.stat(file)
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_METADATA:
            raise InputError(f"{self.name}: {key} is no file, or too large; write the store again")
        return Path(file).read_bytes()

    def folders(self, key: str) -> list[str]:
        """Lists a folder."""
        with os.scandir(os.path.join(self.path, key)) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())

    def files(self, key: str) -> dict[str, str]:
        """Walks a folder; links are followed to files, not to folders."""
        top, found = os.path.join(self.path, key), {}
        for folder, _, files in os.walk(top):
            below = os.path.relpath(folder, top).replace(os.sep, "/")
            for file in files:
                try:
                    status = os.stat(os.path.join(folder, file))
                except OSError:
                    continue  # a broken link is a missing chunk
                if not stat.S_ISREG(status.st_mode):
                    raise InputError(f"{self.name}: {key}/{file} is a pipe or a device; remove it")
                path = file if below == "." else f"{below}/{file}"
                found[path] = file_state(status)
        return found


@dataclass(frozen=True, eq=False)
class ZipFiles(ZarrFiles):
    """A store in a zip, which may have one folder around it."""

    archive: zipfile.ZipFile
    state: str
    sizes: dict[str, int]
    """Size of every file by its key."""

    def bytes_of(self, key: str) -> bytes | None:
        """Unpacks a small file."""
        if self.sizes.get(key, MOST_METADATA + 1) > MOST_METADATA:
            return None
        try:
            return self.archive.read(self.root + key)
        except Exception as error:  # of the archive, or of what unpacks its entry
            raise InputError(
                f"{self.name}: entry {key} is damaged ({reason(error)}); pack it again"
            ) from None

    def folders(self, key: str) -> list[str]:
        """First parts of the names below a folder."""
        start = f"{key}/" if key else ""
        below = (name[len(start) :] for name in self.sizes if name.startswith(start))
        return sorted({name.partition("/")[0] for name in below if "/" in name})

    def files(self, key: str) -> dict[str, str]:
        """Names below a folder."""
        start = f"{key}/" if key else ""
        return {
            name[len(start) :]: f"{size} {self.state}"
            for name, size in self.sizes.items()
            if name.startswith(start)
        }


def zarr_files(path: str, *, name: str) -> ZarrFiles:
    """The store in a folder or a zip; InputError if there is none."""
    require("zarr", extra="zarr", purpose=f"reading {name}")
    if os.path.isdir(path):
        return FolderFiles(os.path.abspath(path), "", name)
    regular_file(path, name=name)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError(
            f"{name} is not a zip archive that can be read ({error}); pack it again"
        ) from None
    sizes = {
        plain_name(entry.filename, name=name): entry.file_size
        for entry in archive.infolist()
        if not entry.filename.endswith("/")
    }
    roots = [
        key.rpartition("/")[0] for key in sizes
        if key.rpartition("/")[2] in ZARR_METADATA and not hidden(key.rpartition("/")[0])
    ]  # fmt: skip
    if not roots:
        raise InputError(f"{name} holds no zarr store (no zarr.json, .zgroup or .zarray in it)")
    root = min(roots, key=len)
    root = f"{root}/" if root else ""
    if max(sizes.values()) > MAX_BYTES:
        raise InputError(
            f"{name} has an entry that declares {max(sizes.values())} bytes, more than the limit of"
            f" {MAX_BYTES} for one chunk; store it again in smaller chunks"
        )
    inside = {key[len(root) :]: size for key, size in sizes.items() if key.startswith(root)}
    return ZipFiles(os.path.abspath(path), root, name, archive, file_state(os.stat(path)), inside)


def check_chunk(meta: Meta, *, shown: str) -> None:
    """Raises InputError if one chunk or shard declares more bytes than any image may have."""
    size = int(np.prod(meta.chunk, dtype=object)) * (meta.dtype.itemsize if meta.dtype else 1)
    if size > MAX_BYTES:
        raise InputError(
            f"{shown} has chunks of shape {list(meta.chunk)}, {size} bytes each, more than the "
            f"limit of {MAX_BYTES}; store it again in smaller chunks"
        )


def missing_chunks(meta: Meta, files: dict[str, str]) -> tuple[int, int]:
    """(chunks or shards of an array that have no file, all of them)."""
    pairs = zip(meta.shape, meta.chunk, strict=True)
    wanted = int(np.prod([-(-side // chunk) for side, chunk in pairs], dtype=object))
    return wanted - sum(1 for file in files if CHUNK.fullmatch(file)), wanted


def missing_note(missing: int, wanted: int, fill_value: object) -> tuple[str, ...]:
    """A note on missing chunks, if there are some."""
    if missing <= 0:
        return ()
    value = fill_value if isinstance(fill_value, int | float) else 0
    return (
        f"{missing} of {wanted} chunks have no file and read as {value:g}: either the "
        "writer leaves out chunks of nothing else, or the copy is incomplete",
    )


def files_stamp(path: str, arrays: Mapping[str, Mapping[str, str]], *more: str) -> str:
    """Hash of the store's path, of (path, state) of all files of some arrays, and of `more`."""
    state = hashlib.blake2b(os.fsencode(os.path.realpath(path)), digest_size=16)
    state.update("\0".join(more).encode())
    for key, files in sorted(arrays.items()):
        for file, known in sorted(files.items()):
            state.update(os.fsencode(f"\0{key}\0{file}\0{known}"))
    return state.hexdigest()


def _dtype(named: object) -> np.dtype | None:
    try:
        found = np.dtype(named) if isinstance(named, str) else None
    except (TypeError, ValueError):
        return None
    return found if found is not None and found.kind in "biufUS" else None


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
