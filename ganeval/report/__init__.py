"""What a reader sees: pictures of samples beside their scores."""

from ganeval.report.plots import plot_models

__all__ = ["plot_models"]
