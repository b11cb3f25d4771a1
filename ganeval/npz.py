"""Arrays in an `.npz`: written completely or not at all, read without unpickling."""

import io
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ganeval.errors import InputError
from ganeval.files import whole

_BROKEN = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)
"""Errors that NumPy, JSON and unpacking raise for broken files."""


def write_arrays(path: str | os.PathLike[str], arrays: Mapping[str, np.ndarray]) -> None:
    """Writes an `.npz` completely or not at all, without pickled objects."""
    # An open file: to a path NumPy would append .npz.
    with whole(path) as beside, beside.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_arrays(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """Reads all arrays of an `.npz`; call it inside `broken_as_input_error`."""
    # Opened here, because NumPy does not close a file that turns out to be broken.
    with Path(path).open("rb") as stream:
        return _read(stream)


def to_bytes(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Returns the arrays as the bytes of an `.npz`."""
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def from_bytes(data: bytes) -> dict[str, np.ndarray]:
    """Returns the arrays that `to_bytes` was given."""
    return _read(io.BytesIO(data))


def _read(stream: BinaryIO) -> dict[str, np.ndarray]:
    with np.load(stream, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


@contextmanager
def broken_as_input_error(problem: str, remedy: str) -> Iterator[None]:
    """Turns any error from a broken file inside into InputError: problem (why); remedy."""
    try:
        yield
    except InputError:
        raise
    except _BROKEN as error:
        raise InputError(f"{problem} ({error}); {remedy}") from None


def has_arrays(path: str | os.PathLike[str], *names: str) -> bool:
    """Whether `path` is an `.npz` with arrays of all these names."""
    try:
        with zipfile.ZipFile(path) as file:
            return {f"{name}.npy" for name in names} <= set(file.namelist())
    except (OSError, zipfile.BadZipFile):
        return False
