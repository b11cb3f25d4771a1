"""What every metric is built on: sides taken and checked, what is odd about them, the Score."""

from ganeval.metrics.spine.compared import compared_features
from ganeval.metrics.spine.oddities import SAME_IMAGES, examine, hash_rows, row_keys, warnings_of
from ganeval.metrics.spine.protocol import describe
from ganeval.metrics.spine.ranks import from_lines, over_ranks, to_lines
from ganeval.metrics.spine.score import METRICS, Metric, Score, metric_commands
from ganeval.metrics.spine.sides import (
    Side,
    check_level,
    check_pair,
    check_rows,
    count,
    n_groups,
    name_of,
    take,
    take_features,
    width,
)
from ganeval.metrics.spine.training_side import distinct, ordered, take_three, taken

__all__ = [
    "METRICS",
    "SAME_IMAGES",
    "Metric",
    "Score",
    "Side",
    "check_level",
    "check_pair",
    "check_rows",
    "compared_features",
    "count",
    "describe",
    "distinct",
    "examine",
    "from_lines",
    "hash_rows",
    "metric_commands",
    "n_groups",
    "name_of",
    "ordered",
    "over_ranks",
    "row_keys",
    "take",
    "take_features",
    "take_three",
    "taken",
    "to_lines",
    "warnings_of",
    "width",
]
