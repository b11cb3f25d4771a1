"""Twenty-five Gaussians on a grid: points in the plane with modes that can be counted."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Grid:
    """Five by five equal normal distributions.

    A class is a row, five modes of one y, so labels carry some but not all of the information.

    Args:
        places: coordinates of the columns, and of the rows.
        spread: standard deviation of each mode, in both directions.
    """

    places: tuple[float, float, float, float, float]
    spread: float

    @property
    def centres(self) -> np.ndarray:
        """[25, 2]: x outer, y inner."""
        return np.array([(x, y) for x in self.places for y in self.places])

    def draw(
        self, n: int, rng: np.random.Generator, labels: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draws points [n, 2] float64 and their rows [n], which are `labels` if given."""
        rows = rng.integers(5, size=n) if labels is None else np.asarray(labels)
        columns = rng.integers(5, size=n)
        places = np.array(self.places)
        points = np.stack([places[columns], places[rows]], axis=1)
        return points + self.spread * rng.standard_normal((n, 2)), rows

    def modes_covered(self, points: np.ndarray, *, least: float = 0.1) -> int:
        """Number of the 25 modes that have their share of points [n, 2].

        A point counts for the nearest centre if it is within 3 standard deviations of it; a mode
        is covered if it gets at least `least` of a 25th of all points.
        """
        gaps = np.linalg.norm(points[:, None] - self.centres, axis=2)
        nearest = gaps.argmin(1)[gaps.min(1) <= 3 * self.spread]
        return int((np.bincount(nearest, minlength=25) >= least * len(points) / 25).sum())

    def share_near(self, points: np.ndarray) -> float:
        """Share of points [n, 2] within 3 standard deviations of a centre; 0.989 for true ones."""
        gaps = np.linalg.norm(points[:, None] - self.centres, axis=2)
        return float((gaps.min(1) <= 3 * self.spread).mean())


GRID = Grid((-20.0, -10.0, 0.0, 10.0, 20.0), 1.0)
"""Grid of the thesis: modes ten standard deviations apart."""

SHARP_GRID = Grid((-2 * 2 / 2.828, -2 / 2.828, 0.0, 2 / 2.828, 2 * 2 / 2.828), 0.05 / 2.828)
"""Grid of WGAN-GP (Gulrajani et al. 2017): modes forty standard deviations apart."""
