import mpmath
import numpy as np
import pytest
import scipy.linalg
import torch

from ganeval.errors import InputError
from ganeval.metrics import frechet_distance
from ganeval.metrics.frechet import Gaussian, distance
from ganeval.moments import Moments


def covariance(d, *, seed=0, rank=None):
    a = np.random.default_rng(seed).standard_normal((d, rank or 2 * d))
    return a @ a.T / a.shape[1]


def in_fifty_digits(mu1, cov1, mu2, cov2):
    """By the eigenvalues of C₁^½ C₂ C₁^½, in another arithmetic."""
    with mpmath.workdps(50):
        cov1, cov2 = mpmath.matrix(cov1), mpmath.matrix(cov2)
        values, vectors = mpmath.eigsy(cov1)
        roots = mpmath.diag([mpmath.sqrt(max(value, 0)) for value in values])
        root = vectors * roots * vectors.T
        inner = root * cov2 * root
        overlap = sum(
            mpmath.sqrt(max(value, 0)) for value in mpmath.eigsy(inner, eigvals_only=True)
        )
        gap = sum((mpmath.mpf(a) - mpmath.mpf(b)) ** 2 for a, b in zip(mu1, mu2, strict=True))
        trace = sum(x for x in [c[i, i] for c in (cov1, cov2) for i in range(cov1.rows)])
        return float(gap + trace - 2 * overlap)


def moments_in_fifty_digits(x):
    """Rounding the covariance of few rows to float64 would move its zero eigenvalues."""
    with mpmath.workdps(50):
        rows = mpmath.matrix(x.tolist())
        mean = [mpmath.fsum(rows[:, j]) / len(x) for j in range(x.shape[1])]
        centred = mpmath.matrix(len(x), x.shape[1])
        for i in range(len(x)):
            for j in range(x.shape[1]):
                centred[i, j] = rows[i, j] - mean[j]
        return mean, centred.T * centred / (len(x) - 1)


@pytest.mark.parametrize(("rank1", "rank2"), [(None, None), (3, None), (None, 3), (3, 4)])
def test_it_agrees_with_fifty_digits(rank1, rank2):
    rng = np.random.default_rng(0)
    mu1, mu2 = rng.standard_normal((2, 6))
    cov1, cov2 = covariance(6, rank=rank1), covariance(6, seed=1, rank=rank2)
    expected = in_fifty_digits(mu1, cov1, mu2, cov2)
    # Singular covariances as matrices lose half the digits of their zero eigenvalues.
    tolerance = 1e-13 if rank1 is None and rank2 is None else 1e-6
    assert frechet_distance(mu1, cov1, mu2, cov2) == pytest.approx(expected, rel=tolerance)


def test_it_agrees_with_the_square_root_of_the_product():
    cov1, cov2 = covariance(40), covariance(40, seed=1)
    mu = np.zeros(40)
    root = scipy.linalg.sqrtm(cov1 @ cov2).real
    expected = np.trace(cov1 + cov2 - 2 * root)
    assert frechet_distance(mu, cov1, mu, cov2) == pytest.approx(expected, rel=1e-10)


def test_diagonal_covariances_have_a_closed_form():
    a, b = np.array([1.0, 4.0, 9.0]), np.array([16.0, 4.0, 0.0])
    expected = ((np.sqrt(a) - np.sqrt(b)) ** 2).sum() + 3 * 0.5**2
    found = frechet_distance(np.zeros(3), np.diag(a), np.full(3, 0.5), np.diag(b))
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_singular_covariance_is_at_no_distance_from_itself():
    cov = covariance(30, rank=5)
    assert frechet_distance(np.zeros(30), cov, np.zeros(30), cov) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("n", "m"), [(8, 9), (8, 60), (60, 8), (20, 21)])
def test_rows_and_matrices_give_the_same(n, m):
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((n, 20)), rng.standard_normal((m, 20)) * 1.5 + 0.2
    expected = in_fifty_digits(*moments_in_fifty_digits(x), *moments_in_fifty_digits(y))
    sides = [
        Gaussian.of_rows(z) if len(z) <= 20 else Gaussian.of_moments(Moments.of(z)) for z in (x, y)
    ]
    assert distance(*sides).value == pytest.approx(expected, rel=1e-12)
    assert distance(*sides[::-1]).value == pytest.approx(expected, rel=1e-12)
    both = [Gaussian.of_rows(z) for z in (x, y)]
    assert distance(*both).value == pytest.approx(expected, rel=1e-12)


def test_fewer_rows_than_features_are_at_no_distance_from_themselves():
    x = np.random.default_rng(0).standard_normal((10, 50)) + 1000
    assert distance(Gaussian.of_rows(x), Gaussian.of_rows(x)).value == pytest.approx(0, abs=1e-11)


def test_tensors_give_the_same_as_arrays():
    given = np.zeros(5), covariance(5), np.ones(5), covariance(5, seed=1)
    assert frechet_distance(*map(torch.from_numpy, given)) == frechet_distance(*given)


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="the first Gaussian has 2 dimensions but the second has"):
        frechet_distance(np.zeros(2), np.eye(2), np.zeros(3), np.eye(3))
    with pytest.raises(InputError, match="not symmetric"):
        frechet_distance(np.zeros(2), np.array([[1.0, 2], [0, 1]]), np.zeros(2), np.eye(2))
