"""Mean and covariance of feature vectors: float64, mergeable, with sums per block for intervals."""

from ganeval.moments._moments import Moments, is_statistics_file, statistics_in
from ganeval.moments._origin import Origin, joined_protocol

__all__ = ["Moments", "Origin", "is_statistics_file", "joined_protocol", "statistics_in"]
