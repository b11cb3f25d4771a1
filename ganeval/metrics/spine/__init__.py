"""What every metric is built on: sides taken and checked, what is odd about them, the Score."""

from ganeval.metrics.spine.compared import compared_pairs
from ganeval.metrics.spine.oddities import SAME_IMAGES, Oddities, find_oddities, hash_rows, row_keys
from ganeval.metrics.spine.pair import Pair
from ganeval.metrics.spine.ranks import from_lines, over_ranks, to_lines
from ganeval.metrics.spine.score import METRICS, Metric, Score, metric_commands, metrics_named
from ganeval.metrics.spine.scored import check_level, own_score_note, scored
from ganeval.metrics.spine.side import Side, check_rows, take
from ganeval.metrics.spine.training_side import distinct, ordered, take_three, taken

__all__ = [
    "METRICS",
    "SAME_IMAGES",
    "Metric",
    "Oddities",
    "Pair",
    "Score",
    "Side",
    "check_level",
    "check_rows",
    "compared_pairs",
    "distinct",
    "find_oddities",
    "from_lines",
    "hash_rows",
    "metric_commands",
    "metrics_named",
    "ordered",
    "over_ranks",
    "own_score_note",
    "row_keys",
    "scored",
    "take",
    "take_three",
    "taken",
    "to_lines",
]
