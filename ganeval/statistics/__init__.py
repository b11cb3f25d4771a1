"""Blocks, the jackknife, and what else turns one number into a number with an interval."""

from ganeval.statistics.blocks import MIN_BLOCKS, N_BLOCKS, assign_blocks
from ganeval.statistics.estimate import Estimate, Scale, difference
from ganeval.statistics.intervals import t_interval, t_quantile, wilson_interval
from ganeval.statistics.jackknife import Jackknife, jackknife
from ganeval.statistics.judgements import Judged, judged_mean, judged_share
from ganeval.statistics.multiplicity import holm, two_sided_p
from ganeval.statistics.permutation import BOTH, Permutation, permutation_p_value, permutations
from ganeval.statistics.repeats import (
    corrected_std_error,
    corrected_t_interval,
    quantiles,
    repeated_splits,
    seeded,
)
from ganeval.statistics.sampling import Sampling, numbered, sampling_of
from ganeval.statistics.spread import MIN_UNITS, NO_SPREAD, Part, Spread, spread
from ganeval.statistics.strata import Labels, balanced_labels, blocks_of_classes, strata
from ganeval.statistics.winner import Winner, winner

__all__ = [
    "BOTH",
    "MIN_BLOCKS",
    "MIN_UNITS",
    "NO_SPREAD",
    "N_BLOCKS",
    "Estimate",
    "Jackknife",
    "Judged",
    "Labels",
    "Part",
    "Permutation",
    "Sampling",
    "Scale",
    "Spread",
    "Winner",
    "assign_blocks",
    "balanced_labels",
    "blocks_of_classes",
    "corrected_std_error",
    "corrected_t_interval",
    "difference",
    "holm",
    "jackknife",
    "judged_mean",
    "judged_share",
    "numbered",
    "permutation_p_value",
    "permutations",
    "quantiles",
    "repeated_splits",
    "sampling_of",
    "seeded",
    "spread",
    "strata",
    "t_interval",
    "t_quantile",
    "two_sided_p",
    "wilson_interval",
    "winner",
]
