"""Coordinates in which the covariances of both sides are simple."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.lazy import Tensor, torch
from ganeval.metrics.spine import Side

_SINGULAR = 1e-12
"""Share of the largest variance below which a direction of the first side is rounding."""

_NO_OVERLAP = 1e-14
"""Share of the largest c² below which a direction adds nothing to the overlap."""


@dataclass(frozen=True, eq=False)
class Frame:
    """What two covariances have in common; see `ganeval.metrics.frechet.estimate`.

    Args:
        traces: [2] of both covariances.
        overlap: tr (S₁S₂)^½.
        c: [r] its terms that are not 0; fewer than d where features are constant or dependent.
        to_first: [r, d] takes x − μ₁ to z₁.
        to_second: [r, d] takes y − μ₂ to z₂.
    """

    traces: Tensor
    overlap: float
    c: Tensor
    to_first: Tensor
    to_second: Tensor

    @classmethod
    def of(cls, first: Side, second: Side) -> "Frame":
        """The frame of two sides."""
        cov1 = first.total.cov
        cov2 = second.total.cov.to(cov1.device)
        if "root" not in first.known:  # the same reals are compared with several models
            first.known["root"] = _root(cov1, first.total.mean)
        root, inverse = first.known["root"]
        squares, vectors = torch.linalg.eigh(root.T @ cov2 @ root)
        squares = squares.clamp(min=0)
        seen = squares > _NO_OVERLAP * (float(squares.max()) if len(squares) else 0.0)
        c, vectors = squares[seen].sqrt(), vectors[:, seen]
        return cls(
            torch.stack([cov1.trace(), cov2.trace()]),
            float(c.sum()),
            c,
            vectors.T @ inverse,
            (root @ vectors / c).T,
        )

    @cached_property
    def w(self) -> Tensor:
        """[r, r] c_i c_j / (c_i + c_j)."""
        return self.c[:, None] * self.c / (self.c[:, None] + self.c)

    @cached_property
    def w_factor(self) -> Tensor:
        """[r, k] whose product with its own transpose is `w`, to rounding.

        The eigenvalues of a Cauchy matrix fall exponentially, so that k is about 30 for any r, and
        Σ W_ij q_i q_j over images costs a small part of their product with W.
        """
        from scipy.linalg.lapack import dpstrf

        lower, order, rank, _ = dpstrf(to_numpy(self.w), lower=1)
        factor = np.zeros((len(lower), rank))
        factor[order - 1] = np.tril(lower)[:, :rank]
        return torch.from_numpy(factor).to(self.c.device)


def _root(cov: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
    """L [d, k] with LLᵀ = C, and its left inverse [k, d]."""
    lower, failed = torch.linalg.cholesky_ex(cov)
    # What the features before leave unexplained, against the rounding of variance and mean.
    rounding = _SINGULAR * cov.diagonal() + 1e-26 * mean.square()
    if not int(failed) and bool((lower.diagonal().square() > rounding).all()):
        one = torch.eye(len(cov), dtype=cov.dtype, device=cov.device)
        return lower, torch.linalg.solve_triangular(lower, one, upper=False)
    values, vectors = torch.linalg.eigh(cov)
    kept = values > _SINGULAR * values.max()
    scales, vectors = values[kept].sqrt(), vectors[:, kept]
    return vectors * scales, (vectors / scales).T
