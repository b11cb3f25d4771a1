"""Squared discrepancies (MMD²) of two sides, and of all permutations of the sides at once.

With a 0 or 1 per image for the side, a for one permutation, everything follows from aᵀKa and the
kernel's row sums: one matrix product per tile of K does all permutations. Kernel values are
rounded to 15 bits before, so that products in single precision are sums of whole numbers below
2²⁴ and therefore exact: no order of summation, thread or device moves a p-value, and permutations
that amount to the same tie.
"""

from collections.abc import Callable, Sequence

import numpy as np

from ganeval.arrays import exact_float32, to_numpy
from ganeval.lazy import Tensor, torch
from ganeval.metrics.mmd.kernels import KERNELS, Standardised

TILE = 512
"""Rows per tile; times 2¹⁵ this is 2²⁴, below which float32 holds every whole number."""

_BITS = 15


def discrepancies(
    nets: Sequence[Standardised],
    sides: np.ndarray,
    units: np.ndarray,
    done: Callable[[int], None] = lambda tiles: None,
) -> np.ndarray:
    """[k, b] unbiased squared discrepancies: nets × KERNELS, by permutation.

    The mean of the kernel over pairs of reals, plus that over pairs of fakes, less twice that over
    pairs of one each. Pairs within a unit (a group, copies of one image) do not count.

    Args:
        nets: rows [n, d] of the same images, as each feature net has them.
        sides: [n, b] bool, True for reals; a column per permutation.
        units: [n] numbers of the units.
        done: called with the number of tiles that are done.
    """
    rows = nets[0].rows
    with torch.no_grad(), exact_float32(), torch.autocast(rows.device.type, enabled=False):
        a = torch.from_numpy(np.ascontiguousarray(sides)).to(rows.device).float()
        a = torch.cat([a, torch.ones_like(a[:, :1])], dim=1)
        unit = torch.from_numpy(units).to(rows.device)
        k, (n, columns) = len(nets) * len(KERNELS), a.shape
        quadratic = torch.zeros(k, columns, dtype=torch.float64, device=rows.device)
        row_sums = torch.zeros(k, n, dtype=torch.float64, device=rows.device)
        tiles = [slice(start, min(start + TILE, n)) for start in range(0, n, TILE)]
        for i in tiles:
            for j in tiles[i.start // TILE :]:
                _add_tile(nets, a, unit, i, j, quadratic, row_sums)
                done(1)
        linear = to_numpy(row_sums @ a[:, :-1].double())
    both = to_numpy(quadratic)
    return _from_sums(both[:, :-1], linear, both[:, -1:], sides, units)


def _add_tile(
    nets: Sequence[Standardised],
    a: Tensor,
    unit: Tensor,
    i: slice,
    j: slice,
    quadratic: Tensor,
    row_sums: Tensor,
) -> None:
    """Adds what one tile of each kernel, and its mirror image, contribute."""
    together = unit[i, None] == unit[j]
    apart = not together.any()
    times = 1 if i == j else 2
    at = 0
    for net in nets:
        products, squared = net.tile(i, j)
        for kernel in KERNELS:
            values = kernel.of(products, squared)
            if not apart:
                values.masked_fill_(together, 0.0)
            _, exponent = torch.frexp(values.abs().amax())
            scale = 2.0 ** (_BITS - int(exponent))
            whole = (values * scale).round_().float()
            product = whole @ a[j]
            quadratic[at] += (a[i] * product).sum(0, dtype=torch.float64) * (times / scale)
            row_sums[at, i] += product[:, -1].double() / scale
            if i != j:
                row_sums[at, j] += whole.sum(0, dtype=torch.float64) / scale
            at += 1


def _from_sums(
    real: np.ndarray, linear: np.ndarray, total: np.ndarray, sides: np.ndarray, units: np.ndarray
) -> np.ndarray:
    """[k, b] from aᵀKa, aᵀK1 and 1ᵀK1, and from the numbers of pairs that count."""
    n = sides.sum(0).astype(float)
    m = len(sides) - n
    of_unit = np.zeros((int(units.max()) + 1, sides.shape[1]))
    np.add.at(of_unit, units, sides.astype(float))
    rest = np.bincount(units)[:, None] - of_unit
    fake, across = total - 2 * linear + real, linear - real
    pairs = [n * n - (of_unit**2).sum(0), m * m - (rest**2).sum(0), n * m - (of_unit * rest).sum(0)]
    means = [s / np.maximum(c, 1.0) for s, c in zip((real, fake, across), pairs, strict=True)]
    return np.asarray(means[0] + means[1] - 2 * means[2])
