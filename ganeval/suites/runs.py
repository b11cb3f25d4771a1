"""Training runs of a model as a sample of all its runs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganeval.statistics import Estimate, Part, Spread, spread


@dataclass(frozen=True, eq=False)
class Runs:
    """Scores of several training runs of one model on the same reals.

    Args:
        values: [k] score of each run.
        of_reals: influences of the reals on the mean score.
        sampling_sd: standard deviation of a run's score by the choice of fakes.
    """

    values: np.ndarray
    of_reals: tuple[Part, ...]
    sampling_sd: float

    @classmethod
    def of(cls, found: Sequence[Estimate]) -> "Runs":
        """Of one estimate for each run."""
        values = np.array([one.centre for one in found])
        of_reals: tuple[Part, ...] = ()
        if len(found[0].parts) > 1:
            mean = np.mean([one.parts[0].influence for one in found], axis=0)
            of_reals = (Part(mean, found[0].parts[0].sampling),)
        by_fakes = [spread(one.parts[-1:]).variance for one in found]
        return cls(values, of_reals, float(np.mean(by_fakes)) ** 0.5)

    @property
    def mean(self) -> float:
        """The mean score."""
        return float(self.values.mean())

    @property
    def run_sd(self) -> float:
        """Standard deviation between runs beyond that of sampling."""
        return float(max(self.values.var(ddof=1) - self.sampling_sd**2, 0.0) ** 0.5)

    @property
    def spread(self) -> Spread:
        """Of the mean: runs and reals."""
        return _sum(self, of_reals=spread(self.of_reals) if self.of_reals else Spread(0.0, df=1e9))


def runs_difference(first: Runs, second: Runs) -> tuple[float, Spread]:
    """The difference of two models' mean scores and its spread; shared reals partly cancel."""
    of_reals = Spread(0.0, df=1e9)
    if first.of_reals:
        (a,), (b,) = first.of_reals, second.of_reals
        of_reals = spread((Part(a.influence - b.influence, a.sampling),))
    return first.mean - second.mean, _sum(first, second, of_reals=of_reals)


def _sum(*models: Runs, of_reals: Spread) -> Spread:
    """Welch and Satterthwaite's sum of the models' spreads between runs and of the reals'."""
    parts = [(float(of.values.var(ddof=1)) / len(of.values), len(of.values) - 1.0) for of in models]
    parts.append((of_reals.variance, of_reals.df))
    variance = sum(v for v, _ in parts)
    df = variance**2 / sum(v**2 / d for v, d in parts) if variance > 0 else 1.0
    return Spread(variance, df=df)
