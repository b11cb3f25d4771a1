import numpy as np
import pytest
import torch
from scipy import stats
from scipy.integrate import quad

from ganeval import InputError, compare, fid
from ganeval.metrics.frechet.tails import NO_FOURTH_MOMENT, SHARE, TOO_HEAVY, Tail, gini, too_heavy


def draws(noise, n=400, d=16, *, seed=0):
    return getattr(np.random.default_rng(seed), noise)(size=(n, d))


def test_the_gini_coefficient_is_half_the_mean_difference_over_the_mean():
    x = -np.sort(-np.random.default_rng(0).exponential(size=(3, 7)), axis=1)
    apart = np.abs(x[:, :, None] - x[:, None, :]).sum((1, 2)) / (7 * 6)
    assert gini(x) == pytest.approx(apart / 2 / x.mean(1), rel=1e-12)
    assert gini(np.zeros((2, 5))).tolist() == [0, 0]


def test_of_exponential_tails_it_is_a_half_with_a_known_variance():
    x = -np.sort(-np.random.default_rng(0).exponential(size=(20000, 10)), axis=1)
    found = gini(x)
    assert found.mean() == pytest.approx(0.5, abs=4 * found.std() / 20000**0.5)
    assert found.var() == pytest.approx(1 / (12 * 9), rel=0.05)


def test_the_border_is_that_of_the_lightest_tails_of_students_without_a_fourth_moment():
    """1 − ∫S² / ∫S over excesses, by quadrature."""
    law = stats.t(4)
    start = law.isf(SHARE / 2)
    one, two = (quad(lambda x, p=p: (2 * law.sf(x) / SHARE) ** p, start, np.inf)[0] for p in (1, 2))
    assert pytest.approx(1 - two / one, abs=5e-5) == NO_FOURTH_MOMENT


def test_lognormal_features_have_a_score_but_no_interval():
    x, y = draws("lognormal"), draws("lognormal", seed=1) * 0.8
    score = fid(x, y)
    assert score.interval is None and score.corrected is not None
    assert score.details["no_interval"] == TOO_HEAVY
    with pytest.raises(InputError, match="a cannot be compared by fid: the features have such"):
        compare(x, {"a": y, "b": draws("lognormal", seed=2)})


@pytest.mark.parametrize("noise", ["standard_normal", "uniform", "exponential"])
def test_light_tails_have_an_interval(noise):
    found = [fid(draws(noise, seed=2 * i), draws(noise, seed=2 * i + 1) * 0.7) for i in range(8)]
    assert all(score.interval for score in found)


def test_a_rare_kind_of_image_is_no_heavy_tail():
    for i in range(8):
        x, y = draws("standard_normal", seed=2 * i), draws("standard_normal", seed=2 * i + 1)
        x[:4, :4] += 8
        assert fid(x, y).interval is not None


def test_the_side_that_the_error_comes_from_decides():
    heavy, light = (Tail(g, 1e-6) for g in (0.6, 0.45))
    assert too_heavy([heavy, light], [1.0, 0.01])
    assert not too_heavy([heavy, light], [0.01, 1.0])
    assert not too_heavy([heavy, light], [0.0, 0.0])


def test_few_numbers_are_not_enough_for_a_verdict():
    assert not too_heavy([Tail(0.6, 0.01)], [1.0])
    assert too_heavy([Tail(0.6, 0.001)], [1.0])


def test_the_order_of_images_does_not_matter():
    x, y = draws("lognormal", 3000, 4), draws("lognormal", 3000, 4, seed=1)
    order = np.random.default_rng(2).permutation(3000)
    assert fid(x, y).interval == fid(x[order], y[order]).interval is None
    assert Tail.of(torch.from_numpy(x)).gini == pytest.approx(
        Tail.of(torch.from_numpy(x[order])).gini
    )
