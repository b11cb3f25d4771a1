"""Intervals against scipy's distributions, and by simulation."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq

from ganeval.statistics import Spread, t_quantile, wilson_interval
from ganeval.statistics.intervals import (
    NORMAL,
    distance_interval,
    skewed_interval,
    t_interval,
    too_close,
)


@pytest.mark.parametrize("df", [1.3, 3.0, 19.0, 1e4])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_t_quantiles_are_scipys(df, level):
    assert t_quantile(level, df) == pytest.approx(stats.t.ppf(0.5 + level / 2, df), rel=1e-8)


def test_the_t_interval_is_that_of_a_mean():
    x = np.random.default_rng(0).standard_normal(12)
    found = t_interval(x.mean(), Spread(x.var(ddof=1) / 12, df=11), 0.9)
    assert found == pytest.approx(stats.ttest_1samp(x, 0).confidence_interval(0.9))


@pytest.mark.parametrize("n", [5, 40, 1000])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.9])
def test_of_a_share_the_skewed_interval_is_wilsons(n, share):
    """Influences are the indicators: κ₃/V is (1 − 2p)/n. Then the t interval joins."""
    variance = share * (1 - share) / n
    third = share * (1 - share) * (1 - 2 * share) / n**2
    found = skewed_interval(share, Spread(variance, third, NORMAL), 0.95)
    q = t_quantile(0.95, NORMAL)
    # Wilson's variance is p(1 − p)/n at each p; this one's is linear in p, as at the estimate.
    wilson = wilson_interval(share, n, q)
    ends = [
        brentq(
            lambda p: (share - p) ** 2 - q * q * (variance + third / variance * (p - share)), *ab
        )
        for ab in (
            (share - 9 * variance**0.5 - 9 / n, share),
            (share, share + 9 * variance**0.5 + 9 / n),
        )
    ]
    plain = t_interval(share, Spread(variance, third, NORMAL), 0.95)
    assert found == pytest.approx((min(ends[0], plain[0]), max(ends[1], plain[1])), rel=1e-9)
    if n == 1000:
        assert found[share < 0.5] == pytest.approx(wilson[share < 0.5], abs=2e-3)


def test_the_interval_of_a_share_is_scipys():
    for hits, n in ((0, 9), (3, 30), (30, 30)):
        expected = stats.binomtest(hits, n).proportion_ci(0.95, "wilson")
        found = wilson_interval(hits / n, n, t_quantile(0.95, NORMAL))
        assert found == pytest.approx((expected.low, expected.high), abs=1e-9)
        assert (
            found[0] <= hits / n <= found[1]
        )  # without rounding: 0 of n is not below the interval


def test_a_skewed_score_is_covered_where_a_symmetric_interval_fails():
    """The mean of 30 lognormal images: the long tail is above, so that means are mostly too low."""
    rng = np.random.default_rng(0)
    truth, hits, plain = np.exp(0.5), 0, 0
    for _ in range(1500):
        x = rng.lognormal(size=30)
        pulls = (x - x.mean()) * (30 / 29) ** 0.5 / 30
        found = Spread(float((pulls**2).sum()), float((pulls**3).sum()), 29.0)
        low, high = skewed_interval(x.mean(), found, 0.95)
        hits += low <= truth <= high
        low, high = t_interval(x.mean(), found, 0.95)
        plain += low <= truth <= high
    assert plain / 1500 < 0.9 < hits / 1500


# Squared distances.


def of_one_feature(gap, n, level=0.95):
    """Of the squared distance of one Gaussian feature's mean: (x̄ − μ)² less its variance 1/n.

    Influences give it a variance of 4 gap²/n at the gap that was seen; it is 2/n² at distance 0.
    """
    variance = 4 * gap**2 / n
    return distance_interval(
        gap**2 - 1 / n,
        Spread(variance, df=NORMAL),
        level,
        second_order=2 / n**2,
        widest=1 / n,
    )


@pytest.mark.parametrize("gap", [0.2, 0.3, 0.5, 0.8, 1.5])
def test_of_one_gaussian_feature_its_ends_are_scipys_noncentral_chi_square(gap):
    """Where the t interval does not reach further: above, and (near 0) below."""
    n = 10
    low, high = of_one_feature(gap, n)
    # An estimate below 0 has the upper end of 0.
    observed, tail = max(n * gap**2, 1.0), stats.norm.sf(t_quantile(0.95, NORMAL))

    def upper(distance):
        return stats.ncx2.cdf(observed, 1, n * distance) - tail

    assert high == pytest.approx(brentq(upper, 1e-9, 100), rel=1e-6)
    if stats.ncx2.sf(observed, 1, 1e-12) > tail:
        assert low == 0
    else:
        exact = brentq(lambda f: stats.ncx2.sf(observed, 1, n * f) - tail, 1e-9, 100)
        assert low <= exact + 1e-9


@pytest.mark.parametrize("distance", [0.0, 0.05, 0.3, 1.0, 5.0])
def test_of_one_gaussian_feature_it_covers(distance):
    rng = np.random.default_rng(0)
    n, tries = 20, 3000
    hits = 0
    for gap in distance**0.5 + rng.standard_normal(tries) / n**0.5:
        low, high = of_one_feature(abs(gap), n)
        hits += low <= distance <= high
    assert hits / tries > 0.95 - 3.5 * (0.05 * 0.95 / tries) ** 0.5
    if distance >= 1:  # near 0 the t interval reaches further down, and it holds more often
        assert hits / tries < 0.98


@pytest.mark.parametrize("estimate", [-3e-2, -1e-3, 0.0, 1e-3, 0.1, 4.0, 1e6])
@pytest.mark.parametrize("second_order", [0.0, 1e-4])
@pytest.mark.parametrize("df", [3.0, 1e9])
def test_it_is_never_below_0_and_grows_with_the_level(estimate, second_order, df):
    before = None
    for level in (0.2, 0.5, 0.8, 0.95, 0.99, 0.9999):
        low, high = distance_interval(
            estimate,
            Spread(1e-4 + abs(estimate) * 1e-2, df=df),
            level,
            second_order=second_order,
            widest=0.01,
        )
        assert 0 <= low < high < np.inf
        assert low <= max(estimate, 0) <= high
        if before is not None:
            assert low <= before[0] and before[1] <= high
        before = low, high


def test_other_units_give_the_same_interval():
    found = distance_interval(0.3, Spread(0.02, df=30), 0.95, second_order=0.003, widest=0.05)
    for s in (1e-9, 1e9):
        other = distance_interval(
            0.3 * s,
            Spread(0.02 * s * s, df=30),
            0.95,
            second_order=0.003 * s * s,
            widest=0.05 * s,
        )
        assert other == pytest.approx([end * s for end in found], rel=1e-6)


def test_far_from_0_it_holds_the_t_interval():
    spread = Spread(0.04, df=12)
    low, high = distance_interval(30.0, spread, 0.95, second_order=1e-6, widest=1e-3)
    plain = t_interval(30.0, spread, 0.95)
    assert low == pytest.approx(plain[0], abs=0.01) and low <= plain[0]
    assert high == pytest.approx(plain[1], abs=0.05) and high >= plain[1]


def test_what_chance_takes_below_0_is_told_from_what_it_does_not():
    assert not too_close(-3.0, Spread(0.01), 1.0)
    assert too_close(-3.4, Spread(0.01), 1.0)
    assert not too_close(-3.4, Spread(4.0), 1.0)
