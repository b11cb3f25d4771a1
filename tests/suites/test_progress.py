"""A training run may be looked at as often as one likes."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from ganeval import Evaluator, InputError, Progress, Score, fid
from ganeval.statistics import Against, Estimate, Part, Sampling, gain, mean_of

N = 60
REAL = Part(np.zeros(N), Sampling(N))


def look(rng, true, better="lower", n=40):
    """A score of a checkpoint whose true score is known, by the influence of its fakes."""
    image = rng.standard_normal(n)
    estimate = Estimate(true + image.mean(), None, (REAL, Part(image - image.mean(), Sampling(n))))
    return Score(
        "kid", estimate.value, None, (0.0, 1.0), 0.95, None, better, N, n, estimate=estimate
    )


def claims(rng, trues, looks=200, **more):
    progress = Progress(looks=looks)
    found = [progress.look(look(rng, true, **more), step=i) for i, true in enumerate(trues, 1)]
    return [one.step for one in found[1:] if one.better]


def test_false_alarms_are_as_rare_as_stated_over_all_looks():
    tries = 25
    alarms = sum(bool(claims(np.random.default_rng([1, i]), [0.0] * 64, 64)) for i in range(tries))
    assert alarms <= 0.05 * tries + 3.1 * (tries * 0.05 * 0.95) ** 0.5


def test_a_gain_that_lasts_is_found_though_no_single_look_shows_it():
    # 2.5 standard errors of a difference of two looks: one test at 5 % finds 80 %.
    jump, found = 2.5 * (2 / 150) ** 0.5, 0
    for i in range(20):
        steps = claims(np.random.default_rng([2, i]), [1.0] * 16 + [1.0 - jump] * 32, n=150)
        found += any(step > 16 for step in steps)
    assert found >= 12  # 70 % of 80 %


def test_large_gains_are_seen_at_once_and_replace_the_best():
    rng = np.random.default_rng(3)
    assert claims(rng, [10.0, 5.0, 5.0, 2.0, 7.0, 0.0]) == [2, 4, 6]
    assert claims(rng, [0.0, 5.0, 5.0, 10.0], better="higher") == [2, 4]


def test_a_mean_of_looks_has_the_error_of_the_mean():
    rng = np.random.default_rng(4)
    looks = [look(rng, 0.0).estimate for _ in range(16)]
    values = np.array([one.value for one in looks])
    mean = mean_of(looks)
    assert mean.centre == pytest.approx(values.mean())
    assert mean.spread.std_error == pytest.approx((1 / 40 / 16) ** 0.5, rel=0.1)
    apart = gain(looks[0], mean)
    assert apart.value == pytest.approx(values[0] - values.mean())
    assert apart.spread.variance == pytest.approx(1 / 40 + 1 / 640, rel=0.3)


def against(best, looks, error):
    """The limits of later looks, in standard deviations of their gains."""
    comparisons = Against(best)
    return norm.isf([comparisons.threshold(one, gain(one, best), error) for one in looks])


def test_comparisons_with_one_best_spend_what_they_are_given_and_no_more():
    """By simulation of the noise that they share: the best look's own."""
    rng = np.random.default_rng(7)
    best, later = look(rng, 0.0).estimate, [look(rng, 0.0, n=400).estimate for _ in range(5)]
    limits = against(best, later, 0.01)
    assert norm.sf(limits[0]) == pytest.approx(0.01, rel=1e-3)
    assert (np.diff(limits) < 0).all()
    tries = 200_000
    shared = best.spread.std_error * rng.standard_normal(tries)
    quiet = np.full(tries, True)
    for one, limit in zip(later, limits, strict=True):
        apart = one.spread.std_error * rng.standard_normal(tries) - shared
        alarm = apart / gain(one, best).spread.std_error > limit
        assert (quiet & alarm).mean() == pytest.approx(0.01, abs=5 * (0.01 / tries) ** 0.5)
        quiet &= ~alarm


def test_noise_of_reals_that_the_best_has_alone_is_shared_too():
    """Its influences differ by the reals, those of later looks do not: all gains move together."""
    rng = np.random.default_rng(8)
    image = 2 * rng.standard_normal(N)
    best = look(rng, 0.0, n=4000).estimate
    reals = Part(image - image.mean(), Sampling(N))
    later = [look(rng, 0.0, n=4000).estimate for _ in range(3)]
    limits = against(replace(best, parts=(reals, best.parts[1])), later, 0.01)
    alone = against(best, later, 0.01)
    assert limits[2] < alone[2] < limits[0]
    # Three tests of one number at 1 % each are nearly one at 3 %.
    assert norm.sf(limits[2]) == pytest.approx(0.03, abs=0.008)


def test_noise_of_reals_that_looks_share_cancels():
    rng = np.random.default_rng(5)
    x = rng.standard_normal((100, 3))
    one, two = (fid(x, rng.standard_normal((400, 3)) + np.eye(3)[0]).estimate for _ in range(2))
    alone = one.spread.variance + two.spread.variance
    assert gain(one, two).spread.variance < alone / 2


def test_an_evaluator_says_whether_a_checkpoint_is_better():
    rng = np.random.default_rng(6)
    evaluator = Evaluator(rng.standard_normal((200, 3)), metrics=["fid"])
    found = []
    for step, shift in enumerate((3.0, 1.0, 1.0)):
        evaluator.reset()
        evaluator.update(rng.standard_normal((200, 3)) + shift * np.eye(3)[0])
        found.append(evaluator.look(step=step))
    assert [one.better for one in found] == [True, True, False]
    assert [one.best for one in found] == [0, 1, 1]
    assert "step 1 is better by FID than step 0" in found[1].verdict


def test_what_cannot_be_compared_is_refused():
    rng = np.random.default_rng(7)
    progress = Progress(looks=2)
    progress.look(look(rng, 0.0), step=1)
    with pytest.raises(InputError, match="different reals"):
        other = Part(np.zeros(N + 1), Sampling(N + 1))
        score = look(rng, 0.0)
        moved = replace(score.estimate, parts=(other, score.estimate.parts[1]))
        progress.look(replace(score, estimate=moved), step=2)
    with pytest.raises(InputError, match="the first look was at kid"):
        progress.look(replace(look(rng, 0.0), metric="fid"), step=2)
    with pytest.raises(InputError, match="cannot be compared over looks: too few"):
        bare = replace(look(rng, 0.0), interval=None, details={"no_interval": "too few"})
        progress.look(bare, step=2)
    progress.look(look(rng, 0.0), step=2)
    with pytest.raises(InputError, match="2 looks were planned and taken"):
        progress.look(look(rng, 0.0), step=3)
    for wrong in ({"looks": 0}, {"alpha": 1.0}):
        with pytest.raises(InputError, match="wanted"):
            Progress(**wrong)
