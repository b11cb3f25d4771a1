"""AuthPct and C_T: copies that were planted are found, and new images are not accused."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest, kstest, mannwhitneyu
from sklearn.neighbors import NearestNeighbors

from ganeval import InputError, authpct, ct
from ganeval.features import as_features
from ganeval.metrics import METRICS
from ganeval.metrics.copies.ct import _z


def rows(n, d=4, *, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


def copies(train, n, noise, *, seed=5):
    rng = np.random.default_rng(seed)
    return train[rng.integers(len(train), size=n)] + noise * rng.standard_normal(
        (n, train.shape[1])
    )


def test_authpct_is_its_definition_by_scikit_learn():
    train, fake = rows(200), rows(80, seed=1)
    index = NearestNeighbors(n_neighbors=2, algorithm="brute").fit(train)
    distance, nearest = index.kneighbors(fake, n_neighbors=1)
    own = index.kneighbors(train)[0][:, 1]
    expected = 100 * (distance[:, 0] > own[nearest[:, 0]]).mean()
    assert authpct(rows(80, seed=2), fake, train=train).value == expected


def test_authpct_finds_planted_copies_and_compares_with_reals():
    train, real = rows(500), rows(300, seed=1)
    new = authpct(real, rows(300, seed=2), train=train)
    copied = authpct(real, copies(train, 300, 0.01), train=train)
    half = authpct(real, np.concatenate([copies(train, 150, 0.01), rows(150, seed=3)]), train=train)
    assert copied.value < 2
    assert abs(new.value - new.details["real"]) < 12  # four standard errors
    assert half.value == pytest.approx(new.value / 2, abs=6)


def test_the_interval_of_authpct_is_wilsons():
    train, real, fake = rows(300), rows(90, seed=1), rows(80, seed=2)
    score = authpct(real, fake, train=train, level=0.9)
    expected = binomtest(round(0.8 * score.value), 80).proportion_ci(0.9, "wilson")
    assert score.interval == pytest.approx((100 * expected.low, 100 * expected.high))
    share = score.value / 100
    assert score.std_error == pytest.approx(100 * (share * (1 - share) / 79) ** 0.5)
    all_copied = authpct(real, copies(train, 80, 0.001), train=train)
    expected = binomtest(round(0.8 * all_copied.value), 80).proportion_ci(method="wilson")
    assert all_copied.interval == pytest.approx((100 * expected.low, 100 * expected.high))
    # Whether fakes are reals does not matter to it.
    assert authpct(np.concatenate([real, fake]), fake, train=train).interval is not None


def test_groups_widen_the_interval_of_authpct():
    """Plates whose images are copies or not alike; the interval covers what new plates give."""
    train, real, covered, widths = rows(200), rows(50, seed=1), [], []
    rng = np.random.default_rng(0)
    for _ in range(80):
        copied = np.repeat(rng.random(16) < 0.5, 10)
        fake = np.where(
            copied[:, None], copies(train, 160, 1e-4, seed=rng), 9 + rows(160, seed=rng)
        )
        plates = tuple(f"p{i // 10}" for i in range(160))
        score = authpct(real, replace(as_features(fake), groups=plates), train=train)
        covered.append(score.interval[0] <= 50 <= score.interval[1])
        widths.append(score.interval[1] - score.interval[0])
    assert np.mean(covered) >= 0.88
    assert np.mean(widths) > 40  # 16 percentage points, if all images were independent
    few = replace(as_features(fake), groups=tuple(f"p{i // 80}" for i in range(160)))
    assert "2 groups" in authpct(real, few, train=train).details["no_interval"]


def test_what_is_printed_below_the_scores():
    train, real, fake = rows(300), rows(90, seed=1), rows(80, seed=2)
    fake[:3] = train[:3]
    score = authpct(real, fake, train=train)
    assert METRICS["authpct"].notes(score) == [
        f"held-out reals: {score.details['real']:.4g}",
        "3 of 80 fakes are exact copies of training images",
    ]
    score = ct(real, fake, train=train)
    (line,) = METRICS["ct"].notes(score)
    assert line.startswith(f"z = {score.details['z']:.3g}, p = {score.details['p_value']:.3g} (")
    few = ct(real, fake[:19], train=train)
    assert "no p: under 20 images" in METRICS["ct"].notes(few)[0]
    assert few.details["no_interval"] == "a test statistic"


def test_z_is_mann_whitneys():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 9, 30).astype(float), rng.integers(2, 9, 40).astype(float)  # with ties
    expected = mannwhitneyu(a, b, use_continuity=False, method="asymptotic")
    assert np.sign(_z(a, b)) == -1
    from scipy.stats import norm

    assert 2 * norm.sf(abs(_z(a, b))) == pytest.approx(expected.pvalue, rel=1e-9)


def test_ct_of_new_images_is_uniform_in_p():
    p = [
        ct(
            rows(120, seed=3 * i), rows(120, seed=3 * i + 1), train=rows(300, seed=3 * i + 2)
        ).details["p_value"]
        for i in range(150)
    ]
    assert kstest(p, "uniform").pvalue > 1e-3


def test_ct_finds_planted_copies():
    train, real = rows(600), rows(300, seed=1)
    copied = ct(real, copies(train, 300, 0.05), train=train)
    assert copied.value < -5
    assert copied.details["p_value"] < 1e-6
    far = ct(real, 2 * rows(300, seed=2), train=train)
    assert far.value > 3
    assert copied.details["cells"] == 10


@pytest.mark.parametrize("metric", [authpct, ct])
def test_the_reals_must_be_unseen(metric):
    x = rows(60)
    with pytest.raises(InputError, match="what the generator has not seen"):
        metric(x, rows(60, seed=1), train=x)
    with pytest.raises(InputError, match="train has 3 features per image but fake has 4"):
        metric(x, rows(60, seed=1), train=rows(60, 3))
    with pytest.raises(InputError, match="at least 2 images per side; train has 1"):
        metric(x, rows(60, seed=1), train=rows(1))


def test_copies_among_the_training_images_hide_no_copy():
    """An image that is there twice would be its own near neighbour, and all else authentic."""
    train, real = rows(300), rows(200, seed=1)
    fakes = copies(train, 200, 0.01)
    once, twice = (authpct(real, fakes, train=t) for t in (train, np.concatenate([train, train])))
    assert twice.value == once.value
    assert twice.details["real"] == once.details["real"]
    with pytest.raises(InputError, match="all 9 images of train are copies of one"):
        authpct(real, fakes, train=np.zeros((9, 4)))


@pytest.mark.parametrize("metric", [authpct, ct])
def test_the_order_of_the_training_images_does_not_matter(metric):
    rng = np.random.default_rng(0)
    train = rng.integers(0, 3, (200, 20)).astype(float)  # ties everywhere
    real, fake = (rng.integers(0, 3, (120, 20)) + 0.5 for _ in range(2))
    mixed = train[rng.permutation(200)]
    assert metric(real, fake, train=mixed).value == metric(real, fake, train=train).value


@pytest.mark.parametrize("metric", [authpct, ct])
def test_images_on_two_sides_at_once_are_told(metric):
    train, real, fake = rows(200), rows(100, seed=1), rows(90, seed=2)
    real[:7], fake[:5] = train[:7], train[:5]
    score = metric(real, fake, train=train)
    assert any("7 of 100 images of real are among those of train" in w for w in score.warnings)
    assert any("5 of 90 images of fake are exact copies" in w for w in score.warnings)
    assert score.details["exact_copies"] == 5


@pytest.mark.parametrize("metric", [authpct, ct])
def test_scores_for_other_training_images_are_not_compared(metric):
    real, fake = rows(100, seed=1), rows(100, seed=2)
    ids = {metric(real, fake, train=rows(200, seed=s)).protocol_id for s in (3, 4)}
    assert len(ids) == 2


def test_ct_has_no_p_value_where_the_normal_law_does_not_hold():
    train = rows(200)
    few = ct(rows(19, seed=1), rows(90, seed=2), train=train)
    assert few.details["p_value"] is None
    assert "under 20" in few.details["no_p_value"]
    plates = tuple(f"p{i % 9}" for i in range(90))
    grouped = replace(as_features(rows(90, seed=1)), groups=plates)
    assert ct(grouped, rows(90, seed=2), train=train).details["p_value"] is None


def test_cells_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="cells is 61; wanted 1 to 60"):
        ct(rows(20), rows(20, seed=1), train=rows(60, seed=2), cells=61)
