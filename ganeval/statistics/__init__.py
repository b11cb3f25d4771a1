"""Blocks, the jackknife, and what else turns one number into a number with an interval."""

from ganeval.statistics.blocks import MIN_BLOCKS, N_BLOCKS, assign_blocks
from ganeval.statistics.jackknife import Jackknife, jackknife, t_quantile

__all__ = ["MIN_BLOCKS", "N_BLOCKS", "Jackknife", "assign_blocks", "jackknife", "t_quantile"]
