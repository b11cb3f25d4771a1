"""Squared distances of two sides: fast with a bound on the error, and exact one by one."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ganeval.arrays import Array, float32_is_exact, is_tensor, less, to_float64, to_numpy
from ganeval.lazy import Tensor, torch
from ganeval.metrics.spine import hash_rows
from ganeval.shared import Found, Share, each, work

TILE = 1024
"""Rows per tile on a CPU: 4 MB of float32 per temporary, little enough for its cache."""

GPU_TILE = 8192
"""256 MB per temporary keeps a GPU busy."""

_CHUNK = 2**17
"""Numbers at once in passes over rows and differences: 1 MB stays in a processor's cache."""

_TINY = 2.0**-100
"""More than underflow costs in float32, in units of the largest feature."""


@dataclass(frozen=True, eq=False)
class Points:
    """Rows of one side, centred on both sides' mean and scaled to at most 1 for products.

    Squared distances of scaled rows lie between x.low + y.low − 2 x·y and x.high + y.high − 2 x·y.
    """

    rows: Array
    center: Tensor
    scale: float
    """A power of two."""
    coarse: "torch.dtype"
    """Precision of the first look."""
    quick: Tensor | None
    """[n, d] centred and scaled, in that precision; None to make them anew at each look."""
    norms: Tensor
    """[n] float64 squared norms of the centred and scaled rows."""
    keys: Tensor
    """[n] int64, equal for equal rows."""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def device(self) -> "torch.device":
        """Where both sides are compared."""
        return self.center.device

    @property
    def tile(self) -> int:
        """Rows per tile."""
        return GPU_TILE if self.device.type == "cuda" else TILE

    def part(self, rows: slice) -> "Points":
        """A range of the rows."""
        quick = None if self.quick is None else self.quick[rows]
        return replace(
            self, rows=self.rows[rows], quick=quick, norms=self.norms[rows], keys=self.keys[rows]
        )

    def tiles(self) -> Iterator[slice]:
        """Ranges of rows."""
        for start in range(0, len(self), self.tile):
            yield slice(start, min(start + self.tile, len(self)))

    def low(self, dtype: "torch.dtype") -> Tensor:
        """[n] float64: this side's part of the lower bound."""
        return self.norms - self._slack(dtype)

    def high(self, dtype: "torch.dtype") -> Tensor:
        """[n] float64: this side's part of the upper bound."""
        return self.norms + self._slack(dtype)

    def _slack(self, dtype: "torch.dtype") -> Tensor:
        """A sum of d products, in any order, is off by d roundings of |x| |y| at most.

        Each side answers for its own norm, since 2 |x| |y| ≤ |x|² + |y|²; 16 is for the roundings
        of rows, norms and sums.
        """
        unit = torch.finfo(dtype).eps / 2
        return self.norms * (1.1 * (int(self.rows.shape[1]) + 16) * unit) + _TINY

    def product(
        self, rows: slice | Tensor, other: "Points", columns: slice, dtype: "torch.dtype"
    ) -> Tensor:
        """[t, r] −2 x·y."""
        return (self._centred(rows, dtype) * -2) @ other._centred(columns, dtype).T

    def _centred(self, rows: slice | Tensor, dtype: "torch.dtype") -> Tensor:
        if dtype == self.coarse and self.quick is not None:
            return self.quick[rows]
        return ((self.exact(rows) - self.center) * self.scale).to(dtype)

    def exact(self, rows: slice | Tensor) -> Tensor:
        """The rows as they were given, in float64."""
        if isinstance(rows, slice) or is_tensor(self.rows):
            chosen = rows if isinstance(rows, slice) else rows.to(self.rows.device)
            return to_float64(self.rows[chosen]).to(self.device)
        return to_float64(self.rows[to_numpy(rows)]).to(self.device)


@dataclass(frozen=True, eq=False)
class Frame:
    """The common mean and scale of the sides that are compared, on the device of the first."""

    center: Tensor
    scale: float

    @classmethod
    def around(cls, *sides: Share) -> "Frame":
        """Of all rows of some sides, wherever they are; all processes call it together."""
        first = sides[0]
        device = to_float64(first.rows[:1]).device
        sums = [to_float64(part).sum(0).to(device) for side in sides for part in _parts(side.rows)]
        if not sums:
            sums = [torch.zeros(first.rows.shape[1], dtype=torch.float64, device=device)]
        center = first.everywhere(torch.stack(sums).sum(0)).sum(0) / sum(side.n for side in sides)
        gaps = [x.abs().amax() for side in sides for _, x in less(side.rows, center)]
        largest = torch.tensor([float(max(gaps, default=0.0))], dtype=torch.float64)
        exponent = math.frexp(float(first.everywhere(largest).max()))[1]
        return cls(center, 2.0 ** -max(-500, min(exponent, 500)))

    def points(self, rows: Array, *, keep: bool = True) -> Points:
        """Rows in this frame; without `keep` they are centred anew at each look."""
        device, d = self.center.device, self.center.shape
        coarse = torch.float32 if _keeps_float32(device) else torch.float64
        norms = [self.center.new_zeros(0)]
        quick = [torch.zeros((0, *d), dtype=coarse, device=device)]
        for _, x in less(rows, self.center):
            centred = x * self.scale
            norms.append(centred.square().sum(1))
            if keep:
                quick.append(centred.to(coarse))
        keys = torch.from_numpy(hash_rows(rows).view("int64")).to(device)
        kept = torch.cat(quick) if keep else None
        return Points(rows, self.center, self.scale, coarse, kept, torch.cat(norms), keys)


def pair(x: Array, y: Array) -> tuple[Points, Points]:
    """Both sides around their common mean, where x lives; one object twice if they are one."""
    sides = [x] if x is y else [x, y]
    frame = Frame.around(*map(Share.whole, sides))
    points = [frame.points(side) for side in sides]
    return points[0], points[-1]


def _parts(rows: Array) -> Iterator[Array]:
    step = max(1, _CHUNK // rows.shape[1])
    for start in range(0, len(rows), step):
        yield rows[start : start + step]


def _keeps_float32(device: "torch.device") -> bool:
    """Whether products are what they say: TF32 or bfloat16, if allowed, would break the bound."""
    return float32_is_exact() and not torch.is_autocast_enabled(device.type)


def squared_distances(x: Points, y: Points, index: Tensor, rows: Tensor | None = None) -> Tensor:
    """[p, w] float64 Σ (x − y)² of row p of x (or rows[p]) with each of the w rows of y in index.

    Summed by halves, one addition at a time, so that two rows have one distance, whatever else is
    computed with them and wherever.
    """
    squared = torch.zeros(index.shape, dtype=torch.float64, device=x.device)
    if rows is None:
        rows = torch.arange(len(x), device=x.device)
    flat = squared.view(-1)
    of_x, of_y = rows.repeat_interleave(index.shape[1]), index.reshape(-1)
    different = (x.keys[of_x] != y.keys[of_y]).nonzero().flatten()
    for some in torch.split(different, max(1, _CHUNK // x.rows.shape[1])):
        terms = (x.exact(of_x[some]) - y.exact(of_y[some])).square_()
        while (width := terms.shape[1]) > 1:
            half = (width + 1) // 2
            terms[:, : width - half] += terms[:, half:]
            terms = terms[:, :half]
        flat[some] = terms[:, 0]
    return squared


def half_of_typical_distance(rows: Array) -> float:
    """Half the root mean square distance of different rows: √(tr S / 2), S their covariance."""
    return float(each(rows, _half_of_typical_distance)[0]["half"])


@work
def _half_of_typical_distance(share: Share) -> Found:
    frame = Frame.around(share)
    norms = frame.points(share.rows, keep=False).norms
    total = share.everywhere(norms.sum()[None]).sum()
    return {"half": np.array(float((total / (2 * (share.n - 1))).sqrt()) / frame.scale)}
