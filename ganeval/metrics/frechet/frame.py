"""Coordinates in which the covariances of both sides are simple."""

from dataclasses import dataclass

from ganeval.lazy import Tensor, torch
from ganeval.moments import Moments

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
        w: [r, r] c_i c_j / (c_i + c_j).
    """

    traces: Tensor
    overlap: float
    c: Tensor
    to_first: Tensor
    to_second: Tensor
    w: Tensor

    @classmethod
    def of(cls, first: Moments, second: Moments) -> "Frame":
        """The frame of two sides."""
        cov1 = first.cov
        cov2 = second.cov.to(cov1.device)
        root, inverse = _root(cov1, first.mean)
        squares, vectors = torch.linalg.eigh(root.T @ cov2 @ root)
        squares = squares.clamp(min=0)
        seen = squares > _NO_OVERLAP * (float(squares.max()) if len(squares) else 0.0)
        c, vectors = squares[seen].sqrt(), vectors[:, seen]
        return cls(
            torch.stack([cov1.trace(), cov2.trace()]),
            float(squares.sqrt().sum()),
            c,
            vectors.T @ inverse,
            (root @ vectors / c).T,
            c[:, None] * c / (c[:, None] + c),
        )


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
