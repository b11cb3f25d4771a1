from dataclasses import replace

import numpy as np
import pytest

from ganeval.errors import InputError
from ganeval.features import as_features
from ganeval.metrics import METRICS, rke
from ganeval.metrics.pairs import distances
from ganeval.metrics.rke import _of_one_side
from ganeval.metrics.spine import Pair
from ganeval.statistics import sampling_of
from ganeval.suites import compare


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
    score = rke(fake, real=real)
    assert score.details["bandwidth"] == pytest.approx(pairs.mean() ** 0.5 / 2)
    assert score.details["real"]["value"] == pytest.approx(
        rke(real, bandwidth=score.details["bandwidth"]).value
    )


def test_scores_on_different_scales_are_not_compared():
    fake = rows(60, seed=1)
    scores = [rke(fake, real=rows(80)), rke(fake, real=rows(80, seed=2)), rke(fake, bandwidth=1.0)]
    assert len({score.protocol_id for score in scores}) == 3
    assert rke(fake, real=rows(80), bandwidth=1.0).protocol_id == scores[2].protocol_id


def test_without_reals_and_bandwidth_there_is_no_scale():
    with pytest.raises(InputError, match="give the reals, or a bandwidth"):
        rke(rows(30))
    for bandwidth in (0.0, -1.0, float("nan")):
        with pytest.raises(InputError, match="wanted a number from 1e-30"):
            rke(rows(30), bandwidth=bandwidth)


def test_images_that_are_all_different_have_no_corrected_score():
    score = rke(1e3 * rows(50), bandwidth=0.01)
    assert score.value == pytest.approx(50)
    assert score.corrected is None
    assert "alike" in score.details["no_interval"]


def truth(spread, sigma):
    """1/E k² of a Gaussian with these standard deviations: a Gaussian integral per axis."""
    return float(np.prod(1 + 4 * spread**2 / sigma**2) ** 0.5)


@pytest.mark.parametrize(("n", "d"), [(20, 4), (60, 8)])
def test_the_correction_removes_the_bias_and_the_interval_covers(n, d):
    spread, sigma = np.arange(1, d + 1) ** -0.5, 1.5
    expected = truth(spread, sigma)
    scores = [rke(rows(n, d, seed=i) * spread, bandwidth=sigma) for i in range(300)]
    plain, corrected = (np.array([getattr(s, k) for s in scores]) for k in ("value", "corrected"))
    assert plain.mean() < 0.95 * expected
    assert abs(corrected.mean() - expected) < 0.2 * abs(plain.mean() - expected)
    covered = np.mean([s.interval[0] <= expected <= s.interval[1] for s in scores])
    assert 0.91 < covered < 0.98


def log_of_independent_pairs(x, sigma, units, classes=None):
    """−log of the mean of k² over pairs of different units, class by class."""
    kernel = np.exp(-((x[:, None] - x[None]) ** 2).sum(-1) / sigma**2)
    allowed = units[:, None] != units
    if classes is None:
        return float(-np.log(kernel[allowed].mean()))
    shares = np.bincount(classes) / len(x)
    found = 0.0
    for a, b in np.ndindex(len(shares), len(shares)):
        both = allowed & (classes[:, None] == a) & (classes == b)
        found += shares[a] * shares[b] * kernel[both].mean()
    return float(-np.log(found))


@pytest.mark.parametrize("sizes", [[1] * 40, [5] * 8, [4, 6, 8, 10, 12]])
def test_an_influence_is_what_leaving_out_an_image_or_a_group_does(sizes, monkeypatch):
    monkeypatch.setattr(distances, "TILE", 7)
    sizes = np.array(sizes)
    n, units = sizes.sum(), np.repeat(np.arange(len(sizes)), sizes)
    x = rows(n, 3)
    groups = None if len(sizes) == n else tuple(map(str, units))
    score = rke(replace(as_features(x), groups=groups), bandwidth=1.5)
    whole = log_of_independent_pairs(x, 1.5, units)
    left = [log_of_independent_pairs(x[units != g], 1.5, units[units != g]) for g in set(units)]
    of_unit = np.bincount(units, score.estimate.parts[0].influence) / score.corrected
    assert of_unit == pytest.approx((n - sizes) * (whole - np.array(left)), abs=1e-9)
    squared_error = (score.std_error / score.corrected) ** 2
    assert np.log(score.corrected) == pytest.approx(whole - squared_error / 2, abs=1e-10)


def test_chosen_class_sizes_are_weighed_as_they_are():
    x, classes, plates = rows(60, 3), np.arange(60) % 3, np.arange(60) // 6
    x[:, 0] += 2 * classes
    score = rke(
        replace(
            as_features(x), labels=tuple("abc"[c] for c in classes), groups=tuple(map(str, plates))
        ),
        bandwidth=2.0,
    )
    whole = log_of_independent_pairs(x, 2.0, plates, classes)
    squared_error = (score.std_error / score.corrected) ** 2
    assert np.log(score.corrected) == pytest.approx(whole - squared_error / 2, abs=1e-10)
    keep = plates != 4
    left = log_of_independent_pairs(x[keep], 2.0, plates[keep], classes[keep])
    influence = score.estimate.parts[0].influence[~keep].sum() / score.corrected
    assert influence == pytest.approx(54 * (whole - left), rel=0.02)


def test_the_order_of_images_and_the_names_of_groups_do_not_matter():
    x, order = rows(60), np.random.default_rng(0).permutation(60)
    names = np.arange(60) // 5
    first = rke(replace(as_features(x), groups=tuple(f"p{g}" for g in names)), bandwidth=2.0)
    moved = replace(as_features(x[order]), groups=tuple(f"q{-g}" for g in names[order]))
    other = rke(moved, bandwidth=2.0, seed=3)
    assert other.corrected == pytest.approx(first.corrected, rel=1e-12)
    assert other.interval == pytest.approx(first.interval, rel=1e-12)


def test_few_groups_have_no_interval():
    def score(g):
        groups = tuple(f"plate {i % g}" for i in range(240))
        return rke(replace(as_features(rows(240, 2)), groups=groups), bandwidth=1.0)

    assert score(4).interval is not None
    assert score(3).interval is None and score(3).corrected is not None
    assert score(3).details["no_interval"] == "3 groups, of 4 that an interval needs"
    assert score(1).corrected is None
    assert score(1).details["no_interval"] == "no two images are independent"


@pytest.mark.parametrize(("g", "least"), [(6, 0.89), (12, 0.91)])
def test_images_of_a_plate_are_not_independent(g, least):
    rng = np.random.default_rng(0)
    plates = np.repeat(np.arange(g), 20)
    covered = {True: [], False: []}
    expected = truth(np.full(4, 2**0.5), 2.0)
    for _ in range(200):
        x = rng.standard_normal((20 * g, 4)) + rng.standard_normal((g, 4))[plates]
        pair = Pair.take(None, x, None, metric="rke", one_sided=True).fake
        for grouped in (True, False):
            side = replace(pair, sampling=sampling_of(20 * g, None, [str(p) for p in plates]))
            found = _of_one_side(side if grouped else pair, 2.0)
            low, high = found.interval(0.95)
            covered[grouped].append(low <= expected <= high)
    assert least < np.mean(covered[True]) < 0.985
    assert np.mean(covered[False]) < 0.7


def test_the_reals_own_score_is_printed():
    score = rke(rows(60, seed=1), real=rows(80))
    (line,) = METRICS["rke"].notes(score)
    real = score.details["real"]
    assert line == f"reals: {real['value']:.4g} (corrected {real['corrected']:.4g})"
    assert METRICS["rke"].notes(rke(rows(60), bandwidth=1.0)) == []


def test_models_are_compared_on_the_scale_of_the_reals():
    real = rows(200)
    found = compare(real, {"a": rows(150, seed=1), "b": 0.3 * rows(150, seed=2)}, metric="rke")
    assert "a" in found.verdict


def test_fewer_modes_score_less():
    modes = 8 * np.random.default_rng(5).standard_normal((10, 16))
    rng = np.random.default_rng(0)

    def of(c):
        return rng.integers(c, size=300)

    real = rows(300, 16) + modes[of(10)]
    scores = [rke(rows(300, 16, seed=1) + modes[of(c)], real=real).corrected for c in (2, 5, 10)]
    assert scores[0] < scores[1] < scores[2]
