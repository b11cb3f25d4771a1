"""Gaussian kernel sums of all queries over all centres, in logarithms and tiles of bounded memory.

Everything is to base 2: `exp2` takes a third of the time of `exp` in float64, and a tenth where
the result is tiny, as it is for most pairs.
"""

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.arrays import Array, exact_float32, to_float64, to_numpy
from ganeval.lazy import Tensor, torch
from ganeval.metrics.pairs import Guests, travelled
from ganeval.shared import Found, Share, each, in_order, sum_of, work

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
    """log Σ exp(−|x − g|²/2h²) over all centres g, in nats.

    Args:
        logs: [n] float64.
        centres: how many.
        offset: d/2 · log 2π + d log h, the logarithm of what a kernel integrates to.
        precision: one of PRECISIONS, that of all pairs.
    """

    logs: np.ndarray
    centres: int
    offset: float
    precision: str

    @property
    def log_likelihoods(self) -> np.ndarray:
        """[n] of every query under the kernel density."""
        return np.asarray(self.logs - math.log(self.centres) - self.offset)


def kernel_sums(
    queries: Array, centres: Array, *, bandwidth: float, fast: bool = False
) -> KernelSums:
    """Sums for every query; far queries lose nothing, as maxima go along.

    Args:
        queries: [n, d].
        centres: [m, d].
        bandwidth: h.
        fast: float32 products where they are accurate to TOLERANCE.
    """
    with torch.no_grad():
        found = each((queries, centres), _sums_of_queries, bandwidth=bandwidth, fast=fast)
    d = queries.shape[1]
    offset = d / 2 * math.log(2 * math.pi) + d * math.log(bandwidth)
    precision = PRECISIONS[int(found[0]["precision"])]
    return KernelSums(in_order(queries, found, "logs"), len(centres), offset, precision)


@work
def _sums_of_queries(queries: Share, centres: Share, *, bandwidth: float, fast: bool) -> Found:
    """Queries travel with their sums so far."""
    with exact_float32():
        x, g = Scaled.pair(queries, centres, scale=_scale(bandwidth))
        precision = choose_precision(size(queries, x, g), x.d, nats=math.log(2), fast=fast)

        def start(guests: int) -> dict[str, Tensor]:
            none = torch.zeros(guests, dtype=torch.float64, device=x.device)
            return {"tops": none - math.inf, "sums": none}

        def meet(_: slice, guests: Guests, itself: bool) -> None:
            tops, sums, visitors = *guests.found.values(), x.like(guests.rows)
            for columns in g.tiles():
                centre_tile = g.take(columns, precision)
                for rows in visitors.tiles():
                    tile = visitors.take(rows, precision)
                    exponents = _exponents(tile, centre_tile, precision, g.scale)
                    _add(tops[rows], sums[rows], exponents)

        logs = [np.zeros(0)]
        for at, found in travelled(queries, start, meet, hosts=centres):
            tops = found["tops"]
            if precision != "differences":
                tops -= x.half_squares[at]
            logs.append(to_numpy((tops + found["sums"].log2()) * math.log(2)))
        return {"logs": np.concatenate(logs), "precision": np.array(PRECISIONS.index(precision))}


def log_rests(
    queries: Array, centres: Array, sums: KernelSums, *, bandwidth: float, unit: np.ndarray
) -> np.ndarray:
    """[u] mean over queries of log(1 − w), w the share of a unit's centres in the kernel sum.

    Args:
        queries: [n, d].
        centres: [m, d].
        sums: of the same sides.
        bandwidth: h.
        unit: [m] numbers from 0 of independent units, each of one or more centres.
    """
    with torch.no_grad():
        found = each(
            (queries, centres),
            _rests_of_queries,
            logs=sums.logs,
            precision=sums.precision,
            bandwidth=bandwidth,
            unit=unit,
        )
    return sum_of(found, "rests") / len(queries)


@work
def _rests_of_queries(
    queries: Share,
    centres: Share,
    *,
    logs: np.ndarray,
    precision: str,
    bandwidth: float,
    unit: np.ndarray,
) -> Found:
    """Queries travel with the shares of groups: of all centres, before a logarithm is taken."""
    with exact_float32():
        x, g = Scaled.pair(queries, centres, scale=_scale(bandwidth))
        count = int(unit.max()) + 1
        alone = count == len(unit)
        rests = torch.zeros(count, dtype=torch.float64, device=x.device)
        units = torch.from_numpy(unit[centres.own]).to(x.device)

        def start(guests: int) -> dict[str, Tensor]:
            return {} if alone else {"shares": rests.new_zeros(guests, count)}

        def meet(_: slice, guests: Guests, itself: bool) -> None:
            visitors = x.like(guests.rows)
            tops = torch.from_numpy(logs[guests.own] / math.log(2)).to(x.device)
            if precision != "differences":
                tops += visitors.half_squares  # which the exponents leave out
            for rows in visitors.tiles():
                tile = visitors.take(rows, precision)
                for columns in g.tiles():
                    exponents = _exponents(tile, g.take(columns, precision), precision, g.scale)
                    shares = exponents.double().sub_(tops[rows, None]).exp2_()
                    if alone:
                        rests[units[columns]] += _log_rest(shares)
                    else:
                        guests.found["shares"][rows].index_add_(1, units[columns], shares)

        for _, found in travelled(queries, start, meet, hosts=centres):
            if not alone:
                rests += _log_rest(found["shares"])
        return {"rests": to_numpy(rests)}


def _log_rest(shares: Tensor) -> Tensor:
    """[r] Σ log(1 − share) down the columns, in place; at least rounding is left of each."""
    return shares.clamp_(max=1 - 2.0**-50).neg_().log1p_().sum(0)


def _scale(bandwidth: float) -> float:
    """By which rows are multiplied so that kernels are powers of 2."""
    return math.sqrt(math.log2(math.e)) / bandwidth


class Scaled:
    """Rows of one side, handed out tile by tile, centred and scaled."""

    def __init__(self, rows: Array, centre: Tensor, scale: float, sizes: tuple[int, int]) -> None:
        self._rows, self._centre, self.scale, self._sizes = rows, centre, scale, sizes
        self.d, self.device = len(centre), centre.device
        self._step = sizes[self.device.type == "cuda"]

    @staticmethod
    def pair(queries: Share, centres: Share, *, scale: float) -> "tuple[Scaled, Scaled]":
        """Both sides around the mean of all centres, where the queries live."""
        device = to_float64(queries.rows[:1]).device
        centre = _mean(centres).to(device)
        of_queries, of_centres = zip(TILE, GPU_TILE, strict=True)
        return (
            Scaled(queries.rows, centre, scale, of_queries),
            Scaled(centres.rows, centre, scale, of_centres),
        )

    def like(self, rows: Array) -> "Scaled":
        """Other rows, centred and scaled as these."""
        return Scaled(rows, self._centre, self.scale, self._sizes)

    @functools.cached_property
    def half_squares(self) -> Tensor:
        """[n] half the squared length of each row."""
        tiles = [self.take(part, "float64").square().sum(1) / 2 for part in self.tiles()]
        return torch.cat([self._centre.new_zeros(0), *tiles])

    def tiles(self) -> Iterator[slice]:
        """Ranges of rows."""
        n = len(self._rows)
        return (slice(i, min(i + self._step, n)) for i in range(0, n, self._step))

    def take(self, rows: Any, precision: str) -> Tensor:
        """[t, d] of a slice or of indices; as they are for differences, which that would blur."""
        x = to_float64(self._rows[rows]).to(self.device)
        if precision == "differences":
            return x
        x = (x - self._centre) * self.scale
        return x.float() if precision == "float32" else x


def _mean(share: Share) -> Tensor:
    """[d] of all rows, on every process."""
    rows, step = share.rows, GPU_TILE[1]
    sums = [to_float64(rows[i : i + step]).sum(0) for i in range(0, len(rows), step)]
    own = torch.stack(sums).sum(0) if sums else torch.zeros(rows.shape[1], dtype=torch.float64)
    return share.everywhere(own).sum(0) / share.n


def size(share: Share, *sides: Scaled) -> float:
    """Sum over sides of |x|²/2 of the longest row, on all processes that have a share."""
    longest = [
        float(torch.cat((side.half_squares, side.half_squares.new_zeros(1))).max())
        for side in sides
    ]
    return float(share.everywhere(torch.tensor(longest, dtype=torch.float64)).amax(0).sum())


def choose_precision(size: float, d: int, *, nats: float, fast: bool = False) -> str:
    """The first of PRECISIONS that keeps a log-likelihood within TOLERANCE.

    `size` is that of both sides of d features, and `nats` what a unit of it is worth; without
    `fast`, float32 is left out.

    Products err by about λ√d u (|x|² + |g|²)/2 with u the unit roundoff: the probabilistic bound
    of Higham & Mary 2019, doi:10.1137/18M1226312; λ√d is taken as 4 + √d, which also pays for
    the rounding of the factors and of |g|².
    """
    error = (4 + d**0.5) * size * nats
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


def _add(top: Tensor, total: Tensor, exponents: Tensor) -> None:
    """Adds Σ 2^exponents [t, r] to total · 2^top [t], both float64, in place."""
    peak = exponents.amax(1, keepdim=True)
    part = exponents.sub_(peak).exp2_().sum(1).double()
    peak = peak[:, 0].double()
    new = torch.maximum(top, peak)
    total.mul_((top - new).exp2_()).add_(part.mul_((peak - new).exp2_()))
    top.copy_(new)
