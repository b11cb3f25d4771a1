"""A training run that is looked at often: errors of means of looks, and how sure each has to be.

With `looks` looks and an error of α for all of them, α is handed out beforehand: a tenth to the
looks one by one, the rest to the ends of blocks of looks. What is given out adds up to α, and so
the chance of any false alarm is at most α, however the looks depend on each other (Bonferroni),
and however often there is a new best.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ganeval.statistics.estimate import Estimate
from ganeval.statistics.spread import Part

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

    @property
    def of_block(self) -> float:
        """Of the mean of the looks of a block, at its end."""
        return self.alpha * (1 - SINGLE) / max(self.looks // BLOCK, 1)

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
