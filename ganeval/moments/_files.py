"""Statistics on disk: pytorch-fid's `mu` and `sigma` in an `.npz`, with ours beside them."""

import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ganeval.errors import InputError

_BROKEN = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What NumPy raises for files that it cannot read."""


def write_arrays(path: str | os.PathLike[str], arrays: Mapping[str, np.ndarray]) -> None:
    """Writes an `.npz`: all of it or nothing, no pickled objects."""
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:  # a file, or NumPy would append .npz to the name
            np.savez(file, allow_pickle=False, **arrays)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def read_arrays(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """All arrays of an `.npz` with `mu` and `sigma`, or InputError."""
    try:
        # Opened here: NumPy leaves a file open that turns out to be broken.
        with Path(path).open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return {"mu": arrays.pop("mu"), "sigma": arrays.pop("sigma"), **arrays}
    except _BROKEN as error:
        raise InputError(
            f"{path} holds no statistics (mu and sigma) that can be read ({error}); "
            "make it with: ganeval stats save DATA -o FILE.npz"
        ) from None


def is_statistics_file(path: str | os.PathLike[str]) -> bool:
    """Whether `path` is an `.npz` with `mu` and `sigma`: statistics, not images."""
    try:
        with zipfile.ZipFile(path) as file:
            return {"mu.npy", "sigma.npy"} <= set(file.namelist())
    except (OSError, zipfile.BadZipFile):
        return False
