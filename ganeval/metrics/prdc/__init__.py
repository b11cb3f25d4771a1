"""Precision, recall, density and coverage, also clipped, and what every image does to them."""

from ganeval.metrics.prdc.clipped import ClippedDensityCoverage, clipped_density_coverage
from ganeval.metrics.prdc.prdc import PRDC, prdc

__all__ = [
    "PRDC",
    "ClippedDensityCoverage",
    "clipped_density_coverage",
    "prdc",
]
