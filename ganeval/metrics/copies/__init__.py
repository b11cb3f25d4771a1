"""Are fakes copies? AuthPct and C_T against the training images, and the images nearest to each."""

from ganeval.metrics.copies.authpct import authpct
from ganeval.metrics.copies.closeness import Closeness, closeness, nearest_images
from ganeval.metrics.copies.ct import ct

__all__ = [
    "Closeness",
    "authpct",
    "closeness",
    "ct",
    "nearest_images",
]
