"""A folder of `.npy` files that holds features: written block by block, opened without being read.

`features.npy`, `logits.npy` and `hashes.npy` hold the rows, and NumPy opens them as it does any
other such file; `meta.json` says what is known of the images. While it is being made there is a
`state.json` in its place: how far the rows go, so that a run that was killed goes on from there.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ganeval.errors import InputError
from ganeval.files import own_folder, regular_file, write_text
from ganeval.npz import broken_as_input_error, read_header
from ganeval.schema import decode

SUFFIX = ".features"
"""How the names of such folders end."""

BLOCK = 512
"""Images after which what there is is kept for good."""

ARRAYS = ("features", "logits", "hashes")

_META, _STATE = "meta.json", "state.json"
_HEADER = 128
"""Bytes of a file before its rows, so that it can grow in place."""


class Rows:
    """Collects rows while images are embedded; these are lost with the process."""

    state: Mapping[str, Any] | None = None
    """What was noted when an earlier run was cut short; None for a new one."""

    def __init__(self) -> None:
        self._parts: dict[str, list[np.ndarray]] = {}

    def add(self, **arrays: np.ndarray) -> None:
        """Appends rows to the arrays of these names."""
        for name, rows in arrays.items():
            self._parts.setdefault(name, []).append(rows)

    def note(self, state: Mapping[str, Any], *, done: int) -> None:
        """May keep what there is, together with `state`, after `done` images."""

    def arrays(self) -> dict[str, np.ndarray]:
        """All rows by name."""
        return {name: np.concatenate(parts) for name, parts in self._parts.items()}


class RowsInFolder(Rows):
    """Collects rows in the files of a folder, of which all but the last block outlive the process.

    Args:
        folder: an empty one, or one that was begun with the same key.
        key: hash of the images, the net and whatever else makes the rows what they are.

    Raises:
        InputError: the folder holds something else.
    """

    def __init__(self, folder: str | os.PathLike[str], key: str) -> None:
        self._folder, self._key = Path(folder), key
        self._sizes: dict[str, int] = {}
        self._files: dict[str, BinaryIO] = {}
        self._forms: dict[str, tuple[np.dtype, tuple[int, ...]]] = {}
        self._done = 0
        allowed = {_STATE, *(f"{name}.npy" for name in ARRAYS)}
        there = {name for name in os.listdir(folder) if not name.startswith(".ganeval-")}
        known = _read_json(self._folder / _STATE) if _STATE in there else {}
        if there - allowed or (there and known.get("key") != key):
            raise InputError(
                f"{folder} holds other files, or features of other images or of another net; name "
                "a new folder, or remove it"
            )
        if there:
            self.state, self._sizes = known["state"], dict(known["sizes"])
            self._done = known["done"]
        else:
            self._keep({})

    def add(self, **arrays: np.ndarray) -> None:
        """Appends rows to the arrays of these names."""
        for name, rows in arrays.items():
            rows = np.ascontiguousarray(rows, rows.dtype.newbyteorder("<"))
            file = self._file(name, rows)
            file.write(rows.data)
            self._sizes[name] = self._sizes.get(name, 0) + len(rows)

    def note(self, state: Mapping[str, Any], *, done: int) -> None:
        """Keeps what there is, once a block is complete."""
        if done - self._done >= BLOCK:
            self._done = done
            self._keep(state)

    def arrays(self) -> dict[str, np.ndarray]:
        """All rows by name, memory-mapped."""
        self._flush()
        for file in self._files.values():
            file.close()
        self._files.clear()
        return {name: open_rows(self._folder / f"{name}.npy") for name in self._sizes}

    def _file(self, name: str, rows: np.ndarray) -> BinaryIO:
        """The open file, at its end: that of the last complete block, where a run was cut short."""
        if name not in self._files:
            path = self._folder / f"{name}.npy"
            file = path.open("r+b" if name in self._sizes else "w+b")
            row_bytes = rows.dtype.itemsize * int(np.prod(rows.shape[1:]))
            file.truncate(_HEADER + self._sizes.get(name, 0) * row_bytes)
            file.seek(_HEADER + self._sizes.get(name, 0) * row_bytes)
            self._files[name] = file
            self._forms[name] = rows.dtype, rows.shape[1:]
        return self._files[name]

    def _keep(self, state: Mapping[str, Any]) -> None:
        self._flush()
        known = {"key": self._key, "sizes": self._sizes, "done": self._done, "state": state}
        write_text(self._folder / _STATE, json.dumps(known))

    def _flush(self) -> None:
        for name, file in self._files.items():
            dtype, shape = self._forms[name]
            end = file.tell()
            file.seek(0)
            file.write(_header(dtype, (self._sizes[name], *shape)))
            file.seek(end)
            file.flush()
            os.fsync(file.fileno())


def finish(folder: str | os.PathLike[str], meta: Mapping[str, Any]) -> None:
    """Says that the rows of a folder are complete, and what is known of them."""
    write_text(Path(folder, _META), json.dumps(meta, allow_nan=False))
    Path(folder, _STATE).unlink(missing_ok=True)


def is_feature_folder(path: str | os.PathLike[str]) -> bool:
    """Whether `path` is a folder of features that is complete."""
    return Path(path).suffix == SUFFIX and Path(path, _META).is_file()


def write_folder(
    folder: str | os.PathLike[str], arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]
) -> None:
    """Writes a folder of features at once.

    Raises:
        InputError: it is there already, or is not named as such a folder.
    """
    check_name(folder)
    with own_folder(folder):
        rows = RowsInFolder(folder, key="")
        for name, array in arrays.items():
            for start in range(0, len(array), BLOCK):
                rows.add(**{name: array[start : start + BLOCK]})
        rows.arrays()
        finish(folder, meta)


def read_folder(folder: str | os.PathLike[str]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays, memory-mapped, and what is known of them; see `broken_as_input_error`."""
    meta = _read_json(Path(folder, _META))
    names = [name for name in ARRAYS if Path(folder, f"{name}.npy").exists()]
    return {name: open_rows(Path(folder, f"{name}.npy")) for name in names}, meta


def check_name(folder: str | os.PathLike[str]) -> None:
    """Raises InputError for a name that does not say that it is a folder of features."""
    if Path(folder).suffix != SUFFIX:
        raise InputError(f"{folder} is to be a folder of features; end its name in {SUFFIX}")


def open_rows(path: Path) -> np.ndarray:
    """The rows of an `.npy` [n, d], read from the disk only where they are used."""
    with regular_file(path).open("rb") as file:
        shape, fortran, dtype = read_header(file)
        start, size = file.tell(), os.fstat(file.fileno()).st_size
    count = int(np.prod(shape, dtype=object)) if shape else 1
    if dtype.hasobject or fortran or len(shape) != 2 or min(shape) < 0:
        raise ValueError(f"{path.name} holds no rows of numbers")
    if count * dtype.itemsize > size - start:
        raise ValueError(f"{path.name} announces more rows than it holds")
    if count == 0:
        return np.zeros(shape, dtype)
    return np.memmap(path, dtype=dtype, mode="r", offset=start, shape=shape)


def _read_json(path: Path) -> dict[str, Any]:
    with broken_as_input_error(
        f"{path} does not say what the folder holds", "remove the folder and extract again"
    ):
        found = decode(regular_file(path).read_bytes())
        if not isinstance(found, dict):
            raise ValueError("it is no object")
        return found


def _header(dtype: np.dtype, shape: tuple[int, ...]) -> bytes:
    """That of an `.npy` of version 1.0, of the same length whatever the number of rows."""
    text = f"{{'descr': '{dtype.str}', 'fortran_order': False, 'shape': {shape}, }}"
    return (
        b"\x93NUMPY\x01\x00"
        + (_HEADER - 10).to_bytes(2, "little")
        + (text.ljust(_HEADER - 11) + "\n").encode()
    )
