"""The best of several scores: by simulation, and where no luck can help."""

import numpy as np
import pytest
from scipy import stats

from ganeval.statistics import winner


def errors(t, shared=0.0):
    """Standard errors of 1; `shared` is the correlation that common reals make."""
    return (1 - shared) * np.eye(t) + shared


@pytest.mark.parametrize("shared", [0.0, 0.7])
@pytest.mark.parametrize(
    "truths", [[0.0] * 6, [0.0, 0.5, 1.0, 1.5, 2.0, 2.5], [0.0, 0.1, 9.0]], ids=str
)
def test_the_winners_true_score_is_covered_and_the_best_is_a_contender(truths, shared):
    truths, rng, tries = np.array(truths), np.random.default_rng(0), 600
    covariance = errors(len(truths), shared)
    root = np.linalg.cholesky(covariance)
    held, kept, above, naive = 0, 0, 0, []
    for _ in range(tries):
        scores = truths + root @ rng.standard_normal(len(truths))
        found = winner(scores, covariance)
        assert found.index == int(scores.argmin())
        truth = truths[found.index]
        held += found.interval[0] <= truth <= found.interval[1]
        kept += 0 in found.contenders
        above += found.estimate > truth
        naive.append(found.naive - truth)
    least = 0.95 - 3.5 * (0.05 * 0.95 / tries) ** 0.5
    assert held / tries > least
    assert kept / tries > least
    # As often above as below, but for the band (0.5 %).
    assert abs(above / tries - 0.5) < 3.5 * 0.5 / tries**0.5 + 0.01
    if len(truths) == 6:
        assert np.mean(naive) < -0.15


def test_a_clear_winner_has_the_usual_interval():
    found = winner(np.array([0.0, 30.0, 40.0]), errors(3))
    assert (found.index, found.contenders) == (0, (0,))
    assert found.estimate == pytest.approx(0, abs=1e-6)
    # A tenth of the error is spent on the band, and most of it comes back within the band.
    low, high = found.interval
    assert low == pytest.approx(-high, abs=1e-6)
    assert stats.norm.isf(0.025) < high < stats.norm.isf((0.05 - 0.005) / 2)


def test_luck_is_taken_off_in_the_right_direction():
    scores = np.array([1.0, 1.1, 1.2, 1.3])
    lower, higher = (
        winner(s * scores, 0.04 * errors(4), lower_is_better=s > 0) for s in (1.0, -1.0)
    )
    assert lower.estimate > lower.naive == 1.0
    assert higher.estimate == pytest.approx(-lower.estimate)
    assert higher.interval == pytest.approx((-lower.interval[1], -lower.interval[0]))


def test_scores_that_move_together_need_no_correction():
    """With a correlation near 1, the gaps are known though the scores are not."""
    scores = np.array([1.0, 1.1, 1.2])
    apart, together = (winner(scores, errors(3, shared)) for shared in (0.0, 0.9999))
    assert len(apart.contenders) == 3
    assert together.contenders == (0,)
    assert abs(together.estimate - 1) < abs(apart.estimate - 1)


@pytest.mark.parametrize("behind", [0.0, 1e-9, 1e-3, 0.03])
@pytest.mark.parametrize("t", [2, 10, 50])
def test_a_near_tie_leaves_an_interval_of_the_usual_width_that_holds_the_estimate(behind, t):
    scores = np.r_[0.0, behind, np.linspace(1, 2, t - 2)]
    found = winner(scores, errors(t, 0.3))
    low, high = found.interval
    assert high - low > 2 * 1.95
    assert low <= found.estimate <= high
    luck_of_equals = -np.random.default_rng(0).standard_normal((20000, t)).min(1)
    assert 0 <= found.estimate <= np.quantile(luck_of_equals, 0.95) + 0.05


def test_few_degrees_and_high_levels_widen_it():
    scores = np.array([1.0, 2.0, 2.5])

    def width(**options):
        low, high = winner(scores, errors(3), **options).interval
        return high - low

    assert width(level=0.8) < width() < width(level=0.99)
    assert width() < width(df=20) < width(df=4)


def test_other_units_and_another_order_are_the_same():
    scores, covariance = np.array([1.3, 1.0, 1.4]), errors(3, 0.3)
    found = winner(scores, covariance)
    scaled = winner(1e-6 * scores, 1e-12 * covariance)
    assert scaled.interval == pytest.approx([1e-6 * end for end in found.interval], rel=1e-6)
    turned = winner(scores[::-1], covariance)
    assert turned.index == 1
    assert turned.interval == pytest.approx(found.interval, rel=1e-9)
    assert turned.contenders == tuple(sorted(2 - i for i in found.contenders))


def test_scores_that_tie_have_an_interval_that_covers():
    """Shares of few images often do; half of these draws have two at the top."""
    truth, n, tries = 0.8, 30, 600
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(tries):
        shares = rng.binomial(n, truth, size=4) / n
        variances = np.maximum(shares * (1 - shares), 0.02) / n
        low, high = winner(shares, np.diag(variances), lower_is_better=False).interval
        held += low <= truth <= high
    assert held / tries > 0.92
