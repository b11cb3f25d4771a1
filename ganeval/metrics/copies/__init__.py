"""Are fakes copies? AuthPct, C_T and FLD against the training images, and the nearest images."""

from ganeval.metrics.copies.authpct import authpct
from ganeval.metrics.copies.closeness import Closeness, closeness, nearest_images
from ganeval.metrics.copies.ct import ct
from ganeval.metrics.copies.fld import fld
from ganeval.metrics.copies.memorization import memorization

__all__ = [
    "Closeness",
    "authpct",
    "closeness",
    "ct",
    "fld",
    "memorization",
    "nearest_images",
]
