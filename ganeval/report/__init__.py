"""Pictures for reports: samples next to their scores."""

from ganeval.report.examples import EXAMPLES, draw_examples
from ganeval.report.gallery import draw_neighbors
from ganeval.report.heat_map import draw_matrix
from ganeval.report.plots import plot_models

__all__ = ["EXAMPLES", "draw_examples", "draw_matrix", "draw_neighbors", "plot_models"]
