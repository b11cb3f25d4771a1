import sys
from dataclasses import replace

import numpy as np
import pytest

from ganeval.errors import InputError
from ganeval.features import as_features
from ganeval.metrics import rke, vendi
from ganeval.metrics.pairs import distances
from ganeval.metrics.spine import Pair
from ganeval.metrics.vendi import _of_rows


def rows(n, d=4, *, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


def entropy(kernel, weights):
    """Of D^½ K D^½, with D the weights of images: for equal ones K/n."""
    root = np.sqrt(weights)
    values = np.linalg.eigvalsh(root[:, None] * kernel * root)
    values = values[values > 1e-15]
    return -(values * np.log(values)).sum()


def gaussian(x, sigma):
    return np.exp(-((x[:, None] - x[None]) ** 2).sum(-1) / (2 * sigma**2))


def cosine(x):
    unit = x / np.linalg.norm(x, axis=1)[:, None]
    return unit @ unit.T


@pytest.mark.parametrize("tile", [20, 1024])
@pytest.mark.parametrize("interval", [True, False])
def test_it_is_the_exponential_of_the_entropy_of_eigenvalues(tile, interval, monkeypatch):
    monkeypatch.setattr(distances, "TILE", tile)
    x, equal = rows(50), np.full(50, 1 / 50)
    x[7] = x[3]
    near = vendi(x, bandwidth=1.3, interval=interval).value
    assert near == pytest.approx(np.exp(entropy(gaussian(x, 1.3), equal)), rel=1e-9)
    for wide in (x, rows(50, 70)):
        found = vendi(wide, kernel="cosine", interval=interval).value
        assert found == pytest.approx(np.exp(entropy(cosine(wide), equal)), rel=1e-9)


@pytest.mark.parametrize("c", [2, 9])
def test_separate_narrow_modes_are_counted(c):
    x = 100 * np.eye(c, 10)[np.arange(180) % c] + 1e-5 * rows(180, 10)
    assert vendi(x, bandwidth=1.0).value == pytest.approx(c, rel=1e-4)
    assert vendi(x, kernel="cosine").value == pytest.approx(c, rel=1e-4)


def test_it_is_never_below_the_score_of_order_2():
    x = rows(60)
    assert vendi(x, bandwidth=1.0).value > rke(x, bandwidth=1.0).value


@pytest.mark.parametrize(("kernel", "d"), [("gaussian", 4), ("cosine", 4), ("cosine", 70)])
def test_influences_are_what_leaving_each_image_out_does(kernel, d):
    x = rows(50, d)
    x[7] = x[3]
    side = Pair.take(None, as_features(x), None, metric="vendi", one_sided=True).fake
    sigma = 1.3 if kernel == "gaussian" else None
    alike = gaussian(x, sigma) if sigma else cosine(x)
    _, influence = _of_rows(side, sigma, True)
    keeping = [np.delete(np.arange(50), i) for i in range(50)]
    without = np.array([entropy(alike[np.ix_(k, k)], np.full(49, 1 / 49)) for k in keeping])
    assert influence == pytest.approx(49 * (without.mean() - without), abs=1e-7)


@pytest.mark.parametrize("n", [30, 120])
def test_the_standard_error_is_the_spread_over_samples(n):
    scores = [vendi(rows(n, 8, seed=seed), bandwidth=2.0) for seed in range(150)]
    spread = np.std([score.value for score in scores], ddof=1)
    assert 0.9 < np.median([score.std_error for score in scores]) / spread < 1.25


def test_the_reals_own_score_is_of_as_many_images():
    real, fake = rows(90), rows(40, seed=1)
    score = vendi(fake, real=real)
    own = score.details["real"]
    assert own["n"] == 40
    order = np.random.default_rng(2).permutation(90)
    assert vendi(fake, real=real[order]).details["real"]["value"] == pytest.approx(own["value"])
    assert own["value"] < vendi(real, bandwidth=score.details["bandwidth"]).value


def test_it_says_that_it_does_not_converge_and_compares_at_one_n_only():
    few, many = vendi(rows(40), bandwidth=1.0), vendi(rows(80), bandwidth=1.0)
    assert many.value > few.value
    assert few.protocol_id != many.protocol_id
    assert any("does not converge" in text for text in few.warnings)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "give the reals, a bandwidth, or kernel cosine"),
        ({"kernel": "linear"}, "kernel is 'linear'; wanted gaussian or cosine"),
        ({"kernel": "cosine", "bandwidth": 1.0}, "kernel cosine has no bandwidth"),
        ({"bandwidth": 0.0}, "bandwidth is 0.0; wanted a number from 1e-30"),
    ],
)
def test_what_does_not_fit_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        vendi(rows(30), **options)


def test_a_row_of_zeros_has_no_cosine(monkeypatch):
    x = rows(30)
    x[4] = 0
    with pytest.raises(InputError, match="1 rows of fake are all zeros"):
        vendi(x, kernel="cosine")
    monkeypatch.setattr(sys.modules["ganeval.metrics.vendi"], "MOST", 20)
    with pytest.raises(InputError, match="fake has 30 images; give at most 20, or use rke"):
        vendi(x, bandwidth=1.0)


def test_groups_widen_the_interval():
    x = np.repeat(rows(20), 5, axis=0) + 0.1 * rows(100, seed=1)
    side = as_features(x)
    grouped = replace(side, groups=tuple(str(i // 5) for i in range(100)))
    blind = side.take(np.random.default_rng(2).permutation(100))  # sorted ones would be noticed
    assert vendi(grouped, bandwidth=1.0).std_error > 1.5 * vendi(blind, bandwidth=1.0).std_error
