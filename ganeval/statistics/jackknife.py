"""The delete-group jackknife: an estimate without its 1/n bias, and how sure it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ganeval.errors import InputError
from ganeval.statistics.blocks import MIN_BLOCKS
from ganeval.statistics.intervals import t_quantile


@dataclass(frozen=True)
class Jackknife:
    """A bias-corrected estimate with its standard error and degrees of freedom."""

    estimate: float
    std_error: float
    df: float
    n_blocks: int

    def interval(self, level: float = 0.95) -> tuple[float, float] | None:
        """The t interval around `estimate`; None where there are fewer than 4 blocks."""
        if self.n_blocks < MIN_BLOCKS:
            return None
        half = t_quantile(level, self.df) * self.std_error
        return self.estimate - half, self.estimate + half


def jackknife(full: float, left_out: ArrayLike, *shares: ArrayLike) -> Jackknife:
    """Delete-group jackknife; blocks may differ in size.

    Equal blocks give the textbook form: estimate g·F − (g−1)·mean(F_(−i)), squared standard error
    (g−1)/g · Σ (F_(−i) − mean)², g − 1 degrees of freedom. For blocks of shares w_i, with
    D_i = (1 − w_i)(F − F_(−i)), which is w_i times the block's mean influence:

    - estimate F + Σ D_i, the delete-m_j form of Busing, Meijer & van der Leeden 1999,
      doi:10.1023/A:1008800423698;
    - variance Σ (D_i − w_i Σ D)² / (1 − 2 w_i + Σ w²). Busing's own takes block means to vary as
      1/size, which holds for independent images; means of groups vary alike whatever their
      size, and then a 95 % interval of his covers 83 % where one group of twelve holds 40 %
      of the images. This form is exact for groups and a little wide for independent images;
    - degrees of freedom 1/Σ w² − 1: the effective number of blocks, less one.

    Args:
        full: the statistic of all data.
        left_out: [g] the statistic without block i, of both samples where there are two.
        shares: for each sample, [g] block sizes in any unit; equal blocks when left out. With
            two samples, the mean of both shares counts.

    Raises:
        InputError: fewer than two blocks, a block that holds everything, or lengths that differ.
    """
    values = np.asarray(left_out, np.float64)
    g = len(values)
    if g < 2:
        raise InputError(f"the jackknife needs at least 2 blocks; got {g}")
    if any(len(np.asarray(share)) != g for share in shares):
        raise InputError(f"one size per block is needed; got {g} values left out")
    if shares:
        w = np.mean([np.asarray(s, np.float64) / np.sum(s) for s in shares], axis=0)
    else:
        w = np.full(g, 1 / g)
    if w.max() >= 1:
        raise InputError("one block holds everything; spread the data over several blocks")
    pulls = (1 - w) * (full - values)
    residuals = pulls - w * pulls.sum()
    scale = 1 - 2 * w + (w**2).sum()
    variance = float((residuals**2 / scale).sum())
    return Jackknife(float(full + pulls.sum()), variance**0.5, 1 / float((w**2).sum()) - 1, g)
