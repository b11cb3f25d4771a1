"""Optimal transport along lines: what it costs, and how much every image moves that cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ganeval.arrays import Array, to_float64, to_numpy
from ganeval.lazy import Tensor, torch

CHUNK, GPU_CHUNK = 2**21, 2**25
"""Projections at once, 16 MB of float64 on a CPU: little enough for its cache."""

LEAST_LINES = 32
"""Directions at once, however many the images: products with fewer are slow."""

ROWS = 2048
"""Images per matrix product."""


def orthogonal_directions(d: int, count: int) -> np.ndarray:
    """[count, d] unit vectors, uniform, orthogonal within each set of d; always the same.

    On a line there is one direction only.
    """
    if d == 1:
        return np.ones((1, 1))
    rng = np.random.default_rng(0)
    sets = []
    for start in range(0, count, d):
        columns = rng.standard_normal((d, min(d, count - start)))
        # The columns' signs are LAPACK's: transport does not change with them.
        sets.append(np.linalg.qr(columns)[0].T)
    return np.concatenate(sets)


def transport_costs(x: Array, y: Array, directions: np.ndarray, *, p: int) -> np.ndarray:
    """[l] W_p^p of the projections of x [n, d] and y [m, d] on each direction [l, d]."""
    with torch.no_grad():
        common = _Lines.of(x, y)
        costs = []
        for lines in common.chunks(directions):
            a, b = (_sorted(_projected(side, lines, common.centre)) for side in (x, y))
            costs.append(common.costs(a, b, p))
        return np.concatenate(costs)


class Transport(NamedTuple):
    """[l] W_p^p along each direction, and the influence of each image on their mean (of mean 0)."""

    costs: np.ndarray
    influence_x: np.ndarray
    influence_y: np.ndarray


def transport(x: Array, y: Array, directions: np.ndarray, *, p: int) -> Transport:
    """The costs, and how much every row of x [n, d] and of y [m, d] moves their mean.

    The influence of a point on the cost along a line is the Kantorovich potential at it: with
    weight moved to a point s, every quantile from there on moves, so that the potential grows from
    a point of x to the next one by ∫ ∂|s − G⁻¹(F(s))|^p ds, G⁻¹(F(s)) being the partner of what
    lies between them. Where the best transport is not unique (F(s) is a step of G), both partners
    count half. Equal points have equal potentials, whatever their order.

    Source: Santambrogio 2015, doi:10.1007/978-3-319-20828-2, proposition 7.17.
    """
    with torch.no_grad():
        common, n, m = _Lines.of(x, y), len(x), len(y)
        device = common.centre.device
        partners = [
            [torch.from_numpy(rows).to(device) for rows in _partners(*sizes)]
            for sizes in ((n, m), (m, n))
        ]
        sums = [torch.zeros(size, dtype=torch.float64, device=device) for size in (n, m)]
        costs = []
        for lines in common.chunks(directions):
            (a, order_a), (b, order_b) = (
                _in_order(_projected(side, lines, common.centre)) for side in (x, y)
            )
            potentials = _potential(a, b, partners[0], p), _potential(b, a, partners[1], p)
            for total, potential, order in zip(sums, potentials, (order_a, order_b), strict=True):
                total.index_add_(0, order.reshape(-1), potential.reshape(-1))
            costs.append(common.costs(a, b, p))
        means = [to_numpy(total) / len(directions) for total in sums]
        of_x, of_y = (mean - mean.mean() for mean in means)
        return Transport(np.concatenate(costs), of_x, of_y)


@dataclass(frozen=True, eq=False)
class _Lines:
    """What all directions have in common.

    Args:
        centre: [d] that is taken off all rows, so that an offset costs no digits.
        picks: ranks in either sample where both quantile functions are constant.
        shares: the share of each of these.
        at_once: directions.
    """

    centre: Tensor
    picks: tuple[Tensor, Tensor]
    shares: Tensor
    at_once: int

    @classmethod
    def of(cls, x: Array, y: Array) -> "_Lines":
        centre = to_float64(x[:ROWS]).mean(0)
        of_x, of_y, shares = (
            torch.from_numpy(each).to(centre.device) for each in _quantiles(len(x), len(y))
        )
        chunk = GPU_CHUNK if centre.device.type == "cuda" else CHUNK
        return cls(centre, (of_x, of_y), shares, max(LEAST_LINES, chunk // (len(x) + len(y))))

    def chunks(self, directions: np.ndarray) -> Iterator[Tensor]:
        for start in range(0, len(directions), self.at_once):
            yield torch.from_numpy(directions[start : start + self.at_once]).to(self.centre.device)

    def costs(self, a: Tensor, b: Tensor, p: int) -> np.ndarray:
        """[l] of sorted projections [l, n] and [l, m]."""
        of_a, of_b = self.picks
        gaps = a - b if a.shape[1] == b.shape[1] else a[:, of_a] - b[:, of_b]
        return to_numpy((gaps.abs_() if p == 1 else gaps.square_()) @ self.shares)


def _partners(n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """[n − 1] ranks of y just below and just above the quantiles i/n of y, which has m points."""
    at = np.arange(1, n) * m
    return (at - 1) // n, at // n


def _potential(points: Tensor, others: Tensor, partners: list[Tensor], p: int) -> Tensor:
    """[l, n] potentials of sorted points, 0 at the first."""
    low, high = points[:, :-1], points[:, 1:]
    below, above = others[:, partners[0]], others[:, partners[1]]
    if p == 1:
        rises = [(high - y).abs() - (low - y).abs() for y in (below, above)]
        steps = (rises[0] + rises[1]) / 2
    else:
        steps = (high - low) * (high + low - below - above)
    found = torch.zeros_like(points)
    torch.cumsum(steps, 1, out=found[:, 1:])
    return found


def _quantiles(n: int, m: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where both quantile functions are constant: ranks in either sample, and the share of it."""
    # In units of 1/(n m), so that equal steps of both are equal.
    ends = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
    starts = np.append(0, ends[:-1])
    return starts // m, starts // n, (ends - starts) / (n * m)


def _projected(rows: Array, lines: Tensor, centre: Tensor) -> Tensor:
    """[l, n] along each line."""
    found = lines.new_empty(len(lines), len(rows))
    for start in range(0, len(rows), ROWS):
        part = slice(start, start + ROWS)
        found[:, part] = lines @ (to_float64(rows[part]).to(lines.device) - centre).T
    return found


# NumPy sorts with vector instructions, a dozen times faster than torch on a CPU.


def _sorted(values: Tensor) -> Tensor:
    """The rows of `values`, each sorted; on a CPU in place."""
    if values.device.type != "cpu":
        return values.sort(dim=1).values
    values.numpy().sort(axis=1)
    return values


def _in_order(values: Tensor) -> tuple[Tensor, Tensor]:
    """The rows of `values`, each sorted, and where each value was."""
    if values.device.type != "cpu":
        found = values.sort(dim=1)
        return found.values, found.indices
    order = torch.from_numpy(np.argsort(values.numpy(), axis=1))
    return values.gather(1, order), order
