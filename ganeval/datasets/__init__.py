"""Simulated data with known truth, and readers of published data sets."""

from ganeval.datasets.lin import LIN6, LIN41, lin

__all__ = ["LIN6", "LIN41", "lin"]
