"""A training run that is looked at often: errors of means of looks, and how sure each has to be.

With `looks` looks and an error of α for all of them, α is handed out beforehand: a tenth to the
looks one by one, the rest to the ends of blocks of looks. What is given out adds up to α, and so
the chance of any false alarm is at most α, however often there is a new best.

All blocks are compared with the same best, whose own noise is most of the noise of each
comparison: if one of them is no false alarm, the next is hardly one either. How sure a block has to
be follows from the chance that it is the first false alarm (error spending, Lan & DeMets 1983,
doi:10.1093/biomet/70.3.659; comparisons with one control, Dunnett 1955, doi:10.2307/2281208).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ganeval.statistics.estimate import Estimate
from ganeval.statistics.spread import Part, spread

BLOCK = 16
"""Looks in a block: their mean is nearly free of the noise of their own images."""

SINGLE = 0.1
"""Share of the error that looks one by one have; early in a training gains are large."""


@dataclass(frozen=True)
class Budget:
    """The error that each look may have.

    Args:
        looks: that are planned.
        alpha: chance of any false alarm among them.
    """

    looks: int
    alpha: float = 0.05

    @property
    def of_look(self) -> float:
        """Of one look, of one checkpoint alone."""
        return self.alpha * SINGLE / self.looks

    def of_block(self, look: int) -> float:
        """Of the mean of the looks of a block that ends with this look.

        The sum over blocks grows with the square root of their number: gains come early, and later
        blocks are alike enough to need less.
        """
        block, blocks = look // BLOCK, max(self.looks // BLOCK, 1)
        share = math.sqrt(block / blocks) - math.sqrt((block - 1) / blocks)
        return self.alpha * (1 - SINGLE) * share

    def ends_block(self, look: int) -> bool:
        """Whether a block ends with this look, counted from 1."""
        return look % BLOCK == 0 and look <= self.looks


def mean_of(looks: Sequence[Estimate]) -> Estimate:
    """The mean of scores on the same reals, each of fakes of its own."""
    k = len(looks)
    if k == 1:
        return replace(looks[0], judged=None)
    fakes = [one.parts[-1] for one in looks]
    parts = [Part(part.influence / k, part.sampling) for part in fakes]
    if len(looks[0].parts) > 1:
        mean = np.mean([one.parts[0].influence for one in looks], axis=0)
        parts.insert(0, Part(mean, looks[0].parts[0].sampling))
    centre = float(np.mean([one.centre for one in looks]))
    return replace(looks[0], value=centre, corrected=centre, parts=tuple(parts), judged=None)


def gain(now: Estimate, before: Estimate) -> Estimate:
    """`now` less `before`; both may be means of several looks on the same reals."""
    shared = len(now.parts) > 1
    fakes = [*now.parts[shared:], *(_negative(part) for part in before.parts[shared:])]
    if shared:
        real = now.parts[0].influence - before.parts[0].influence
        fakes.insert(0, Part(real, now.parts[0].sampling))
    apart = now.centre - before.centre
    return Estimate(apart, None, tuple(fakes), reason=now.reason or before.reason)


def _negative(part: Part) -> Part:
    return Part(-part.influence, part.sampling)


_NODES = np.arange(-5.0, 5.01, 0.25)
"""Standard deviations: the grid on which noise that comparisons share is summed over."""

_ALONE = 0.25
"""Of a comparison's deviation, what counts as its own noise at least: no finer than the grid."""


class Against:
    """All comparisons of later blocks with one best checkpoint.

    Given the noise of the best one's fakes and that of its reals, comparisons count as independent,
    which is on the safe side where what else they share makes them more alike (Slepian 1962).

    Args:
        best: the score that they are compared with.
    """

    def __init__(self, best: Estimate) -> None:
        self._best = best
        weights = np.exp(-(_NODES**2) / 2)
        weights /= weights.sum()
        # The chance of every value of both noises, without a false alarm so far.
        self._quiet = weights[:, None] * weights

    def threshold(self, now: Estimate, apart: Estimate, error: float) -> float:
        """The p-value that a comparison needs, to be the first false alarm with chance `error`.

        Args:
            now: the later score.
            apart: its `gain` over the best.
            error: of this comparison.
        """
        from scipy.special import ndtr, ndtri

        shift, alone = self._shared(now, apart)

        def passed(limit: float) -> np.ndarray:
            return np.asarray(ndtr((limit - shift) / alone))

        low, high = -8.0, -float(ndtri(error))
        for _ in range(32):
            middle = (low + high) / 2
            alarm = float((self._quiet * (1 - passed(middle))).sum())
            low, high = (middle, high) if alarm > error else (low, middle)
        self._quiet *= passed(high)
        return float(ndtr(-high))

    def _shared(self, now: Estimate, apart: Estimate) -> tuple[np.ndarray, float]:
        """What the best one's noises do to a comparison, and the deviation that is its own."""
        best = self._best
        reals = len(best.parts) > 1
        deviation = spread(apart.parts).std_error
        if deviation == 0:
            return np.zeros((len(_NODES), 1)), 1.0
        by_fakes = spread(best.parts[reals:]).std_error / deviation
        by_reals = 0.0
        if reals and (own := spread(best.parts[:1]).variance) > 0:
            both = [spread(one.parts[:1]).variance for one in (apart, now)]
            by_reals = (own + both[0] - both[1]) / 2 / own**0.5 / deviation
        size = (by_fakes**2 + by_reals**2) ** 0.5
        least = min((1 - _ALONE**2) ** 0.5 / size, 1.0) if size else 1.0
        by_fakes, by_reals = least * by_fakes, least * by_reals
        shift = by_fakes * _NODES[:, None] + by_reals * _NODES
        return shift, (1 - by_fakes**2 - by_reals**2) ** 0.5
