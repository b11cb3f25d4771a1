"""Training runs of a model as a sample of all its runs.

The score of a run is off by its training (by an unknown amount, of another size for each model) and
by the choice of its fakes (whose variance the influences tell); the reals are shared by all runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ganeval.statistics import Estimate, Part, Spread, spread, t_quantile, within

MOST_RUNS = 1000
"""Beyond, nobody trains."""

_KNOWN = Spread(0.0, df=1e9)


@dataclass(frozen=True, eq=False)
class Runs:
    """Scores of several training runs of one model on the same reals.

    Args:
        values: [k] score of each run.
        sampling: mean variance of a run's score by the choice of fakes.
        by_reals: influences of the reals on the mean score.
        bounds: the lowest and the highest value that a score can have.
        planned: number of runs, if they are still to be made; None for those that there are.
    """

    values: np.ndarray
    sampling: float
    by_reals: tuple[Part, ...]
    bounds: tuple[float, float] = (-np.inf, np.inf)
    planned: int | None = None

    @classmethod
    def of(cls, found: Sequence[Estimate]) -> "Runs":
        """The runs from one estimate each."""
        by_reals: tuple[Part, ...] = ()
        if len(found[0].parts) > 1:
            mean = np.mean([one.parts[0].influence for one in found], axis=0)
            by_reals = (Part(mean, found[0].parts[0].sampling),)
        sampling = float(np.mean([spread(one.parts[-1:]).variance for one in found]))
        return cls(np.array([one.centre for one in found]), sampling, by_reals, found[0].bounds)

    @property
    def count(self) -> int:
        """Number of runs."""
        return self.planned or len(self.values)

    def of_as_many(self, count: int) -> "Runs":
        """So many runs that scatter as these do."""
        return replace(self, planned=count)

    @property
    def estimate(self) -> float:
        """The mean score."""
        return float(self.values.mean())

    @property
    def between(self) -> float:
        """Variance of the scores, by training and by fakes."""
        return float(self.values.var(ddof=1))

    @property
    def sampling_sd(self) -> float:
        """Standard deviation of a run's score by the choice of fakes."""
        return float(self.sampling**0.5)

    @property
    def run_sd(self) -> float:
        """Standard deviation between runs beyond that; 0 where the fakes explain all of it."""
        return float(max(self.between - self.sampling, 0.0) ** 0.5)

    @cached_property
    def reals(self) -> Spread:
        """Spread of the mean score by the choice of reals."""
        return spread(self.by_reals) if self.by_reals else _KNOWN

    @property
    def std_error(self) -> float:
        """Standard error of the mean score."""
        return float((self.between / self.count + self.reals.variance) ** 0.5)

    def interval(self, level: float) -> tuple[float, float]:
        """The interval of the mean score."""
        half = self.half_width(level)
        return within(self.bounds, self.estimate, (self.estimate - half, self.estimate + half))

    def half_width(self, level: float) -> float:
        """Half the width of the interval of the mean score, if it has no bounds.

        Each part has the quantile of its own degrees of freedom, which covers at least `level` for
        any variances (Banerjee 1960, doi:10.2307/2281996). One number of degrees for their sum
        (Satterthwaite's) covers 87 % with two runs: where the runs happen to agree, it takes the
        error for that of the reals.
        """
        return float((self.reach(level) + _square(self.reals, level)) ** 0.5)

    def reach(self, level: float) -> float:
        """Squared half-width by training and fakes; not below what is known of the fakes."""
        t, z = t_quantile(level, self.count - 1), t_quantile(level, _KNOWN.df)
        return max(t * t * self.between, z * z * self.sampling) / self.count

    def runs_for(self, half_width: float, level: float) -> int | None:
        """Runs for an interval of the mean with this half-width; None where the reals forbid it.

        It supposes the scatter that these runs show, which is hardly known from two or three.
        """
        left = half_width**2 - _square(self.reals, level)
        scatter = self.run_sd**2 + self.sampling
        enough = (
            n for n in range(2, MOST_RUNS) if t_quantile(level, n - 1) ** 2 * scatter <= left * n
        )
        return next(enough, None)


@dataclass(frozen=True, eq=False)
class RunsGap:
    """The mean score of one model less that of another, each over runs of its own."""

    first: Runs
    second: Runs

    @property
    def estimate(self) -> float:
        """The difference."""
        return self.first.estimate - self.second.estimate

    @cached_property
    def reals(self) -> Spread:
        """Spread by the choice of reals, which partly cancels."""
        if not self.first.by_reals:
            return _KNOWN
        (a,), (b,) = self.first.by_reals, self.second.by_reals
        found = spread((Part(a.influence - b.influence, a.sampling),))
        return _KNOWN if found.variance == 0 else found

    @property
    def std_error(self) -> float:
        """Standard error of the difference."""
        runs = sum(of.between / of.count for of in (self.first, self.second))
        return float((runs + self.reals.variance) ** 0.5)

    def half_width(self, level: float) -> float:
        """Half the width of the interval of the difference; see `Runs.half_width`."""
        reach = self.first.reach(level) + self.second.reach(level)
        return float((reach + _square(self.reals, level)) ** 0.5)

    def p_value(self) -> float:
        """1 less the level at which the interval just reaches 0."""
        from scipy.optimize import brentq

        gap, least, most = abs(self.estimate), 1e-9, 1 - 1e-12
        if self.half_width(least) >= gap:
            return 1.0
        if self.half_width(most) <= gap:
            return 1 - most
        return 1 - float(brentq(lambda level: self.half_width(level) - gap, least, most))


def _square(reals: Spread, level: float) -> float:
    """Squared half-width by the choice of reals."""
    return float(t_quantile(level, reals.df) ** 2 * reals.variance)
