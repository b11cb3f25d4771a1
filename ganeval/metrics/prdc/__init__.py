"""Precision, recall, density and coverage, and what every image does to them."""

from ganeval.metrics.prdc.prdc import PRDC, prdc

__all__ = [
    "PRDC",
    "prdc",
]
