from dataclasses import replace

import numpy as np
import pytest
import torch

from ganeval.errors import InputError
from ganeval.features import as_features
from ganeval.metrics import kid, statistics_of
from ganeval.metrics.pairs import kernels as kernel


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
    with pytest.raises(InputError, match="subsets is 0; wanted a number from 1"):
        kid(rows(80), rows(60), subsets=0, subset_size=10)


def cubic(x, y):
    """[n, m] the kernel as it is written."""
    return (x @ y.T / x.shape[1] + 1) ** 3


def around(c, x, y):
    """[n, m] the kernel as seen from a point: no distance of means of it depends on c."""
    return cubic(x, y) - cubic(x, c[None]) - cubic(c[None], y) + cubic(c[None], c[None])


def named(values):
    return None if values is None else tuple(map(str, values))


def known(x, *, labels=None, groups=None):
    return replace(as_features(x), labels=named(labels), groups=named(groups))


def of_independent_pairs(x, y, classes=(None, None), groups=(None, None)):
    """Pair by pair: means within each pair of classes, weighted by the classes' shares."""
    c = np.concatenate([x, y]).mean(0)

    def mean(a, b, here, there, own, other, *, same):
        k, total = around(c, a, b), 0.0
        here = np.zeros(len(a), int) if here is None else here
        there = np.zeros(len(b), int) if there is None else there
        for p in np.unique(here):
            for q in np.unique(there):
                values = []
                for i in np.flatnonzero(here == p):
                    for j in np.flatnonzero(there == q):
                        grouped = own is not None and other is not None
                        if (same and i == j) or (grouped and own[i] == other[j]):
                            continue
                        values.append(k[i, j])
                total += (here == p).mean() * (there == q).mean() * np.mean(values)
        return total

    (of_x, of_y), (g, h) = classes, groups
    xx = mean(x, x, of_x, of_x, g, g, same=True)
    yy = mean(y, y, of_y, of_y, h, h, same=True)
    return xx + yy - 2 * mean(x, y, of_x, of_y, g, h, same=False)


def test_with_groups_it_averages_over_pairs_of_different_groups():
    x, y = rows(50), rows(40, shift=0.3, seed=1)
    few, many = np.arange(50) % 7, np.arange(40) // 5
    for groups in ((few, None), (None, many), (few, many), (few, many + 4), (few, many + 100)):
        score = kid(*(known(z, groups=g) for z, g in zip((x, y), groups, strict=True)))
        assert score.value == pytest.approx(brute_force(x, y), rel=1e-11)
        expected = of_independent_pairs(x, y, groups=groups)
        assert score.corrected == pytest.approx(expected, rel=1e-9)


def test_with_chosen_classes_it_averages_class_by_class():
    label = np.repeat(np.arange(3), 15)
    x, y = rows(45) + label[:, None], rows(30, seed=1) + 1
    alike = np.repeat(np.arange(3), 10)
    plate = np.arange(45) % 6
    for groups in ((None, None), (plate, None), (plate, np.arange(30) % 9)):
        sides = [
            known(z, labels=c, groups=g)
            for z, c, g in zip((x, y), (label, alike), groups, strict=True)
        ]
        expected = of_independent_pairs(x, y, (label, alike), groups)
        assert kid(*sides).corrected == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("offset", [0, 3])
def test_influences_are_what_leaving_out_each_image_does(offset):
    x, y = rows(60, offset=offset), rows(50, offset=offset, shift=0.5, seed=1)
    first, second = kid(x, y).estimate.parts
    for part, a, b in ((first, x, y), (second, y, x)):
        n = len(a)
        gone = np.array([brute_force(np.delete(a, i, 0), b) for i in range(n)])
        jackknifed = (n - 1) * (brute_force(a, b) - gone)
        assert jackknifed == pytest.approx(part.influence - part.influence.mean(), abs=1e-7)


def test_of_many_images_influences_are_the_change_when_one_counts_a_little_more():
    x, y = rows(800), rows(600, shift=0.5, seed=1)
    kernels = [cubic(*pair) for pair in ((x, x), (y, y), (x, y))]
    within = [(k.sum(1) - np.diagonal(k)) / (len(k) - 1) for k in kernels[:2]]
    across = kernels[2].mean(1), kernels[2].mean(0)
    for part, own, other in zip(kid(x, y).estimate.parts, within, across, strict=True):
        expected = 2 * (own - own.mean() - other + other.mean())
        apart = part.influence - part.influence.mean() - expected
        assert apart.std() < 0.02 * expected.std()


def test_influences_follow_order_and_rotation():
    rng = np.random.default_rng(0)
    x, y = rows(60), rows(50, shift=0.5, seed=1)
    score, order = kid(x, y), rng.permutation(60)
    turn = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    for found, expected in (
        (kid(x[order], y), score.estimate.parts[0].influence[order]),
        (kid(x @ turn, y @ turn), score.estimate.parts[0].influence),
        (kid(torch.from_numpy(x), torch.from_numpy(y)), score.estimate.parts[0].influence),
    ):
        assert found.estimate.parts[0].influence == pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert found.interval == pytest.approx(score.interval, rel=1e-9)
    single = [z.astype(np.float32) for z in (x, y)]
    exact = [z.astype(np.float64) for z in single]
    assert kid(*single).interval == pytest.approx(kid(*exact).interval, rel=1e-10)
    shifted = [kid(z + 30, y + 30, kernel="gaussian", bandwidth=2) for z in (x, x[order])]
    assert shifted[0].interval == pytest.approx(shifted[1].interval, rel=1e-9)
    assert shifted[0].interval == pytest.approx(
        kid(x, y, kernel="gaussian", bandwidth=2).interval, rel=1e-8
    )


def independent(rng):
    return as_features(rng.standard_normal((40, 4))), as_features(rng.standard_normal((30, 4)))


def in_groups(rng):
    plate = np.repeat(np.arange(16), 5)
    x = rng.standard_normal((80, 4)) + rng.standard_normal((16, 4))[plate]
    return known(x, groups=plate), as_features(2**0.5 * rng.standard_normal((60, 4)))


def plates_on_both_sides(rng):
    plate = np.repeat(np.arange(16), 5)
    offset = rng.standard_normal((16, 4))
    x, y = (rng.standard_normal((80, 4)) + offset[plate] for _ in range(2))
    return known(x, groups=plate), known(y, groups=plate)


def chosen_classes(rng):
    label = np.arange(60) % 3
    x, y = (rng.standard_normal((60, 4)) + 2 * np.eye(4)[label] for _ in range(2))
    return known(x, labels=label), known(y, labels=label)


def classes_in_groups(rng):
    label, plate = np.arange(72) % 3, np.repeat(np.arange(12), 6)
    x, y = (
        rng.standard_normal((72, 4))
        + 2 * np.eye(4)[label]
        + 0.7 * rng.standard_normal((12, 4))[plate]
        for _ in range(2)
    )
    return known(x, labels=label, groups=plate), known(y, labels=label, groups=plate + 12)


LAWS = pytest.mark.parametrize(
    "law", [independent, in_groups, plates_on_both_sides, chosen_classes, classes_in_groups]
)


@LAWS
def test_of_equal_distributions_it_is_0_on_average_and_its_variance_is_known(law):
    found = [kid(*law(np.random.default_rng([i, 3]))) for i in range(200)]
    centres = np.array([score.estimate.centre for score in found])
    assert abs(centres.mean()) < 3.5 * centres.std(ddof=1) / 200**0.5
    ratio = np.mean([score.estimate.second_order for score in found]) / centres.var(ddof=1)
    # Of skewed numbers with a kurtosis of 6 or so, a variance of 200 is off by a sixth.
    assert 0.6 < ratio < 1.6
    assert all(score.interval is None or score.interval[0] >= 0 for score in found)
    held = np.mean([score.interval is not None and score.interval[0] == 0 for score in found])
    assert held > 0.89  # 0.95 less four standard errors


def test_images_of_a_group_do_not_raise_the_corrected_value():
    found = [kid(*in_groups(np.random.default_rng([i, 4]))) for i in range(60)]
    values, corrected = (
        np.array([getattr(s, name) for s in found]) for name in ("value", "corrected")
    )
    assert values.mean() > 4 * values.std() / 60**0.5
    assert abs(corrected.mean()) < 3 * corrected.std() / 60**0.5
    assert {score.n_groups for score in found} == {16}


def test_chosen_classes_do_not_lower_the_corrected_value():
    found = [kid(*chosen_classes(np.random.default_rng([i, 4]))) for i in range(60)]
    values, corrected = (
        np.array([getattr(s, name) for s in found]) for name in ("value", "corrected")
    )
    assert values.mean() < -4 * values.std() / 60**0.5
    assert abs(corrected.mean()) < 3 * corrected.std() / 60**0.5


def test_independent_images_need_no_correction():
    score = kid(rows(100), rows(100, shift=0.5, seed=1))
    assert score.corrected is None
    assert 0 < score.interval[0] < score.value < score.interval[1]


def test_a_value_below_0_has_an_interval_from_0_on():
    scores = [kid(rows(60, seed=2 * i), rows(60, seed=2 * i + 1)) for i in range(20)]
    below = [score for score in scores if score.value < 0]
    assert 3 < len(below) < 20
    for score in below:
        assert score.interval[0] == 0 < score.interval[1]


def test_few_images_have_a_value_but_no_interval():
    score = kid(rows(3), rows(3, seed=1))
    assert score.interval is None
    assert score.details["no_interval"] == "3 images, of 4 that an interval needs"


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        (np.zeros(100, int), "1 group, of 4 that an interval needs"),
        (np.arange(100) % 3, "3 groups, of 4 that an interval needs"),
        (np.r_[np.zeros(90, int), np.arange(10)], "10 groups so unequal that they count as 1.2 eq"),
    ],
)
def test_groups_that_say_too_little_are_told(groups, reason):
    score = kid(known(rows(100), groups=groups), rows(90, seed=1))
    assert score.interval is None
    assert score.details["no_interval"].startswith(reason)


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
        ({"kernel": "gaussian", "bandwidth": 0.0}, "wanted a number from 1e-30"),
        ({"kernel": "gaussian", "biased": True, "subsets": 3}, "leave out biased or subsets"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        kid(rows(20), rows(20, seed=1), **options)
