"""Memorisation: planted copies are found however they were transformed, new images are not."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import hypergeom
from sklearn.neighbors import NearestNeighbors

from ganeval import memorization
from ganeval.errors import InputError
from ganeval.features import as_features
from ganeval.metrics import METRICS
from ganeval.metrics.copies.likeness import of_features, of_pixels
from ganeval.metrics.copies.memorization import conformal_p_values


def rows(n, d=8, *, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


def pictures(n, *, seed=0, size=(20, 24)):
    """Smooth blobs, all different."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: size[0], : size[1]]
    images = np.zeros((n, *size))
    for _ in range(4):
        cy, cx, s = rng.uniform(2, 18, (3, n, 1, 1)) * np.array([1, 1.1, 0.2])[:, None, None, None]
        images += np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / (2 * (s + 1) ** 2))
    return (images * 60).clip(0, 255).astype(np.uint8)[..., None]


def test_the_ratio_is_that_of_the_nearest_to_the_mean_of_the_next_49():
    train, queries = rows(200), rows(30, seed=1)
    found = of_features(queries, train)
    distance, nearest = NearestNeighbors(n_neighbors=50).fit(train).kneighbors(queries)
    np.testing.assert_allclose(found.ratios, distance[:, 0] / distance[:, 1:].mean(1), atol=1e-5)
    np.testing.assert_array_equal(found.rows, nearest[:, 0])


def test_p_values_count_the_reals_that_are_as_close_and_the_fake_itself():
    real, fake = np.array([0.1, 0.3, 0.3, 0.9]), np.array([0.05, 0.1, 0.3, 1.0])
    p = conformal_p_values(fake, real, np.arange(4))
    np.testing.assert_allclose(p, [1 / 5, 2 / 5, 4 / 5, 1])


def test_each_group_of_reals_counts_as_one():
    """Two of three images of one group, and none of the other's, are as close."""
    real, unit = np.array([0.1, 0.2, 0.9, 0.8]), np.array([0, 0, 0, 1])
    assert conformal_p_values(np.array([0.5]), real, unit) == pytest.approx((1 + 2 / 3) / 3)


@pytest.mark.parametrize("how", ["flipped", "shifted", "darker", "all"])
def test_copies_are_found_whatever_was_done_to_them(how):
    train, real, fake = pictures(150), pictures(200, seed=1), pictures(60, seed=2)
    copies = train[20:26].astype(float)
    if how in ("flipped", "all"):
        copies = copies[:, :, ::-1]
    if how in ("shifted", "all"):
        copies = np.pad(copies, ((0, 0), (2, 0), (0, 1), (0, 0)), mode="edge")[:, :-2, 1:]
    if how in ("darker", "all"):
        copies = 0.6 * copies + 20
    fake[10:16] = copies.astype(np.uint8)
    score = memorization(real, fake, train=train)
    p = np.array(score.details["p_values"])
    assert (p[10:16] <= 0.01).all()
    assert (np.delete(p, range(10, 16)) <= 0.01).mean() < 0.05
    assert score.details["nearest"][10:16] == [20, 21, 22, 23, 24, 25]
    assert set(range(10, 16)) <= set(score.details["suspects"])
    assert score.value == pytest.approx(100 * (p <= 0.01).mean())
    assert score.details["p_value"] < 0.01


def test_turned_and_brighter_images_are_at_distance_0():
    x = pictures(60).transpose(0, 3, 1, 2).reshape(60, -1).astype(float)
    turned = 5 + 2 * pictures(60)[:, ::-1, ::-1].transpose(0, 3, 1, 2).reshape(60, -1).astype(float)
    found = of_pixels(turned, x, (1, 20, 24))
    assert found.ratios.max() < 2e-3
    np.testing.assert_array_equal(found.rows, np.arange(60))


def test_an_image_moved_by_half_pixels_is_at_distance_0_from_their_means():
    x = np.pad(pictures(60)[..., 0].astype(float), ((0, 0), (3, 3), (3, 3)))
    moved = (x + np.roll(x, 1, axis=2)) / 2
    moved = (moved + np.roll(moved, -1, axis=1)) / 2
    found = of_pixels(x.reshape(60, -1), moved.reshape(60, -1), (1, 26, 30))
    assert found.ratios.max() < 5e-3
    np.testing.assert_array_equal(found.rows, np.arange(60))


def test_new_images_are_accused_as_often_as_agreed():
    shares = [
        memorization(
            rows(99, seed=3 * i), rows(50, seed=3 * i + 1), train=rows(150, seed=3 * i + 2),
            false_positive_rate=0.1,
        ).value
        for i in range(40)
    ]  # fmt: skip
    # 40 sets of reals move the limit by 3 points each, 50 fakes by 4.
    assert abs(np.mean(shares) - 10) < 3.5 * 5.2 / 40**0.5


def test_the_p_value_of_all_is_the_chance_of_so_many_copies():
    train, real, fake = rows(200), rows(199, seed=1), rows(50, seed=2)
    fake[:4] = train[:4] + 0.01
    score = memorization(real, fake, train=train)
    x = round(score.value / 2)
    assert x >= 4
    # Below the second closest real (p = 2/200) there are one real and x fakes.
    assert score.details["p_value"] == pytest.approx(hypergeom.sf(x - 1, 249, 50, 1 + x))


def test_patients_make_p_values_larger_and_take_the_p_value_of_all_away():
    train, real, fake = rows(200), rows(150, seed=1), rows(40, seed=2)
    grouped = replace(as_features(real), groups=tuple(f"p{i // 10}" for i in range(150)))
    plain, aware = (
        memorization(x, fake, train=train, false_positive_rate=0.1) for x in (real, grouped)
    )
    assert min(aware.details["p_values"]) >= 1 / 16 > min(plain.details["p_values"])
    assert aware.details["p_value"] is None
    notes = METRICS["memorization"].notes(aware)
    assert "no p: images of a group are alike" in notes[0]
    with pytest.raises(InputError, match="15 held-out groups allow no p-value below 0.062, so no"):
        memorization(grouped, fake, train=train)


def test_where_no_fake_can_be_suspect_there_is_no_score_of_0():
    train, real = rows(200), rows(60, seed=1)
    with pytest.raises(InputError) as refusal:
        memorization(real, train[:40], train=train)  # each a copy
    assert "40 fakes are exact copies of training images; as to others, 60" in str(refusal.value)
    assert "give at least 99, or a false_positive_rate of 0.017" in str(refusal.value)
    memorization(real, rows(9), train=train, false_positive_rate=0.017)
    assert memorization(rows(99, seed=1), train[:40], train=train).value == 100
