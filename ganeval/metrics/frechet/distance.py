"""The Fréchet distance of two Gaussians, in float64, by the way that suits the data."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganeval.arrays import Array, Float, to_float64, to_numpy
from ganeval.errors import InputError
from ganeval.lazy import Tensor, torch
from ganeval.moments import Moments

_SMALL, _AT_ONCE = 128, 64
"""Features up to which matrices are decomposed many at once, and how many: 8 MB of float64."""

_BY_PRODUCTS = 1024
"""Features up to which NumPy's two products take less than SciPy's sygst."""


@dataclass(frozen=True, eq=False)
class Gaussian:
    """Mean [d] and covariance: [d, d], or, for fewer rows than features, as root [k, d].

    The covariance of a root is rootᵀ root: centred rows divided by √(n − 1).
    """

    mean: Tensor
    cov: Tensor | None
    root: Tensor | None = None

    @classmethod
    def of_moments(cls, moments: Moments) -> "Gaussian":
        """From sums."""
        return cls(moments.mean, moments.cov)

    @classmethod
    def of_rows(cls, rows: Array) -> "Gaussian":
        """From features [n, d], kept as a root: for n ≤ d."""
        x = to_float64(rows)
        mean = x.mean(0)
        return cls(mean, None, (x - mean) / (len(x) - 1) ** 0.5)

    def trace(self) -> Tensor:
        """Of the covariance."""
        if self.root is not None:
            return self.root.square().sum()
        assert self.cov is not None
        return self.cov.trace()

    def any_root(self) -> Tensor:
        """[k, d] with rootᵀ root = covariance, where k ≤ max(n, d)."""
        if self.root is not None:
            return self.root
        assert self.cov is not None
        return _root(self.cov)


@dataclass(frozen=True)
class Distance:
    """A squared Fréchet distance and the two terms it is the sum of."""

    mean_term: float
    covariance_term: float

    @property
    def value(self) -> float:
        """Squared feature units; a negative sum is rounding error, so it is 0."""
        return max(self.mean_term + self.covariance_term, 0.0)


def frechet_distance(
    mu1: Float[Array, " d"],
    cov1: Float[Array, "e f"],
    mu2: Float[Array, " g"],
    cov2: Float[Array, "h i"],
) -> float:
    """Squared Fréchet distance |mu1 − mu2|² + tr(cov1 + cov2 − 2 (cov1 cov2)^½) of two Gaussians.

    Args:
        mu1: mean [d] of the first.
        cov1: its covariance [d, d], symmetric and positive semi-definite.
        mu2: mean [d] of the second.
        cov2: its covariance [d, d].

    Returns:
        Squared feature units; 0 where both agree. Computed in float64 where `mu1` lives.

    Raises:
        InputError: shapes that do not fit, NaN or Inf, or a matrix that is not symmetric.

    Source: Dowson & Landau 1982, doi:10.1016/0047-259X(82)90077-X; for images Heusel et al. 2017,
    arXiv:1706.08500.
    """
    first = Moments.given(mu1, cov1, name="the first Gaussian")
    second = Moments.given(mu2, cov2, name="the second Gaussian")
    if first.d != second.d:
        raise InputError(
            f"the first Gaussian has {first.d} dimensions but the second has {second.d}; "
            "give two in the same space"
        )
    return distance(Gaussian.of_moments(first), Gaussian.of_moments(second)).value


def distance(first: Gaussian, second: Gaussian) -> Distance:
    """Squared Fréchet distance of two Gaussians of the same dimension."""
    with torch.no_grad():
        gap = (first.mean - second.mean.to(first.mean.device)).square().sum()
        if first.root is not None or second.root is not None:
            overlap = _nuclear_norm(first.any_root(), second.any_root())
        else:
            assert first.cov is not None and second.cov is not None
            overlap = _trace_root(first.cov, second.cov.to(first.cov.device))
        covariance = first.trace() + second.trace().to(overlap.device) - 2 * overlap
        return Distance(float(gap), float(covariance))


def distances(first: Gaussian, others: Sequence[Gaussian]) -> list[Distance]:
    """Squared Fréchet distances of one Gaussian from each of others, [d, d] covariances all.

    Small matrices cost more in calls than in arithmetic, so that many go through LAPACK at once.
    """
    assert first.cov is not None
    d = len(first.mean)
    if d > _SMALL or first.cov.device.type != "cpu":
        return [distance(first, other) for other in others]
    with torch.no_grad():
        root, found = _root(first.cov), []
        for start in range(0, len(others), _AT_ONCE):
            some = others[start : start + _AT_ONCE]
            means, covs = (
                torch.stack(parts).to(first.mean.device)
                for parts in zip(*((one.mean, one.cov) for one in some), strict=True)
            )
            gaps = (first.mean - means).square().sum(1)
            squares = torch.linalg.eigvalsh(root @ covs @ root.T).clamp(min=0)
            traces = first.trace() + covs.diagonal(dim1=1, dim2=2).sum(1)
            terms = torch.stack([gaps, traces - 2 * squares.sqrt().sum(1)], 1)
            found += [Distance(*pair) for pair in terms.tolist()]
        return found


def _trace_root(cov1: Tensor, cov2: Tensor) -> Tensor:
    """The overlap tr (C₁ C₂)^½ = tr (L₁ᵀ C₂ L₁)^½ for C₁ = L₁ L₁ᵀ, by Cholesky where it goes."""
    values = _eigenvalues(cov1, cov2) if cov1.device.type == "cpu" else None
    if values is None:
        root = _root(cov1)
        values = torch.linalg.eigvalsh(root @ cov2 @ root.T)
    return values.clamp(min=0).sqrt().sum()


def _eigenvalues(cov1: Tensor, cov2: Tensor) -> Tensor | None:
    """[d] of C₁ C₂; None where Cholesky fails.

    LAPACK's sygst makes L₁ᵀ C₂ L₁ in a quarter of two products' work, but the threads of SciPy's
    LAPACK wait for those of NumPy, which made the covariances: it pays where d is large.
    """
    c1, c2 = to_numpy(cov1), to_numpy(cov2)
    try:
        if len(c1) <= _BY_PRODUCTS:
            lower = np.linalg.cholesky(c1)
            values = np.linalg.eigvalsh(lower.T @ c2 @ lower)
        else:
            from scipy.linalg import eigh

            values = eigh(c2, c1, type=2, eigvals_only=True, driver="gv", check_finite=False)
    except np.linalg.LinAlgError:
        return None
    return torch.from_numpy(values)


def _root(cov: Tensor) -> Tensor:
    """R [d, d] with RᵀR = C: Cholesky's, or from eigenvalues where C is singular."""
    factor: Tensor
    factor, failed = torch.linalg.cholesky_ex(cov, upper=True)
    if int(failed):
        values, vectors = torch.linalg.eigh(cov)
        factor = values.clamp(min=0).sqrt()[:, None] * vectors.T
    return factor


def _nuclear_norm(first: Tensor, second: Tensor) -> Tensor:
    """The overlap tr (AᵀA BᵀB)^½, the sum of the singular values of ABᵀ.

    Squaring A into a covariance would lose half the digits of its small singular values.
    """
    second = second.to(first.device)
    # Many rows of one side: its triangular factor has the same covariance and at most d rows.
    first, second = (
        torch.linalg.qr(x, mode="r").R if len(x) > x.shape[1] else x for x in (first, second)
    )
    values: Tensor = torch.linalg.svdvals(first @ second.T)
    return values.sum()
