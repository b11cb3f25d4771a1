"""Mean and covariance of feature vectors: float64, mergeable, with sums per block for intervals."""

from ganeval.moments._moments import Moments, is_statistics_file
from ganeval.moments._origin import Origin, joined_protocol

__all__ = ["Moments", "Origin", "is_statistics_file", "joined_protocol"]
