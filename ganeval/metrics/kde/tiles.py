"""Gaussian kernel sums of all queries over all centres, in logarithms and tiles of bounded memory.

Everything is to base 2: `exp2` takes a third of the time of `exp` in float64, and a tenth where
the result is tiny, as it is for most pairs.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.arrays import Array, exact_float32, to_float64, to_numpy
from ganeval.lazy import Tensor, torch

TILE = (512, 1024)
"""Queries and centres per tile on a CPU: 4 MB of float64."""

GPU_TILE = (4096, 8192)
"""256 MB of float64 keep a GPU busy."""

TOLERANCE = 1e-3
"""Nats by which products of a precision may move a log-likelihood, or the next one is taken."""

PRECISIONS = ("float32", "float64", "differences")
"""From fast to exact: matrix products of either type, or differences of coordinates one by one."""


@dataclass(frozen=True, eq=False)
class KernelSums:
    """log Σ exp(−|x − g|²/2h²) over the centres g of each block, in nats.

    Args:
        logs: [n, b] float64; −inf for a block without centres.
        sizes: [b] centres.
        offset: d/2 · log 2π + d log h, the logarithm of what a kernel integrates to.
        precision: one of PRECISIONS, that of all pairs.
    """

    logs: np.ndarray
    sizes: np.ndarray
    offset: float
    precision: str

    def log_likelihoods(self, *, without: int | None = None) -> np.ndarray:
        """[n] of every query under the kernel density of all centres, or of all but one block."""
        keep = np.arange(len(self.sizes)) != (-1 if without is None else without)
        logs = self.logs[:, keep]
        top = logs.max(axis=1)
        sums = top + np.log(np.exp(logs - top[:, None]).sum(axis=1))
        return np.asarray(sums - math.log(self.sizes[keep].sum()) - self.offset)


def kernel_sums(
    queries: Array,
    centres: Array,
    *,
    bandwidth: float,
    blocks: np.ndarray | None = None,
    fast: bool = False,
) -> KernelSums:
    """Sums for every query and block of centres; far queries lose nothing, as maxima go along.

    Args:
        queries: [n, d].
        centres: [m, d].
        bandwidth: h.
        blocks: [m] block of each centre, from 0; None is one block.
        fast: float32 products where they are accurate to TOLERANCE.
    """
    with torch.no_grad(), exact_float32():
        sides = Scaled.pair(queries, centres, scale=math.log2(math.e) ** 0.5 / bandwidth)
        precision = choose_precision(*sides, nats=math.log(2), fast=fast)
        x, g = sides
        blocks = np.zeros(len(centres), np.int64) if blocks is None else blocks
        sizes = np.bincount(blocks)
        rows, edges = np.argsort(blocks, kind="stable"), np.append(0, sizes.cumsum())
        tops = x.half_squares.new_full((len(queries), len(sizes)), -math.inf)
        sums = torch.zeros_like(tops)
        for first in range(0, len(rows), g.step(1)):
            part = rows[first : first + g.step(1)]
            centre_tile = g.take(part, precision)
            for start in range(0, len(queries), x.step(0)):
                here = slice(start, start + x.step(0))
                exponents = _exponents(x.take(here, precision), centre_tile, precision, g.scale)
                for block, columns in _segments(edges, first, len(part)):
                    _add(tops[here, block], sums[here, block], exponents[:, columns])
        if precision != "differences":
            tops -= x.half_squares[:, None]
        logs = to_numpy((tops + sums.log2()) * math.log(2))
        offset = x.d / 2 * math.log(2 * math.pi) + x.d * math.log(bandwidth)
        return KernelSums(logs, sizes, offset, precision)


class Scaled:
    """Rows of one side, handed out tile by tile, centred and scaled."""

    def __init__(self, rows: Array, centre: Tensor, scale: float) -> None:
        self._rows, self._centre, self.scale = rows, centre, scale
        self.d, self.device = len(centre), centre.device
        starts = range(0, len(rows), self.step(1))
        tiles = [self.take(slice(i, i + self.step(1)), "float64") for i in starts]
        self.half_squares = torch.cat([tile.square().sum(1) / 2 for tile in tiles])
        """[n] half the squared length of each row."""

    @staticmethod
    def pair(queries: Array, centres: Array, *, scale: float) -> "tuple[Scaled, Scaled]":
        """Both sides around the mean of the centres, where the queries live."""
        step = GPU_TILE[1]
        starts = range(0, len(centres), step)
        total = torch.stack([to_float64(centres[i : i + step]).sum(0) for i in starts]).sum(0)
        mean = total.to(to_float64(queries[:1]).device) / len(centres)
        return Scaled(queries, mean, scale), Scaled(centres, mean, scale)

    def step(self, axis: int) -> int:
        """Rows per tile, of queries (0) or centres (1)."""
        return (GPU_TILE if self.device.type == "cuda" else TILE)[axis]

    def take(self, rows: Any, precision: str) -> Tensor:
        """[t, d] of a slice or of indices; as they are for differences, which that would blur."""
        x = to_float64(self._rows[rows]).to(self.device)
        if precision == "differences":
            return x
        x = (x - self._centre) * self.scale
        return x.float() if precision == "float32" else x


def choose_precision(x: Scaled, g: Scaled, *, nats: float, fast: bool = False) -> str:
    """The first of PRECISIONS that keeps a log-likelihood within TOLERANCE.

    `nats` is what a unit of |x|²/2 is worth; without `fast`, float32 is left out.

    Products err by about λ√d u (|x|² + |g|²)/2 with u the unit roundoff: the probabilistic bound
    of Higham & Mary 2019, doi:10.1137/18M1226312; λ√d is taken as 4 + √d, which also pays for
    the rounding of the factors and of |g|².
    """
    size = float(x.half_squares.max()) + float(g.half_squares.max())
    error = (4 + x.d**0.5) * size * nats
    if fast and error * 2.0**-24 < TOLERANCE:
        return "float32"
    return "float64" if error * 2.0**-53 < TOLERANCE else "differences"


def squared_distances(x: Tensor, g: Tensor, precision: str) -> Tensor:
    """[t, r] in the units of the rows, not below 0."""
    if precision == "differences":
        return torch.cdist(x, g, compute_mode="donot_use_mm_for_euclid_dist").square_()
    both = x.square().sum(1)[:, None] + g.square().sum(1)
    return both.addmm_(x, g.T, alpha=-2).clamp_(min=0)


def _exponents(x: Tensor, g: Tensor, precision: str, scale: float) -> Tensor:
    """[t, r] −|x − g|²/2 in scaled units; from products without what is the same for all g."""
    if precision == "differences":
        return squared_distances(x, g, precision).mul_(scale).mul_(-0.5 * scale)
    return torch.addmm(g.square().sum(1)[None], x, g.T, beta=-0.5)


def _segments(edges: np.ndarray, first: int, n: int) -> Iterator[tuple[int, slice]]:
    """(block, columns) of the blocks in a tile of `n` sorted centres from `first` on."""
    for block in range(len(edges) - 1):
        low, high = max(int(edges[block]) - first, 0), min(int(edges[block + 1]) - first, n)
        if low < high:
            yield block, slice(low, high)


def _add(top: Tensor, total: Tensor, exponents: Tensor) -> None:
    """Adds Σ 2^exponents [t, r] to total · 2^top [t], both float64, in place."""
    peak = exponents.amax(1, keepdim=True)
    part = exponents.sub_(peak).exp2_().sum(1).double()
    peak = peak[:, 0].double()
    new = torch.maximum(top, peak)
    total.mul_((top - new).exp2_()).add_(part.mul_((peak - new).exp2_()))
    top.copy_(new)
