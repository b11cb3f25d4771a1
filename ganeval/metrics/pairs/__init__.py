"""What needs all pairs of rows: distances, nearest neighbours, sums of kernels."""

from ganeval.metrics.pairs.distances import Frame, Points, half_of_typical_distance, pair
from ganeval.metrics.pairs.in_blocks import in_blocks, mean_of_blocks
from ganeval.metrics.pairs.kernels import pair_sums
from ganeval.metrics.pairs.mmd import mmd_estimate
from ganeval.metrics.pairs.neighbours import (
    Balls,
    Counts,
    Nearest,
    count_within,
    nearest,
    points_within,
    tiles_within,
)
from ganeval.metrics.pairs.realism import realism
from ganeval.metrics.pairs.ring import Guests, travelled

__all__ = [
    "Balls",
    "Counts",
    "Frame",
    "Guests",
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
    "points_within",
    "realism",
    "tiles_within",
    "travelled",
]
