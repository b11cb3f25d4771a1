"""The file of moments: `mu` and `sigma`, as pytorch-fid has them, with what we know beside them."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypedDict

import numpy as np

from ganeval.errors import InputError
from ganeval.moments._origin import Origin
from ganeval.npz import broken_as_input_error, read_arrays
from ganeval.numbers import LARGEST
from ganeval.schema import check_protocol, read_json

_TOLERANCE = 1e-5
"""Of the largest entry, in which float32 may leave a covariance lopsided."""

_SHIFT = 1e-6
"""Of the trace, by which float32 may push an eigenvalue below 0."""


_MOST = LARGEST**2 * 2.0**53
"""Squares of the largest features, summed over as many images as can be counted."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums per block around one centre [d]; see Moments.

    Args:
        counts: [g] rows of each block.
        center: [d].
        sums: [g, d].
        packed: [g, d (d + 1) / 2] lower triangles of the symmetric outer products.
    """

    counts: np.ndarray
    center: np.ndarray
    sums: np.ndarray
    packed: np.ndarray

    @property
    def outers(self) -> np.ndarray:
        """[g, d, d]."""
        g, d = self.sums.shape
        rows, columns = np.tril_indices(d)
        outers = np.zeros((g, d, d))
        outers[:, rows, columns] = self.packed
        outers[:, columns, rows] = self.packed
        return outers


@dataclass(frozen=True, eq=False)
class Statistics:
    """What a file holds, checked.

    Args:
        mu: [d] mean, float64.
        sigma: [d, d] covariance, float64.
        origin: what the file says of the data; None where it says nothing.
        sums: those that `mu` and `sigma` follow from; None where they are all there is.
    """

    mu: np.ndarray
    sigma: np.ndarray
    origin: Origin | None = None
    sums: Sums | None = None


class _Meta(TypedDict):
    name: str
    parts: tuple[str, ...]
    groups: dict[str, int] | None
    protocol: dict[str, Any]
    warnings: tuple[str, ...]


def to_arrays(found: Statistics) -> dict[str, np.ndarray]:
    """What the file holds, by name."""
    arrays = {"mu": found.mu, "sigma": found.sigma}
    if (sums := found.sums) is not None:
        arrays |= {
            "n": np.array(int(sums.counts.sum())),
            "block_sizes": sums.counts,
            "center": sums.center,
            "block_sums": sums.sums,
            "block_outers": sums.packed,
        }
    if (origin := found.origin) is not None:
        meta: _Meta = {
            "name": origin.name,
            "parts": origin.parts,
            "groups": None if origin.groups is None else dict(origin.groups),
            "protocol": dict(origin.protocol),
            "warnings": origin.warnings,
        }
        text = json.dumps(meta, allow_nan=False).encode()
        arrays["ganeval"] = np.frombuffer(text, np.uint8)
    return arrays


def read_statistics(path: str | os.PathLike[str]) -> Statistics:
    """Reads a file of `to_arrays`, or what pytorch-fid wrote.

    Raises:
        InputError: no such file, no statistics, numbers that cannot be a covariance, or fields
            that do not fit together.
    """
    with broken_as_input_error(
        f"{path} holds no statistics (mu and sigma) that can be read",
        "make it with: ganeval stats save DATA -o FILE.npz",
    ):
        return from_arrays(read_arrays(path), name=str(path))


def from_arrays(arrays: Mapping[str, np.ndarray], *, name: str) -> Statistics:
    """Checks what a file of this name holds; call it inside `broken_as_input_error`."""
    mu, sigma = (_numbers(arrays, key) for key in ("mu", "sigma"))
    check_covariance(mu, sigma, name=name)
    if "ganeval" not in arrays:
        return Statistics(mu, sigma)
    meta = read_json(arrays["ganeval"].tobytes(), _Meta)
    check_protocol(meta["protocol"])
    origin = replace(Origin(**meta), name=name)
    if "n" not in arrays:
        return Statistics(mu, sigma, origin)
    sums = _sums(arrays, origin)
    _check_agreement(mu, sigma, sums)
    return Statistics(mu, sigma, origin, sums)


def check_covariance(mu: np.ndarray, sigma: np.ndarray, *, name: str) -> None:
    """Raises InputError unless mu [d] and sigma [d, d] can be a mean and a covariance."""
    if mu.ndim != 1 or sigma.shape != (len(mu), len(mu)) or len(mu) == 0:
        raise InputError(f"{name} has mu {mu.shape} and sigma {sigma.shape}; wanted [d] and [d, d]")
    if not (np.isfinite(mu).all() and np.isfinite(sigma).all()):
        raise InputError(f"{name} has NaN or Inf in mu or sigma; make it again")
    if np.abs(mu).max() > LARGEST or np.abs(sigma).max() > LARGEST**2:
        raise InputError(
            f"{name} is of features beyond {LARGEST:g}, which overflow when they are squared; "
            "divide those of all sides by the same number, and make it again"
        )
    lopsided = np.abs(sigma - sigma.T).max() > _TOLERANCE * np.abs(sigma).max()
    if lopsided or (sigma.diagonal() < 0).any() or not _is_positive((sigma + sigma.T) / 2):
        raise InputError(
            f"sigma of {name} is no covariance: not symmetric, or negative variances; make it again"
        )


def _is_positive(sigma: np.ndarray) -> bool:
    """Whether no eigenvalue is below 0 by more than rounding."""
    trace = float(sigma.trace())
    if trace == 0:
        return not sigma.any()
    shifted = sigma / trace
    shifted.flat[:: len(sigma) + 1] += _SHIFT
    try:
        np.linalg.cholesky(shifted)
    except np.linalg.LinAlgError:
        return False
    return True


def _numbers(arrays: Mapping[str, np.ndarray], name: str, kinds: str = "fiu") -> np.ndarray:
    """An array of real numbers as float64, or one of whole numbers as int64."""
    array = arrays[name]
    if array.dtype.kind not in kinds or array.dtype.itemsize > 8:
        raise ValueError(f"array {name} is {array.dtype}, not numbers of at most 64 bits")
    return array.astype(np.float64 if "f" in kinds else np.int64)


def _sums(arrays: Mapping[str, np.ndarray], origin: Origin) -> Sums:
    found = Sums(
        _numbers(arrays, "block_sizes", "iu"),
        *(_numbers(arrays, name) for name in ("center", "block_sums", "block_outers")),
    )
    n = _numbers(arrays, "n", "iu")
    if found.sums.ndim != 2:
        raise ValueError(f"array block_sums is of shape {found.sums.shape}, not [g, d]")
    g, d = found.sums.shape
    shapes = {"n": (n, ()), "block_sizes": (found.counts, (g,)), "center": (found.center, (d,))}
    shapes["block_outers"] = (found.packed, (g, d * (d + 1) // 2))
    for name, (array, wanted) in shapes.items():
        if array.shape != wanted:
            raise ValueError(f"array {name} is of shape {array.shape}, not {wanted}")
    sums = {"center": found.center, "block_sums": found.sums, "block_outers": found.packed}
    for name, array in sums.items():
        if not (np.abs(array) <= _MOST).all():
            raise ValueError(f"array {name} has NaN, Inf or numbers that no features sum up to")
    if found.counts.min(initial=0) < 0 or int(found.counts.sum()) != int(n) or n > 1 << 53:
        raise ValueError(f"block_sizes are not whole numbers from 0 with the sum n = {int(n)}")
    if any(not 0 <= block < g for block in (origin.groups or {}).values()):
        raise ValueError(f"groups are in blocks beyond the {g} there are")
    return found


def _check_agreement(mu: np.ndarray, sigma: np.ndarray, sums: Sums) -> None:
    """Raises ValueError unless mean and covariance are those of the block sums."""
    n = int(sums.counts.sum())
    if n < 2 or len(mu) != len(sums.center):
        raise ValueError("block sums of another number of features, or of fewer than 2 images")
    total, spread = sums.sums.sum(0), np.sqrt(sigma.diagonal())
    lower = np.tril_indices(len(mu))
    cov = (sums.packed.sum(0) - total[lower[0]] * total[lower[1]] / n) / (n - 1)
    scale = np.abs(sums.center).max() + spread.max()
    # Rounding: the sums are around a centre that may be some deviations off the mean.
    room = _TOLERANCE * (spread.max() ** 2 + np.abs(total / n).max() ** 2)
    if (
        np.abs(sums.center + total / n - mu).max() > _TOLERANCE * scale
        or np.abs(cov - sigma[lower]).max() > room
    ):
        raise ValueError("mu and sigma are not those of the block sums: the file was edited")
