"""What every metric is built on: sides taken and checked, what is odd about them, the Score."""

from ganeval.metrics.spine.bounds import (
    COUNT,
    COUNT_OR_NONE,
    SEED,
    SHARE,
    WIDTH,
    Bounds,
    check_bounds,
)
from ganeval.metrics.spine.classes import Classes
from ganeval.metrics.spine.columns import in_order_of
from ganeval.metrics.spine.compared import compared_pairs
from ganeval.metrics.spine.oddities import SAME_IMAGES, Oddities, find_oddities, row_keys
from ganeval.metrics.spine.pair import Pair
from ganeval.metrics.spine.ranks import over_ranks, same_statistics, sums_over_ranks
from ganeval.metrics.spine.rows import first_feature, hash_rows, here, taken
from ganeval.metrics.spine.score import (
    METRICS,
    Metric,
    Score,
    metric_commands,
    metrics_named,
    names_of_metrics,
)
from ganeval.metrics.spine.scored import check_level, own_score_note, scored
from ganeval.metrics.spine.sequence import likeness_of
from ganeval.metrics.spine.side import Side, check_pair, take
from ganeval.metrics.spine.units import Units, halves, pair_units
from ganeval.numbers import check_rows

__all__ = [
    "COUNT",
    "COUNT_OR_NONE",
    "METRICS",
    "SAME_IMAGES",
    "SEED",
    "SHARE",
    "WIDTH",
    "Bounds",
    "Classes",
    "Metric",
    "Oddities",
    "Pair",
    "Score",
    "Side",
    "Units",
    "check_bounds",
    "check_level",
    "check_pair",
    "check_rows",
    "compared_pairs",
    "find_oddities",
    "first_feature",
    "halves",
    "hash_rows",
    "here",
    "in_order_of",
    "likeness_of",
    "metric_commands",
    "metrics_named",
    "names_of_metrics",
    "over_ranks",
    "own_score_note",
    "pair_units",
    "row_keys",
    "same_statistics",
    "scored",
    "sums_over_ranks",
    "take",
    "taken",
]
