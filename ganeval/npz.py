"""Arrays in an `.npz`: written completely or not at all, read without unpickling.

What a file announces is compared with what it holds and with the memory there is before anything
is allocated for it.
"""

import io
import math
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import cast

import numpy as np

from ganeval.errors import InputError
from ganeval.files import regular_file, whole
from ganeval.memory import memory_bytes

_BROKEN = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    RuntimeError,
    NotImplementedError,
    OverflowError,
    RecursionError,
    MemoryError,
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
    with regular_file(path).open("rb") as stream:
        return _read(stream)


def to_bytes(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Returns the arrays as the bytes of an `.npz`."""
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def from_bytes(data: bytes) -> dict[str, np.ndarray]:
    """Returns the arrays that `to_bytes` was given; call it inside `broken_as_input_error`."""
    return _read(io.BytesIO(data))


def read_array(path: str | os.PathLike[str]) -> np.ndarray:
    """Reads an `.npy` whole; call it inside `broken_as_input_error`."""
    with regular_file(path).open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        _check_header(stream, size, name="it")
        _check_memory(size)
        stream.seek(0)
        return np.asarray(np.lib.format.read_array(stream, allow_pickle=False))


def read_header(stream: io.BufferedIOBase) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, whether Fortran's order, and dtype of an `.npy` that begins here; or ValueError."""
    try:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            return np.lib.format.read_array_header_1_0(stream)
        return np.lib.format.read_array_header_2_0(stream)
    except OSError:
        raise
    except Exception as error:  # a header is parsed as Python source: damage can raise anything
        raise ValueError(f"no header of an array: {' '.join(str(error).split())[:80]}") from None


def _read(stream: io.BufferedIOBase) -> dict[str, np.ndarray]:
    _check_announced(stream)
    stream.seek(0)
    with np.load(stream, allow_pickle=False) as file:
        read = {name: file[name] for name in file.files}
    # A member that is no array comes as bytes.
    return {name: array for name, array in read.items() if isinstance(array, np.ndarray)}


def _check_announced(stream: io.BufferedIOBase) -> None:
    """Raises ValueError where arrays would take more than they bring, or than there is memory."""
    total = 0
    with zipfile.ZipFile(stream) as archive:
        for entry in archive.infolist():
            total += entry.file_size
            if entry.filename.endswith(".npy"):
                with archive.open(entry) as member:
                    _check_header(
                        cast("io.BufferedIOBase", member), entry.file_size, name=entry.filename
                    )
    _check_memory(total)


def _check_header(stream: io.BufferedIOBase, size: int, *, name: str) -> None:
    """Raises ValueError for pickled objects, or more than there is in the `size` bytes."""
    shape, _, dtype = read_header(stream)
    announced, brought = math.prod(shape) * dtype.itemsize, size - stream.tell()
    if dtype.hasobject:
        raise ValueError("it has pickled objects, which are never loaded")
    if min(shape, default=0) < 0 or announced > brought:
        raise ValueError(f"{name} announces {announced} bytes, of which there are {brought}")


def _check_memory(size: int) -> None:
    if size > memory_bytes():
        raise ValueError(f"its arrays take {size / 2**30:.3g} GiB, more than there is memory")


@contextmanager
def broken_as_input_error(problem: str, remedy: str) -> Iterator[None]:
    """Turns any error from a broken file inside into InputError: problem (why); remedy."""
    try:
        yield
    except InputError:
        raise
    except _BROKEN as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        reason = " ".join((reason or type(error).__name__).split())[:200]
        raise InputError(f"{problem} ({reason}); {remedy}") from None


def has_arrays(path: str | os.PathLike[str], *names: str) -> bool:
    """Whether `path` is an `.npz` with arrays of all these names."""
    try:
        with regular_file(path).open("rb") as stream, zipfile.ZipFile(stream) as file:
            return {f"{name}.npy" for name in names} <= set(file.namelist())
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return False
