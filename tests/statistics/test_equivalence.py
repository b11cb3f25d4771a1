"""Two one-sided tests of a margin."""

import numpy as np
import pytest
from scipy import stats

from ganeval.statistics import level_of_bounds, supported_margin, t_quantile


@pytest.mark.parametrize("estimate", [0.0, 0.3, -1.2])
@pytest.mark.parametrize("df", [3.0, 40.0])
def test_the_supported_margin_is_where_both_one_sided_t_tests_just_reject(estimate, df):
    error = 0.4
    margin = supported_margin(estimate, lambda level: t_quantile(level, df) * error, level=0.95)
    p = max(
        stats.t.sf((estimate + margin) / error, df),  # against "−margin or less"
        stats.t.cdf((estimate - margin) / error, df),  # against "margin or more"
    )
    assert p == pytest.approx(0.05, rel=1e-6)


def test_a_margin_as_large_as_the_true_difference_is_claimed_in_five_per_cent_of_samples():
    rng = np.random.default_rng(0)
    estimates = 1.0 + 0.2 * rng.standard_normal(4000)
    margins = [
        supported_margin(e, lambda level: t_quantile(level, 1e9) * 0.2, level=0.95)
        for e in estimates.tolist()
    ]
    assert np.mean(np.array(margins) < 1.0) == pytest.approx(0.05, abs=0.011)


def test_bounds_of_several_tests_hold_at_once():
    assert level_of_bounds(0.95) == pytest.approx(0.9)
    assert level_of_bounds(0.95, tests=5) == pytest.approx(0.98)
    assert level_of_bounds(0.3) == 0.0
