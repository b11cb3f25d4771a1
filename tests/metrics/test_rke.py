from dataclasses import replace

import numpy as np
import pytest

from ganeval.errors import InputError
from ganeval.features import as_features
from ganeval.metrics import rke
from ganeval.metrics.pairs import distances


def rows(n, d=4, *, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


def brute_force(x, sigma):
    """1/‖K/n‖² of the Frobenius norm, in extended precision."""
    x = x.astype(np.longdouble)
    kernel = np.exp(-((x[:, None] - x[None]) ** 2).sum(-1) / (2 * sigma**2))
    return float(1 / (kernel / len(x)).__pow__(2).sum())


@pytest.mark.parametrize("tile", [7, 1024])
@pytest.mark.parametrize("offset", [0.0, 1e5])
@pytest.mark.parametrize("sigma", [0.1, 1.0, 30.0])
def test_it_is_the_inverse_squared_norm_of_the_kernel_matrix(tile, offset, sigma, monkeypatch):
    monkeypatch.setattr(distances, "TILE", tile)
    x = rows(50) + offset
    x[13] = x[2]
    assert rke(x, bandwidth=sigma).value == pytest.approx(brute_force(x, sigma), rel=1e-11)


@pytest.mark.parametrize("c", [2, 5, 9])
def test_separate_narrow_modes_are_counted(c):
    x = 100 * np.eye(c, 10)[np.arange(180) % c] + 1e-4 * rows(180, 10)
    score = rke(x, bandwidth=1.0)
    assert score.value == pytest.approx(c, rel=1e-5)
    uneven = 100 * np.eye(3, 10)[[0] * 60 + [1] * 30 + [2] * 30]
    assert rke(uneven, bandwidth=1.0).value == pytest.approx(1 / (1 / 4 + 2 / 16))


def test_equidistant_points_have_a_closed_form():
    """k² is 1 on the diagonal and exp(−2/σ²) elsewhere: that of √2 between unit vectors."""
    n, sigma = 12, 1.7
    score = rke(np.eye(n), bandwidth=sigma)
    alike = np.exp(-2 / sigma**2)
    assert score.value == pytest.approx(n / (1 + (n - 1) * alike))
    assert score.corrected == pytest.approx(1 / alike)


def test_copies_are_alike_at_any_bandwidth():
    x = np.repeat(rows(20) + 1e6, 3, axis=0)
    assert rke(x, bandwidth=1e-12).value == pytest.approx(20)


def test_the_default_bandwidth_is_half_of_the_reals_typical_distance():
    real, fake = rows(80) + 1e4, rows(50, seed=1)
    pairs = ((real[:, None] - real[None]) ** 2).sum(-1)[np.triu_indices(80, 1)]
    score = rke(fake, real)
    assert score.details["bandwidth"] == pytest.approx(pairs.mean() ** 0.5 / 2)
    assert score.details["real"]["value"] == pytest.approx(
        rke(real, bandwidth=score.details["bandwidth"]).value
    )


def test_scores_on_different_scales_are_not_compared():
    fake = rows(60, seed=1)
    scores = [rke(fake, rows(80)), rke(fake, rows(80, seed=2)), rke(fake, bandwidth=1.0)]
    assert len({score.protocol_id for score in scores}) == 3
    assert rke(fake, rows(80), bandwidth=1.0).protocol_id == scores[2].protocol_id


def test_without_reals_and_bandwidth_there_is_no_scale():
    with pytest.raises(InputError, match="give the reals, or a bandwidth"):
        rke(rows(30))
    for bandwidth in (0.0, -1.0, float("nan")):
        with pytest.raises(InputError, match="wanted a distance above 0"):
            rke(rows(30), bandwidth=bandwidth)


def test_images_that_are_all_different_have_no_corrected_score():
    score = rke(1e3 * rows(50), bandwidth=0.01)
    assert score.value == pytest.approx(50)
    assert score.corrected is None
    assert "alike" in score.details["no_interval"]


def truth(spread, sigma):
    """1/E k² of a Gaussian with these standard deviations: a Gaussian integral per axis."""
    return float(np.prod(1 + 4 * spread**2 / sigma**2) ** 0.5)


def test_the_correction_removes_the_bias_and_the_interval_covers():
    spread, sigma = np.arange(1, 9) ** -0.5, 1.5
    expected = truth(spread, sigma)
    scores = [rke(rows(60, 8, seed=i) * spread, bandwidth=sigma) for i in range(300)]
    plain, corrected = (np.array([getattr(s, k) for s in scores]) for k in ("value", "corrected"))
    assert plain.mean() < 0.95 * expected
    assert abs(corrected.mean() - expected) < 0.2 * abs(plain.mean() - expected)
    covered = np.mean([s.interval[0] <= expected <= s.interval[1] for s in scores])
    assert 0.91 < covered < 0.98


def test_few_images_have_no_interval():
    few, enough = (rke(rows(n, 2), bandwidth=1.0) for n in (49, 50))
    assert few.interval is None and few.corrected is not None
    assert few.details["no_interval"] == "49 images, of 50 that an interval needs at least"
    assert enough.interval is not None


@pytest.mark.parametrize("g", [6, 11, 12])
def test_few_groups_have_no_interval(g):
    groups = tuple(f"plate {i % g}" for i in range(240))
    score = rke(replace(as_features(rows(240, 2)), groups=groups), bandwidth=1.0)
    assert (score.interval is None) == (g < 12) and score.corrected is not None
    if g < 12:
        assert score.details["no_interval"] == f"{g} groups, of 12 that an interval needs at least"


def test_images_of_a_plate_are_not_independent():
    rng = np.random.default_rng(0)
    plates = np.repeat(np.arange(12), 20)
    covered = {True: [], False: []}
    expected = truth(np.full(4, 2**0.5), 2.0)
    for _ in range(60):
        x = rng.standard_normal((240, 4)) + rng.standard_normal((12, 4))[plates]
        for grouped in (True, False):
            groups = tuple(map(str, plates)) if grouped else None
            low, high = rke(replace(as_features(x), groups=groups), bandwidth=2.0).interval
            covered[grouped].append(low <= expected <= high)
    assert np.mean(covered[True]) > 0.85
    assert np.mean(covered[False]) < 0.7


def test_fewer_modes_score_less():
    modes = 8 * np.random.default_rng(5).standard_normal((10, 16))
    real = rows(300, 16) + modes[np.arange(300) % 10]
    scores = [
        rke(rows(300, 16, seed=1) + modes[np.arange(300) % c], real).corrected for c in (2, 5, 10)
    ]
    assert scores[0] < scores[1] < scores[2]
