"""Mean and covariance of feature vectors: float64, mergeable, with sums per block for intervals."""

import hashlib
import itertools
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ganeval.arrays import Array, in_numpy, less, to_float64, to_numpy
from ganeval.errors import InputError
from ganeval.lazy import Tensor, torch
from ganeval.moments._file import (
    Statistics,
    Sums,
    check_covariance,
    from_arrays,
    read_statistics,
    to_arrays,
)
from ganeval.moments._origin import Origin, merge_origins
from ganeval.npz import has_arrays, write_arrays
from ganeval.numbers import check_rows
from ganeval.shared import Found, Share, SharedRows, total, work

_FLUSH_ROWS = 2048
"""Small batches wait until so many rows are together: one product then serves them all."""

_AT_ONCE, _ROWS_AT_ONCE = 2**18, 2**12
"""Numbers at once, which stay in a processor's cache, but rows enough to pay for d² sums."""

_ROWS_OF_CENTER = 2**8
"""Rows that show where about the mean is: an offset of few deviations costs no digits."""


class Moments:
    """Sums from which mean and covariance follow, of all rows and of each block of them.

    The state is, per block, n, Σ(x−c) and Σ(x−c)(x−c)ᵀ around one centre c near the mean, so
    that an offset of the features costs no digits (1e-13 at a mean of 1000 standard deviations)
    and two Moments merge exactly by adding. It lives on the device of the first rows.

    Moments that were loaded from a file with nothing but `mu` and `sigma`, as pytorch-fid writes
    them, have `n` None and no blocks: enough for a distance, not for an interval.

    Args:
        n_blocks: blocks to keep; memory is n_blocks · d² float64.
        origin: what is known about the data.
    """

    def __init__(self, n_blocks: int = 1, *, origin: Origin | None = None) -> None:
        if n_blocks < 1:
            raise InputError(f"n_blocks is {n_blocks}; give at least 1")
        self.origin = origin or Origin()
        self._n_blocks = n_blocks
        self._counts = np.zeros(n_blocks, np.int64)
        self._center: Tensor | None = None
        self._sums: Tensor | None = None
        self._outers: Tensor | None = None
        self._whole: tuple[Tensor, Tensor] | None = None
        self._cov: Tensor | None = None
        self._given: tuple[Tensor, Tensor] | None = None
        self._waiting: list[tuple[Tensor, np.ndarray]] = []

    @classmethod
    def of(
        cls,
        rows: Array,
        blocks: np.ndarray | None = None,
        *,
        n_blocks: int | None = None,
        origin: Origin | None = None,
        checked: bool = False,
    ) -> "Moments":
        """Moments of rows [n, d] with block numbers [n]; one block when left out.

        `checked` rows are those that `check_rows` has seen.
        """
        if n_blocks is None:
            n_blocks = 1 if blocks is None else int(blocks.max()) + 1
        moments = cls(n_blocks, origin=origin)
        if isinstance(rows, SharedRows):
            center = total(rows, _sum_of) / len(rows)
            given = {} if blocks is None else {"blocks": blocks}
            sums = total(rows, _sums_around, center=center, n_blocks=n_blocks, **given)
            state = torch.from_numpy(center), torch.from_numpy(sums)
            counts = np.bincount(np.zeros(len(rows), np.int64) if blocks is None else blocks)
            return moments._derived(state[0], state[1][:, 0], state[1][:, 1:], counts)
        moments._add(rows, blocks, checked=checked)
        return moments

    def _add(self, rows: Array, blocks: np.ndarray | None, *, checked: bool = False) -> None:
        """Adds rows, few at once: in float64 all of them may be more than memory holds."""
        if checked and blocks is None and self._n_blocks == 1:
            self._add_to_one(rows)
            return
        step = max(_ROWS_AT_ONCE, _AT_ONCE // max(1, rows.shape[-1]))
        for start in range(0, max(1, len(rows)), step):
            part = slice(start, start + step)
            self.update(rows[part], None if blocks is None else blocks[part])

    def _add_to_one(self, rows: Array) -> None:
        """Adds rows [n, d], all to the only block."""
        if self._center is None:
            some = in_numpy(to_float64(rows[:_ROWS_OF_CENTER]))
            self._start(torch.as_tensor(some.mean(0)))
        center, sums, outers = self._state()
        for _, x in less(rows, center, least=2 * len(center)):  # rows enough to pay for d² sums
            _add_sums(x, sums[0], outers[0])
        self._counts += len(rows)
        self._whole = self._cov = None

    @property
    def n(self) -> int | None:
        """Number of rows; None where a file did not say."""
        return None if self._given else int(self._counts.sum())

    @property
    def d(self) -> int:
        """Features per row."""
        return len(self.mean) if self._given else len(self._state()[0])

    @property
    def n_blocks(self) -> int:
        """Blocks kept; 0 where there is only a mean and a covariance."""
        return 0 if self._given else self._n_blocks

    @property
    def block_sizes(self) -> np.ndarray:
        """[n_blocks] rows per block."""
        return self._counts.copy()

    @property
    def mean(self) -> Tensor:
        """[d] float64."""
        if self._given:
            return self._given[0]
        center, total, _ = self._totals()
        return center + total / max(int(self._counts.sum()), 1)

    @property
    def cov(self) -> Tensor:
        """[d, d] float64, divided by n − 1."""
        if self._given:
            return self._given[1]
        _, total, outer = map(in_numpy, self._totals())
        n = int(self._counts.sum())
        if n < 2:
            raise InputError(f"a covariance needs at least 2 rows; {self.origin.name} has {n}")
        if self._cov is None:
            self._cov = torch.as_tensor((outer - total[:, None] * total / n) / (n - 1))
        return self._cov

    def update(self, rows: Array, blocks: Array | None = None) -> None:
        """Adds rows [n, d], each to its block [n]; all to block 0 when left out.

        Raises:
            InputError: another width than before, values that are not finite, or a block number
                that does not exist.
        """
        x = to_float64(rows)
        if x.ndim != 2:
            raise InputError(f"moments take rows [n, d]; got shape {tuple(x.shape)}")
        if x.shape[1]:
            check_rows(x, role=self.origin.name, least=0)
        numbers = np.zeros(len(x), np.int64) if blocks is None else to_numpy(blocks)
        if numbers.shape != (len(x),) or (len(x) and not self._exist(numbers)):
            raise InputError(
                f"block numbers must be one per row, from 0 to {self._n_blocks - 1}; got shape "
                f"{numbers.shape} for {len(x)} rows"
            )
        if self._given:
            raise InputError("rows cannot be added to a plain mean and covariance; start anew")
        if len(x) == 0:
            return
        if self._center is None:
            self._start(x.mean(0))
        if self._center is not None and x.shape[1] != len(self._center):
            raise InputError(
                f"rows have {x.shape[1]} features but the ones before had {len(self._center)}; "
                "extract all with the same feature net"
            )
        self._counts += np.bincount(numbers, minlength=self._n_blocks)
        if len(x) + sum(len(waiting) for waiting, _ in self._waiting) >= _FLUSH_ROWS:
            self._waiting.append((x, numbers))
            self._flush()
        else:  # copied: the caller may fill the same array anew before they are worked in
            self._waiting.append((x.clone(), numbers.copy()))

    def _start(self, center: Tensor) -> None:
        d = len(center)
        self._center = center
        self._sums = center.new_zeros(self._n_blocks, d)
        self._outers = center.new_zeros(self._n_blocks, d, d)

    def _exist(self, numbers: np.ndarray) -> bool:
        return bool(numbers.min() >= 0 and numbers.max() < self._n_blocks)

    def _flush(self) -> None:
        """Works the waiting rows into the sums."""
        if not self._waiting or self._center is None:
            return
        if self._sums is None or self._outers is None:
            return
        self._whole = self._cov = None
        parts = [x for x, _ in self._waiting]
        rows = (torch.cat(parts) if len(parts) > 1 else parts[0]) - self._center
        numbers = np.concatenate([blocks for _, blocks in self._waiting])
        self._waiting.clear()
        order = np.argsort(numbers, kind="stable")
        if (numbers[order] != numbers).any():
            rows = rows[torch.from_numpy(order).to(rows.device)]
        edges = np.searchsorted(numbers[order], np.arange(self._n_blocks + 1))
        for block, (start, stop) in enumerate(itertools.pairwise(edges)):
            if start < stop:
                part = rows[int(start) : int(stop)]
                _add_sums(part, self._sums[block], self._outers[block])

    def _state(self) -> tuple[Tensor, Tensor, Tensor]:
        """(centre [d], sums [g, d], outers [g, d, d]) with nothing waiting."""
        self._flush()
        if self._center is None or self._sums is None or self._outers is None:
            raise InputError(f"{self.origin.name} has no rows yet; call update(rows) first")
        return self._center, self._sums, self._outers

    def _totals(self) -> tuple[Tensor, Tensor, Tensor]:
        """(centre [d], sum [d], outer [d, d]) of all blocks together."""
        center, sums, outers = self._state()
        if self._whole is None:
            one = self._n_blocks == 1
            self._whole = (sums[0], outers[0]) if one else (sums.sum(0), outers.sum(0))
        return center, *self._whole

    def _derived(
        self,
        center: Tensor,
        sums: Tensor,
        outers: Tensor,
        counts: np.ndarray,
        origin: Origin | None = None,
    ) -> "Moments":
        derived = Moments(len(counts), origin=origin or self.origin)
        derived._center, derived._sums, derived._outers = center, sums, outers
        derived._counts = counts
        return derived

    def around_mean(self) -> Iterator[tuple[int, Tensor, Tensor]]:
        """Yields for each block its rows, Σ (x − mean) [d], and Σ (x − mean)(x − mean)ᵀ [d, d]."""
        sums, outers = self._around(self.mean)
        for size, summed, outer in zip(self._counts, sums, outers, strict=True):
            yield int(size), summed, outer

    def merge(self, other: "Moments") -> "Moments":
        """Moments of both sets of rows, block by block; exact, in any order.

        Raises:
            InputError: another width, protocols that differ in anything (net, preprocessing, or
                images: value range, dtype), a side without block sums, data or a group that both
                share (unless it is in the same block of both).
        """
        for side in (self, other):
            if side._given:
                raise InputError(
                    f"{side.origin.name} has only mu and sigma, which cannot be merged without the "
                    "number of images; make it again with: ganeval stats save"
                )
        if self.d != other.d:
            raise InputError(
                f"{self.origin.name} has {self.d} features but {other.origin.name} has {other.d}; "
                "make both with the same feature net"
            )
        g = max(self._n_blocks, other._n_blocks)
        center, sums, outers = self._state()
        more_sums, more_outers = other._around(center)
        new_sums, new_outers = sums.new_zeros(g, self.d), sums.new_zeros(g, self.d, self.d)
        counts = np.zeros(g, np.int64)
        for s, o, n in ((sums, outers, self._counts), (more_sums, more_outers, other._counts)):
            new_sums[: len(s)] += s.to(sums.device)
            new_outers[: len(o)] += o.to(sums.device)
            counts[: len(n)] += n
        origin = merge_origins(self.origin, other.origin)
        return self._derived(center, new_sums, new_outers, counts, origin)

    def _around(self, center: Tensor) -> tuple[Tensor, Tensor]:
        """(sums, outers) as they would be around another centre."""
        own, sums, outers = self._state()
        shift = own.to(center.device) - center
        if not bool(shift.any()):
            return sums, outers
        sums, outers = sums.to(center.device), outers.to(center.device)
        n = torch.from_numpy(self._counts).to(sums)[:, None]
        cross = sums[:, :, None] * shift
        outers = outers + cross + cross.mT + n[:, :, None] * (shift[:, None] * shift)
        return sums + n * shift, outers

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes an `.npz` that pytorch-fid reads (`mu`, `sigma`), with ours beside them.

        All of it or nothing; no pickled objects.
        """
        write_arrays(path, self.to_arrays())

    def to_arrays(self) -> dict[str, np.ndarray]:
        """What `save` writes, by name."""
        sums = None
        if not self._given:
            center, blocks, outers = (to_numpy(x) for x in self._state())
            lower = np.tril_indices(self.d)
            # Symmetric: the lower triangle says it all.
            packed = np.stack([outer[lower] for outer in outers])
            sums = Sums(self._counts, center, blocks, packed)
        mu, sigma = to_numpy(self.mean), to_numpy(self.cov)
        return to_arrays(Statistics(mu, sigma, self.origin, sums))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Moments":
        """Reads what `save` or pytorch-fid wrote.

        Raises:
            InputError: no such file, not statistics, or numbers that cannot be a covariance.
        """
        found = read_statistics(path)
        moments = cls._of_file(found, name=str(path))
        if found.origin is None and (
            images := [name for name in ("images", "arr_0") if has_arrays(path, name)]
        ):
            aside = f"its mu and sigma are taken, not the images beside them ({images[0]})"
            moments.origin = replace(moments.origin, warnings=(aside,))
        return moments

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray], *, name: str) -> "Moments":
        """What `to_arrays` gave; call it inside `broken_as_input_error`.

        Args:
            arrays: by name; may be somebody else's.
            name: of the file, for messages.
        """
        return cls._of_file(from_arrays(arrays, name=name), name=name)

    @classmethod
    def _of_file(cls, found: Statistics, *, name: str) -> "Moments":
        if found.origin is None:
            return cls.given(found.mu, found.sigma, name=name)
        if found.sums is None:
            return cls._given_as(found.mu, found.sigma, found.origin)
        state = (found.sums.center, found.sums.sums, found.sums.outers)
        center, sums, outers = map(torch.from_numpy, state)
        return cls(origin=found.origin)._derived(center, sums, outers, found.sums.counts)

    @classmethod
    def given(cls, mu: Array, sigma: Array, *, name: str = "statistics") -> "Moments":
        """A plain mean [d] and covariance [d, d] of an unknown number of rows.

        Raises:
            InputError: shapes that do not fit, NaN or Inf, or a matrix that is not symmetric.
        """
        values = (to_numpy(mu), to_numpy(sigma))
        data = b"".join(np.ascontiguousarray(value, np.float64).tobytes() for value in values)
        part = hashlib.sha256(data).hexdigest()
        return cls._given_as(mu, sigma, Origin(name=name, parts=(part,)))

    @classmethod
    def _given_as(cls, mu: Array, sigma: Array, origin: Origin) -> "Moments":
        mean, cov = to_float64(mu), to_float64(sigma)
        check_covariance(to_numpy(mean), to_numpy(cov), name=origin.name)
        moments = cls(origin=origin)
        moments._given = (mean.clone(), (cov + cov.T) / 2)
        return moments


@work
def _sum_of(share: Share) -> Found:
    """[d]."""
    found = np.zeros(share.rows.shape[1])
    for start in range(0, len(share.rows), _FLUSH_ROWS):
        found += to_numpy(to_float64(share.rows[start : start + _FLUSH_ROWS]).sum(0))
    return {"sum": found}


@work
def _sums_around(
    share: Share, center: np.ndarray, n_blocks: int, blocks: np.ndarray | None = None
) -> Found:
    """[g, 1 + d, d] of each block: Σ (x − c), then Σ (x − c)(x − c)ᵀ."""
    d = len(center)
    if len(share.rows) == 0:
        return {"sum": np.zeros((n_blocks, 1 + d, d))}
    moments = Moments(n_blocks)
    moments._start(torch.from_numpy(center).to(to_float64(share.rows[:1]).device))
    moments._add(share.rows, None if blocks is None else blocks[share.own])
    _, sums, outers = (to_numpy(x) for x in moments._state())
    return {"sum": np.concatenate([sums[:, None], outers], axis=1)}


def _add_sums(x: Tensor, total: Tensor, outer: Tensor) -> None:
    """Adds Σ x to `total` [d], and xᵀx to `outer` [d, d].

    NumPy computes one half of a product of x with itself.
    """
    rows, own_total, own_outer = map(in_numpy, (x, total, outer))
    own_total += rows.sum(0)
    own_outer += rows.T @ rows


def is_statistics_file(path: str | os.PathLike[str]) -> bool:
    """Whether `path` is an `.npz` with `mu` and `sigma`: statistics, not images."""
    return has_arrays(path, "mu", "sigma")


def statistics_in(data: Any) -> Moments | None:
    """Statistics that were given, or that a file holds; None where it is something else."""
    if isinstance(data, Moments):
        return data
    if isinstance(data, str | os.PathLike) and is_statistics_file(data):
        return Moments.load(data)
    return None
