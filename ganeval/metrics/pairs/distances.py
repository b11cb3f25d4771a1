"""Squared distances of two sides: fast with a bound on the error, and exact one by one."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ganeval.arrays import Array, float32_is_exact, is_tensor, to_float64, to_numpy
from ganeval.lazy import Tensor, torch
from ganeval.metrics.spine import hash_rows

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
    quick: Tensor
    """[n, d] centred and scaled, in that precision."""
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
        return self.norms * (1.1 * (self.quick.shape[1] + 16) * unit) + _TINY

    def product(
        self, rows: slice | Tensor, other: "Points", columns: slice, dtype: "torch.dtype"
    ) -> Tensor:
        """[t, r] −2 x·y."""
        return (self._centred(rows, dtype) * -2) @ other._centred(columns, dtype).T

    def _centred(self, rows: slice | Tensor, dtype: "torch.dtype") -> Tensor:
        if dtype == self.coarse:
            return self.quick[rows]
        return ((self.exact(rows) - self.center) * self.scale).to(dtype)

    def exact(self, rows: slice | Tensor) -> Tensor:
        """The rows as they were given, in float64."""
        if isinstance(rows, slice) or is_tensor(self.rows):
            chosen = rows if isinstance(rows, slice) else rows.to(self.rows.device)
            return to_float64(self.rows[chosen]).to(self.device)
        return to_float64(self.rows[to_numpy(rows)]).to(self.device)


def pair(x: Array, y: Array) -> tuple[Points, Points]:
    """Both sides around their common mean, where x lives; one object twice if they are one."""
    device = to_float64(x[:1]).device
    sides = [x] if x is y else [x, y]
    sums = [to_float64(part).sum(0).to(device) for side in sides for part in _parts(side)]
    center = torch.stack(sums).sum(0) / sum(map(len, sides))
    largest = max(
        float((to_float64(part).to(device) - center).abs().amax())
        for side in sides
        for part in _parts(side)
    )
    scale = 2.0 ** -max(-500, min(math.frexp(largest)[1], 500))
    coarse = torch.float32 if _keeps_float32(device) else torch.float64
    points = [_points(side, center, scale, coarse) for side in sides]
    return points[0], points[-1]


def _parts(rows: Array) -> Iterator[Array]:
    step = max(1, _CHUNK // rows.shape[1])
    for start in range(0, len(rows), step):
        yield rows[start : start + step]


def _keeps_float32(device: "torch.device") -> bool:
    """Whether products are what they say: TF32 or bfloat16, if allowed, would break the bound."""
    return float32_is_exact() and not torch.is_autocast_enabled(device.type)


def _points(rows: Array, center: Tensor, scale: float, coarse: "torch.dtype") -> Points:
    norms, quick = [], []
    for part in _parts(rows):
        centred = (to_float64(part).to(center.device) - center) * scale
        norms.append(centred.square().sum(1))
        quick.append(centred.to(coarse))
    keys = torch.from_numpy(hash_rows(rows).view("int64")).to(center.device)
    return Points(rows, center, scale, coarse, torch.cat(quick), torch.cat(norms), keys)


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
    for some in torch.split(different, max(1, _CHUNK // x.quick.shape[1])):
        terms = (x.exact(of_x[some]) - y.exact(of_y[some])).square_()
        while (width := terms.shape[1]) > 1:
            half = (width + 1) // 2
            terms[:, : width - half] += terms[:, half:]
            terms = terms[:, :half]
        flat[some] = terms[:, 0]
    return squared


def half_of_typical_distance(rows: Array) -> float:
    """Half the root mean square distance of different rows: √(tr S / 2), S their covariance."""
    points, _ = pair(rows, rows)
    return float((points.norms.sum() / (2 * (len(points) - 1))).sqrt()) / points.scale
