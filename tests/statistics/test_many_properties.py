import numpy as np
import pytest
from scipy.stats import mannwhitneyu, mood

from ganeval.statistics import ASPECTS, FOR_SCALE, family_tests

EACH = [np.array([i]) for i in range(3)]


def shuffles(real, count=400, *, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.permutation(real) for _ in range(FOR_SCALE + count))


def sides(n=60, m=60, d=3, *, seed=0):
    """Rows of both sides, and which are real."""
    rows = np.random.default_rng(seed).standard_normal((n + m, d))
    return rows, np.arange(n + m) < n


def found(rows, real, families=EACH, **options):
    return family_tests(rows, real, shuffles(real, **options), families)


def test_place_and_spread_are_the_rank_tests_of_scipy():
    rows, real = sides(50, 70, d=1)
    rows[~real] = 1.5 * rows[~real] + 0.3
    place, spread = found(rows, real, [np.array([0])], count=1).sizes[0, :2]
    n, m = real.sum(), (~real).sum()
    u = mannwhitneyu(rows[~real, 0], rows[real, 0], method="asymptotic").statistic
    wilcoxon = (u - n * m / 2) / np.sqrt(n * m * (n + m + 1) / 12)
    moods = -mood(rows[real, 0], rows[~real, 0]).statistic  # its sign is that of the other sample
    assert place == pytest.approx(wilcoxon, rel=0.15)  # 200 permutations tell the scale to 5 %
    assert abs(spread) == pytest.approx(abs(moods), rel=0.15)
    assert spread > 0


@pytest.mark.parametrize("families", [EACH, [np.array([0, 2]), np.array([1])]])
def test_where_nothing_differs_p_values_are_uniform(families):
    p = np.concatenate(
        [found(*sides(15, 20, seed=i), families, count=99, seed=i).p_values for i in range(150)]
    )
    for level in (0.05, 0.2, 0.5):
        assert abs((p <= level).mean() - level) < 4 * (level * (1 - level) / len(p)) ** 0.5


def test_each_kind_of_difference_is_seen_where_it_is():
    rows, real = sides(300, 300)
    rows[~real, 0] += 0.4
    rows[~real, 1] *= 0.7
    missing = ~real & (rows[:, 2] > 1.2)
    rows[missing, 2] = -rows[missing, 2] / 9  # what is large is hardly ever made
    tests = found(rows, real)
    assert (tests.p_values == 1 / 401).all()
    largest = [ASPECTS[i] for i in np.abs(tests.sizes).argmax(1)]
    assert largest[:2] == ["place", "spread"]
    assert largest[2].startswith("beyond 0.9")
    assert tests.sizes[0, 0] > 0 > tests.sizes[1, 1]
    assert tests.sizes[2, ASPECTS.index("beyond 0.9")] < -4


def test_units_and_logarithms_do_not_matter():
    rows, real = sides()
    plain, changed = (found(x, real) for x in (rows, np.exp(3 * rows) + 9))
    assert np.array_equal(plain.p_values, changed.p_values)
    assert np.array_equal(plain.sizes, changed.sizes)


def test_a_family_is_as_sure_as_its_best_member_and_pays_for_the_others():
    rows, real = sides(40, 40, d=20)
    rows[~real, 7] += 1.2
    together = found(rows, real, [np.arange(20)]).p_values
    alone = found(rows[:, 7:8], real, [np.array([0])]).p_values
    assert alone[0] <= together[0] <= 0.02


def test_a_property_with_one_value_says_nothing():
    rows, real = sides()
    rows[:, 1] = 4.0
    tests = found(rows, real)
    assert tests.p_values[1] == 1
    assert (tests.sizes[1] == 0).all()
