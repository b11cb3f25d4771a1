"""How a squared maximum mean discrepancy varies where both distributions are equal.

There its influences vanish, and its variance is that of a sum over pairs of independent units
(images, or groups) of what the kernel has beyond its means by row, by column and by class.
"""

from dataclasses import dataclass

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.metrics.pairs.kernels import Kernel, PairSums
from ganeval.metrics.pairs.means import Means, Sets
from ganeval.metrics.spine import Side, first_feature, here

FEW = 256
"""Images that show how wide the widest direction of the kernel's space is."""

MANY_GROUPS = 300
"""Beyond, the largest eigenvalue is found by itself; all of them cost the cube of the number."""


@dataclass(frozen=True, eq=False)
class Pairing:
    """Pairs of images of one side with those of another, maybe the same one.

    Args:
        here: the rows.
        there: the columns.
        sums: [n, s] of the kernel, of each row over the sets of the columns.
        square: the sum of its squares over all pairs.
        of_rows: its means by row.
        of_columns: its means by column.
    """

    here: Sets
    there: Sets
    sums: np.ndarray
    square: float
    of_rows: Means
    of_columns: Means

    @property
    def scale(self) -> float:
        """All pairs, an image with itself included."""
        return float(self.here.n * self.there.n)

    def of_units(self) -> np.ndarray:
        """[u, v] sums over two units' pairs of the kernel less its means, over all pairs.

        Needs groups on the side of the columns.
        """
        here, there = self.here, self.there
        n_there = there.by_unit(there.class_of_row)
        sums = there.columns_by_unit(self.sums) - self.of_rows.by_class @ n_there.T
        column_means = there.by_unit(self.of_columns.by_class) - n_there @ self.of_rows.of_classes.T
        n_here = here.by_unit(here.class_of_row)
        return np.asarray((here.by_unit(sums) - n_here @ column_means.T) / self.scale)

    def mean_square(self) -> float:
        """Of the kernel less its means, over pairs of different images."""
        here, there = self.here, self.there
        pairs = here.n * (there.n - (here is there))
        by_row = (self.of_rows.by_class**2).mean(0) @ there.shares
        by_column = (self.of_columns.by_class**2).mean(0) @ here.shares
        both = here.shares @ self.of_rows.of_classes**2 @ there.shares
        return max(float(self.square / pairs - by_row - by_column + both), 0.0)

    def variance(self) -> float:
        """Of the mean over pairs within one side, each of which counts twice."""
        if self.here.grouped:
            return 2 * _off_diagonal(self.of_units())
        return 2 * self.mean_square() / (self.here.n * (self.here.n - 1))


def second_order(
    sums: PairSums,
    first: Sets,
    second: Sets,
    within: tuple[Means, Means],
    across: tuple[Means, ...],
) -> tuple[float | None, float]:
    """The variance in the widest direction, None where groups do not show it; and of all.

    Args:
        sums: of the kernel.
        first: sets of one side.
        second: of the other.
        within: means of each side.
        across: means of the rows of each side over the other.
    """
    xx = Pairing(first, first, sums.xx, sums.squares[0], within[0], within[0])
    yy = Pairing(second, second, sums.yy, sums.squares[1], within[1], within[1])
    xy = Pairing(first, second, sums.xy, sums.squares[2], across[0], across[1])
    yx = Pairing(second, first, sums.yx, sums.squares[2], across[1], across[0])
    if first.grouped and second.grouped:
        joint = _joint(xx.of_units(), yy.of_units(), yx.of_units().T, first.names, second.names)
        return largest_eigenvalue(joint), 2 * _off_diagonal(joint)
    if first.grouped or second.grouped:
        cross = float(((yx if first.grouped else xy).of_units() ** 2).sum())
    else:
        cross = xy.mean_square() / xy.scale
    return None, xx.variance() + yy.variance() + 4 * cross


def widest_direction(side: Side, bandwidth: float | None) -> float:
    """Largest eigenvalue of the kernel's covariance, from images at equal steps along a feature."""
    order = np.argsort(first_feature(side.rows), kind="stable")
    few = order[np.arange(min(FEW, len(order))) * len(order) // min(FEW, len(order))]
    rows = here(side.rows, few)
    kernel = Kernel.around(bandwidth, rows)
    u = kernel.centred(rows)
    sampling = side.sampling.take(few)
    k = sampling.deviations(sampling.deviations(to_numpy(kernel.between(u, u))).T)
    return float(np.linalg.eigvalsh(k)[-1]) / len(k)


def largest_eigenvalue(matrix: np.ndarray) -> float:
    """Of a symmetric matrix; of a large one by Lanczos' method, to ten digits."""
    if len(matrix) <= MANY_GROUPS or not matrix.any():
        return float(np.linalg.eigvalsh(matrix)[-1])
    from scipy.sparse.linalg import eigsh

    start = np.random.default_rng(0).standard_normal(len(matrix))
    found = eigsh(matrix, k=1, which="LA", v0=start, tol=1e-10, return_eigenvectors=False)
    return float(found[0])


def _joint(
    xx: np.ndarray, yy: np.ndarray, xy: np.ndarray, first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """[u, u] over the groups of both sides, one that is on both sides once."""
    names = np.unique(np.concatenate([first, second]))
    i, j = np.searchsorted(names, first), np.searchsorted(names, second)
    joint = np.zeros((len(names), len(names)))
    joint[np.ix_(i, i)] += xx
    joint[np.ix_(j, j)] += yy
    joint[np.ix_(i, j)] -= xy
    joint[np.ix_(j, i)] -= xy.T
    return joint


def _off_diagonal(matrix: np.ndarray) -> float:
    """Sum of squares of pairs of different units."""
    return float((matrix**2).sum() - (np.diagonal(matrix) ** 2).sum())
