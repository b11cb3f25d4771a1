"""FID: against brute force, simulations of known distances, and what must not move it."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.linalg
import torch

from ganeval.errors import InputError
from ganeval.features import Features, as_features
from ganeval.metrics import fid, frechet_distance, kid, statistics_of
from ganeval.moments import Moments


def rows(n, d=6, *, shift=0.0, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d)) + shift


def features(n, d=6, *, groups=0, shift=0.0, seed=0, **known):
    names = tuple(f"p{i * groups // n}" for i in range(n)) if groups else None
    whole = as_features(rows(n, d, shift=shift, seed=seed))
    return replace(whole, groups=names, **known)


def named(values):
    return None if values is None else tuple(map(str, values))


def known(x, *, labels=None, groups=None):
    return replace(as_features(x), labels=named(labels), groups=named(groups))


def by_moments(mean1, cov1, mean2, cov2):
    """Stacks of distances, by another route than ganeval's: general eigenvalues of the product."""
    squares = np.linalg.eigvals(cov1 @ cov2).real.clip(0)
    traces = np.trace(cov1, axis1=-2, axis2=-1) + np.trace(cov2, axis1=-2, axis2=-1)
    return ((mean1 - mean2) ** 2).sum(-1) + traces - 2 * np.sqrt(squares).sum(-1)


def plain(x, y):
    return float(by_moments(x.mean(0), np.cov(x.T), y.mean(0), np.cov(y.T)))


def left_out(x, y, units=None):
    """[u] distances without one image of x each, or without one of `units` [n] each."""
    units = np.arange(len(x)) if units is None else units
    stats = [(x[units != u].mean(0), np.cov(x[units != u], rowvar=False)) for u in np.unique(units)]
    means, covs = map(np.stack, zip(*stats, strict=True))
    return by_moments(means, covs, y.mean(0), np.cov(y.T))


def stretched(rng, n, d=4):
    """Features of unequal widths that depend on each other, with a skew."""
    mix = np.random.default_rng(99).standard_normal((d, d)) + 2 * np.eye(d)
    return (rng.standard_normal((n, d)) + rng.exponential(size=(n, 1))) @ mix


def test_the_plain_value_is_the_distance_of_mean_and_covariance():
    x, y = rows(200), rows(150, shift=0.3, seed=1)
    expected = frechet_distance(
        x.mean(0), np.cov(x, rowvar=False), y.mean(0), np.cov(y, rowvar=False)
    )
    score = fid(x, y)
    assert score.value == pytest.approx(expected, rel=1e-12)
    assert score.value == pytest.approx(plain(x, y), rel=1e-10)
    assert fid(x, y, interval=False).value == pytest.approx(expected, rel=1e-12)
    assert score.details["mean_term"] + score.details["covariance_term"] == pytest.approx(expected)
    assert score.interval[0] < score.corrected < score.interval[1]
    assert score.corrected < score.value


# Influences.


def test_an_influence_is_the_change_when_an_image_counts_a_little_more():
    """Finite differences of the moments, whose square root is scipy's."""
    x, y = stretched(np.random.default_rng(0), 60), rows(50, 4, shift=1.0, seed=1)

    def distance(mean1, cov1, mean2, cov2):
        root = scipy.linalg.sqrtm(cov1 @ cov2).real
        return ((mean1 - mean2) ** 2).sum() + np.trace(cov1 + cov2 - 2 * root)

    def moved(sample, i, step):
        mean, cov = sample.mean(0), np.cov(sample.T)
        apart = sample[i] - mean
        return mean + step * apart, (1 - step) * cov + step * np.outer(apart, apart)

    step, fixed = 1e-4, (lambda sample: (sample.mean(0), np.cov(sample.T)))
    first, second = fid(x, y).estimate.parts
    for i in range(10):
        there, back = (distance(*moved(x, i, s), *fixed(y)) for s in (step, -step))
        assert first.influence[i] == pytest.approx((there - back) / (2 * step), rel=1e-4, abs=1e-3)
        there, back = (distance(*fixed(x), *moved(y, i, s)) for s in (step, -step))
        assert second.influence[i] == pytest.approx((there - back) / (2 * step), rel=1e-4, abs=1e-3)


def test_influences_are_what_leaving_out_each_image_does():
    rng = np.random.default_rng(0)
    x, y = stretched(rng, 3000), 1.3 * stretched(rng, 2000) + 0.5
    score = fid(x, y)
    for part, one, other in ((0, x, y), (1, y, x)):
        influence = score.estimate.parts[part].influence
        jackknifed = (len(one) - 1) * (score.value - left_out(one, other))
        apart = jackknifed - jackknifed.mean() - influence + influence.mean()
        assert apart.std() < 0.02 * influence.std()
    own = [
        ((n - 1) * (v - v.mean()) ** 2 / n).sum()
        for n, v in ((3000, left_out(x, y)), (2000, left_out(y, x)))
    ]
    assert score.std_error == pytest.approx(sum(own) ** 0.5, rel=0.01)


def test_the_standard_error_of_groups_is_that_of_leaving_each_out():
    rng = np.random.default_rng(1)
    plate = np.repeat(np.arange(100), 10)
    x = stretched(rng, 1000) + 0.5 * rng.standard_normal((100, 4))[plate]
    y = stretched(rng, 4000) + 2
    value = left_out(x, y, plate)
    jackknifed = ((99 / 100) * (value - value.mean()) ** 2).sum()
    alone = fid(known(x, groups=plate), y)
    of_y = alone.estimate.parts[1].influence.std() ** 2 / 4000
    assert alone.std_error == pytest.approx((jackknifed + of_y) ** 0.5, rel=0.05)


def test_influences_follow_order_position_rotation_and_scale():
    rng = np.random.default_rng(0)
    x, y = stretched(rng, 80), stretched(rng, 90) + 1
    turn = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    order = rng.permutation(80)
    score = fid(x, y)
    (first, second), scale = score.estimate.parts, abs(score.estimate.parts[0].influence).max()
    for there, factor in (
        (lambda z: z + 100.0, 1.0),
        (lambda z: z @ turn, 1.0),
        (lambda z: 7 * z, 49.0),
        (lambda z: 1e-3 * z, 1e-6),
    ):
        found = fid(there(x), there(y))
        for before, now in zip((first, second), found.estimate.parts, strict=True):
            expected = pytest.approx(factor * before.influence, rel=1e-8, abs=1e-8 * factor * scale)
            assert now.influence == expected
        assert found.corrected == pytest.approx(factor * score.corrected, rel=1e-8)
        assert found.interval == pytest.approx([factor * end for end in score.interval], rel=1e-7)
        for name, power in (("second_order", 2), ("widest", 1)):
            expected = factor**power * getattr(score.estimate, name)
            assert getattr(found.estimate, name) == pytest.approx(expected, rel=1e-7)
    mixed = fid(x[order], y)
    assert mixed.estimate.parts[0].influence == pytest.approx(
        first.influence[order], rel=1e-9, abs=1e-9 * scale
    )
    assert mixed.interval == pytest.approx(score.interval, rel=1e-9)


def test_tensors_and_single_precision_have_the_same_influences():
    rng = np.random.default_rng(0)
    x, y = (stretched(rng, 70).astype(np.float32) for _ in range(2))
    expected = fid(x.astype(np.float64), y.astype(np.float64) + 0.0)
    for convert in (lambda z: z, torch.from_numpy, lambda z: torch.from_numpy(z).double()):
        found = fid(convert(x), convert(y))
        for before, now in zip(expected.estimate.parts, found.estimate.parts, strict=True):
            assert now.influence == pytest.approx(before.influence, rel=1e-10, abs=1e-10)
            assert now.influence.dtype == np.float64
        assert found.interval == pytest.approx(expected.interval, rel=1e-10)


# The corrected value.


@pytest.mark.parametrize("grouped", [False, True])
def test_of_many_images_the_correction_is_that_of_the_jackknife(grouped):
    """To first order in 1/n both are the bias, for any law: here a skewed one."""
    rng = np.random.default_rng(3)
    x, y = stretched(rng, 3000), 1.2 * stretched(rng, 2000)
    units = None
    real = as_features(x)
    if grouped:
        units = np.repeat(np.arange(150), 20)
        x += rng.standard_normal((150, 4))[units]
        real = known(x, groups=units)
    score = fid(real, y)
    g = 150 if grouped else 3000
    bias = (g - 1) * (left_out(x, y, units).mean() - score.value)
    bias += 1999 * (left_out(y, x).mean() - score.value)
    assert bias > 0
    assert score.value - score.corrected == pytest.approx(bias, rel=0.04)


def test_of_many_gaussian_images_the_correction_has_a_closed_form():
    """N(0, C₁) and N(0, C₂) with variances a, b: tr/n of the means, and Σ W (1 + [i = j]) / 2n."""
    a, b, n, m = np.array([1.0, 4.0, 9.0]), np.array([4.0, 4.0, 1.0]), 20_000, 10_000
    c = np.sqrt(a * b)
    w = np.outer(c, c) / (c[:, None] + c)
    bend = (w.sum() + np.trace(w)) / 2
    expected = a.sum() / n + b.sum() / m + bend * (1 / n + 1 / m)
    rng = np.random.default_rng(0)
    x, y = (rng.standard_normal((k, 3)) * v**0.5 for k, v in ((n, a), (m, b)))
    score = fid(x, y)
    assert score.value - score.corrected == pytest.approx(expected, rel=0.03)


def gaussian(rng):
    x, y = rng.standard_normal((40, 6)), 0.7 * rng.standard_normal((60, 6))
    return as_features(x), as_features(y + 0.3), 6 * 0.09 + 6 * 0.3**2


def exponential(rng):
    x, y = rng.exponential(size=(150, 4)), rng.exponential(size=(120, 4))
    return as_features(x), as_features(y), 0.0


def in_groups(rng):
    plate = np.repeat(np.arange(20), 8)
    x = rng.standard_normal((160, 3)) + rng.standard_normal((20, 3))[plate]
    y = 2**0.5 * rng.standard_normal((300, 3))
    return known(x, groups=plate), as_features(y), 0.0


def chosen_classes(rng):
    """Equal classes on both sides: between them nothing is random."""
    label = np.arange(90) % 3
    centres = 3.0 * np.eye(3)
    x, y = (centres[label] + rng.standard_normal((90, 3)) for _ in range(2))
    return known(x, labels=label), known(y, labels=label), 0.0


def plates_on_both_sides(rng):
    plate = np.repeat(np.arange(24), 6)
    offset = rng.standard_normal((24, 3))
    x, y = (rng.standard_normal((144, 3)) + offset[plate] for _ in range(2))
    return known(x, groups=plate), known(y, groups=plate), 0.0


@pytest.mark.parametrize(
    "law",
    [gaussian, exponential, in_groups, chosen_classes, plates_on_both_sides],
)
def test_the_corrected_value_is_without_bias(law):
    scores = []
    for i in range(150):
        real, fake, truth = law(np.random.default_rng([i, 4]))
        scores.append(fid(real, fake))
    values, corrected = (
        np.array([getattr(s, name) for s in scores]) for name in ("value", "corrected")
    )
    error = corrected.std(ddof=1) / 150**0.5
    assert abs(corrected.mean() - truth) < 3.5 * error
    # The plain value's bias would be noticed.
    assert values.mean() - truth > 7 * error


@pytest.mark.parametrize(("n", "m", "d"), [(32, 600, 24), (600, 32, 24), (40, 40, 24)])
def test_few_images_for_many_features_keep_a_tenth_of_the_bias_at_most(n, m, d):
    """The correction is that of many features; of 24 it leaves a little."""
    scores = []
    for i in range(60):
        rng = np.random.default_rng([i, 8])
        scores.append(fid(rng.standard_normal((n, d)), 1.2 * rng.standard_normal((m, d))))
    truth = d * 0.2**2
    corrected = np.array([score.corrected for score in scores])
    bias = np.mean([score.value for score in scores]) - truth
    error = corrected.std(ddof=1) / 60**0.5
    assert abs(corrected.mean() - truth) < 0.1 * bias + 3.5 * error
    assert error < 0.02 * bias


def plates_that_some_share(rng):
    plate = np.repeat(np.arange(24), 6)
    offset = rng.standard_normal((36, 3))
    x, y = (rng.standard_normal((144, 3)) + offset[plate + k] for k in (0, 12))
    return known(x, groups=plate), known(y, groups=plate + 12), 0.0


def equal_gaussians(rng):
    x, y = rng.standard_normal((50, 6)), rng.standard_normal((70, 6))
    return as_features(x), as_features(y), 0.0


@pytest.mark.parametrize(
    "law",
    [equal_gaussians, in_groups, chosen_classes, plates_on_both_sides, plates_that_some_share],
)
def test_the_variance_at_equal_distributions_is_that_of_simulations(law):
    """Influences vanish there, and what is left is of second order."""
    found = [fid(*law(np.random.default_rng([i, 6]))[:2]).estimate for i in range(150)]
    simulated = np.var([one.corrected for one in found], ddof=1)
    ratio = np.mean([one.second_order for one in found]) / simulated
    # The variance of 150 skewed numbers is off by a sixth; twenty groups say less of theirs.
    assert 0.6 < ratio < 1.6


def test_of_equal_distributions_the_estimate_may_be_below_0_and_the_interval_is_not():
    below = 0
    for i in range(60):
        score = fid(rows(60, 4, seed=2 * i), rows(60, 4, seed=2 * i + 1))
        assert score.interval[0] >= 0
        assert score.interval[1] > 0
        below += score.corrected < 0
    assert 10 < below < 55


# Where there is no interval.


def test_images_as_few_as_features_have_a_value_but_no_interval():
    for n in (20, 30):
        score = fid(rows(n, 30), rows(100, 30, seed=1))
        assert score.value > 0
        assert (score.corrected, score.interval, score.std_error) == (None, None, None)
        assert f"(no interval: fewer images than features; n = {n} / 100)" in str(score)
        assert any(f"{n} images for 30 features" in warning for warning in score.warnings)


def test_hardly_more_images_than_features_are_told_in_words():
    score = fid(rows(31, 30), rows(100, 30, seed=1))
    assert (score.corrected, score.interval) == (None, None)
    assert score.details["no_interval"].startswith("30 features, and images that count as ")
    assert fid(rows(40, 30), rows(100, 30, seed=1)).interval is not None


@pytest.mark.parametrize("groups", [1, 3])
def test_under_four_groups_there_is_no_interval(groups):
    real, fake = features(400, groups=groups), rows(300, seed=1)
    expected = f"{groups} group{'s' * (groups > 1)}, of 4 that an interval needs"
    for score in (fid(real, fake), kid(real, fake)):
        assert score.interval is None
        assert score.details["no_interval"] == expected
        assert score.corrected is None  # it rests on how groups vary


def test_groups_are_counted():
    assert fid(features(400, groups=12), rows(300, seed=1)).n_groups == 12
    assert fid(features(400, groups=30), features(300, groups=7)).n_groups == 7


def test_plates_on_both_sides_are_known_by_their_names():
    """Their offsets cancel in a comparison of the two; other names make other plates."""
    rng = np.random.default_rng(0)
    plate = np.repeat(np.arange(20), 15)
    offset = 2 * rng.standard_normal((20, 3))
    x, y = (rng.standard_normal((300, 3)) + offset[plate] for _ in range(2))
    same = fid(known(x, groups=plate), known(y, groups=plate))
    other = fid(known(x, groups=plate), known(y, groups=plate + 20))
    assert same.value == other.value
    assert same.interval[1] < 0.3 * other.interval[1]


# Constant and dependent features.


def test_dependent_features_score_as_the_fewer_that_they_are_made_of():
    """With a = qr, the distance of xa is that of x and r: q only turns."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((80, 3)), 1.3 * rng.standard_normal((70, 3)) + 0.4
    a = rng.standard_normal((3, 5))
    r = np.linalg.qr(a.T)[1].T
    found, expected = fid(x @ a, y @ a), fid(x @ r, y @ r)
    assert found.value == pytest.approx(expected.value, rel=1e-6)
    assert found.corrected == pytest.approx(expected.corrected, rel=1e-6)
    assert found.interval == pytest.approx(expected.interval, rel=1e-6)


def test_features_that_are_constant_on_both_sides_change_nothing():
    x, y = rows(80), rows(70, shift=0.3, seed=1)
    expected = fid(x, y)
    dead = [np.insert(z, 3, 1.5, axis=1) for z in (x, y)]
    found = fid(*dead)
    assert found.value == pytest.approx(expected.value, rel=1e-9)
    assert found.corrected == pytest.approx(expected.corrected, rel=1e-9)
    assert found.interval == pytest.approx(expected.interval, rel=1e-9)
    assert "1 of 7 features of real are constant and say nothing" in found.warnings


def test_a_feature_that_is_constant_on_one_side_adds_its_square():
    """It does not overlap with the other side: E (y − c)² of it is all that counts."""
    x, y = rows(80), rows(70, shift=0.3, seed=1)
    expected, extra = fid(x, y), rows(70, 1, seed=5)[:, 0]
    for swap in (1, -1):
        found = fid(*(np.insert(x, 3, 0.5, axis=1), np.insert(y, 3, extra, axis=1))[::swap])
        more = (extra.mean() - 0.5) ** 2 + extra.var(ddof=1)
        assert found.value == pytest.approx(expected.value + more, rel=1e-9)
        unbiased = ((extra - 0.5) ** 2).mean()
        assert found.corrected == pytest.approx(expected.corrected + unbiased, rel=1e-9)
        assert found.interval[0] < found.corrected < found.interval[1]


def test_constant_features_alone_say_why_there_is_no_interval():
    score = fid(np.full((50, 3), 1.0), rows(40, 3))
    assert np.isfinite(score.value)
    assert score.interval is None
    assert score.details["no_interval"] == "no feature varies on both sides"


# Statistics.


def test_statistics_give_the_same_score_as_the_features_they_come_from(tmp_path):
    """Under 100 images, where each is a block of its own."""
    x, y = rows(90), rows(80, shift=0.3, seed=1)
    expected = fid(x, y)
    statistics_of(as_features(x)).save(tmp_path / "real.npz")
    for real in (tmp_path / "real.npz", str(tmp_path / "real.npz"), statistics_of(as_features(x))):
        score = fid(real, y)
        assert score.value == pytest.approx(expected.value, rel=1e-12)
        assert score.std_error == pytest.approx(expected.std_error, rel=1e-6)
        assert score.corrected == pytest.approx(expected.corrected, rel=0.02)
        assert score.interval == pytest.approx(expected.interval, rel=0.05)
        assert score.protocol_id == expected.protocol_id
        assert (score.n_real, score.n_fake) == (90, 80)
    both = fid(tmp_path / "real.npz", statistics_of(as_features(y)))
    assert both.interval == pytest.approx(expected.interval, rel=0.15)
    assert fid(y, tmp_path / "real.npz").interval is not None


def test_statistics_of_many_images_know_the_error_to_a_tenth():
    rng = np.random.default_rng(0)
    x, y = stretched(rng, 2000), 1.2 * stretched(rng, 1500)
    expected = fid(x, y)
    found = fid(statistics_of(as_features(x)), statistics_of(as_features(y)))
    assert found.value == pytest.approx(expected.value, rel=1e-11)
    assert found.std_error == pytest.approx(expected.std_error, rel=0.25)
    correction = expected.value - expected.corrected
    assert found.value - found.corrected == pytest.approx(correction, rel=0.25)


def test_merged_statistics_keep_the_interval():
    x, y = rows(400), rows(300, shift=0.3, seed=1)
    parts = [as_features(x[:250]), as_features(x[250:])]
    merged = statistics_of(parts[0]).merge(statistics_of(parts[1]))
    score, whole = fid(merged, y), fid(x, y)
    assert score.value == pytest.approx(whole.value, rel=1e-11)
    assert score.std_error == pytest.approx(whole.std_error, rel=0.25)
    assert score.corrected == pytest.approx(whole.corrected, abs=0.2 * whole.std_error)


def test_statistics_of_groups_keep_them():
    whole = features(400, groups=16)
    grouped, fake = statistics_of(whole), rows(300, seed=1)
    score, expected = fid(grouped, fake), fid(whole, fake)
    assert (score.n_groups, grouped.n_blocks) == (16, 16)
    assert score.corrected == pytest.approx(expected.corrected, rel=1e-9)
    assert score.interval == pytest.approx(expected.interval, rel=1e-6)
    few = fid(statistics_of(features(400, groups=3)), fake)
    assert few.details["no_interval"].startswith("3 groups, of 4 that an interval needs")


def test_a_plain_mean_and_covariance_have_a_value_but_no_interval(tmp_path):
    x, y = rows(200), rows(150, shift=0.3, seed=1)
    np.savez(tmp_path / "pf.npz", mu=x.mean(0), sigma=np.cov(x, rowvar=False))
    score = fid(tmp_path / "pf.npz", y)
    assert score.value == pytest.approx(fid(x, y).value, rel=1e-12)
    assert (score.corrected, score.interval, score.n_real) == (None, None, None)
    assert "has only mu and sigma" in score.details["no_interval"]
    few = fid(tmp_path / "pf.npz", y[:5])
    assert few.value == pytest.approx(fid(x, y[:5]).value, rel=1e-9)


# What may be scored, and how it is described.


def test_two_nets_or_resizes_are_not_compared():
    def made(name, resize="none", *, fingerprint=None, sha256="w"):
        protocol = {
            "net": {"name": name, "fingerprint": fingerprint or name, "sha256": sha256},
            "preprocessing": {"resize": resize},
        }
        return replace(features(50), protocol=protocol)

    with pytest.raises(InputError, match="differ in net: a and b"):
        fid(made("a"), made("b"))
    with pytest.raises(InputError, match="differ in settings of net 'a'"):
        fid(made("a"), made("a", fingerprint="f"))
    with pytest.raises(InputError, match="differ in code or weights of net 'a'"):
        fid(made("a"), made("a", fingerprint="f", sha256="v"))
    fid(made("a", fingerprint="f"), made("renamed", fingerprint="f"))
    with pytest.raises(InputError, match="differ in net: a and b"):
        fid(*(replace(features(50), protocol={"net": {"name": name}}) for name in "ab"))
    with pytest.raises(InputError, match="differ in preprocessing resize: none and area"):
        fid(made("a"), made("a", "area"))
    score = fid(made("a"), features(50, seed=1))
    assert "feature net of fake is unknown" in score.warnings[0]
    assert score.protocol["net"]["name"] == "a"


def test_the_protocol_id_is_of_what_must_be_equal():
    real, fake, other = features(100), features(80, seed=1), features(90, seed=2)
    score = fid(real, fake)
    same = [fid(real, other), fid(real, fake, seed=5), fid(real, fake, level=0.5)]
    assert {s.protocol_id for s in same} == {score.protocol_id}
    assert fid(other, fake).protocol_id != score.protocol_id
    assert len(score.protocol_id) == 16
    net = {"net": {"name": "x", "fingerprint": "f"}, "preprocessing": {}}
    renamed = {"net": {"name": "y", "fingerprint": "f"}, "preprocessing": {}}
    first = fid(replace(real, protocol=net), replace(fake, protocol=net))
    second = fid(replace(real, protocol=renamed), replace(fake, protocol=net | renamed))
    assert first.protocol_id == second.protocol_id != score.protocol_id


def test_copies_are_noticed():
    x = rows(60)
    assert fid(x, x).warnings == ("real and fake are the same images",)
    y = rows(60, seed=1)
    y[:3] = x[:3]
    assert "3 of 60 images of fake are exact copies of reals" in fid(x, y).warnings
    y = rows(60, seed=1)
    y[10] = y[11]
    assert "1 of 60 images of fake are copies of another one of them" in fid(x, y).warnings


def test_constant_features_are_noticed():
    x, y = rows(60), rows(60, seed=1)
    x[:, 2] = 7
    score = fid(x, y)
    assert "1 of 6 features of real are constant and say nothing" in score.warnings
    assert score.value > 40


def test_labels_stratify():
    labels = ("a",) * 300 + ("b",) * 100
    sorted_rows = rows(400) + np.repeat([[0.0], [9.0]], [300, 100], axis=0)
    real = replace(as_features(sorted_rows), labels=labels)
    fake = replace(as_features(sorted_rows[::-1] + 0.1), labels=labels[::-1])
    with_labels = fid(real, fake)
    order = np.random.default_rng(1).permutation(400)  # sorted ones would be noticed
    without = fid(*(replace(side, labels=None).take(order) for side in (real, fake)))
    assert with_labels.value == pytest.approx(without.value)
    assert with_labels.std_error < without.std_error / 2


def test_a_class_of_one_image_leaves_the_plain_value_alone_and_says_why():
    """The same classes on both sides were chosen, and nothing shows how one image varies."""
    labels = [*("a", "b", "c") * 20, "rare"]
    score = fid(known(rows(61), labels=labels), known(rows(61, seed=1), labels=labels))
    assert score.corrected is None and score.interval is None
    assert "a single image" in score.details["no_interval"]


def test_the_input_is_not_changed_and_half_precision_is_taken():
    x = torch.randn(50, 4, generator=torch.Generator().manual_seed(0)).half()
    before = x.clone()
    score = fid(x, x.float().numpy() + 1)
    assert score.value == pytest.approx(4, rel=1e-3)
    assert torch.equal(x, before)


def test_bad_levels_are_refused():
    with pytest.raises(InputError, match=r"level is 95(\.0)?; wanted a"):
        fid(rows(30), rows(30), level=95.0)


def test_moments_of_one_block_have_no_interval():
    score = fid(Moments.of(rows(100)), rows(100, seed=1))
    assert "has no blocks" in score.details["no_interval"]
    assert isinstance(features(3), Features)
