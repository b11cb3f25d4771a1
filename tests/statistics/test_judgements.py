"""Shares, and other means of judgements: their intervals and variances."""

import numpy as np
import pytest
from scipy.stats import binomtest

from ganeval.statistics import (
    Estimate,
    Part,
    difference,
    judged_mean,
    judged_share,
    sampling_of,
    wilson_interval,
)


def share_of(judgements, *, labels=None, groups=None, excess=None):
    sampling = sampling_of(len(judgements), labels, groups)
    share = float(np.mean(judgements))
    return Estimate(
        share,
        parts=(Part(judgements - share, sampling),),
        scale="share",
        judged=judged_share(judgements, sampling, excess=excess),
        limits=(0.0, 1.0),
    )


@pytest.mark.parametrize(("k", "n"), [(0, 9), (3, 40), (40, 40), (199, 200)])
def test_independent_judgements_have_wilsons_interval(k, n):
    estimate = share_of(np.arange(n) < k)
    for level in (0.5, 0.95):
        expected = binomtest(k, n).proportion_ci(level, "wilson")
        assert estimate.interval(level) == pytest.approx((expected.low, expected.high))
        low, high = estimate.times(100).interval(level)
        assert (low / 100, high / 100) == pytest.approx((expected.low, expected.high))
    assert estimate.spread.std_error > 0


def test_wilsons_interval_holds_the_shares_that_the_estimate_does_not_contradict():
    low, high = wilson_interval(0.3, 50.5, 1.7)
    for p in (low, high):
        assert abs(0.3 - p) == pytest.approx(1.7 * (p * (1 - p) / 50.5) ** 0.5)


@pytest.mark.parametrize("p", [0.5, 0.85])
@pytest.mark.parametrize("alike", [0.0, 0.6])
def test_intervals_of_grouped_judgements_cover(p, alike):
    """Groups of unequal size, whose images are judged alike to some degree."""
    rng, groups = np.random.default_rng(0), [f"g{i}" for i in range(14) for _ in range(4 + i % 5)]
    _, which = np.unique(groups, return_inverse=True)
    covered = []
    for _ in range(300):
        together = rng.random(14)[which] < p
        judgements = np.where(rng.random(14)[which] < alike, together, rng.random(len(groups)) < p)
        low, high = share_of(judgements, groups=groups).interval(0.95)
        covered.append(low <= p <= high)
    assert np.mean(covered) >= 0.92


def test_few_images_of_the_rarer_kind_count_as_a_third_where_judgements_share_images():
    few = share_of(np.arange(90) < 4, excess=(0.0,))
    assert few.interval(0.95) == pytest.approx(wilson_interval(4 / 90, 30, 1.959964), rel=1e-6)
    more = share_of(np.arange(90) < 5, excess=(0.0,))
    assert more.interval(0.95)[1] - more.interval(0.95)[0] < few.interval(0.95)[1]
    none = share_of(np.zeros(90, bool), excess=(0.0,))
    assert none.no_interval is None
    assert 0 < none.spread.std_error < 0.05


def test_classes_of_chosen_size_narrow_the_interval():
    labels = ["a", "b"] * 50
    judgements = np.array(labels) == "a"
    judgements[:10] ^= True
    chosen, chance = share_of(judgements, labels=labels), share_of(judgements)
    assert np.ptp(chosen.interval(0.95)) < 0.8 * np.ptp(chance.interval(0.95))


def test_the_excess_is_taken_off_but_never_below_the_judgements_own_variance():
    rng = np.random.default_rng(0)
    influence, judgements = rng.standard_normal(100), rng.poisson(1, 100)
    sampling = sampling_of(100)

    def variance(excess):
        judged = judged_mean(judgements, sampling, excess=(excess,))
        parts = (Part(2 * influence, sampling),)
        return Estimate(1.0, parts=parts, judged=judged).spread.variance

    assert variance(0.01) == pytest.approx(variance(0.0) - 0.01)
    assert variance(1.0) == pytest.approx(judgements.var(ddof=1) / 100)


@pytest.mark.parametrize("judges_reals", [False, True])
def test_a_difference_of_models_takes_off_what_both_count_twice(judges_reals):
    rng = np.random.default_rng(0)
    sampling = sampling_of(200)

    def model(excess):
        parts = tuple(Part(3 * rng.standard_normal(200), sampling) for _ in range(2))
        judged = judged_mean(
            rng.poisson(1, 200), sampling, excess=excess, judges_reals=judges_reals
        )
        return Estimate(1.0, parts=parts, judged=judged)

    first, second = model((0.001, 0.002)), model((0.003, 0.004))
    plain = difference(*(Estimate(1.0, parts=one.parts) for one in (first, second)))
    off = 0.006 if judges_reals else 0.010  # the reals may move both judgements of a real alike
    assert difference(first, second).spread.variance == pytest.approx(plain.spread.variance - off)
