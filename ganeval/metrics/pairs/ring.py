"""Sums of a kernel over all pairs of rows that several processes hold together.

Blocks of rows go round in a ring: each process computes the pairs of its own rows with those that
visit it, and hands the visitors on together with what they have met so far, until all are home
again. No process ever has more than its own rows and one block of visitors.
"""

import functools

import numpy as np

from ganeval.arrays import to_float64, to_numpy
from ganeval.lazy import Tensor, torch
from ganeval.metrics.pairs.kernels import Kernel, KernelSide, PairSums, kernel_sums
from ganeval.npz import from_bytes, to_bytes
from ganeval.shared import Found, Share, SharedRows, in_order, sum_of, work


def pair_sums_in_ring(
    kernel: Kernel,
    x: SharedRows,
    y: SharedRows,
    x_sets: np.ndarray | None,
    y_sets: np.ndarray | None,
) -> PairSums:
    """The same as `pair_sums` of rows in one place."""
    of_x, of_y = _members(len(x), x_sets), _members(len(y), y_sets)
    given = {"center": kernel.center, "of_x": of_x, "of_y": of_y, "bandwidth": kernel.bandwidth}
    found = x.team.each(_ring, (x, y), given)
    squares = sum_of(found, "squares").tolist()
    return PairSums(
        xx=in_order(x, found, "xx"),
        yy=in_order(y, found, "yy"),
        xy=in_order(x, found, "xy"),
        yx=in_order(y, found, "yx"),
        squares=(squares[0], squares[1], squares[2]),
        of_x=of_x,
        of_y=of_y,
    )


def _members(n: int, sets: np.ndarray | None) -> np.ndarray:
    """[n, s] bool."""
    if sets is None:
        return np.ones((n, 1), bool)
    return sets if sets.ndim == 2 else sets[:, None] == np.arange(sets.max() + 1)


@work
def _ring(
    x: Share,
    y: Share,
    center: np.ndarray,
    of_x: np.ndarray,
    of_y: np.ndarray,
    bandwidth: float | None,
) -> Found:
    """Sums for the rows of this share: xx [s, sets of x], xy, yy, yx, and the squares' part."""
    ranks = x.ranks
    assert ranks is not None
    kernel = Kernel(torch.from_numpy(center).to(to_float64(x.rows[:1]).device), bandwidth)
    own = {"x": (x, of_x), "y": (y, of_y)}
    sides = {name: kernel.side(share.rows, of[share.own]) for name, (share, of) in own.items()}
    sums = {
        f"{a}{b}": kernel.center.new_zeros(len(own[a][0].rows), own[b][1].shape[1])
        for a in "xy"
        for b in "xy"
    }
    squares = np.zeros(3)
    block = {name: to_numpy(share.rows) for name, (share, _) in own.items()}
    block |= {f"{name} own": share.own for name, (share, _) in own.items()}
    block |= {name: to_numpy(found).copy() * 0 for name, found in sums.items()}

    def meet(step: int, block: dict[str, np.ndarray]) -> bytes:
        visitors = {
            name: kernel.side(block[name], of[block[f"{name} own"]])
            for name, (_, of) in own.items()
        }
        for i, name in enumerate("xy"):
            twice = f"{name}{name}"
            if step == 0:
                here, _, square = kernel_sums(kernel, sides[name], sides[name])
                sums[twice] += here
                squares[i] += square
            elif _meets(ranks.rank, step, ranks.size):
                squares[i] += 2 * _met(kernel, sides[name], visitors[name], sums, block, twice)
        squares[2] += _met(kernel, sides["x"], visitors["y"], sums, block, "xy")
        return to_bytes(block)

    for step in range(ranks.size):
        block = from_bytes(ranks.shifted(functools.partial(meet, step, block)))
    return {
        **{name: to_numpy(found) + block[name] for name, found in sums.items()},
        "squares": squares,
    }


def _meets(rank: int, step: int, size: int) -> bool:
    """Whether rows of one side meet in this step: each two processes once."""
    return 2 * step < size or (2 * step == size and rank < step)


def _met(
    kernel: Kernel,
    first: KernelSide,
    second: KernelSide,
    sums: dict[str, Tensor],
    block: dict[str, np.ndarray],
    name: str,
) -> float:
    """Adds what own rows and visitors are to each other; returns the sum of squares."""
    if not len(first.rows) or not len(second.rows):
        return 0.0
    here, there, square = kernel_sums(kernel, first, second)
    sums[name] += here
    block[name[::-1]] += to_numpy(there)
    return square
