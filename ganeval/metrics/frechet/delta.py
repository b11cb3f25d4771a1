"""Standard error of the half-split Fréchet distance, by the delta method to second order."""

from collections.abc import Sequence

import numpy as np

from ganeval.arrays import Array, to_float64
from ganeval.lazy import Tensor, torch
from ganeval.metrics.frechet.distance import Gaussian


def half_split_error(
    real: Array,
    fake: Array,
    first: Gaussian,
    second: Gaussian,
    *,
    labels: tuple[Sequence[str] | None, Sequence[str] | None] = (None, None),
) -> float | None:
    """Standard error of 2 F − mean(F of each half) for independent images.

    None where a covariance is singular, by a constant feature or by dependent ones: T or T⁻¹ is
    then unknown.

    First order: with T the optimal transport map (T S₁ T = S₂), the influence of a real x is
    2 (μ₁ − μ₂)ᵀ(x − μ₁) + (x − μ₁)ᵀ (I − T)(x − μ₁), that of a fake the same with T⁻¹; the
    variance is Σ Var(influence)/n (Rippl, Munk & Sturm 2016, doi:10.1016/j.jmva.2016.06.005),
    within labels where the blocks are stratified by them.

    Second order: where both sides agree the influence vanishes and F is a quadratic form Q of
    the moments' errors. 2 Q(z₁/2 + z₂/2) − Q(z₁)/2 − Q(z₂)/2 is the bilinear form of the two
    halves' errors, whose variance for Gaussian features is 2 (1/n + 1/m)² (Σ W² + Σ W_ii² +
    2 tr S₁S₂) with W_ij = c_i c_j / (c_i + c_j), c² the eigenvalues of S₁S₂.

    Args:
        real: [n, d].
        fake: [m, d].
        first: Gaussian of the reals, with its covariance.
        second: that of the fakes.
        labels: of the rows, where blocks were stratified by them.
    """
    with torch.no_grad():
        cov2 = second.cov
        lower = _lower(first)
        if lower is None or cov2 is None or _lower(second) is None:
            return None
        squares, vectors = torch.linalg.eigh(lower.T @ cov2 @ lower)
        c = squares.clamp(min=float(squares.max()) * 1e-15).sqrt()
        gap = first.mean - second.mean

        x = to_float64(real) - first.mean
        moved = torch.linalg.solve_triangular(lower, x.T, upper=False).T @ vectors
        influence_real = 2 * x @ gap + x.square().sum(1) - moved.square() @ c
        y = to_float64(fake) - second.mean
        moved = y @ lower @ vectors
        influence_fake = -2 * y @ gap + y.square().sum(1) - moved.square() @ (1 / c)

        pairs = c[:, None] * c / (c[:, None] + c)
        n, m = len(x), len(y)
        quadratic = pairs.square().sum() + pairs.diagonal().square().sum() + 2 * squares.sum()
        variance = (
            _variance(influence_real, labels[0]) / n
            + _variance(influence_fake, labels[1]) / m
            + 2 * (1 / n + 1 / m) ** 2 * quadratic
        )
        return float(variance.sqrt())


def _lower(side: Gaussian) -> Tensor | None:
    """Cholesky factor of the covariance; None where it is singular, or but for rounding."""
    assert side.cov is not None
    lower: Tensor
    lower, failed = torch.linalg.cholesky_ex(side.cov)
    # What the features before leave unexplained, against the rounding of variance and mean.
    rounding = 1e-12 * side.cov.diagonal() + 1e-26 * side.mean.square()
    if int(failed) or bool((lower.diagonal().square() <= rounding).any()):
        return None
    return lower


def _variance(values: Tensor, labels: Sequence[str] | None) -> Tensor:
    """Variance, within labels where there are some."""
    if labels is None:
        return values.var()
    names, index = np.unique(np.asarray(labels), return_inverse=True)
    if len(values) <= len(names):
        return values.var()
    of = torch.from_numpy(index).to(values.device)
    sums = values.new_zeros(len(names)).index_add_(0, of, values)
    counts = torch.bincount(of, minlength=len(names))
    return (values - (sums / counts)[of]).square().sum() / (len(values) - len(names))
