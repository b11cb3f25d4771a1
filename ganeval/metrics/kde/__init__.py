"""A Gaussian kernel density: its sums in tiles, the likeliest bandwidth, the metric."""

from ganeval.metrics.kde.kde import kde_log_likelihood

__all__ = [
    "kde_log_likelihood",
]
