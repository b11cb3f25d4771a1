"""The Fréchet distance of two Gaussians, and its estimate without the bias of finite n.

`distance` has the formula, `estimate` the correction and the influences; `frame`, `seen` and
`overlap` are what `estimate` is made of.
"""

from ganeval.metrics.frechet.distance import Gaussian, distance, distances, frechet_distance
from ganeval.metrics.frechet.estimate import estimate
from ganeval.metrics.frechet.statistics import statistics_of

__all__ = [
    "Gaussian",
    "distance",
    "distances",
    "estimate",
    "frechet_distance",
    "statistics_of",
]
