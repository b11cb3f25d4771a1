"""The Fréchet distance of two Gaussians, and its estimate without the bias of finite n."""

from ganeval.metrics.frechet.distance import distance, frechet_distance, product_eigenvalues
from ganeval.metrics.frechet.estimate import estimate
from ganeval.metrics.frechet.statistics import statistics_of

__all__ = [
    "distance",
    "estimate",
    "frechet_distance",
    "product_eigenvalues",
    "statistics_of",
]
