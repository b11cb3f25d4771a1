"""The aggregated MMD test: kernels, their discrepancies under permutations, the metric."""

from ganeval.metrics.mmd.mmd import mmd

__all__ = [
    "mmd",
]
