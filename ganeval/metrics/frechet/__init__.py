"""The Fréchet distance of two Gaussians, and its estimate without the 1/n bias."""

from ganeval.metrics.frechet.distance import (
    Gaussian,
    distance,
    frechet_distance,
    product_eigenvalues,
)
from ganeval.metrics.frechet.interval import (
    JACKKNIFE_MAX_DIM,
    Corrected,
    correct,
    plain_gaussian,
    statistics_of,
)

__all__ = [
    "JACKKNIFE_MAX_DIM",
    "Corrected",
    "Gaussian",
    "correct",
    "distance",
    "frechet_distance",
    "plain_gaussian",
    "product_eigenvalues",
    "statistics_of",
]
