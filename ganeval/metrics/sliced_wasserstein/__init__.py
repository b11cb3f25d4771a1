"""The sliced Wasserstein distance: transport along lines, the metric."""

from ganeval.metrics.sliced_wasserstein.sliced_wasserstein import sliced_wasserstein_distance
from ganeval.metrics.sliced_wasserstein.transport import orthogonal_directions

__all__ = [
    "orthogonal_directions",
    "sliced_wasserstein_distance",
]
