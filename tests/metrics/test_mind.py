import numpy as np
import pytest

from ganeval.metrics import mind, sliced_wasserstein_distance
from ganeval.metrics.sliced_wasserstein import orthogonal_directions


def rows(n, d=6, *, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


def published(x, y, directions):
    """3 d times the mean squared difference of sorted projections."""
    a, b = (np.sort(side @ directions.T, axis=0) for side in (x, y))
    return 3 * x.shape[1] * ((a - b) ** 2).mean()


@pytest.mark.parametrize("d", [3, 40])
def test_it_is_the_published_formula_on_the_same_lines(d):
    x, y = rows(90, d), rows(90, d, seed=1) + 0.4
    expected = published(x, y, orthogonal_directions(d, 1000))
    assert mind(x, y).value == pytest.approx(expected, rel=1e-10)


def test_random_lines_as_published_give_the_same_but_for_their_own_error():
    x, y, d = rows(200, 20), 1.3 * rows(200, 20, seed=1), 20
    lines = np.random.default_rng(5).standard_normal((1000, d))
    lines /= np.linalg.norm(lines, axis=1)[:, None]
    score = mind(x, y)
    error = score.details["direction_std_error"]
    assert published(x, y, lines) == pytest.approx(score.value, abs=4 * error)
    assert error < 0.05 * score.value


def test_a_shift_costs_three_times_its_square():
    """As FID, which has it once, up to the published scale."""
    x, shift = rows(80), np.array([0.5, 0, 0, -1, 0, 2])
    assert mind(x, x + shift, interval=False).value == pytest.approx(3 * (shift**2).sum(), rel=0.02)


def test_it_is_the_square_of_the_sliced_distance_in_other_units():
    x, y = rows(70), rows(50, seed=1) + 0.3
    other = sliced_wasserstein_distance(x, y, directions=1000)
    score = mind(x, y)
    assert score.value == pytest.approx(18 * other.value**2)
    assert score.std_error == pytest.approx(18 * 2 * other.value * other.std_error)
