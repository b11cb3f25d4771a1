"""Rows of features by what is in them, wherever they stand: some of them, and their hashes."""

from collections.abc import Sequence

import numpy as np

from ganeval.arrays import Array, is_tensor, to_float64, to_numpy
from ganeval.lazy import torch
from ganeval.shared import Found, Share, SharedRows, each, in_order, taken_rows, work

_CHUNK = 2**17
"""Numbers at once: 1 MB stays in a processor's cache."""

_GLANCE = 4
"""Features, spread evenly, that nearly always suffice to see that two rows differ."""

_GOLDEN = (1 + 5**0.5) / 2

_ODD = np.uint64(0x9E3779B97F4A7C15)
"""2⁶⁴ over the golden ratio: the highest bits of its products are spread evenly (Knuth 1973)."""

_FEW_ROWS = 32
"""Rows that show of most features that they vary."""


def taken(rows: Array, index: np.ndarray) -> Array:
    """Some rows, by their positions."""
    if is_tensor(rows):
        return rows[torch.from_numpy(index).to(rows.device)]
    return rows[index]


def here(rows: Array, index: np.ndarray) -> Array:
    """Some rows, by their positions, brought here from the processes that have them."""
    return taken_rows(rows, index) if isinstance(rows, SharedRows) else taken(rows, index)


def first_feature(rows: Array) -> np.ndarray:
    """[n] float64: the first feature of every row."""
    return in_order(rows, each(rows, _first_features), "values")


@work
def _first_features(share: Share) -> Found:
    return {"values": to_numpy(to_float64(share.rows[:, 0]))}


def hash_rows(rows: Array) -> np.ndarray:
    """[n] uint64 of float64 rows: integer arithmetic, so equal rows agree on any device."""
    return in_order(rows, each(rows, _hashes), "keys")


def hash_some(rows: Array, places: np.ndarray) -> np.ndarray:
    """[t] uint64 of some rows, by their positions."""
    if isinstance(rows, SharedRows):  # which stay where they are
        return np.asarray(hash_rows(rows)[places])
    return hash_rows(taken(rows, places))


@work
def _hashes(share: Share) -> Found:
    rows = share.rows
    d = int(rows.shape[1])
    weights = np.random.default_rng(0).integers(-(2**63), 2**63 - 1, size=d) | 1
    odd = torch.from_numpy(weights)
    keys = [np.zeros(0, np.int64)]
    step = max(1, _CHUNK // d)
    for start in range(0, len(rows), step):
        x = to_float64(rows[start : start + step]) + 0.0  # a copy, in which -0.0 is 0.0
        bits = x.contiguous().view(torch.int64)
        bits *= -7046029254386353131
        bits ^= bits >> 29
        bits *= odd.to(bits.device)
        bits ^= bits >> 32
        keys.append(to_numpy(bits.sum(1)))
    return {"keys": np.concatenate(keys).view(np.uint64)}


def glance(rows: Array) -> np.ndarray:
    """[n] uint64 from a few features: equal rows have the same, and so have few others."""
    return in_order(rows, each(rows, _glances), "keys")


@work
def _glances(share: Share) -> Found:
    rows, d = share.rows, int(share.rows.shape[1])
    columns = sorted({i * (d - 1) // (_GLANCE - 1) for i in range(_GLANCE)})
    some = rows[:, columns] if is_tensor(rows) else rows.take(columns, axis=1)
    few = to_numpy(some).astype(np.float64)
    found = np.zeros(len(few))
    for power in range(len(columns)):
        # Element by element: a matrix product may round equal rows differently.
        found += few[:, power] * _GOLDEN**power
    return {"keys": (found + 0.0).view(np.uint64)}  # -0.0 is 0.0


def repeated(keys: Sequence[np.ndarray]) -> list[np.ndarray]:
    """For each array [n] of keys, positions [t] of those that occur twice, there or in others.

    Most are the only ones in one of four times as many buckets; only the others are sorted.
    """
    if not keys:
        return []
    every = np.concatenate(keys)
    shift = np.uint64(62 - len(every).bit_length())
    bucket = ((every * _ODD) >> shift).astype(np.int64)
    crowded = np.sort(every[np.bincount(bucket)[bucket] > 1])
    twice = crowded[1:][crowded[1:] == crowded[:-1]]
    if not len(twice):
        return [np.empty(0, np.int64)] * len(keys)
    return [np.flatnonzero(np.isin(some, twice)) for some in keys]


def n_constant(rows: Array) -> int:
    """How many features have one value in all rows."""
    if isinstance(rows, SharedRows):
        found = [part for part in each(rows, _first_and_constant) if len(part["first"])]
        first = np.concatenate([part["first"] for part in found])
        constant = np.all([part["constant"] for part in found], axis=0)
        return int((constant & (first == first[:1]).all(0)).sum())
    return len(_constant(rows))


@work
def _first_and_constant(share: Share) -> Found:
    """[0 or 1, d] the first row, and [d] in which features all others agree with it."""
    constant = np.zeros(share.rows.shape[1], bool)
    if len(share.rows):
        constant[_constant(share.rows)] = True
    return {"first": to_numpy(share.rows[:1]), "constant": constant}


def _constant(rows: Array) -> np.ndarray:
    """Which features have one value in all rows."""
    few = rows[:_FEW_ROWS]
    columns = np.flatnonzero(to_numpy((few == few[:1]).all(0)))  # most vary in these already
    if len(columns) and len(rows) > len(few):
        some = rows[:, torch.from_numpy(columns)] if is_tensor(rows) else rows[:, columns]
        return np.asarray(columns[to_numpy((some == some[:1]).all(0))])
    return np.asarray(columns)
