"""Decodes the chunks of zarr arrays with the zarr package."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ganeval.images.pixels import broken
from ganeval.optional import optional


def opened_store(path: str, *, name: str) -> Any:
    """What the zarr package opens arrays in: a folder's path, or an open zip, listed once."""
    zarr = optional("zarr", extra="zarr", purpose=f"reading {name}")
    return path if os.path.isdir(path) else zarr.storage.ZipStore(path, mode="r")


def decoder(store: Any, key: str, *, name: str) -> Any:
    """The zarr package's array at `key` (with the root of a zip), or Unreadable."""
    zarr = optional("zarr", extra="zarr", purpose=f"reading {name}")
    try:
        with warnings.catch_warnings():  # codecs that other implementations may lack
            warnings.simplefilter("ignore")
            return zarr.open_array(store, path=key, mode="r")
    except Exception as error:  # codecs raise what they like
        raise broken(f"zarr cannot open it ({reason(error)})") from None


def decoded(array: Any, region: Any) -> np.ndarray:
    """A region of the package's array, or Unreadable if its chunks are damaged."""
    try:
        with _nameless_locks():
            return np.asarray(array[region])
    except Exception as error:  # codecs raise what they like
        raise broken(f"its chunks are damaged ({reason(error)})") from None


@contextmanager
def _nameless_locks() -> Iterator[None]:
    """Inside, a worker process makes locks that leave nothing behind when it is ended.

    Numcodecs makes one for its first chunk. In a spawned process a lock has a name, which Python
    would report as leaked.
    """
    import multiprocessing  # slow to import

    worker = multiprocessing.parent_process() is not None
    if not worker or "fork" not in multiprocessing.get_all_start_methods():
        yield
        return
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method("fork", force=True)
    try:
        yield
    finally:
        multiprocessing.set_start_method(before, force=True)


def reason(error: Exception) -> str:
    """What was raised, in one short line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"
