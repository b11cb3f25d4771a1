"""Blocks, the jackknife, and what else turns one number into a number with an interval."""

from ganeval.statistics.blocks import MIN_BLOCKS, N_BLOCKS, assign_blocks
from ganeval.statistics.jackknife import Jackknife, jackknife, t_quantile
from ganeval.statistics.strata import Labels, balanced_labels, strata

__all__ = [
    "MIN_BLOCKS",
    "N_BLOCKS",
    "Jackknife",
    "Labels",
    "assign_blocks",
    "balanced_labels",
    "jackknife",
    "strata",
    "t_quantile",
]
