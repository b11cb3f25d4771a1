"""Rows of features by what is in them, wherever they stand: some of them, and their hashes."""

import numpy as np

from ganeval.arrays import Array, is_tensor, to_float64, to_numpy
from ganeval.lazy import torch

_CHUNK = 2**17
"""Numbers at once: 1 MB stays in a processor's cache."""


def taken(rows: Array, index: np.ndarray) -> Array:
    """Some rows, by their positions."""
    if is_tensor(rows):
        return rows[torch.from_numpy(index).to(rows.device)]
    return rows[index]


def hash_rows(rows: Array) -> np.ndarray:
    """[n] uint64 of float64 rows: integer arithmetic, so equal rows agree on any device."""
    d = int(rows.shape[1])
    weights = np.random.default_rng(0).integers(-(2**63), 2**63 - 1, size=d) | 1
    odd = torch.from_numpy(weights)
    keys = []
    step = max(1, _CHUNK // d)
    for start in range(0, len(rows), step):
        x = to_float64(rows[start : start + step]) + 0.0  # a copy, in which -0.0 is 0.0
        bits = x.contiguous().view(torch.int64)
        bits *= -7046029254386353131
        bits ^= bits >> 29
        bits *= odd.to(bits.device)
        bits ^= bits >> 32
        keys.append(to_numpy(bits.sum(1)))
    return np.concatenate(keys).view(np.uint64)
