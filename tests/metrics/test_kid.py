from dataclasses import replace

import numpy as np
import pytest
import torch

from ganeval.errors import InputError
from ganeval.features import as_features
from ganeval.metrics import kid, statistics_of
from ganeval.metrics.pairs import kernels as kernel
from ganeval.metrics.pairs import pair_sums


def rows(n, d=5, *, offset=0.0, shift=0.0, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d)) + offset + shift


def brute_force(x, y):
    """All pairs of the kernel as it is written, in extended precision."""
    x, y = x.astype(np.longdouble), y.astype(np.longdouble)
    n, m, d = len(x), len(y), x.shape[1]
    xx, yy, xy = ((a @ b.T / d + 1) ** 3 for a, b in ((x, x), (y, y), (x, y)))
    within = (xx.sum() - np.trace(xx)) / (n * (n - 1)) + (yy.sum() - np.trace(yy)) / (m * (m - 1))
    return float(within - 2 * xy.mean())


@pytest.mark.parametrize("offset", [0, 3, 30, 1000])
@pytest.mark.parametrize("tile", [7, 1024])
def test_it_is_the_u_statistic_at_any_offset_and_tile(offset, tile, monkeypatch):
    monkeypatch.setattr(kernel, "TILE", tile)
    x, y = rows(50, offset=offset), rows(33, offset=offset, shift=0.3, seed=1)
    # The reference itself loses digits at an offset of 1000: its kernel is of size 1e18.
    tolerance = 1e-7 if offset == 1000 else 1e-11
    assert kid(x, y).value == pytest.approx(brute_force(x, y), rel=tolerance)
    assert kid(x, y, interval=False).value == pytest.approx(brute_force(x, y), rel=tolerance)


def test_single_precision_features_lose_nothing_at_an_offset():
    x, y = rows(300, offset=30).astype(np.float32), rows(300, offset=30.3, seed=1)
    y = y.astype(np.float32)
    assert kid(x, y).value == pytest.approx(brute_force(x, y), rel=1e-9)


def test_leaving_out_a_block_is_as_if_it_had_never_been_there():
    x, y = rows(60, offset=2), rows(45, seed=1)
    x_blocks, y_blocks = np.arange(60) % 4, np.arange(45) % 4
    sums = pair_sums(x, y, x_blocks, y_blocks)
    for block in range(4):
        expected = brute_force(x[x_blocks != block], y[y_blocks != block])
        assert sums.leave_out(block) == pytest.approx(expected, rel=1e-11)


def test_one_dimension_has_a_closed_form():
    # Point masses at a and b: k(a, a) + k(b, b) − 2 k(a, b).
    x, y = np.full((4, 1), 2.0), np.full((3, 1), -1.0)
    assert kid(x, y).value == pytest.approx(5**3 + 2**3 - 2 * (-1) ** 3)


def test_it_is_unbiased():
    values = [
        kid(rows(12, seed=2 * i), rows(9, seed=2 * i + 1), interval=False).value for i in range(100)
    ]
    assert abs(np.mean(values)) < 3 * np.std(values) / 100**0.5


def test_subsets_are_drawn_as_torch_fidelity_draws_them():
    x, y = rows(80), rows(60, shift=0.3, seed=1)
    rng = np.random.RandomState(2020)
    expected = []
    for _ in range(7):
        fakes = y[rng.choice(60, 50, replace=False)]  # its first input is the generated one
        expected.append(brute_force(x[rng.choice(80, 50, replace=False)], fakes))
    score = kid(x, y, subsets=7, subset_size=50, seed=2020)
    assert score.value == pytest.approx(np.mean(expected), rel=1e-11)
    assert score.details["spread_over_subsets"] == pytest.approx(np.std(expected), rel=1e-9)
    assert score.interval is None
    assert score.protocol["options"] == {"subsets": 7, "subset_size": 50}
    assert score.protocol_id != kid(x, y).protocol_id


def test_small_subsets_of_many_images_are_drawn_the_same_way():
    """Another way to compute them: most pairs of images are in no subset."""
    x, y = rows(400), rows(300, shift=0.3, seed=1)
    rng = np.random.RandomState(0)
    expected = []
    for _ in range(3):
        fakes = y[rng.choice(300, 20, replace=False)]
        expected.append(brute_force(x[rng.choice(400, 20, replace=False)], fakes))
    score = kid(x, y, subsets=3, subset_size=20)
    assert score.value == pytest.approx(np.mean(expected), rel=1e-10)


def test_subsets_have_a_thousand_images_or_all_of_the_smaller_side_as_clean_fid_has():
    assert kid(rows(80), rows(60), subsets=2).protocol["options"]["subset_size"] == 60
    assert kid(rows(1200), rows(1100), subsets=1).protocol["options"]["subset_size"] == 1000


def test_subsets_larger_than_a_side_are_refused():
    with pytest.raises(InputError, match="subset_size is 1000, but there are 80 real and 60 fake"):
        kid(rows(80), rows(60), subsets=100, subset_size=1000)
    with pytest.raises(InputError, match="wanted at least 1 and 2"):
        kid(rows(80), rows(60), subsets=0, subset_size=10)


def test_images_of_a_group_do_not_raise_the_corrected_value():
    rng = np.random.default_rng(0)
    plates = np.repeat(np.arange(8), 20)
    values, corrected = [], []
    for _ in range(60):
        x = rng.standard_normal((160, 4)) + rng.standard_normal((8, 4))[plates]
        y = rng.standard_normal((400, 4)) * 2**0.5
        real = replace(as_features(x), groups=tuple(map(str, plates)))
        score = kid(real, y)
        values.append(score.value)
        corrected.append(score.corrected)
        assert score.n_groups == 8
        assert score.interval[0] < score.corrected < score.interval[1]
    assert np.mean(values) > 4 * np.std(values) / 60**0.5
    assert abs(np.mean(corrected)) < 3 * np.std(corrected) / 60**0.5


def test_independent_images_need_no_correction():
    score = kid(rows(100), rows(100, seed=1))
    assert score.corrected is None
    assert np.mean(score.interval) == pytest.approx(score.value, abs=1e-12)


def test_few_images_have_a_value_but_no_interval():
    score = kid(rows(3), rows(3, seed=1))
    assert score.interval is None
    assert "3 blocks" in score.details["no_interval"]


def test_a_last_block_may_be_empty_on_one_side():
    names = tuple(f"p{i // 20:02}" for i in range(381))
    score = kid(replace(as_features(rows(381)), groups=names), rows(90, seed=1))
    assert score.details["blocks"] == 20
    assert score.interval is not None


def test_statistics_are_not_enough():
    with pytest.raises(InputError, match=r"real is statistics .* needs the features"):
        kid(statistics_of(as_features(rows(30))), rows(30))


def test_tensors_give_the_same_as_arrays():
    x, y = rows(30), rows(30, seed=1)
    assert kid(torch.from_numpy(x), torch.from_numpy(y)).value == kid(x, y).value


def gaussian(x, y, sigma, *, biased):
    """1000 MMD² with every pair written out, in extended precision."""
    x, y = x.astype(np.longdouble), y.astype(np.longdouble)

    def mean(a, b, *, apart=False):
        k = np.exp(-((a[:, None] - b) ** 2).sum(2) / (2 * np.longdouble(sigma) ** 2))
        n = len(a)
        return (k.sum() - np.trace(k)) / (n * (n - 1)) if apart else k.mean()

    within = mean(x, x, apart=not biased) + mean(y, y, apart=not biased)
    return float(1000 * (within - 2 * mean(x, y)))


@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize(("sigma", "offset"), [(0.5, 0), (3, 100), (1e4, 5)])
@pytest.mark.parametrize("tile", [7, 1024])
def test_the_gaussian_kernel_at_any_width_offset_and_tile(biased, sigma, offset, tile, monkeypatch):
    monkeypatch.setattr(kernel, "TILE", tile)
    x, y = rows(50, offset=offset), rows(33, offset=offset, shift=0.3, seed=1)
    options = {"kernel": "gaussian", "bandwidth": sigma, "biased": biased}
    expected = gaussian(x, y, sigma, biased=biased)
    assert kid(x, y, **options).value == pytest.approx(expected, rel=1e-9)
    assert kid(x, y, interval=False, **options).value == pytest.approx(expected, rel=1e-9)


def test_two_gaussians_have_a_closed_form():
    # For N(0, 1) and N(m, 1): E k = σ/√(σ² + 2) exp(−Δ²/2(σ² + 2)).
    x, y = rows(4000, 1), rows(4000, 1, shift=1.0, seed=1)
    truth = 1000 * 2 * (4 / 6) ** 0.5 * (1 - np.exp(-1 / 12))
    low, high = kid(x, y, kernel="gaussian", bandwidth=2, level=0.999).interval
    assert low < truth < high
    assert high - low < truth / 2


def test_the_biased_estimate_comes_with_the_unbiased_one():
    x, y = rows(60), rows(40, shift=0.3, seed=1)
    plain, biased = (kid(x, y, kernel="gaussian", bandwidth=2, biased=b) for b in (False, True))
    assert biased.value > plain.value
    assert biased.corrected == pytest.approx(plain.value, rel=1e-12)
    assert biased.interval == pytest.approx(plain.interval, rel=1e-12)
    assert biased.protocol_id != plain.protocol_id != kid(x, y).protocol_id
    assert plain.protocol["options"] == {"kernel": "gaussian", "bandwidth": 2, "biased": False}
    assert kid(x, y, kernel="gaussian").protocol["options"]["bandwidth"] == 10


def test_the_gaussian_interval_covers():
    """Binomial(300, 0.95) stays above 0.915 in 99.7 % of cases."""
    truth = 1000 * 2 * (4 / 6) ** 1.5 * (1 - np.exp(-0.25 / 12))  # shift of 0.5 in one of three
    held = 0
    for i in range(300):
        x, y = rows(60, 3, seed=2 * i), rows(80, 3, seed=2 * i + 1)
        y[:, 0] += 0.5
        low, high = kid(x, y, kernel="gaussian", bandwidth=2).interval
        held += low < truth < high
    assert held / 300 > 0.915


def test_gaussian_subsets_are_means_over_the_same_draws():
    x, y = rows(80), rows(60, shift=0.3, seed=1)
    rng = np.random.RandomState(0)
    expected = []
    for _ in range(3):
        fakes = y[rng.choice(60, 50, replace=False)]
        reals = x[rng.choice(80, 50, replace=False)]
        expected.append(gaussian(reals, fakes, 2, biased=False))
    score = kid(x, y, kernel="gaussian", bandwidth=2, subsets=3, subset_size=50)
    assert score.value == pytest.approx(np.mean(expected), rel=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel": "linear"}, "kernel is 'linear'; wanted cubic or gaussian"),
        ({"bandwidth": 3.0}, "bandwidth is for kernel gaussian"),
        ({"biased": True}, "biased is for kernel gaussian"),
        ({"kernel": "gaussian", "bandwidth": 0.0}, "bandwidth is 0; wanted a positive number"),
        ({"kernel": "gaussian", "biased": True, "subsets": 3}, "leave out biased or subsets"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        kid(rows(20), rows(20, seed=1), **options)
