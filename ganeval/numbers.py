"""Rows of numbers that every metric can compute with.

Metrics square distances, cube inner products and square what comes out: beyond these bounds float64
overflows to Inf, or underflows to distances of 0, somewhere on the way.
"""

import numpy as np

from ganeval.arrays import Array, is_tensor, to_numpy
from ganeval.errors import InputError
from ganeval.shared import Found, Share, SharedRows, each, in_order, work

LARGEST = 1e15
"""A kernel of degree 3 of such numbers, squared and cubed (its third cumulant), is 1e270."""

SMALLEST = 1e-15
"""The largest feature of a side is at least this, or 0: its square is no less in float32."""


def check_rows(rows: Array, *, role: str, what: str = "features", least: float = SMALLEST) -> None:
    """Raises InputError unless `rows` is a real matrix with columns, of numbers within bounds.

    The message names the side, which is `role`, and the first row at fault. `least` is what the
    largest number must reach, unless all are 0.
    """
    shape = tuple(rows.shape)
    if len(shape) != 2 or shape[1] == 0:
        raise InputError(f"{role} has {what} of shape {shape}; wanted one row per image, [n, d]")
    known = is_tensor(rows) or isinstance(rows, SharedRows)
    if not known and (rows.dtype.kind not in "fiub" or rows.dtype.itemsize > 8):
        raise InputError(
            f"{role} has {what} of type {rows.dtype}; wanted real numbers of at most 64 bits"
        )
    if shape[0] == 0:
        return
    ends = np.array([part["ends"] for part in each(rows, _ends)])
    low, high = float(ends[:, 0].min()), float(ends[:, 1].max())
    if not (low == high == 0 or least <= max(-low, high) <= LARGEST):  # NaN is neither
        raise InputError(_fault(in_order(rows, each(rows, _sizes), "sizes"), role, what))


@work
def _ends(share: Share) -> Found:
    """The smallest and the largest number, NaN if one is; those of no rows leave others as are."""
    if not len(share.rows):
        return {"ends": np.array([np.inf, -np.inf])}
    plain = share.rows.detach() if is_tensor(share.rows) else share.rows
    return {"ends": np.array([float(plain.min()), float(plain.max())])}


@work
def _sizes(share: Share) -> Found:
    """[s] the largest absolute value of each row; not finite where one of them is not."""
    rows = to_numpy(share.rows)
    low, high = (ends.astype(np.float64) for ends in (rows.min(axis=1), rows.max(axis=1)))
    return {"sizes": np.maximum(-low, high)}


def _fault(sizes: np.ndarray, role: str, what: str) -> str:
    finite = np.isfinite(sizes)
    if bad := int((~finite).sum()):
        return (
            f"{bad} of {len(sizes)} rows of {role} have NaN or Inf, the first is row "
            f"{int(finite.argmin())}; leave those images out, and look at the net: it should never "
            "give them"
        )
    row, largest = int(sizes.argmax()), sizes.max()
    if largest > LARGEST:
        return (
            f"{role} has {what} of up to {largest:.3g}, in row {row}, which overflow when they are "
            f"squared; wanted at most {LARGEST:g}: divide those of all sides by the same number"
        )
    return (
        f"{role} has {what} of at most {largest:.3g}, in row {row}, which vanish when they are "
        f"squared; wanted at least {SMALLEST:g}: multiply those of all sides by the same number"
    )
