"""Features in containers: arrays of two axes, `FILE::NAME`."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ganeval.errors import InputError
from ganeval.memory import memory_bytes


class FeatureRows(NamedTuple):
    """An array [n, d] in a container, which `read` loads."""

    shape: tuple[int, ...]
    read: Callable[[], np.ndarray]


def check_memory(n_bytes: int, *, name: str) -> None:
    """Raises InputError if an array declares more bytes than this machine has memory."""
    if n_bytes > (memory := memory_bytes()):
        raise InputError(
            f"{name} declares {n_bytes / 1e9:.1f} GB, and this machine has {memory / 1e9:.1f} GB of"
            " memory; take part of it, or use a larger machine"
        )
