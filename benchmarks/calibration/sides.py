"""How the images of both sides are drawn from their distributions."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.calibration.populations import Mixture, Sample

Clusters = Callable[[np.ndarray], np.ndarray]
"""Of the classes [n] of all images, in the order of the files: the number of each one's cluster."""


@dataclass(frozen=True, eq=False)
class Side:
    """Images as they are drawn for one side."""

    population: Mixture
    counts: str = "chance"
    """Of classes: chance or chosen."""
    clusters: Clusters | None = None
    """None: every image is a cluster by itself."""
    in_order: bool = True
    """Files are sorted by class; a generator's are not."""

    def draw(
        self, n: int, rng: np.random.Generator, *, offsets: np.ndarray | None = None
    ) -> Sample:
        """N images; on clusters with these offsets, where they are given."""
        shares = self.population.shares
        if self.counts == "chosen":
            edges = np.round(np.cumsum(shares) * n).astype(int)
            classes = np.searchsorted(edges, np.arange(n), side="right")
        else:
            classes = rng.choice(len(shares), size=n, p=shares)
        classes = np.sort(classes) if self.in_order else rng.permutation(classes)
        clusters = None if self.clusters is None else self.clusters(classes)
        if clusters is not None and offsets is None:
            offsets = rng.standard_normal((clusters.max() + 1, self.population.centres.shape[1]))
        rows = self.population.draw(classes, rng, clusters=clusters, offsets=offsets)
        return Sample(rows, classes, clusters, offsets)


@dataclass(frozen=True, eq=False)
class World:
    """Both sides."""

    real: Side
    fake: Side
    labelled: bool = False
    """Whether classes are what a user would have as labels."""
    shared: bool = False
    """Whether fakes are on the reals' clusters."""
    copied: bool = False
    """Whether fakes have as many copies of reals among them as an interval bears."""
    correlation: float = 0.0
    """Of fake i with real i."""

    def draw_real(self, n: int, rng: np.random.Generator) -> Sample:
        """N reals."""
        return self.real.draw(n, rng)

    def draw_fake(self, m: int, reals: Sample, rng: np.random.Generator) -> Sample:
        """M fakes, which depend on the reals in few worlds only."""
        made = self.fake.draw(m, rng, offsets=reals.offsets if self.shared else None)
        if self.copied:
            k = max(1, min(len(reals.rows), m) // max(16, reals.rows.shape[1]))
            made.rows[:k] = reals.rows[:k]
        if self.correlation:
            ours, theirs = self.real.population, self.fake.population
            alike = (reals.rows - ours.centres) / ours.scales * theirs.scales
            own = made.rows - theirs.centres
            new = self.correlation * alike + (1 - self.correlation**2) ** 0.5 * own
            made.rows[:] = theirs.centres + new
        return made

    def populations(self) -> tuple[Mixture, Mixture]:
        """Of reals and fakes."""
        return self.real.population, self.fake.population
