"""Rows of one side around its mean, and in the coordinates of a frame: sums over images."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from ganeval.arrays import Array, less, to_float64, to_numpy
from ganeval.lazy import Tensor, torch
from ganeval.metrics.frechet.frame import Frame
from ganeval.metrics.frechet.tails import MOST_IMAGES, Tail
from ganeval.statistics import Sampling

_NUMBERS = 2**25
"""In the matrices of all classes at once: 256 MB of float64."""


class Images:
    """Rows of a side around its mean, and in the coordinates z.

    Args:
        rows: [n, d].
        mean: [d] of the rows.
        to_z: [r, d] takes centred rows to z.
        sampling: of the images.
    """

    def __init__(self, rows: Array, mean: Tensor, to_z: Tensor, sampling: Sampling) -> None:
        self._rows, self._mean, self._to_z, self.sampling = rows, mean, to_z, sampling
        self._weights = torch.from_numpy(sampling.weights).to(mean.device)
        self._stratum = torch.from_numpy(sampling.stratum).to(mean.device)
        self._sizes = torch.bincount(self._stratum).double()

    def influences(self, frame: Frame, gap: Tensor, trace: float) -> tuple[np.ndarray, float]:
        """[n] 2 gap·x + |x|² − tr S − Σ c (z² − 1), of centred rows x; and Σ W ∘ (zzᵀ)².

        Each image moves the covariance by which it is whitened, the more the larger its leverage
        h = |z|²/(n − 1), which makes its z too small. What h has beyond the mean is corrected by
        1/(1 − h), as in White's HC2 standard errors; `population_overlap` corrects for the mean.
        For a Gaussian this adds 4 (1 − r/(n − 1))/(n + 1) of the fourth moments, where whitening
        takes (n − 1)/(n + 1) of them: the total is scaled to be right there.
        """
        weights = self._weights if self.sampling.groups is None else None
        found, fourth = self._pulls(gap, trace, of_squares(frame), weights)
        n, r = len(self._rows), len(frame.c)
        fourth *= (n + 1) / (n - 1) / (1 + 4 * max(1 - r / (n - 1), 0.0) / (n + 1))
        return found, fourth

    def _pulls(
        self, gap: Tensor, trace: float, sums: Tensor, weights: Tensor | None
    ) -> tuple[np.ndarray, float]:
        n = len(self._rows)
        return pulls(self._rows, n, self._mean, self._to_z, gap, trace, sums, weights)

    def tail(self, influence: np.ndarray) -> Tail:
        """Of the features z, from images at equal steps of their influence [n]."""
        q = min(MOST_IMAGES, len(influence))
        few = np.argsort(influence, kind="stable")[np.arange(q) * len(influence) // q]
        return Tail.of(self._z(torch.from_numpy(few).to(self._mean.device)))

    def bend(self, w: Tensor, fourth: float) -> float:
        """Σ W ∘ (zzᵀ − its class mean)² over independent images, from `fourth`, Σ W ∘ (zzᵀ)²."""
        total = fourth
        if self.sampling.classes is None:
            return total - (len(self._rows) - 1) * float(w.trace())
        for k, size in enumerate(self._sizes.tolist()):
            outer = self._outer(self._of_class(k), None, slice(None))
            total -= float((w * outer.square()).sum()) / (size - 1)
        return total

    def bend_of_groups(self, w: Tensor) -> float:
        """Σ W ∘ (Σ over a group of zzᵀ − its class mean)² over groups."""
        total = 0.0
        for strip in strips(len(w), self):
            means = self._class_means_of_outers(strip)
            for _, rows in self.groups():
                total += float((w[strip] * self.outer(rows, strip, means).square()).sum())
        return total

    def bend_with(self, other: "Images", w: Tensor, shared: list[tuple[Tensor, Tensor]]) -> float:
        """The same of products of the groups that are on both sides, given by their rows."""
        total = 0.0
        for strip in strips(len(w), self, other):
            mine, theirs = (side._class_means_of_outers(strip) for side in (self, other))
            for here, there in shared:
                first = self.outer(here, strip, mine)
                second = other.outer(there, strip, theirs)
                total += float((w[strip] * first * second).sum())
        return total

    def groups(self) -> Iterator[tuple[str, Tensor]]:
        """Each group's name and rows."""
        assert self.sampling.groups is not None
        names, of = np.unique(self.sampling.groups, return_inverse=True)
        order = np.argsort(of, kind="stable")
        edges = np.searchsorted(of[order], np.arange(len(names) + 1))
        for i, name in enumerate(names.tolist()):
            yield name, torch.from_numpy(order[edges[i] : edges[i + 1]]).to(self._mean.device)

    def outer(self, rows: Tensor, strip: slice, class_means: Tensor | None) -> Tensor:
        """[b, r] a strip of Σ weight (zzᵀ − class mean) over some rows."""
        weights = self._weights[rows]
        total = self._outer(rows, weights, strip)
        if class_means is None:
            n, on_diagonal = len(self._rows), total[:, strip].diagonal()
            on_diagonal -= weights.sum() * (n - 1) / n
            return total
        shares = torch.bincount(self._stratum[rows], weights, minlength=len(class_means))
        means: Tensor = torch.tensordot(shares, class_means, dims=1)
        return total - means

    def mean_cov(self) -> Tensor:
        """[d, d] covariance of the mean, from the deviations of independent units."""
        n = len(self._rows)
        if self.sampling.groups is None:
            return self._squared_deviations() / n**2
        sums = torch.stack([self.sum_of_deviations(rows) for _, rows in self.groups()])
        return sums.T @ sums / n**2

    def sum_of_deviations(self, rows: Tensor) -> Tensor:
        """[d] of some rows less the mean of their class, weighted."""
        return self._within_classes(rows, self._centred(rows)).sum(0)

    def _squared_deviations(self) -> Tensor:
        """[d, d]."""
        total = self._mean.new_zeros(len(self._mean), len(self._mean))
        for part, x in less(self._rows, self._mean):
            x = self._within_classes(part, x)
            total += x.T @ x
        return total

    def _within_classes(self, rows: slice | Tensor, x: Tensor) -> Tensor:
        """[t, d] some rows, centred as `x`, less the mean of their class, weighted."""
        return (x - self._class_means[self._stratum[rows]]) * self._weights[rows][:, None]

    def _outer(self, rows: Tensor, weights: Tensor | None, strip: slice) -> Tensor:
        """[b, r] a strip of Σ weight zzᵀ over some rows."""
        z = self._z(rows)
        return (z[:, strip] if weights is None else z[:, strip] * weights[:, None]).T @ z

    @property
    def n_matrices(self) -> int:
        """Matrices [r, r] that groups need all at once: one of each class of chosen size."""
        return 0 if self.sampling.classes is None else len(self._sizes)

    @cached_property
    def _class_means(self) -> Tensor:
        """[k, d] of centred rows."""
        return self._class_sums() / self._sizes[:, None]

    def _class_sums(self) -> Tensor:
        sums = self._mean.new_zeros(len(self._sizes), len(self._mean))
        for part, x in less(self._rows, self._mean):
            sums.index_add_(0, self._stratum[part], x)
        return sums

    def _class_means_of_outers(self, strip: slice) -> Tensor | None:
        """[k, b, r] a strip of the mean of zzᵀ within each class; None without classes."""
        if self.sampling.classes is None:
            return None
        sizes = enumerate(self._sizes.tolist())
        return torch.stack(
            [self._outer(self._of_class(k), None, strip) / size for k, size in sizes]
        )

    def _of_class(self, k: int) -> Tensor:
        return (self._stratum == k).nonzero().flatten()

    def _centred(self, rows: Tensor) -> Tensor:
        """[t, d] some rows less the mean of all."""
        return to_float64(self._rows[to_numpy(rows)]).to(self._mean.device) - self._mean

    def _z(self, rows: Tensor) -> Tensor:
        """[t, r] some rows in the coordinates z."""
        if self.n_matrices and self.sampling.groups is not None:  # classes and groups in turn
            return self._all_z[rows]
        return self._centred(rows) @ self._to_z.T

    @cached_property
    def _all_z(self) -> Tensor:
        """[n, r], as large as the features."""
        return torch.cat([x @ self._to_z.T for _, x in less(self._rows, self._mean)])


def of_squares(frame: Frame) -> Tensor:
    """[r, 2 + k] what squares of z are summed with: c, 1, and the factor of W."""
    return torch.cat([frame.c[:, None], torch.ones_like(frame.c)[:, None], frame.w_factor], 1)


def pulls(
    rows: Array,
    n: int,
    mean: Tensor,
    to_z: Tensor,
    gap: Tensor,
    trace: float,
    sums: Tensor,
    weights: Tensor | None,
) -> tuple[np.ndarray, float]:
    """[s] influences of some of n rows, and their part of Σ W ∘ (zzᵀ)² before it is scaled.

    `sums` are those of `of_squares`; without `weights` [s] the second is 0. See
    `Images.influences`.
    """
    r, found, fourth = len(to_z), mean.new_empty(len(rows)), 0.0
    for part, x in less(rows, mean):
        squares = (x @ to_z.T).square_() @ sums
        found[part] = x @ (2 * gap) + x.square_().sum(1) - trace - squares[:, 0]
        if weights is not None:
            beyond = squares[:, 1] / (n - 1) - r / n
            each = squares[:, 2:].square().sum(1) / (1 - beyond).clamp(min=0.01)
            fourth += float(each @ weights[part].square())
    return to_numpy(found + sums[:, 0].sum()), fourth


def strips(r: int, *sides: Images) -> Iterator[slice]:
    """Rows of matrices [r, r], so few at once that those of all classes fit into memory."""
    matrices = sum(side.n_matrices for side in sides)
    step = max(1, _NUMBERS // (matrices * r)) if matrices else r
    for start in range(0, r, step):
        yield slice(start, min(start + step, r))
