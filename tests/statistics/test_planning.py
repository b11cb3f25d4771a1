"""What a pilot foretells of a larger study."""

import numpy as np
import pytest

from ganeval import fid
from ganeval.statistics import (
    Estimate,
    Part,
    Pilot,
    Sampling,
    least_times,
    sampling_of,
    t_quantile,
)


def mean_score(rng, n, m, groups=None):
    """An estimate of a difference of means, whose variance is 4/n + 1/m."""
    real, fake = 2 * rng.standard_normal(n), rng.standard_normal(m)
    sampling = Sampling(n) if groups is None else sampling_of(n, None, groups)
    parts = (
        Part(real - real.mean(), sampling),
        Part(fake - fake.mean(), Sampling(m)),
    )
    return Estimate(real.mean() - fake.mean(), None, parts)


@pytest.mark.parametrize(("real", "fake"), [(1, 1), (3, 3), (1, 8), (8, 1)])
def test_the_error_of_a_mean_falls_with_the_images_of_either_side(real, fake):
    pilot = Pilot.of([mean_score(np.random.default_rng(0), 2000, 500)])
    true = (4 / (2000 * real) + 1 / (500 * fake)) ** 0.5
    assert pilot.spread(real, fake).std_error == pytest.approx(true, rel=0.05)


def test_what_the_sides_have_in_common_falls_with_the_square_of_the_images():
    rng = np.random.default_rng(1)
    found = [fid(rng.standard_normal((100, 6)), rng.standard_normal((100, 6))) for _ in range(20)]
    planned = [Pilot.of([one.estimate]).spread(10, 10).std_error for one in found]
    larger = [fid(rng.standard_normal((1000, 6)), rng.standard_normal((1000, 6))) for _ in range(5)]
    assert np.median(planned) == pytest.approx(np.median([a.std_error for a in larger]), rel=0.5)
    # As of a score that is not at 0, it would be off by a factor of 3.
    assert np.median(planned) < 0.2 * np.median([one.std_error for one in found])


def test_groups_count_as_groups():
    rng = np.random.default_rng(2)
    names = [f"plate {i // 50}" for i in range(400)]
    one = mean_score(rng, 400, 400, names)
    pilot = Pilot.of([one])
    assert pilot.df[0] == pytest.approx(7)
    assert pilot.half_width(4, 4, 0.95) < pilot.half_width(1, 1, 0.95) / 2  # a smaller t, too


def in_range(pilots, studies, times):
    """How often a study's half-width is in the range that a pilot foretold for 90 of 100."""
    hits = []
    for pilot, study in zip(pilots, studies, strict=True):
        low, high = Pilot.of([pilot]).half_widths(times, times, 0.95, 0.9)
        hits.append(low <= t_quantile(0.95, study.spread.df) * study.spread.std_error <= high)
    return np.mean(hits)


def test_few_groups_foretell_a_range_that_holds_nine_of_ten_half_widths():
    rng = np.random.default_rng(4)
    few, many = ([f"plate {i // 25}" for i in range(25 * g)] for g in (8, 24))
    pilots = [mean_score(rng, 200, 2000, few) for _ in range(500)]
    studies = [mean_score(rng, 600, 6000, many) for _ in range(500)]
    assert in_range(pilots, studies, 3) == pytest.approx(0.9, abs=0.04)
    low, high = Pilot.of(pilots[:1]).half_widths(3, 3, 0.95, 0.9)
    assert high > 1.8 * low  # of 8 plates, a standard error is known to a quarter
    wide = Pilot.of([mean_score(rng, 200, 200)]).half_widths(3, 3, 0.95, 0.9)
    assert wide[1] < 1.4 * wide[0]


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.3, 1.0])
def test_near_0_the_range_holds_what_no_half_width_could(shift):
    rng = np.random.default_rng(5)

    def drawn(n):
        return fid(rng.standard_normal((n, 6)), rng.standard_normal((n, 6)) + shift).estimate

    pilots, studies = [drawn(100) for _ in range(60)], [drawn(300) for _ in range(60)]
    # 60 pairs are off by 4 points; at 0, where k is not known, the range is on the safe side.
    assert in_range(pilots, studies, 3) > 0.78


def test_the_detectable_difference_is_found_with_its_power():
    rng = np.random.default_rng(3)
    n, tries = 300, 2000
    pilot = Pilot.of([mean_score(rng, n, n), mean_score(rng, n, n)])
    size = pilot.detectable(1, 1, 0.95, 0.8)
    error = pilot.spread(1, 1).std_error
    found = np.abs(size + error * rng.standard_normal(tries)) > t_quantile(0.95, 1e9) * error
    assert found.mean() == pytest.approx(0.8, abs=0.03)


def test_enough_is_the_least_that_reaches_the_wish():
    times = least_times(lambda t: t**-0.5, 0.1)
    assert times == pytest.approx(100)
    assert least_times(lambda t: t**-0.5, 2.0) == 1.0
    assert least_times(lambda t: 1 + 1 / t, 0.5) is None
