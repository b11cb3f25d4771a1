"""One side of a Fréchet distance, image by image: influences, and what their scatter adds to it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ganeval.arrays import Array, to_float64, to_numpy
from ganeval.lazy import Tensor, torch
from ganeval.metrics.frechet.frame import Frame
from ganeval.metrics.spine import Side
from ganeval.statistics import Sampling

_CHUNK = 4096


@dataclass(frozen=True, eq=False)
class Seen:
    """What a side's choice of images does to the distance.

    Args:
        influence: [n] of each image (of each block, for statistics).
        mean_cov: [d, d] covariance of the side's mean.
        cov_bias: what the bias of its covariance, which independence would not have, adds.
        curvature: Σ W ∘ A² for the deviations A of its covariance, expected.
    """

    influence: np.ndarray
    mean_cov: Tensor
    cov_bias: float
    curvature: float

    @classmethod
    def of(cls, side: Side, frame: Frame, to_z: Tensor, gap: Tensor) -> "Seen":
        """Of a side, whose mean less the other's is `gap`."""
        mean, cov = side.total.mean, side.total.cov
        n = float(side.n or 0)
        if side.rows is None:
            influence, mean_cov, bend = _of_blocks(side, frame, to_z, gap)
        else:
            images = _Images(side.rows, mean, to_z, side.sampling)
            influence, fourth = images.influences(frame, gap, float(cov.trace()))
            mean_cov = cov / n if images.plain else images.mean_cov()
            grouped = side.sampling.groups is not None
            bend = images.bend_of_groups(frame.w) if grouped else images.bend(frame.w, fourth)
        # E S = C + (C − n Cov(mean)) / (n − 1), which is C for independent images.
        excess = cov - n * mean_cov
        in_z = ((to_z @ excess) * to_z).sum(1)
        cov_bias = float(excess.trace() - frame.c @ in_z) / (n - 1)
        return cls(influence, mean_cov, cov_bias, bend / n**2)


@dataclass(frozen=True, eq=False)
class Both:
    """What groups that are on both sides (the same plates) add twice."""

    mean_cov: Tensor
    curvature: float


def shared_groups(real: Side, fake: Side, frame: Frame) -> Both:
    """Of two sides: deviations of a group move both sides alike, and partly cancel."""
    none = Both(torch.zeros_like(real.total.cov), 0.0)
    if any(side.rows is None or side.sampling.groups is None for side in (real, fake)):
        return none
    first, second = (
        _Images(side.rows, side.total.mean, to_z, side.sampling)
        for side, to_z in ((real, frame.to_first), (fake, frame.to_second))
    )
    here, there = (dict(images.groups()) for images in (first, second))
    names = sorted(here.keys() & there.keys())
    if not names:
        return none
    scale = 1 / (len(real.rows) * len(fake.rows))
    bend = sum(
        float((frame.w * first.outer(here[g]) * second.outer(there[g])).sum()) for g in names
    )
    a, b = (
        torch.stack([images.deviations(lot[g]).sum(0) for g in names])
        for images, lot in ((first, here), (second, there))
    )
    cross = a.T @ b * scale
    return Both(cross + cross.T, bend * scale)


class _Images:
    """Rows of a side around its mean, and in the coordinates z."""

    def __init__(self, rows: Array, mean: Tensor, to_z: Tensor, sampling: Sampling) -> None:
        self._rows, self._mean, self._to_z, self.sampling = rows, mean, to_z, sampling
        self.plain = sampling.groups is None and sampling.classes is None
        self._weights = torch.from_numpy(sampling.weights).to(mean.device)
        self._stratum = torch.from_numpy(sampling.stratum).to(mean.device)
        self._sizes = torch.bincount(self._stratum).double()

    def chunks(self) -> Iterator[slice]:
        """Ranges of rows."""
        for start in range(0, len(self._rows), _CHUNK):
            yield slice(start, start + _CHUNK)

    def centred(self, rows: slice | Tensor) -> Tensor:
        """[t, d] some rows less the mean of all."""
        chosen = rows if isinstance(rows, slice) else to_numpy(rows)
        return to_float64(self._rows[chosen]).to(self._mean.device) - self._mean

    def influences(self, frame: Frame, gap: Tensor, trace: float) -> tuple[np.ndarray, float]:
        """[n] 2 gap·x + |x|² − tr S − Σ c (z² − 1), of centred rows x; and Σ W ∘ (zzᵀ)².

        Each image moves the covariance by which it is whitened, the more the larger its leverage
        h = |z|²/(n − 1), which makes its z too small. What h has beyond the mean is corrected by
        1/(1 − h), as in White's HC2 standard errors; `population_overlap` corrects for the mean.
        For a Gaussian this adds 4 (1 − r/(n − 1))/(n + 1) of the fourth moments, where whitening
        takes (n − 1)/(n + 1) of them: the total is scaled to be right there.
        """
        n, r, found, fourth = len(self._rows), len(frame.c), [], 0.0
        for part in self.chunks():
            x = self.centred(part)
            squares = (x @ self._to_z.T).square()
            found.append(2 * x @ gap + x.square().sum(1) - trace - (squares - 1) @ frame.c)
            if self.sampling.groups is None:
                beyond = squares.sum(1) / (n - 1) - r / n
                each = ((squares @ frame.w) * squares).sum(1) / (1 - beyond).clamp(min=0.01)
                fourth += float(each @ self._weights[part].square())
        fourth *= (n + 1) / (n - 1) / (1 + 4 * max(1 - r / (n - 1), 0.0) / (n + 1))
        return to_numpy(torch.cat(found)), fourth

    def bend(self, w: Tensor, fourth: float) -> float:
        """Σ W ∘ (zzᵀ − its class mean)² over independent images, from `fourth`, Σ W ∘ (zzᵀ)²."""
        n, total = len(self._rows), fourth
        if self.sampling.classes is None:
            return total - (n - 1) * float(w.trace())
        for k, size in enumerate(self._sizes.tolist()):
            if size > 1:  # a single image has no weight
                total -= size**2 / (size - 1) * float((w * self._class_outer(k).square()).sum())
        return total

    def bend_of_groups(self, w: Tensor) -> float:
        """Σ W ∘ (Σ over a group of zzᵀ − its class mean)² over groups."""
        return sum(float((w * self.outer(rows).square()).sum()) for _, rows in self.groups())

    def groups(self) -> Iterator[tuple[str, Tensor]]:
        """Each group's name and rows."""
        assert self.sampling.groups is not None
        names, of = np.unique(self.sampling.groups, return_inverse=True)
        order = np.argsort(of, kind="stable")
        edges = np.searchsorted(of[order], np.arange(len(names) + 1))
        for i, name in enumerate(names.tolist()):
            yield name, torch.from_numpy(order[edges[i] : edges[i + 1]]).to(self._mean.device)

    def outer(self, rows: Tensor) -> Tensor:
        """[r, r] Σ weight (zzᵀ − class mean) over some rows."""
        z, weights = self.centred(rows) @ self._to_z.T, self._weights[rows]
        total = (z * weights[:, None]).T @ z
        if self.sampling.classes is None:
            n = len(self._rows)
            one = torch.eye(len(total), dtype=total.dtype, device=total.device)
            return total - weights.sum() * (n - 1) / n * one
        of = self._stratum[rows]
        for k, mean in enumerate(self._class_outers()):
            total = total - weights[of == k].sum() * mean
        return total

    def mean_cov(self) -> Tensor:
        """[d, d] covariance of the mean, from the deviations of independent units."""
        n = len(self._rows)
        if self.sampling.groups is None:
            total = self._mean.new_zeros(len(self._mean), len(self._mean))
            for part in self.chunks():
                x = self.deviations(part)
                total += x.T @ x
            return total / n**2
        sums = torch.stack([self.deviations(rows).sum(0) for _, rows in self.groups()])
        return sums.T @ sums / n**2

    def deviations(self, rows: slice | Tensor) -> Tensor:
        """[t, d] some rows less the mean of their class, weighted."""
        x = self.centred(rows)
        return (x - self._class_means()[self._stratum[rows]]) * self._weights[rows][:, None]

    def _class_means(self) -> Tensor:
        if not hasattr(self, "_means"):
            sums = self._mean.new_zeros(len(self._sizes), len(self._mean))
            for part in self.chunks():
                sums.index_add_(0, self._stratum[part], self.centred(part))
            self._means = sums / self._sizes[:, None]
        return self._means

    def _class_outer(self, k: int) -> Tensor:
        """[r, r] mean of zzᵀ within a class."""
        z = self.centred((self._stratum == k).nonzero().flatten()) @ self._to_z.T
        return z.T @ z / len(z)

    def _class_outers(self) -> Tensor:
        """[k, r, r] of all classes: 8 r² bytes each, so only where groups ask for all at once."""
        if not hasattr(self, "_outers"):
            self._outers = torch.stack([self._class_outer(k) for k in range(len(self._sizes))])
        return self._outers


def _of_blocks(
    side: Side, frame: Frame, to_z: Tensor, gap: Tensor
) -> tuple[np.ndarray, Tensor, float]:
    """(influences [n], covariance of the mean, bend) from block sums, each block a unit.

    The images of a block are not known one by one: each has the mean influence of the block.
    """
    assert side.moments is not None
    n = float(side.n or 0)
    trace = float(side.total.cov.trace())
    weight = float(side.sampling.weights[0])
    one = torch.eye(len(frame.c), dtype=to_z.dtype, device=to_z.device)
    pulls, sums, bend = [], [], 0.0
    for size, total, outer in side.moments.around_mean():
        in_z = to_z @ outer @ to_z.T
        pull = 2 * total @ gap + outer.trace() - size * trace - (in_z.diagonal() - size) @ frame.c
        pulls.append(float(pull) / max(size, 1))
        sums.append(total * weight)
        bend += float((frame.w * (in_z - size * (n - 1) / n * one).square()).sum()) * weight**2
    stacked = torch.stack(sums)
    influence = np.repeat(np.array(pulls), side.moments.block_sizes)
    return influence, stacked.T @ stacked / n**2, bend
