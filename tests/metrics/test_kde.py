import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from scipy.special import logsumexp
from sklearn.neighbors import KernelDensity

from ganeval.errors import InputError
from ganeval.features import as_features
from ganeval.metrics import METRICS, PROTOCOLS, kde_log_likelihood
from ganeval.metrics.kde import bandwidth as search
from ganeval.metrics.kde import tiles
from ganeval.metrics.kde.bandwidth import likeliest_bandwidth
from ganeval.metrics.kde.split import every
from ganeval.metrics.kde.tiles import kernel_sums
from ganeval.suites import compare


def rows(n, d=3, *, offset=0.0, scale=1.0, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d)) * scale + offset


def value(real, fake, bandwidth, **options):
    options = {"interval": False, **options}
    return kde_log_likelihood(real, fake, bandwidth=bandwidth, **options).value


def brute_force(x, g, h):
    """[n] log-densities from differences of coordinates, in extended precision."""
    squares = ((x[:, None].astype(np.longdouble) - g.astype(np.longdouble)) ** 2).sum(-1)
    exponents = -squares / (2 * np.longdouble(h) ** 2)
    top = exponents.max(1)
    sums = top + np.log(np.exp(exponents - top[:, None]).sum(1))
    d = x.shape[1]
    return (sums - math.log(len(g)) - d / 2 * math.log(2 * math.pi) - d * math.log(h)).astype(float)


# The density


@pytest.mark.parametrize("tile", [(3, 7), (512, 1024)])
@pytest.mark.parametrize("h", [0.05, 0.7, 40.0])
@pytest.mark.parametrize("offset", [0, 1000])
def test_it_is_the_mean_log_density_at_any_bandwidth_offset_and_tile(offset, h, tile, monkeypatch):
    monkeypatch.setattr(tiles, "TILE", tile)
    x, g = rows(40, offset=offset), rows(33, offset=offset, scale=1.2, seed=1)
    expected = brute_force(x, g, h).mean()
    assert value(x, g, h) == pytest.approx(expected, rel=1e-12)
    assert value(x, g, h, interval=True) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("h", [0.02, 0.3, 3.0])
def test_in_one_dimension_it_is_scipys(h):
    x, g = rows(50, 1), rows(80, 1, seed=1)
    theirs = stats.gaussian_kde(g[:, 0], bw_method=h / g.std(ddof=1))
    assert value(x, g, h) == pytest.approx(theirs.logpdf(x[:, 0]).mean(), rel=1e-11)


@pytest.mark.parametrize(("d", "h"), [(2, 1.0), (16, 0.6), (64, 0.9), (300, 2.0)])
def test_in_many_dimensions_it_is_scikit_learns_without_its_tree(d, h):
    # With more leaves its answer is wrong by hundreds of nats in many dimensions.
    x, g = rows(60, d), rows(90, d, seed=1)
    theirs = KernelDensity(bandwidth=h, leaf_size=len(g), rtol=0).fit(g)
    assert value(x, g, h) == pytest.approx(theirs.score_samples(x).mean(), rel=1e-11)
    assert value(x, g, h, total=True) == pytest.approx(theirs.score(x), rel=1e-11)


def test_far_reals_are_unlikely_but_not_impossible():
    # One kernel matters: −(10⁸)²/2 − log 2 − log √2π, far below the smallest number's logarithm.
    far = value(np.array([[1e8], [1e8]]), np.array([[0.0], [-5.0]]), 1.0)
    assert far == pytest.approx(-5e15 - math.log(2) - math.log(2 * math.pi) / 2, rel=1e-15)


def test_duplicates_of_fakes_only_count_as_weights():
    x, g = rows(20), rows(10, seed=1)
    tripled = np.concatenate([g, g, g])
    assert value(x, tripled, 0.5) == pytest.approx(value(x, g, 0.5), rel=1e-12)


def test_one_point_has_the_density_of_a_gaussian():
    x, g = rows(30, 2), np.ones((4, 2))
    expected = stats.multivariate_normal([1, 1], 0.49 * np.eye(2)).logpdf(x).mean()
    assert value(x, g, 0.7) == pytest.approx(expected, rel=1e-12)


def test_close_pairs_far_from_the_middle_are_kept_apart():
    # Products of 10¹² lose all digits of a distance of 10⁻⁶: differences keep them.
    g = np.concatenate([rows(50, 2, scale=1e6), rows(50, 2, scale=1e6, seed=1)])
    x = g + rows(100, 2, scale=1e-6, seed=2)
    score = kde_log_likelihood(x, g, bandwidth=1e-6, interval=False)
    assert score.details["precision"] == "differences"
    assert score.value == pytest.approx(brute_force(x, g, 1e-6).mean(), rel=1e-13)


@pytest.mark.parametrize("tile", [(3, 7), (512, 1024)])
@pytest.mark.parametrize(("offset", "h"), [(0, 0.2), (0, 2.0), (1e6, 1.0)])
@pytest.mark.parametrize("sizes", [[1] * 45, [9] * 5, [5, 7, 10, 11, 12]])
def test_a_fakes_influence_is_what_the_mean_loses_without_it_or_its_group(
    sizes, offset, h, tile, monkeypatch
):
    monkeypatch.setattr(tiles, "TILE", tile)
    sizes = np.array(sizes)
    names = np.random.default_rng(0).permutation(np.repeat(np.arange(len(sizes)), sizes))
    x, g = rows(30, offset=offset), rows(45, offset=offset, seed=1)
    fake = as_features(g)
    if len(sizes) < 45:
        fake = replace(fake, groups=tuple(f"p{name}" for name in names))
    of_reals, of_fakes = kde_log_likelihood(x, fake, bandwidth=h).estimate.parts
    each = brute_force(x, g, h)
    np.testing.assert_allclose(of_reals.influence, each - each.mean(), rtol=1e-9, atol=1e-9)
    for i, name in enumerate(names):
        loss = each.mean() - brute_force(x, g[names != name], h).mean()
        size = sizes[name]
        expected = (45 - size) / size * loss
        assert of_fakes.influence[i] == pytest.approx(expected, rel=1e-6, abs=1e-9)


@settings(max_examples=25)
@given(
    d=st.integers(1, 8),
    h=st.floats(0.05, 20),
    shift=st.floats(-100, 100),
    s=st.floats(1e-3, 1e3),
    seed=st.integers(0, 2**32),
)
def test_shifting_changes_nothing_and_scaling_shifts_by_its_logarithm(d, h, shift, s, seed):
    x, g = rows(12, d, seed=seed), rows(9, d, seed=seed + 1)
    plain = value(x, g, h)
    tolerance = 1e-9 * max(1.0, abs(plain))
    assert value(x + shift, g + shift, h) == pytest.approx(plain, abs=tolerance)
    assert value(s * x, s * g, s * h) == pytest.approx(plain - d * math.log(s), abs=tolerance)


# Precision


@pytest.mark.parametrize(("d", "h"), [(2, 0.2), (16, 0.5), (64, 1.0), (200, 1.5)])
def test_fast_is_within_a_thousandth_of_a_nat(d, h):
    x, g = rows(200, d, offset=100), rows(300, d, offset=100, seed=1)
    score = kde_log_likelihood(x, g, bandwidth=h, fast=True, interval=False)
    assert score.details["precision"] == score.protocol["precision"] == "float32"
    assert abs(score.value - value(x, g, h)) < 1e-3
    assert score.value != value(x, g, h)


@pytest.mark.parametrize(("d", "h"), [(2, 1e-4), (64, 0.03), (2000, 1.0)])
def test_fast_does_not_use_single_precision_where_that_costs_more(d, h):
    x, g = rows(50, d), rows(60, d, seed=1)
    score = kde_log_likelihood(x, g, bandwidth=h, fast=True, interval=False)
    assert score.details["precision"] == "float64"
    assert score.value == value(x, g, h)


def test_the_bound_that_chooses_the_precision_holds():
    """Largest error over queries, at bandwidths where float32 is only just taken."""
    for d in (1, 8, 64, 512):
        x, g = rows(80, d), rows(120, d, seed=1)
        h = 1.0
        while True:
            fast = kernel_sums(x, g, bandwidth=0.97 * h, fast=True)
            if fast.precision == "float64":
                break
            h *= 0.97
        error = kernel_sums(x, g, bandwidth=h, fast=True).log_likelihoods
        assert np.abs(error - brute_force(x, g, h)).max() < tiles.TOLERANCE


def test_the_precision_that_others_allow_is_neither_used_nor_lost():
    x, g = rows(50, 64).astype(np.float32), rows(50, 64, seed=1).astype(np.float32)
    expected = value(x, g, 1.0, fast=True)
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("medium")
        assert value(x, g, 1.0, fast=True) == expected
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision(before)


# The bandwidth


@pytest.mark.parametrize(("n", "m", "d"), [(30, 200, 1), (40, 300, 2), (50, 300, 16), (20, 90, 80)])
@pytest.mark.parametrize("keep", [0, 2**24])
def test_the_bandwidth_is_the_likeliest(n, m, d, keep, monkeypatch):
    monkeypatch.setattr(search, "_KEEP", keep)
    x, g = rows(n, d), rows(m, d, scale=1.2, seed=1)
    found = likeliest_bandwidth(x, g)
    grid = np.geomspace(found.value / 20, found.value * 20, 200)
    likeliest = max(brute_force(x, g, h).mean() for h in grid)
    assert brute_force(x, g, found.value).mean() >= likeliest
    top = optimize.minimize_scalar(
        lambda log_h: -brute_force(x, g, math.exp(log_h)).mean(),
        bounds=np.log(found.value) + np.array([-0.3, 0.3]),
        method="bounded",
        options={"xatol": 1e-10},
    )
    assert math.log(found.value) == pytest.approx(top.x, abs=1e-6)


def test_of_two_hills_the_higher_is_found():
    # Most reals lie within 10⁻³ of a fake, the others far from all: narrow and wide both are good.
    g = rows(200, 2, scale=5)
    near = g[:38] + rows(38, 2, scale=1e-3, seed=1)
    for n_near, best in ((38, (0, 0.5)), (2, (0.5, 10))):
        x = np.concatenate([near[:n_near], rows(4, 2, scale=5, seed=2)])
        found = likeliest_bandwidth(x, g).value
        grid = np.geomspace(1e-4, 10, 400)
        likelihoods = [brute_force(x, g, h).mean() for h in grid]
        assert brute_force(x, g, found).mean() >= max(likelihoods)
        assert best[0] < found < best[1]


def test_the_weights_of_the_fakes_in_a_real_are_counted():
    x, g = rows(30, 2), rows(200, 2, seed=1)
    found = likeliest_bandwidth(x, g)
    squares = ((x[:, None] - g) ** 2).sum(-1) / (2 * found.value**2)
    logs = -squares - logsumexp(-squares, axis=1, keepdims=True)
    assert found.centres_per_query == pytest.approx(
        math.exp(-(np.exp(logs) * logs).sum(1).mean()), rel=1e-6
    )


def test_reals_that_chose_the_bandwidth_are_not_queries():
    x, g = rows(100), rows(120, seed=1)
    score = kde_log_likelihood(x, g)
    chosen = every(as_features(x), 4)
    h = likeliest_bandwidth(x[chosen], g).value
    assert (chosen.sum(), score.details["held_out"], score.details["queries"]) == (25, 25, 75)
    assert score.details["bandwidth"] == h
    assert score.value == pytest.approx(brute_force(x[~chosen], g, h).mean(), rel=1e-11)
    assert score.n_real == 100


def test_a_thousand_reals_are_enough_to_choose():
    assert (
        kde_log_likelihood(rows(9000, 1), rows(50, 1), interval=False).details["held_out"] == 1000
    )


def test_scaled_features_have_a_scaled_bandwidth():
    x, g = rows(90), rows(120, seed=1)
    one, other = kde_log_likelihood(x, g), kde_log_likelihood(1000 * x, 1000 * g)
    h = one.details["bandwidth"]
    assert other.details["bandwidth"] == pytest.approx(1000 * h, rel=1e-9)
    assert other.value == pytest.approx(one.value - 3 * math.log(1000), rel=1e-9)


def test_copies_and_groups_are_held_out_together():
    x = np.concatenate([rows(40), rows(40), rows(20, seed=1)])
    held = every(as_features(x), 4)
    assert (held[:40] == held[40:80]).all()
    plates = tuple(f"p{i % 10}" for i in range(100))
    held = every(replace(as_features(x), groups=plates), 4)
    assert {plates[i] for i in np.flatnonzero(held)} & {
        plates[i] for i in np.flatnonzero(~held)
    } == set()
    assert 0 < held.sum() < 100


def test_every_label_gives_its_share_to_the_held_out():
    labels = tuple("abcd"[i % 4] for i in range(160))
    held = every(replace(as_features(rows(160)), labels=labels), 4)
    assert [sum(labels[i] == name for i in np.flatnonzero(held)) for name in "abcd"] == [10] * 4


@pytest.mark.parametrize("n", [2, 3])
def test_something_is_held_out_even_of_copies_of_one_image_in_one_group(n):
    side = replace(as_features(np.ones((n, 2))), groups=("p",) * n)
    assert every(side, 4).sum() == 1


def test_reals_that_are_all_copied_have_no_likeliest_bandwidth():
    x = rows(50)
    with pytest.raises(InputError, match="held-out reals are all among the fakes"):
        kde_log_likelihood(x, x)
    score = kde_log_likelihood(x, x, bandwidth=1.0)
    assert score.details["no_interval"] == "real and fake are the same images"
    assert np.isfinite(score.value)


def test_a_bandwidth_that_rests_on_single_fakes_is_noticed():
    g = rows(100, 8)
    x = g + rows(100, 8, scale=1e-3, seed=1)
    assert any(
        "at the narrow end of the search" in text for text in kde_log_likelihood(x, g).warnings
    )
    assert not kde_log_likelihood(rows(100, 8, seed=2), g).warnings


def test_few_reals_to_choose_by_and_many_features_are_noticed():
    x = rows(20, 60)
    warned = kde_log_likelihood(x, rows(30, 60, seed=1)).warnings
    assert any("5 held-out reals chose the bandwidth" in text for text in warned)
    assert any("60 features: in more than about 50" in text for text in warned)


@pytest.mark.parametrize("bandwidth", [0, -1.0, math.nan, math.inf, 1e-200, 1e300])
def test_a_bandwidth_that_cannot_be_computed_with_is_refused(bandwidth):
    with pytest.raises(InputError, match="wanted a number from 1e-30"):
        kde_log_likelihood(rows(9), rows(9, seed=1), bandwidth=bandwidth)


# Interval and reference


def covered(draw, truth, reps, **options):
    """How many of `reps` intervals hold the truth."""
    scores = [kde_log_likelihood(*draw(), **options) for _ in range(reps)]
    return sum(score.interval[0] <= truth <= score.interval[1] for score in scores)


@pytest.mark.parametrize(("n", "m", "power"), [(80, 80, 0.0), (70, 200, 0.5), (200, 70, 0.5)])
def test_the_interval_holds_the_expected_log_likelihood(n, m, power):
    """As the mean of many independent values. More: benchmarks/calibration."""
    rng, scales = np.random.default_rng(0), np.arange(1, 17) ** -power

    def draw(n=n):
        return rng.standard_normal((n, 16)) * scales, 1.1 * rng.standard_normal((m, 16)) * scales

    h = 0.9 * scales.mean()
    truth = np.mean([value(*draw(400), h) for _ in range(200)])
    hits = covered(draw, truth, 100, bandwidth=h)
    assert stats.binom.ppf(1e-4, 100, 0.95) <= hits <= stats.binom.ppf(1 - 1e-4, 100, 0.98)


def test_plates_of_reals_are_counted_as_plates():
    rng, plates = np.random.default_rng(0), np.repeat(np.arange(8), 15)

    def draw(plates=plates):
        shifts = 0.7 * rng.standard_normal((plates.max() + 1, 16))[plates]
        x = rng.standard_normal((len(plates), 16)) + shifts
        groups = tuple(map(str, plates))
        return replace(as_features(x), groups=groups), rng.standard_normal((120, 16))

    truth = np.mean([value(*draw(np.arange(300)), 0.9) for _ in range(100)])
    assert covered(draw, truth, 100, bandwidth=0.9) >= stats.binom.ppf(1e-3, 100, 0.93)


def test_the_interval_is_around_the_value_and_no_seed_moves_it():
    x, g = rows(100, 16), rows(100, 16, seed=1)
    score = kde_log_likelihood(x, g)
    assert score.corrected is None
    assert score.interval[0] < score.value < score.interval[1]
    assert kde_log_likelihood(x, g, seed=5).interval == score.interval


def test_the_order_of_images_and_the_names_of_groups_do_not_matter():
    x, g, order = rows(100, 16), rows(100, 16, seed=1), np.random.default_rng(0).permutation(100)
    names = np.arange(100) // 5

    def score(order, mark):
        groups = tuple(f"{mark}{name}" for name in names[order])
        sides = (replace(as_features(side[order]), groups=groups) for side in (x, g))
        return kde_log_likelihood(*sides, bandwidth=1.0)

    assert score(order, "q").interval == pytest.approx(score(np.arange(100), "p").interval)


def test_models_are_compared_with_the_same_reals():
    good, bad = rows(300, 8, seed=1), 1.5 * rows(300, 8, seed=2)
    found = compare(rows(300, 8), {"good": good, "bad": bad}, metric="kde_log_likelihood")
    assert found.best == "good"


def test_the_sum_has_the_interval_of_the_sum():
    x, g = rows(100, 16), rows(100, 16, seed=1)
    mean, total = (kde_log_likelihood(x, g, total=total) for total in (False, True))
    n = mean.details["queries"]
    assert total.value == pytest.approx(n * mean.value, rel=1e-12)
    assert total.interval == pytest.approx([n * end for end in mean.interval], rel=1e-12)
    assert total.std_error == pytest.approx(n * mean.std_error, rel=1e-12)
    assert total.protocol_id != mean.protocol_id


def test_too_few_groups_have_no_interval():
    def score(groups, **options):
        names = tuple(f"p{i % groups}" for i in range(120))
        real = replace(as_features(rows(120, 16)), groups=names)
        return kde_log_likelihood(real, rows(150, 16, seed=1), **options)

    assert score(8).interval is not None
    assert score(4, bandwidth=1.0).interval is not None
    assert score(4).details["no_interval"] == "3 groups, of 4 that an interval needs"


def test_few_images_in_few_features_have_no_interval():
    def reason(n, m, d):
        found = kde_log_likelihood(rows(n, d), rows(m, d, seed=1), bandwidth=1.0)
        assert (found.interval is None) == ("no_interval" in found.details)
        return found.details.get("no_interval")

    assert reason(4000, 3999, 1) == (
        "3999 queries or fakes in 1 feature, of 4000 that an interval needs at least"
    )
    assert reason(1999, 2000, 2).startswith("1999 queries or fakes in 2 features, of 2000")
    assert reason(249, 600, 4).startswith("249 queries or fakes in 4 features, of 250")
    assert reason(29, 500, 64).startswith("29 queries or fakes in 64 features, of 30")
    assert reason(2000, 2000, 2) is reason(250, 250, 4) is reason(30, 30, 64) is None


def test_an_interval_that_hangs_on_a_few_far_reals_says_so():
    x, g = rows(600, 4), rows(600, 4, seed=1)
    x[:3] += 30
    far, none = (kde_log_likelihood(real, g, bandwidth=0.5) for real in (x, x[3:]))
    assert far.details["skewness_over_queries"] == pytest.approx(
        stats.skew(brute_force(x, g, 0.5)), rel=1e-6
    )
    assert any("a few far reals weigh heavily" in text for text in far.warnings)
    assert none.warnings == ()


def test_the_reference_is_what_reals_give_as_centres():
    x, good, bad = rows(400, 2), rows(400, 2, seed=1), rows(400, 2, seed=2, scale=2.5)
    half = every(as_features(x), 2)
    for fake, better in ((good, False), (bad, True)):
        reference = kde_log_likelihood(x, fake, bandwidth=0.4).details["real_reference"]
        assert (reference["centres"], reference["queries"]) == (200, 200)
        expected = brute_force(x[~half], x[half], 0.4).mean()
        assert reference["value"] == pytest.approx(expected, rel=1e-9)
        assert (reference["value"] - reference["fake_value"] > 0.2) == better


def test_the_reference_has_as_many_centres_on_either_side_and_is_printed():
    score = kde_log_likelihood(rows(300), rows(40, seed=1))
    reference = score.details["real_reference"]
    assert reference["centres"] == 40
    (line,) = METRICS["kde_log_likelihood"].notes(score)
    assert f"for the other half: {reference['value']:.4g}" in line
    assert f"as many fakes: {reference['fake_value']:.4g}; 40 centres" in line
    plain = kde_log_likelihood(rows(300), rows(40, seed=1), interval=False)
    assert METRICS["kde_log_likelihood"].notes(plain) == []


# Draws, and the thesis


def test_draws_are_disjoint_as_long_as_the_images_last():
    # Values of the reals are far apart: the log-likelihood tells which were drawn.
    x, g = 100.0 * np.arange(60)[:, None], np.zeros((60, 1))
    score = kde_log_likelihood(x, g, bandwidth=1.0, subsets=6, subset_size=10, total=True)
    everything = -(x**2).sum() / 2 - 60 * math.log(2 * math.pi) / 2
    assert 6 * score.value == pytest.approx(everything, rel=1e-12)
    again = kde_log_likelihood(x, g, bandwidth=1.0, subsets=6, subset_size=10, total=True, seed=1)
    assert again.details["std_over_subsets"] != score.details["std_over_subsets"]


def test_draws_that_cannot_be_are_refused():
    x, g = rows(90), rows(300, seed=1)
    with pytest.raises(InputError, match="subset_size is 256, but there are 90 reals"):
        kde_log_likelihood(x, g, bandwidth=1.0, subsets=10)
    with pytest.raises(InputError, match="subsets is 0; wanted a number from 1"):
        kde_log_likelihood(x, g, bandwidth=1.0, subsets=0)
    with pytest.raises(InputError, match="the number of draws is missing"):
        kde_log_likelihood(x, g, subset_size=50)


MODES = np.array([(a, b) for a in range(-20, 21, 10) for b in range(-20, 21, 10)], float)


def of_modes(n, rng, modes=MODES):
    return modes[rng.integers(len(modes), size=n)] + rng.standard_normal((n, 2))


@pytest.mark.parametrize(
    ("fakes", "mean", "std"),
    [
        (lambda n, rng: of_modes(n, rng), -1632, 12),
        (lambda n, rng: rng.uniform(-22.5, 22.5, (n, 2)), -2115, 55),
        (lambda n, rng: of_modes(n, rng, rng.permutation(MODES)[:22]), -2654, 228),
    ],
    ids=["sampler of the truth", "uniform", "three modes missing"],
)
def test_the_thesis_protocol_gives_the_figures_of_its_distribution(fakes, mean, std):
    """Figures of 20 draws with scikit-learn: 256 centres, h = 1, sums over 256 of 25 Gaussians."""
    rng = np.random.default_rng(1)
    options = PROTOCOLS["thesis"].options["kde_log_likelihood"]
    found = []
    for _ in range(20):
        sides = of_modes(256, rng), fakes(256, rng)
        score = kde_log_likelihood(*sides, **{**options, "subsets": 1})
        expected = KernelDensity(bandwidth=1.0, leaf_size=256, rtol=0).fit(sides[1]).score(sides[0])
        assert score.value == pytest.approx(expected, rel=1e-11)
        found.append(score.value)
    assert abs(np.mean(found) - mean) < 4 * std * (2 / 20) ** 0.5
    ratio = np.var(found, ddof=1) / std**2
    assert 1 / 4 < ratio < 4


def test_a_draw_of_its_own_has_the_spread_of_the_distribution():
    rng = np.random.default_rng(0)
    options = PROTOCOLS["thesis"].options["kde_log_likelihood"]
    score = kde_log_likelihood(of_modes(5000, rng), of_modes(5000, rng), **options)
    assert abs(score.value + 1632) < 4 * 12 * (1 / 10 + 1 / 20) ** 0.5
    assert 5 < score.details["std_over_subsets"] < 30
    assert "the mean of 10 draws of 256, whose standard deviation is" in str(score)


def test_tensors_give_the_same_as_arrays():
    x, g = rows(30), rows(30, seed=1)
    assert kde_log_likelihood(torch.from_numpy(x), torch.from_numpy(g)).value == (
        kde_log_likelihood(x, g).value
    )


def test_it_is_registered_under_its_command():
    assert METRICS["kde_log_likelihood"].command == "kde"
