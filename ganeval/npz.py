"""Arrays in an `.npz`: written whole or not at all, read without unpickling."""

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
"""What NumPy, JSON and unpacking raise for files that are not what they should be."""


def write_arrays(path: str | os.PathLike[str], arrays: Mapping[str, np.ndarray]) -> None:
    """Writes an `.npz`: all of it or nothing, no pickled objects."""
    # A file, or NumPy would append .npz to the name.
    with whole(path) as beside, beside.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_arrays(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """All arrays of an `.npz`; call it inside `broken_as_input_error`."""
    # Opened here: NumPy leaves a file open that turns out to be broken.
    with Path(path).open("rb") as stream:
        return _read(stream)


def to_bytes(arrays: Mapping[str, np.ndarray]) -> bytes:
    """An `.npz` that is sent and not kept."""
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def from_bytes(data: bytes) -> dict[str, np.ndarray]:
    """What `to_bytes` was given."""
    return _read(io.BytesIO(data))


def _read(stream: BinaryIO) -> dict[str, np.ndarray]:
    with np.load(stream, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


@contextmanager
def broken_as_input_error(problem: str, remedy: str) -> Iterator[None]:
    """Whatever a broken file makes Python raise inside, as InputError: problem (why); remedy."""
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
