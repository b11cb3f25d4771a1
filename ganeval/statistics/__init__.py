"""From one number to a number with an error: influences, their spread, intervals, tests.

`estimate` has the score and its interval, `spread` the standard error that every metric shares.
"""

from ganeval.statistics.blocks import assign_blocks, blocks_of_classes
from ganeval.statistics.equivalence import level_of_bounds, supported_margin
from ganeval.statistics.estimate import Estimate, Scale, difference
from ganeval.statistics.intervals import t_quantile, wilson_interval, within
from ganeval.statistics.judgements import Judged, judged_mean, judged_share, variance_of_few
from ganeval.statistics.looks import BLOCK, Against, Budget, gain, mean_of
from ganeval.statistics.many_properties import (
    ASPECTS,
    BEYOND,
    FOR_SCALE,
    FamilyTests,
    family_tests,
    rank_scores,
)
from ganeval.statistics.multiplicity import false_discovery, holm, one_sided_p, two_sided_p
from ganeval.statistics.permutation import (
    BOTH,
    Permutation,
    permutation_p_value,
    permutations,
    permuted_sides,
    smallest_p_value,
)
from ganeval.statistics.planning import Pilot, least_times
from ganeval.statistics.repeats import corrected_std_error, quantiles, repeated_splits, seeded
from ganeval.statistics.sampling import Sampling, numbered, sampling_of
from ganeval.statistics.spread import (
    MIN_UNITS,
    NO_SPREAD,
    Part,
    Spread,
    spread,
    too_few,
    unknown_class,
)
from ganeval.statistics.strata import NO_PAIR, ONE_PAIR, Labels, balanced_labels, strata
from ganeval.statistics.winner import winner

__all__ = [
    "ASPECTS",
    "BEYOND",
    "BLOCK",
    "BOTH",
    "FOR_SCALE",
    "MIN_UNITS",
    "NO_PAIR",
    "NO_SPREAD",
    "ONE_PAIR",
    "Against",
    "Budget",
    "Estimate",
    "FamilyTests",
    "Judged",
    "Labels",
    "Part",
    "Permutation",
    "Pilot",
    "Sampling",
    "Scale",
    "Spread",
    "assign_blocks",
    "balanced_labels",
    "blocks_of_classes",
    "corrected_std_error",
    "difference",
    "false_discovery",
    "family_tests",
    "gain",
    "holm",
    "judged_mean",
    "judged_share",
    "least_times",
    "level_of_bounds",
    "mean_of",
    "numbered",
    "one_sided_p",
    "permutation_p_value",
    "permutations",
    "permuted_sides",
    "quantiles",
    "rank_scores",
    "repeated_splits",
    "sampling_of",
    "seeded",
    "smallest_p_value",
    "spread",
    "strata",
    "supported_margin",
    "t_quantile",
    "too_few",
    "two_sided_p",
    "unknown_class",
    "variance_of_few",
    "wilson_interval",
    "winner",
    "within",
]
