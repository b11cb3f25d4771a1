"""Distances of classes: within each class (intra-FID, intra-KID), and of all classes from all."""

from ganeval.metrics.intra.class_distances import class_distances
from ganeval.metrics.intra.intra import intra_fid, intra_kid

__all__ = [
    "class_distances",
    "intra_fid",
    "intra_kid",
]
