"""Distances of many sets from many: what a set needs is computed once, not once per pair."""

from collections.abc import Sequence

import numpy as np

from ganeval.arrays import Array, to_float64
from ganeval.lazy import torch
from ganeval.metrics.frechet import Gaussian, distances
from ganeval.metrics.pairs import pair_sums
from ganeval.moments import Moments


def class_distances(first: Sequence[Array], second: Sequence[Array], *, metric: str) -> np.ndarray:
    """[k, l] plain distances of rows first[i] [n_i, d] from rows second[j] [m_j, d].

    For `fid` the moments of each set are computed once; `kid` takes one pass over all pairs of
    rows.
    """
    if metric == "fid":
        return _frechet(first, second)
    x, y = (torch.cat([to_float64(rows) for rows in side]) for side in (first, second))
    of_x, of_y = (
        np.repeat(np.arange(len(side)), [len(rows) for rows in side]) for side in (first, second)
    )
    return pair_sums(x, y, of_x, of_y).mmd2_of_pairs()


def _frechet(first: Sequence[Array], second: Sequence[Array]) -> np.ndarray:
    ours, theirs = (
        [Gaussian.of_moments(Moments.of(rows)) for rows in side] for side in (first, second)
    )
    return np.array([[found.value for found in distances(one, theirs)] for one in ours])
