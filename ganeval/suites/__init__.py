"""Several metrics at once, several models at once."""

from ganeval.suites.checkpoints import Selection, best_checkpoint
from ganeval.suites.compare import Comparison, Difference, Estimate, compare
from ganeval.suites.evaluate import DEFAULT_METRICS, REALS, chosen_metrics, evaluate
from ganeval.suites.evaluator import Evaluator
from ganeval.suites.matrix import PER_CLASS, ClassMatrix, class_table, matrix
from ganeval.suites.neighbors import PIXEL_NET, RATIO, Neighbors, neighbors, neighbors_of
from ganeval.suites.scores_file import ScoresFile, differing_field, digest_of, side_of

__all__ = [
    "DEFAULT_METRICS",
    "PER_CLASS",
    "PIXEL_NET",
    "RATIO",
    "REALS",
    "ClassMatrix",
    "Comparison",
    "Difference",
    "Estimate",
    "Evaluator",
    "Neighbors",
    "ScoresFile",
    "Selection",
    "best_checkpoint",
    "chosen_metrics",
    "class_table",
    "compare",
    "differing_field",
    "digest_of",
    "evaluate",
    "matrix",
    "neighbors",
    "neighbors_of",
    "side_of",
]
