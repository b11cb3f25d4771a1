import numpy as np
import pytest
from scipy import stats

from ganeval.errors import InputError
from ganeval.statistics import jackknife, t_quantile


def test_equal_blocks_give_the_textbook_form():
    left_out = np.random.default_rng(0).normal(3, 1, 20)
    sure = jackknife(3.1, left_out)
    assert sure.estimate == pytest.approx(20 * 3.1 - 19 * left_out.mean())
    assert sure.std_error**2 == pytest.approx(19 / 20 * ((left_out - left_out.mean()) ** 2).sum())
    assert sure.df == pytest.approx(19)
    low, high = sure.interval(0.9)
    half = stats.t.ppf(0.95, 19) * sure.std_error
    assert (low, high) == pytest.approx((sure.estimate - half, sure.estimate + half))


def test_sizes_in_any_unit_give_the_same():
    left_out = np.random.default_rng(0).normal(3, 1, 5)
    assert jackknife(3.0, left_out, [2, 2, 4, 4, 4]) == jackknife(3.0, left_out, [1, 1, 2, 2, 2])


@pytest.mark.parametrize("sizes", [[1] * 8, [5, 4, 3, 2, 2, 1, 1, 1]])
def test_a_bias_of_one_over_n_is_removed_exactly(sizes):
    n = 100 * np.asarray(sizes)
    left_out = [2 + 7 / (n.sum() - size) for size in n]
    assert jackknife(2 + 7 / n.sum(), left_out, n, 3 * n).estimate == pytest.approx(2, abs=1e-12)


def test_the_mean_of_independent_rows_gets_its_usual_standard_error():
    x = np.random.default_rng(1).normal(size=400)
    sure = jackknife(x.mean(), [np.delete(x, i).mean() for i in range(400)])
    assert sure.estimate == pytest.approx(x.mean())
    assert sure.std_error == pytest.approx(x.std(ddof=1) / 20)


def coverage_of_group_means(sizes, *, own=False, replicates=20_000):
    """How often the interval of a mean over groups of these sizes covers 0."""
    w = np.asarray(sizes) / np.sum(sizes)
    rng = np.random.default_rng(0)
    hits = 0
    for means in rng.standard_normal((replicates // 10, len(w))):
        full = w @ means
        left_out = (full - w * means) / (1 - w)
        low, high = jackknife(full, left_out, w).interval()
        hits += low <= 0 <= high
    return hits / (replicates // 10)


@pytest.mark.parametrize(
    ("sizes", "most"),
    [([1] * 4, 0.965), ([1] * 12, 0.965), (list(range(1, 13)), 0.965), ([8] + [1] * 11, 1.0)],
)
def test_groups_of_unequal_size_are_covered(sizes, most):
    # 2000 replicates: 0.935 is three standard errors below 0.95. Busing's variance with g − 1
    # degrees of freedom gives 0.92 for 1…12 images and 0.83 for one large group.
    assert 0.935 <= coverage_of_group_means(sizes) <= most


def test_three_blocks_have_an_estimate_but_no_interval():
    sure = jackknife(1.0, [1.1, 0.9, 1.0])
    assert sure.interval() is None
    assert sure.std_error > 0


@pytest.mark.parametrize("df", [1.3, 3.0, 19.0, 1e4])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_t_quantiles_are_scipys(df, level):
    assert t_quantile(level, df) == pytest.approx(stats.t.ppf(0.5 + level / 2, df), rel=1e-8)


def test_blocks_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="at least 2 blocks"):
        jackknife(1.0, [1.0])
    with pytest.raises(InputError, match="one size per block"):
        jackknife(1.0, [1.0, 2.0], [1, 1, 1])
    with pytest.raises(InputError, match="one block holds everything"):
        jackknife(1.0, [1.0, 2.0], [5, 0])
