from dataclasses import replace

import numpy as np
import pytest

from ganeval.errors import InputError
from ganeval.features import as_features
from ganeval.metrics import METRICS, clipped_density_coverage
from ganeval.metrics.pairs import distances
from ganeval.metrics.prdc.calibration import good_share
from ganeval.metrics.prdc.clipped_left_out import (
    clipped_coverage,
    clipped_density,
    plain_coverage,
    plain_density,
)


def rows(n, d=4, *, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


def integers(n, d=3, *, seed=0):
    """Copies and ties everywhere."""
    return np.random.default_rng(seed).integers(0, 3, (n, d)).astype(np.float64)


def table(a, b):
    return np.linalg.norm(a[:, None] - b[None], axis=2)


def radii(x, k):
    return np.sort(table(x, x), axis=1)[:, k]


def density_of(x, y, k, cap=None):
    """The definition over all pairs; the cap is the median radius unless it is given."""
    own = radii(x, k)
    around = np.minimum(own, np.median(own) if cap is None else cap)[:, None]
    fakes = np.minimum((table(x, y) <= around).sum(0), k).mean() / k
    reals = np.minimum((table(x, x) <= around).sum(0) - 1, k).mean() / k
    return fakes / reals


def covered(x, y, k):
    return np.minimum((table(x, y) < radii(x, k)[:, None]).sum(1), k).mean() / k


@pytest.mark.parametrize("tile", [25, 1024])
@pytest.mark.parametrize("make", [rows, integers])
@pytest.mark.parametrize(("n", "k"), [(60, 1), (61, 5)])
def test_they_are_what_their_paper_defines(make, n, k, tile, monkeypatch):
    monkeypatch.setattr(distances, "TILE", tile)
    x, y = make(n), make(50, seed=1) * 0.9 + 0.4 * (make is rows)
    for interval in (True, False):
        found = clipped_density_coverage(x, y, k=k, interval=interval)
        assert found.density.details["unclipped"] == pytest.approx(density_of(x, y, k), rel=1e-12)
        share = good_share(covered(x, y, k), n, 50, k)[0]
        assert found.coverage.value == pytest.approx(min(share, 1.0), abs=1e-12)
        assert found.density.value <= 1


def test_coverage_is_calibrated_to_what_good_fakes_give_whatever_the_features():
    """A simulation with m good fakes and 40 − m far away; in two dimensions, but any would do."""
    rng = np.random.default_rng(0)
    for good in (4, 20, 40):
        draws = [covered(rng.random((30, 2)), rng.random((good, 2)), 5) for _ in range(400)]
        assert good_share(np.mean(draws), 30, 40, 5)[0] == pytest.approx(good / 40, rel=0.03)
    assert good_share(0.0, 30, 40, 5)[0] == 0
    assert good_share(1.0, 30, 40, 5)[0] > 1


def test_both_fall_in_proportion_to_the_share_of_bad_fakes():
    shares, n, k = np.linspace(0.1, 1, 10), 300, 5
    x, good = rows(n, 8), rows(n, 8, seed=1)
    values = []
    for share in shares:
        y = np.where((np.arange(n) < share * n)[:, None], good, 50.0)
        fakes, reals = plain_density(x, y, k)
        of_reals = good_share(plain_coverage(x, y, k).mean(), n, n, k)[0]
        values.append((fakes.mean() / reals.mean(), of_reals))
    for of_metric in np.transpose(values):
        assert np.corrcoef(of_metric, shares)[0, 1] ** 2 > 0.99
        assert of_metric == pytest.approx(shares, abs=0.1)


def test_an_outlier_among_the_reals_makes_no_fake_good():
    x, y = rows(200), np.full((50, 4), 30.0) + rows(50, seed=1)
    x[0] = 29.0
    assert clipped_density_coverage(x, y).density.value == 0


@pytest.mark.parametrize("make", [rows, integers])
def test_density_without_each_image_is_the_density_of_the_others(make):
    """With the cap that all reals have, which leaving one out does not move."""
    k, x, y = 4, make(40), make(30, seed=1)
    cap = np.median(radii(x, k))
    found = clipped_density(x, y, k)
    without = [density_of(np.delete(x, i, 0), y, k, cap) for i in range(40)]
    ratio = found.fakes.without_real / found.reals.without_real
    assert ratio == pytest.approx(np.array(without), rel=1e-12)
    without = [density_of(x, np.delete(y, i, 0), k) for i in range(30)]
    ratio = found.fakes.without_fake / found.reals.value
    assert ratio == pytest.approx(np.array(without), rel=1e-12)


@pytest.mark.parametrize("make", [rows, integers])
def test_coverage_without_each_image_is_the_coverage_of_the_others(make):
    k, x, y = 4, make(40), make(30, seed=1)
    found = clipped_coverage(x, y, k, (None, None))
    without = np.array([covered(np.delete(x, i, 0), y, k) for i in range(40)])
    assert found.without_real == pytest.approx(without, abs=1e-12)
    without = np.array([covered(x, np.delete(y, i, 0), k) for i in range(30)])
    assert found.without_fake == pytest.approx(without, abs=1e-12)


def test_groups_of_one_image_change_nothing_and_larger_ones_are_one_unit():
    sides = [as_features(rows(80)), as_features(rows(80, seed=1) + 0.3)]

    def of_groups(size):
        grouped = [
            replace(side, groups=tuple(f"{name}{i // size}" for i in range(80)))
            for side, name in zip(sides, "rf", strict=True)
        ]
        return clipped_density_coverage(*grouped)

    plain, alone, larger = clipped_density_coverage(*sides), of_groups(1), of_groups(8)
    for one, other in zip(plain, alone, strict=True):
        assert other.std_error == pytest.approx(one.std_error, rel=0.02)
    assert larger.coverage.n_groups == 10


def test_where_hardly_any_fake_is_near_a_real_there_is_no_interval():
    far = rows(60, seed=1) + np.where(np.arange(60) < 10, 0, 50)[:, None]
    found = clipped_density_coverage(rows(60), far)
    assert "fakes are in any real's ball" in found.density.details["no_interval"]


def test_too_few_images_for_k_are_refused():
    with pytest.raises(InputError, match="k = 5 needs at least 6 images per side; fake has 5"):
        clipped_density_coverage(rows(30), rows(5))
    with pytest.raises(InputError, match="k is 0"):
        clipped_density_coverage(rows(30), rows(30), k=0)


def test_one_command_prints_both():
    scores = METRICS["clipped_density"].scores(real=rows(40), fake=rows(40, seed=1))
    assert [score.metric for score in scores] == ["clipped_density", "clipped_coverage"]
