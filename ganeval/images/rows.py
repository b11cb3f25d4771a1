"""Features in containers: arrays of two axes, `FILE::NAME`."""

import os
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ganeval.errors import InputError


class FeatureRows(NamedTuple):
    """An array [n, d] in a container, which `read` loads."""

    shape: tuple[int, ...]
    read: Callable[[], np.ndarray]


def check_memory(n_bytes: int, *, name: str) -> None:
    """Raises InputError if an array declares more bytes than this machine has memory."""
    if n_bytes > (memory := physical_memory()):
        raise InputError(
            f"{name} declares {n_bytes / 1e9:.1f} GB, and this machine has {memory / 1e9:.1f} GB of"
            " memory; take part of it, or use a larger machine"
        )


def physical_memory() -> int:
    """Bytes of memory, or a terabyte where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 1 << 40
