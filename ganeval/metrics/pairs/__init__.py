"""What needs all pairs of rows: distances, nearest neighbours, sums of kernels."""

from ganeval.metrics.pairs.distances import Points, half_of_typical_distance, pair
from ganeval.metrics.pairs.in_blocks import in_blocks, mean_of_blocks
from ganeval.metrics.pairs.kernels import pair_sums
from ganeval.metrics.pairs.mmd import mmd_estimate
from ganeval.metrics.pairs.neighbours import (
    Balls,
    Counts,
    Nearest,
    count_within,
    nearest,
    tiles_within,
)
from ganeval.metrics.pairs.realism import realism

__all__ = [
    "Balls",
    "Counts",
    "Nearest",
    "Points",
    "count_within",
    "half_of_typical_distance",
    "in_blocks",
    "mean_of_blocks",
    "mmd_estimate",
    "nearest",
    "pair",
    "pair_sums",
    "realism",
    "tiles_within",
]
