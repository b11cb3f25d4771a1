"""KID's kernel over all pairs of images, in tiles of bounded memory: sums per image and set."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.arrays import Array, to_float64, to_numpy
from ganeval.lazy import Tensor, torch
from ganeval.metrics.pairs.ring import Guests, travelled
from ganeval.shared import Found, Share, SharedRows, each, in_order, sum_of, total, work

TILE = 1024
"""Rows per tile on a CPU: 8 MB of float64 per temporary, little enough for its cache."""

GPU_TILE = 4096
"""128 MB per temporary keeps a GPU busy."""

MANY_SETS = 64
"""Beyond, a processor adds up columns of a tile one by one faster than by a product."""


@dataclass(frozen=True, eq=False)
class PairSums:
    """Sums of the reduced kernel over pairs of different images, per image and set of the others.

    The reduced cubic kernel drops terms that depend on one image alone, the reduced Gaussian one is
    k − 1, 0 for an image with itself: what is dropped cancels in the maximum mean discrepancy.

    Args:
        xx: [n, s] of each x over the other x of a set.
        yy: [m, t] of each y over the other y of a set.
        xy: [n, t] of each x over the y of a set.
        yx: [m, s] of each y over the x of a set.
        squares: of the kernel over all pairs xx, yy (both orders) and xy.
        of_x: [n, s] bool, which x are in which set.
        of_y: [m, t] bool.
    """

    xx: np.ndarray
    yy: np.ndarray
    xy: np.ndarray
    yx: np.ndarray
    squares: tuple[float, float, float]
    of_x: np.ndarray
    of_y: np.ndarray

    def mmd2(self) -> np.ndarray:
        """[s] unbiased squared maximum mean discrepancy of set i of x and set i of y."""
        n, m = self.of_x.sum(0), self.of_y.sum(0)
        xx, yy, xy = (
            (sums * member).sum(0)
            for sums, member in ((self.xx, self.of_x), (self.yy, self.of_y), (self.xy, self.of_x))
        )
        return np.asarray(xx / (n * (n - 1)) + yy / (m * (m - 1)) - 2 * xy / (n * m))

    def mmd2_of_pairs(self) -> np.ndarray:
        """[s, t] the same of every set of x and every set of y."""
        n, m = self.of_x.sum(0), self.of_y.sum(0)
        xx = (self.xx * self.of_x).sum(0) / (n * (n - 1))
        yy = (self.yy * self.of_y).sum(0) / (m * (m - 1))
        return np.asarray(xx[:, None] + yy - 2 * (self.of_x.T @ self.xy) / np.outer(n, m))


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
    plain formula in float32 all its digits.

    Args:
        x: [n, d].
        y: [m, d].
        x_sets: [n] set numbers from 0, or [n, s] bool for sets that overlap; None is one set.
        y_sets: [m] or [m, t], the same of y.
        bandwidth: σ of the Gaussian kernel; None takes the cubic one.
    """
    with torch.no_grad():
        center = Kernel.around(bandwidth, x, y).center
        of_x, of_y = _numbers(len(x), x_sets), _numbers(len(y), y_sets)
        given = {"center": center, "bandwidth": bandwidth}
        xx, _, of_xx = _all_sums((x,), (of_x,), given)
        yy, _, of_yy = _all_sums((y,), (of_y,), given)
        xy, yx, of_xy = _all_sums((x, y), (of_x, of_y), given)
        return PairSums(
            xx=xx,
            yy=yy,
            xy=xy,
            yx=yx,
            squares=(of_xx, of_yy, of_xy),
            of_x=_members(of_x, _count(of_x)),
            of_y=_members(of_y, _count(of_y)),
        )


def _numbers(n: int, sets: np.ndarray | None) -> np.ndarray:
    """[n] set numbers, or [n, s] bool as given."""
    return np.zeros(n, np.int64) if sets is None else sets


def _count(sets: np.ndarray) -> int:
    return int(sets.shape[1] if sets.ndim == 2 else sets.max() + 1)


def _members(sets: np.ndarray, count: int) -> np.ndarray:
    """[n, s] bool."""
    return sets if sets.ndim == 2 else sets[:, None] == np.arange(count)


def _all_sums(
    sides: tuple[Array, ...], sets: tuple[np.ndarray, ...], given: Mapping[str, Any]
) -> tuple[np.ndarray, np.ndarray, float]:
    """As `kernel_sums`, of all rows, wherever they are; one side is paired with itself."""
    counts = [_count(numbers) for numbers in sets]
    found = each(sides, _sums, first_sets=sets[0], second_sets=sets[-1], counts=counts, **given)
    here, there = in_order(sides[0], found, "here"), in_order(sides[-1], found, "there")
    return here, there, float(sum_of(found, "squares"))


@work
def _sums(
    first: Share,
    second: Share | None = None,
    *,
    center: Array,
    bandwidth: float | None,
    first_sets: np.ndarray,
    second_sets: np.ndarray,
    counts: Sequence[int],
) -> Found:
    """For the rows of these shares."""
    device = to_float64(first.rows[:1]).device
    kernel = Kernel(torch.as_tensor(center).to(device), bandwidth)
    hosts = kernel.side(first.rows, first_sets[first.own], counts[0])
    here = kernel.center.new_zeros(len(first.rows), counts[-1])
    squares = 0.0

    def start(guests: int) -> dict[str, Tensor]:
        return {"sums": kernel.center.new_zeros(guests, counts[0])}

    def meet(rows: slice, guests: Guests, itself: bool) -> None:
        nonlocal squares
        mine, of_mine = hosts.part(rows), here[rows]
        if itself:
            squares += kernel_sums(kernel, mine, mine, of_mine, of_mine)
            return
        theirs = kernel.side(guests.rows, second_sets[guests.own], counts[-1])
        met = kernel_sums(kernel, mine, theirs, of_mine, guests.found["sums"])
        squares += 2 * met if second is None else met

    side, of_guests = second or first, []
    for at, found in travelled(side, start, meet, hosts=None if second is None else first):
        of_guests.append(to_numpy(found["sums"]))
        if second is None:
            here[at] += found["sums"]
    there = np.concatenate(of_guests) if of_guests else np.zeros((0, counts[0]))
    return {"here": to_numpy(here), "there": there, "squares": np.array(squares)}


@dataclass(frozen=True, eq=False)
class KernelSide:
    """Rows of one side and the sets they are in."""

    rows: Array
    member: np.ndarray
    """[n, s] bool."""
    number: np.ndarray | None
    """[n] of each row's set, where no two sets overlap."""
    step: int

    def add_by_set(self, total: Tensor, k: Tensor, rows: slice) -> None:
        """Adds to `total` [t, s] the sums of `k` [t, r] over the sets of some rows."""
        if self.number is not None and total.shape[1] > MANY_SETS and k.device.type == "cpu":
            total.index_add_(1, torch.from_numpy(self.number[rows]), k)
        else:  # a product, which a GPU sums in the same order each time
            total += k @ torch.from_numpy(self.member[rows]).to(k)

    def part(self, rows: slice) -> "KernelSide":
        """A range of the rows."""
        number = None if self.number is None else self.number[rows]
        return KernelSide(self.rows[rows], self.member[rows], number, self.step)

    def tiles(self) -> Iterator[slice]:
        """Ranges of rows."""
        for start in range(0, len(self.rows), self.step):
            yield slice(start, min(start + self.step, len(self.rows)))


@dataclass(frozen=True, eq=False)
class Kernel:
    """The reduced kernel of rows around a common centre.

    Args:
        center: [d].
        bandwidth: σ of the Gaussian kernel; None is the cubic one.
    """

    center: Tensor
    bandwidth: float | None = None

    @classmethod
    def around(cls, bandwidth: float | None, *sides: Array) -> "Kernel":
        """The kernel around the mean of all rows, where those of the first side live."""
        sums = np.sum([total(rows, _row_sum) for rows in sides], axis=0)
        center = torch.from_numpy(sums / sum(map(len, sides)))
        here = isinstance(sides[0], SharedRows)
        return cls(center if here else center.to(to_float64(sides[0][:1]).device), bandwidth)

    def side(self, rows: Array, sets: np.ndarray, count: int) -> KernelSide:
        """Rows [n, d] with their sets, of which there are so many."""
        step = GPU_TILE if self.center.device.type == "cuda" else TILE
        number = None if sets.ndim == 2 else sets
        return KernelSide(rows, _members(sets, count), number, step)

    def centred(self, rows: Array) -> Tensor:
        """[t, d] scaled so that products are what the kernel wants."""
        u = to_float64(rows).to(self.center.device) - self.center
        return u / (u.shape[1] ** 0.5 if self.bandwidth is None else self.bandwidth)

    def between(self, u: Tensor, v: Tensor) -> Tensor:
        """[t, r] of every centred row of u with every one of v."""
        if self.bandwidth is not None:
            # Less 1, a kernel much wider than the data keeps the digits in which pairs differ.
            k = u @ v.T
            k -= u.square().sum(1)[:, None] / 2
            k -= v.square().sum(1) / 2
            return k.clamp_(max=0).expm1_()
        s = float(self.center.square().mean()) + 1
        a, b = (w @ self.center / len(self.center) ** 0.5 for w in (u, v))
        p = u @ v.T
        base = (a + s)[:, None] + b
        k = torch.add(p, base, alpha=3).mul_(p).addcmul_(base, base, value=3).mul_(p)
        return k.addcmul_(base + s, 3 * a[:, None] * b)


def kernel_sums(
    kernel: Kernel, first: KernelSide, second: KernelSide, here: Tensor, there: Tensor
) -> float:
    """Adds up the kernel over the pairs of two sides.

    Within one side (where `here` is `there`) over pairs of different rows, each computed once.

    Args:
        kernel: to add up.
        first: rows [n].
        second: rows [m]; `first` itself for pairs within it.
        here: [n, t] to which each row of `first` is added by set of `second`.
        there: [m, s] to which each row of `second` is added by set of `first`.

    Returns:
        The sum of squares over all pairs, in both orders within one side.
    """
    same = first is second
    squares = 0.0
    for i in first.tiles():
        u = kernel.centred(first.rows[i])
        for j in second.tiles():
            if same and j.start < i.start:
                continue
            diagonal = same and j == i
            k = kernel.between(u, u if diagonal else kernel.centred(second.rows[j]))
            if diagonal:
                k.fill_diagonal_(0.0)
            second.add_by_set(here[i], k, j)
            if not diagonal:
                first.add_by_set(there[j], k.T, i)
            squares += float(k.square_().sum()) * (1 + (same and not diagonal))
    return squares


@work
def _row_sum(share: Share) -> Found:
    found = np.zeros(share.rows.shape[1])
    for start in range(0, len(share.rows), GPU_TILE):
        found += to_numpy(to_float64(share.rows[start : start + GPU_TILE]).sum(0))
    return {"sum": found}
