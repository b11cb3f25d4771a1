import mpmath
import numpy as np
import pytest
import scipy.linalg
import torch

from ganeval.errors import InputError
from ganeval.metrics import frechet_distance
from ganeval.metrics.frechet.distance import Gaussian, distance, distances
from ganeval.metrics.frechet.overlap import population_overlap
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


# The overlap of distributions, from that of samples.


def wishart(rng, cov, n):
    root = np.linalg.cholesky(cov)
    x = rng.standard_normal((n, len(cov))) @ root.T
    return x.T @ x / n


@pytest.mark.parametrize(
    ("n", "m", "bound"), [(80, 80, 0.05), (128, 128, 0.015), (72, 2000, 0.05), (2000, 72, 0.05)]
)
def test_the_population_overlap_is_that_of_the_covariances_behind_the_samples(n, m, bound):
    """64 features of other shapes on both sides; the plain overlap is off by far more."""
    d, found, naive = 64, [], []
    first, second = covariance(d), np.diag(np.linspace(0.2, 3, d))
    truth = np.trace(scipy.linalg.sqrtm(first @ second).real)
    for i in range(12):
        rng = np.random.default_rng(i)
        sides = (torch.from_numpy(wishart(rng, c, k)) for c, k in ((first, n), (second, m)))
        squares = torch.linalg.eigvals(torch.matmul(*sides)).real.clamp(min=0)
        found.append(population_overlap(squares, (d / n, d / m)))
        naive.append(float(squares.sqrt().sum()))
    assert np.mean(found) == pytest.approx(truth, rel=bound)
    assert abs(np.mean(naive) - truth) > 4 * abs(np.mean(found) - truth)


def test_one_feature_has_a_closed_form():
    """g = λ/(λ + s) at t = s/(1 − cg)², whose integral of g dt/√t is elementary for one side.

    With one ratio c, t = s (λ + s)/((1 − c)λ + s), and (1/π) ∫ g dt/√t is found by quadrature.
    """
    from scipy.integrate import quad

    lam, c = 2.5, 0.3

    def integrand(log_s):
        s = np.exp(log_s)
        g = lam / (lam + s)
        t = s / (1 - c * g)
        slope = 1 / (1 - c * g) - s * c * lam / (lam + s) ** 2 / (1 - c * g) ** 2
        return g * slope * s / t**0.5 / np.pi

    expected = quad(integrand, -60, 60, limit=400, points=[0, 1, 2])[0]
    found = population_overlap(torch.tensor([lam], dtype=torch.float64), (c, 0.0))
    assert found == pytest.approx(expected, rel=1e-9)


def test_of_infinitely_many_images_it_is_the_plain_overlap():
    squares = torch.from_numpy(np.random.default_rng(0).exponential(size=20))
    plain = float(squares.sqrt().sum())
    assert population_overlap(squares, (0.0, 0.0)) == pytest.approx(plain, rel=1e-12)
    gaps = [population_overlap(squares, (1 / n, 2 / n)) / plain - 1 for n in (100, 1000, 10_000)]
    assert gaps[0] > gaps[1] > gaps[2] > 0
    # To first order, the overlap that is missing is the same share of 1/n.
    assert gaps[1] / gaps[2] == pytest.approx(10, rel=0.01)


def test_the_population_overlap_scales_and_does_not_mind_the_sides():
    squares = torch.from_numpy(np.random.default_rng(0).exponential(size=20))
    one = population_overlap(squares, (0.5, 0.2))
    assert population_overlap(squares, (0.2, 0.5)) == pytest.approx(one, rel=1e-12)
    for scale in (1e-12, 1e12):
        found = population_overlap(squares * scale, (0.5, 0.2))
        assert found == pytest.approx(one * scale**0.5, rel=1e-12)
    wide = torch.tensor([1e-20, 1.0, 1e20], dtype=torch.float64)
    assert population_overlap(wide, (0.0, 0.0)) == pytest.approx(1e10 + 1 + 1e-10, rel=1e-12)


@pytest.mark.parametrize(("d", "count"), [(3, 70), (140, 2)])
def test_distances_from_many_are_those_from_each(d, count):
    rng = np.random.default_rng(d)
    others = [(rng.normal(size=d), covariance(d, seed=seed)) for seed in range(count)]
    singular = np.zeros(d), covariance(d, seed=99, rank=d - 1)
    gaussians = [Gaussian(*map(torch.from_numpy, one)) for one in (*others, singular)]
    for first in (0, -1):
        mean, cov = (*others, singular)[first]
        wanted = [
            ((mean - m) ** 2).sum()
            + np.trace(cov + c)
            - 2 * np.sqrt(np.linalg.eigvals(cov @ c).real.clip(0)).sum()
            for m, c in others
        ]
        found = distances(gaussians[first], gaussians[:-1])
        assert [one.value for one in found] == pytest.approx(wanted, rel=1e-6, abs=1e-6)
