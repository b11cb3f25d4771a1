import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, kstest

from ganeval.datasets.gaussians import GRID, SHARP_GRID


@pytest.mark.parametrize("grid", [GRID, SHARP_GRID])
def test_points_are_normal_around_their_centres(grid):
    """Squared distances in units of the spread have chi-squared's law with two degrees."""
    points, rows = grid.draw(4000, np.random.default_rng(0))
    gaps = ((points[:, None] - grid.centres) ** 2).sum(2).min(1) / grid.spread**2
    assert kstest(gaps, chi2(2).cdf).pvalue > 0.01
    places = np.array(grid.places)
    np.testing.assert_array_equal(np.abs(points[:, 1:] - places).argmin(1), rows)
    assert set(rows) == set(range(5))


def test_rows_as_asked_for():
    wanted = np.repeat([4, 0, 2], 30)
    points, rows = GRID.draw(90, np.random.default_rng(1), wanted)
    np.testing.assert_array_equal(rows, wanted)
    np.testing.assert_allclose(points[:, 1], (wanted - 2) * 10, atol=5)


@given(st.integers(1, 25), st.integers(0, 2**32 - 1))
def test_modes_that_were_visited_are_counted(n, seed):
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(25)[:n]
    points = np.repeat(GRID.centres[chosen], 20, axis=0) + rng.uniform(-0.5, 0.5, (20 * n, 2))
    assert GRID.modes_covered(points) == n and GRID.share_near(points) == 1
    astray = points + 4.9  # between the modes
    assert GRID.modes_covered(astray) == 0 and GRID.share_near(astray) == 0


def test_a_mode_with_less_than_a_tenth_of_its_share_is_lost():
    points = np.repeat(GRID.centres, [1000 - 24 * 4, *[4] * 24], axis=0)
    assert GRID.modes_covered(points) == 25
    fewer = np.repeat(GRID.centres, [1000 - 24 * 3, *[3] * 24], axis=0)
    assert GRID.modes_covered(fewer) == 1


def test_true_points_cover_everything():
    points, _ = SHARP_GRID.draw(20_000, np.random.default_rng(2))
    assert SHARP_GRID.modes_covered(points) == 25
    assert SHARP_GRID.share_near(points) == pytest.approx(chi2(2).cdf(9), abs=0.003)
