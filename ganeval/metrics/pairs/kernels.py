"""Sums of KID's kernel over all pairs of images, by set, in tiles of bounded memory."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.arrays import Array, to_float64, to_numpy
from ganeval.lazy import Tensor, torch

TILE = 1024
"""Rows per tile on a CPU: 8 MB of float64 per temporary, little enough for its cache."""

GPU_TILE = 4096
"""128 MB per temporary keeps a GPU busy."""


@dataclass(frozen=True, eq=False)
class PairSums:
    """Sums of the reduced kernel over pairs of different images, by sets of the two images.

    xx, yy [g, g] and xy [g, g]; sizes nx, ny [g]. The reduced cubic kernel drops terms that
    depend on one image alone, the reduced Gaussian one is k − 1, 0 for an image with itself: what
    is dropped cancels in the U-statistic of any images, and of k − 1 in the V-statistic too.
    """

    xx: np.ndarray
    yy: np.ndarray
    xy: np.ndarray
    nx: np.ndarray
    ny: np.ndarray

    def mmd2(self) -> float:
        """The unbiased squared maximum mean discrepancy, of all blocks together."""
        n, m = float(self.nx.sum()), float(self.ny.sum())
        return float(_mmd2(self.xx.sum(), self.yy.sum(), self.xy.sum(), n, m))

    def biased_mmd2(self) -> float:
        """The V-statistic: the mean over all pairs, each image with itself too; Gaussian only."""
        n, m = float(self.nx.sum()), float(self.ny.sum())
        within = self.xx.sum() / n**2 + self.yy.sum() / m**2
        return float(within - 2 * self.xy.sum() / (n * m))

    def mmd2_of_each(self) -> np.ndarray:
        """[g] the same of set i of one side against set i of the other; sets may overlap."""
        xx, yy, xy = (np.diagonal(part) for part in (self.xx, self.yy, self.xy))
        return np.asarray(_mmd2(xx, yy, xy, self.nx, self.ny))

    def leave_out(self, block: int) -> float:
        """`mmd2` without one block of both sides."""
        keep = np.arange(len(self.nx)) != block
        square = np.ix_(keep, keep)
        return PairSums(
            self.xx[square], self.yy[square], self.xy[square], self.nx[keep], self.ny[keep]
        ).mmd2()


def _mmd2(xx: Any, yy: Any, xy: Any, n: Any, m: Any) -> Any:
    return xx / (n * (n - 1)) + yy / (m * (m - 1)) - 2 * xy / (n * m)


def pair_sums(
    x: Array,
    y: Array,
    x_sets: np.ndarray | None = None,
    y_sets: np.ndarray | None = None,
    *,
    bandwidth: float | None = None,
) -> PairSums:
    """Sums of (x·y/d + 1)³ over all pairs, in float64 around the common mean.

    With a bandwidth σ, sums of exp(−|x − y|²/2σ²) instead.

    With x = c + u, s = |c|²/d + 1, a = c·u/d and p = u·v/d, the kernel is (s + a_x + a_y + p)³.
    What is left of it without terms of one image alone is

        p (3 b² + 3 b p + p²) + 3 a_x a_y (b + s),   b = s + a_x + a_y,

    in which an offset c of the features no longer drowns the differences: a mean of 30 costs the
    plain formula in float32 all its digits. Only the first part needs all pairs.

    Args:
        x: [n, d].
        y: [m, d].
        x_sets: [n] block numbers, or [n, g] bool for sets that overlap; None is one block.
        y_sets: [m] or [m, g], likewise.
        bandwidth: σ of the Gaussian kernel; None takes the cubic one.
    """
    with torch.no_grad():
        center = (_row_sum(x) + _row_sum(y).to(_device(x))) / (len(x) + len(y))
        x_member, y_member = _members(x, x_sets), _members(y, y_sets)
        g = max(x_member.shape[1], y_member.shape[1])
        first, second = _Centred(x, x_member, center, g), _Centred(y, y_member, center, g)
        pairs = ((first, first), (second, second), (first, second))
        if bandwidth is None:
            xx, yy, xy = (_cubic_sums(*pair) for pair in pairs)
        else:
            xx, yy, xy = (_gaussian_sums(*pair, bandwidth) for pair in pairs)
        return PairSums(xx, yy, xy, first.sizes, second.sizes)


def _members(rows: Array, sets: np.ndarray | None) -> np.ndarray:
    """[n, g] whether each row is in each set."""
    if sets is None:
        return np.ones((len(rows), 1), bool)
    return sets if sets.ndim == 2 else sets[:, None] == np.arange(sets.max() + 1)


class _Centred:
    """Rows of one side by tile: u/√d, a = c·u/d, and which of g sets each belongs to."""

    def __init__(self, rows: Array, member: np.ndarray, center: Tensor, g: int) -> None:
        self.member = np.pad(member, ((0, 0), (0, g - member.shape[1])))
        self.sizes = self.member.sum(0)
        self.scale = float(center.square().mean()) + 1
        self._rows, self._center = rows, center

    @property
    def starts(self) -> range:
        """First row of each tile."""
        return range(0, len(self._rows), self._step)

    @property
    def _step(self) -> int:
        return GPU_TILE if self._center.device.type == "cuda" else TILE

    def tile(self, start: int) -> tuple[Tensor, Tensor, Tensor]:
        """(u/√d [t, d], a [t], membership [t, g])."""
        u, member = self.centred(start)
        u /= u.shape[1] ** 0.5
        return u, u @ self._center / u.shape[1] ** 0.5, member

    def centred(self, start: int) -> tuple[Tensor, Tensor]:
        """(u [t, d], membership [t, g])."""
        rows = slice(start, start + self._step)
        u = to_float64(self._rows[rows]).to(self._center.device) - self._center
        return u, torch.from_numpy(self.member[rows]).to(u)


def _device(rows: Array) -> "torch.device":
    return to_float64(rows[:1]).device


def _row_sum(rows: Array) -> Tensor:
    starts = range(0, len(rows), GPU_TILE)
    return torch.stack([to_float64(rows[i : i + GPU_TILE]).sum(0) for i in starts]).sum(0)


def _cubic_sums(first: _Centred, second: _Centred) -> np.ndarray:
    """[g, g] sums of the reduced cubic kernel over pairs, a row of either side, by their sets.

    Within one side: over ordered pairs of different rows, each pair computed once.
    """
    same, total = first is second, None
    for i in first.starts:
        u, a, member = first.tile(i)
        for j in second.starts:
            if same and j < i:
                continue
            v, b, other = (u, a, member) if same and j == i else second.tile(j)
            k = _kernel(u, a, v, b, first.scale)
            if same and j == i:
                k.fill_diagonal_(0.0)
            part = member.T @ (k @ other) + _separable(a, member, b, other, first.scale)
            if same and j == i:
                own = 6 * a.square() * (a + first.scale)
                part -= member.T @ (own[:, None] * member)
            elif same:
                part = part + part.T
            total = part if total is None else total + part
    return to_numpy(total)


def _kernel(u: Tensor, a: Tensor, v: Tensor, b: Tensor, s: float) -> Tensor:
    """[t, r] p (3 b² + 3 b p + p²) of every u with every v."""
    p = u @ v.T
    base = (a + s)[:, None] + b
    k = torch.add(p, base, alpha=3).mul_(p)
    return k.addcmul_(base, base, value=3).mul_(p)


def _separable(
    a: Tensor,
    member: Tensor,
    b: Tensor,
    other: Tensor,
    s: float,
) -> Tensor:
    """[g, g] sums of 3 a_x a_y (2 s + a_x + a_y) over all pairs, from sums of a and a²."""
    x1, x2 = member.T @ a, member.T @ a.square()
    y1, y2 = other.T @ b, other.T @ b.square()
    return 3 * (x1[:, None] * (2 * s * y1 + y2) + x2[:, None] * y1)


def _gaussian_sums(first: _Centred, second: _Centred, bandwidth: float) -> np.ndarray:
    """[g, g] sums of exp(−|x − y|²/2σ²) − 1, over pairs as in `_cubic_sums`.

    Less 1, a kernel much wider than the data keeps the digits in which its pairs differ.
    """
    same, total = first is second, None
    for i in first.starts:
        u, member = first.centred(i)
        u /= bandwidth
        for j in second.starts:
            if same and j < i:
                continue
            v, other = (u, member) if same and j == i else second.centred(j)
            if v is not u:
                v /= bandwidth
            k = u @ v.T
            k -= u.square().sum(1)[:, None] / 2
            k -= v.square().sum(1) / 2
            k.clamp_(max=0).expm1_()
            if same and j == i:
                k.fill_diagonal_(0.0)
            part = member.T @ (k @ other)
            if same and j > i:
                part = part + part.T
            total = part if total is None else total + part
    return to_numpy(total)
