import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import linear_sum_assignment

from ganeval.errors import InputError
from ganeval.metrics import METRICS, sliced_wasserstein_distance
from ganeval.metrics.sliced_wasserstein import transport
from ganeval.metrics.sliced_wasserstein.transport import orthogonal_directions, transport_costs
from ganeval.metrics.spine import Pair
from ganeval.statistics import difference


def rows(n, d=3, *, offset=0.0, scale=1.0, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d)) * scale + offset


@pytest.mark.parametrize(("n", "m"), [(50, 50), (50, 37), (12, 90), (2, 3), (60, 40)])
@pytest.mark.parametrize("offset", [0, 1e4])
def test_along_each_direction_it_is_scipys_cost(n, m, offset):
    x, y = rows(n, 4, offset=offset), rows(m, 4, offset=offset + 0.3, seed=1)
    lines = orthogonal_directions(4, 10)
    expected = [stats.wasserstein_distance(x @ line, y @ line) for line in lines]
    np.testing.assert_allclose(transport_costs(x, y, lines, p=1), expected, rtol=1e-9)
    mean = np.mean(expected)
    assert sliced_wasserstein_distance(x, y, p=1, directions=10).value == pytest.approx(mean)


@pytest.mark.parametrize(("n", "m"), [(12, 12), (6, 8), (9, 4)])
def test_squared_costs_are_those_of_the_best_assignment(n, m):
    """As many copies of either side as make them equal in number, then all assignments."""
    x, y = rows(n, 2), rows(m, 2, offset=0.3, seed=1)
    many = np.lcm(n, m)
    for line in orthogonal_directions(2, 6):
        a, b = np.repeat(x @ line, many // n), np.repeat(y @ line, many // m)
        squares = (a[:, None] - b) ** 2
        expected = squares[linear_sum_assignment(squares)].mean()
        found = transport_costs(x, y, line[None], p=2)
        assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("d", [1, 2, 7, 64])
def test_a_shift_costs_its_length_over_the_root_of_the_dimension(d):
    # Every direction sees (μ·θ)²; over an orthogonal set they sum to |μ|².
    x = rows(40, d)
    shift = np.random.default_rng(3).standard_normal(d)
    score = sliced_wasserstein_distance(x, x + shift, directions=4 * d)
    assert score.value == pytest.approx(np.linalg.norm(shift) / d**0.5, rel=1e-12)


def test_stretched_gaussians_have_a_closed_form_at_many_images():
    # W2 of N(0, 1) and N(0, 1.5²) is 0.5 on every line.
    x, y = rows(40_000, 3), rows(40_000, 3, scale=1.5, seed=1)
    score = sliced_wasserstein_distance(x, y, directions=48)
    assert score.value == pytest.approx(0.5, abs=0.01)


def test_directions_are_orthogonal_unit_vectors_and_always_the_same():
    lines = orthogonal_directions(5, 13)
    assert lines.shape == (13, 5)
    for start in (0, 5, 10):
        part = lines[start : start + 5]
        np.testing.assert_allclose(part @ part.T, np.eye(len(part)), atol=1e-12)
    np.testing.assert_array_equal(orthogonal_directions(5, 13), lines)
    assert np.abs(lines[0] @ lines[5]) > 1e-3
    assert orthogonal_directions(1, 100).tolist() == [[1.0]]


def test_directions_are_uniform():
    """The signs are not, and do not matter: products of coordinates and fourth powers are."""
    lines = orthogonal_directions(3, 30_000)
    np.testing.assert_allclose(lines.T @ lines / len(lines), np.eye(3) / 3, atol=1e-12)
    fourth = (lines**4).mean(axis=0)
    np.testing.assert_allclose(fourth, 3 / (3 * 5), atol=5 * (lines**4).std() / 30_000**0.5)


@pytest.mark.parametrize("rows_at_once", [7, 2048])
@pytest.mark.parametrize("chunk", [1, 10**6])
def test_chunks_change_nothing(chunk, rows_at_once, monkeypatch):
    x, y = rows(60), rows(45, seed=1)
    expected = sliced_wasserstein_distance(x, y, directions=100)
    monkeypatch.setattr(transport, "CHUNK", chunk)
    monkeypatch.setattr(transport, "ROWS", rows_at_once)
    found = sliced_wasserstein_distance(x, y, directions=100)
    assert found.value == pytest.approx(expected.value, rel=1e-13)
    assert found.interval == pytest.approx(expected.interval, rel=1e-10)


def test_the_error_of_the_directions_is_about_their_spread():
    x, y = rows(200, 8), rows(200, 8, seed=1) * np.linspace(0.5, 2, 8)
    score = sliced_wasserstein_distance(x, y, directions=100)
    costs = transport_costs(x, y, orthogonal_directions(8, 100), p=2)
    spread = np.std(
        [np.random.default_rng(i).choice(costs, 100).mean() ** 0.5 for i in range(2000)]
    )
    assert score.details["direction_std_error"] == pytest.approx(spread, rel=0.1)
    assert score.details["mean_cost"] == pytest.approx(score.value**2)


@settings(max_examples=25)
@given(
    n=st.integers(2, 12),
    m=st.integers(2, 12),
    d=st.integers(1, 5),
    p=st.sampled_from([1, 2]),
    seed=st.integers(0, 2**32),
)
def test_it_is_a_metric_that_turns_with_the_features(n, m, d, p, seed):
    def distance(a, b):
        return sliced_wasserstein_distance(a, b, p=p, directions=20).value

    x, y, z = rows(n, d, seed=seed), rows(m, d, seed=seed + 1), rows(5, d, seed=seed + 2)
    assert distance(x, y) <= distance(x, z) + distance(z, y) + 1e-12
    assert distance(x, np.concatenate([x, x])) == pytest.approx(0, abs=1e-12)
    assert distance(-x, -y) == pytest.approx(distance(x, y), rel=1e-9)


def test_it_is_biased_and_says_at_which_numbers_of_images():
    small, large = (sliced_wasserstein_distance(rows(n), rows(n, seed=1)) for n in (50, 500))
    assert small.value > 2 * large.value > 0
    assert small.protocol_id != large.protocol_id
    assert small.corrected is None


def test_other_orders_and_no_directions_are_refused():
    with pytest.raises(InputError, match="p is 3; wanted a number from 1 to 2"):
        sliced_wasserstein_distance(rows(9), rows(9), p=3)
    with pytest.raises(InputError, match="directions is 0; wanted a number from 1"):
        sliced_wasserstein_distance(rows(9), rows(9), directions=0)


def test_tensors_give_the_same_as_arrays():
    x, y = rows(30), rows(40, seed=1)
    assert sliced_wasserstein_distance(torch.from_numpy(x), torch.from_numpy(y)).value == (
        sliced_wasserstein_distance(x, y).value
    )


def weighted_cost(a, of_a, b, of_b, p):
    """W_p^p of two weighted samples on a line, by their quantile functions."""
    i, j = np.argsort(a), np.argsort(b)
    ends_a, ends_b = np.cumsum(of_a[i]), np.cumsum(of_b[j])
    ends_a[-1] = ends_b[-1] = 1
    ends = np.union1d(ends_a, ends_b)
    starts = np.append(0, ends[:-1])
    at = (starts + ends) / 2
    gaps = a[i][np.searchsorted(ends_a, at)] - b[j][np.searchsorted(ends_b, at)]
    return (np.abs(gaps) ** p * (ends - starts)).sum()


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize(("n", "m"), [(7, 7), (9, 6), (5, 12)])
@pytest.mark.parametrize("ties", [False, True])
def test_influences_are_derivatives_by_the_weights_of_images(n, m, p, ties):
    x, y = rows(n, 3), rows(m, 3, offset=0.3, seed=1)
    if ties:
        x, y = np.round(2 * x), np.round(2 * y)
        x[1] = x[0]
    lines = orthogonal_directions(3, 12)
    found = transport.transport(x, y, lines, p=p)
    np.testing.assert_array_equal(found.costs, transport_costs(x, y, lines, p=p))

    def mean_cost(of_x, of_y):
        return np.mean([weighted_cost(x @ line, of_x, y @ line, of_y, p) for line in lines])

    step, of_x, of_y = 1e-6, np.full(n, 1 / n), np.full(m, 1 / m)
    for i, influence in enumerate(found.influence_x):
        move = step * (np.eye(n)[i] - of_x)
        slope = (mean_cost(of_x + move, of_y) - mean_cost(of_x - move, of_y)) / (2 * step)
        assert influence == pytest.approx(slope, abs=1e-6)
    for j, influence in enumerate(found.influence_y):
        move = step * (np.eye(m)[j] - of_y)
        slope = (mean_cost(of_x, of_y + move) - mean_cost(of_x, of_y - move)) / (2 * step)
        assert influence == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize("p", [1, 2])
def test_equal_images_have_equal_influence(p):
    x, y = np.round(rows(60, 2)), np.round(rows(45, 2, seed=1))
    influence = transport.transport(x, y, orthogonal_directions(2, 40), p=p).influence_x
    _, which = np.unique(x, axis=0, return_inverse=True)
    for k in range(which.max() + 1):
        assert np.ptp(influence[which.ravel() == k]) < 1e-12


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize(("n", "m", "offset"), [(60, 60, 0.0), (60, 60, 1.0), (40, 120, 0.5)])
def test_the_interval_covers_the_mean_value_of_samples_of_these_sizes(n, m, offset, p):
    scores = [
        sliced_wasserstein_distance(
            rows(n, 2, seed=2 * i), rows(m, 2, offset=offset, seed=2 * i + 1), p=p, directions=16
        )
        for i in range(200)
    ]
    mean = np.mean([score.value for score in scores])
    low, high = np.array([score.interval for score in scores]).T
    assert ((low <= mean) & (mean <= high)).mean() >= 0.91  # of 0.95, 2.5 standard errors
    assert (low >= 0).all()
    sd = np.std([score.value for score in scores])
    assert 0.85 * sd < np.mean([score.std_error for score in scores]) < 1.8 * sd


def test_shared_reals_cancel_in_a_difference_of_models():
    estimate, gaps = METRICS["sliced_wasserstein_distance"].estimate, []
    for i in range(60):
        x = rows(80, 2, seed=3 * i)
        first, second = (
            estimate(
                *Pair.take(
                    x, rows(80, 2, offset=1 + k / 4, seed=3 * i + k), None, metric="swd"
                ).sides
            )
            for k in (1, 2)
        )
        gaps.append(difference(first, second))
    errors = [gap.spread.std_error for gap in gaps]
    assert np.mean(errors) == pytest.approx(np.std([gap.value for gap in gaps]), rel=0.35)
    assert np.mean(errors) < 0.9 * (first.spread.variance + second.spread.variance) ** 0.5


def test_there_is_no_interval_for_shared_images_or_without_being_asked_for():
    x, y = rows(50), rows(50, seed=1)
    y[:20] = x[:20]
    shared = sliced_wasserstein_distance(x, y, directions=20)
    assert shared.interval is None
    assert "exact copies" in shared.details["no_interval"]
    plain = sliced_wasserstein_distance(x, rows(50, seed=2), directions=20, interval=False)
    assert plain.interval is None
    assert "no_interval" not in plain.details
    assert plain.value == sliced_wasserstein_distance(x, rows(50, seed=2), directions=20).value
