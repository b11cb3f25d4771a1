"""The logits of one side: a classifier's, plain rows, or probabilities."""

import numpy as np

from ganeval.arrays import Array, to_float64, to_numpy
from ganeval.errors import InputError
from ganeval.metrics.spine import Side, check_rows
from ganeval.shared import Found, Share, derived, each, work

_CHUNK = 8192
_TOLERANCE = 2**-8
"""How far sums of probabilities may be from 1: what bfloat16 rounds off."""
_NEAR = 0.05
"""Sums this near to 1, or as a share to 100, are of probabilities that were rounded."""


def logits_of(side: Side) -> Array:
    """[n, k]; plain rows are logits, and rows of probabilities become their logarithms.

    Raises:
        InputError: a net that does not classify, NaN or Inf, or rounded or percent probabilities.
    """
    if "logits" not in side.known:
        rows = _rows_of(side)
        certain = are_probabilities(rows)
        if not certain:
            _refuse_near_probabilities(rows, role=side.role)
        side.known["logits"] = derived(rows, _logarithms) if certain else rows
    return side.known["logits"]


def logits_warning(side: Side) -> str | None:
    """What a reader should know about where the logits came from; None for a classifier's own."""
    rows = _rows_of(side)
    k = int(rows.shape[1])
    if are_probabilities(rows):
        return f"rows of {side.role} sum to 1 and are taken as probabilities of {k} classes"
    assert side.features is not None
    if side.features.logits is None:
        return f"rows of {side.role} are taken as logits of {k} classes; features are none"
    return None


def are_probabilities(rows: Array) -> bool:
    """Whether no number is negative and every row sums to 1, as a softmax gives them."""
    return _sum_to(1.0, rows, within=_TOLERANCE)


def _sum_to(total: float, rows: Array, *, within: float) -> bool:
    """Whether no number is negative and every row's sum is `total`, within a share of it."""
    found = each(rows, _share_sums_to, total=total, within=within)
    return len(rows) > 0 and all(bool(part["so"]) for part in found)


@work
def _share_sums_to(share: Share, total: float, within: float) -> Found:
    for start in range(0, len(share.rows), _CHUNK):
        part = to_float64(share.rows[start : start + _CHUNK])
        if float(part.min()) < 0 or float((part.sum(1) / total - 1).abs().max()) > within:
            return {"so": np.array(False)}
    return {"so": np.array(True)}


@work
def _logarithms(share: Share) -> Found:
    return {"rows": to_numpy(to_float64(share.rows).log())}


def _refuse_near_probabilities(rows: Array, *, role: str) -> None:
    """Raises InputError for rows that are neither logits nor, exactly, probabilities."""
    for total, what in ((1.0, "rounded probabilities"), (100.0, "percentages")):
        if _sum_to(total, rows, within=_NEAR):
            raise InputError(
                f"rows of {role} have no negative number and sums near {total:g}: they are {what} "
                "rather than logits; divide each row by its sum, or give logarithms of the "
                "probabilities"
            )


def _rows_of(side: Side) -> Array:
    assert side.features is not None
    if side.features.logits is not None:
        check_rows(side.features.logits, role=side.role, what="logits")
        return side.features.logits
    if net := side.protocol.get("net"):
        raise InputError(
            f"inception_score needs a net that classifies, and {net.get('name')!r} does not; "
            "take another: ganeval nets list"
        )
    return side.rows
