"""What clipped coverage is for a known share of good fakes, and which share a coverage means."""

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=32)
def _expected(n: int, m: int, k: int) -> np.ndarray:
    """[m + 1] the mean clipped coverage with 0 to m fakes of the reals' own distribution.

    The k-th of a real's n − 1 neighbours splits new images by rank alone: j of i are nearer with
    the negative hypergeometric (beta-binomial) distribution, whatever the features. The mean of
    min(j, k)/k is summed over its tail, Σ_{l ≤ k} P(j ≥ l)/k, where j ≥ l means that among
    the first k + l − 1 of all neighbours, real and fake, at least l are fakes.
    """
    from scipy.stats import hypergeom

    count = np.arange(m + 1)
    total = np.zeros(m + 1)
    for least in range(1, k + 1):
        images = n - 1 + count
        first = np.minimum(k + least - 1, images)
        total += hypergeom.sf(least - 1, images, count, first)
    total /= k
    total.setflags(write=False)
    return total


def good_share(coverage: float, n: int, m: int, k: int) -> tuple[float, float]:
    """The share of good fakes that gives this mean clipped coverage, and how fast it grows with it.

    Linear between whole numbers of good fakes; above that of m good ones, on the last line.

    Args:
        coverage: from 0 to 1.
        n: reals, over k.
        m: fakes.
        k: neighbours.

    Source: Salvy et al. 2025, arXiv:2507.01761, whose code takes the next whole number.
    """
    expected = _expected(n, m, k)
    at = int(np.clip(np.searchsorted(expected, coverage, side="left") - 1, 0, m - 1))
    slope = 1 / (m * float(expected[at + 1] - expected[at]))
    return at / m + slope * (coverage - float(expected[at])), slope
