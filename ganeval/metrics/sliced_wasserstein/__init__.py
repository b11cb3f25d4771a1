"""The sliced Wasserstein distance: transport along lines, and the metrics made of it."""

from ganeval.metrics.sliced_wasserstein.mind import mind
from ganeval.metrics.sliced_wasserstein.sliced_wasserstein import sliced_wasserstein_distance
from ganeval.metrics.sliced_wasserstein.transport import orthogonal_directions

__all__ = [
    "mind",
    "orthogonal_directions",
    "sliced_wasserstein_distance",
]
