"""Images that resemble those that follow them: found, told, and no interval taken from them."""

from dataclasses import replace

import numpy as np
import pytest

import ganeval
from ganeval.features import as_features
from ganeval.metrics.spine.sequence import _tested, alike_in_sequence

N, D = 240, 6


def drawn(seed=0, n=N, d=D):
    return np.random.default_rng(seed).standard_normal((n, d))


def on_plates(seed=0, *, plates=8, n=N, d=D, offset=0.6):
    """Sorted by plate; two images of a plate have a correlation of offset² / (1 + offset²)."""
    rng = np.random.default_rng(seed)
    own = offset * rng.standard_normal((plates, d))
    return rng.standard_normal((n, d)) + np.repeat(own, n // plates, axis=0)


@pytest.mark.parametrize("classes", [1, 3])
def test_it_is_what_products_of_pairs_say(classes):
    """Pair by pair: those within a run, less the mean of all pairs of their class if it is one."""
    y, code = on_plates(n=50, plates=5), np.random.default_rng(4).integers(classes, size=50)
    apart = ~np.eye(50, dtype=bool)
    usual = np.zeros((50, 50))
    for own in (code == k for k in range(classes)):
        y[own] -= y[own].mean(axis=0)
        both = np.outer(own, own)
        usual[both] = (y @ y.T)[both & apart].mean()
    more = y @ y.T - usual
    run = np.minimum(np.arange(50) // 2, 24)
    found = list(_tested(on_plates(n=50, plates=5), code, run))
    for (_, one), runs in zip(found, (25, 12), strict=False):
        of = np.minimum(run // (25 // runs), runs - 1)
        pairs = (of[:, None] == of) & apart
        expected = more[pairs].mean() / (np.square(y).sum() / (50 - classes))
        assert one.correlation == pytest.approx(expected, rel=1e-9)
        assert one.too_small == pytest.approx(max(0, 1 + pairs.sum() / 50 * expected) ** 0.5)


def test_correlation_and_factor_are_those_of_the_plates():
    """Of 64 plates of 32: ρ = 0.2, and the variance of a mean is 1 + 31 ρ times as large."""
    found = alike_in_sequence(on_plates(plates=64, n=2048, d=64, offset=0.5))
    assert found.correlation == pytest.approx(0.2, abs=0.03)
    assert found.too_small == pytest.approx((1 + 31 * 0.2) ** 0.5, rel=0.1)


@pytest.mark.parametrize(("plates", "each"), [(70, 32), (60, 150)])
def test_many_images_are_summed_in_longer_runs(plates, each):
    found = alike_in_sequence(on_plates(plates=plates, n=plates * each, d=64, offset=0.2))
    assert found.too_small == pytest.approx((1 + (each - 1) * 0.04 / 1.04) ** 0.5, rel=0.15)


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.standard_normal((300, 1)),
        lambda rng: rng.standard_normal((40, 64)),
        lambda rng: rng.standard_t(2, size=(300, 4)),
        lambda rng: rng.lognormal(size=(300, 8)),
        lambda rng: rng.integers(3, size=(300, 2)) * 1.0,
        lambda rng: 9 * np.eye(10, 16)[rng.integers(10, size=400)] + rng.random((400, 16)),
    ],
    ids=["one feature", "few", "t2", "lognormal", "whole", "classes by chance"],
)
def test_images_in_no_order_raise_no_alarm(draw):
    rng = np.random.default_rng(1)
    assert [alike_in_sequence(draw(rng)) for _ in range(100)] == [None] * 100


def test_classes_of_unlike_spread_raise_no_alarm():
    rng = np.random.default_rng(2)
    for _ in range(100):
        codes = np.sort(rng.integers(6, size=300))
        x = rng.standard_normal((300, 4)) * (1 + 3.0 * codes[:, None]) + 5 * codes[:, None]
        assert alike_in_sequence(x, [str(code) for code in codes]) is None
        assert alike_in_sequence(x).too_small > 1.3


def test_plates_are_found_within_classes():
    x = on_plates(offset=1.0) + 20 * np.repeat(np.arange(2), N // 2)[:, None]
    assert alike_in_sequence(x, ["a"] * (N // 2) + ["b"] * (N // 2)) is not None


def test_plates_that_have_every_treatment_once_are_found_beside_labels():
    """Eight plates of 24 treatments, one image each: no two of a class are of one plate."""
    x, treatments = on_plates(n=192), [f"t{i % 24}" for i in range(192)]
    assert alike_in_sequence(x, treatments).too_small > 1.5
    assert alike_in_sequence(drawn(n=192), treatments) is None


def test_classes_of_equal_images_say_nothing():
    for seed in range(40):
        rng = np.random.default_rng(seed)
        code = rng.integers(3 + seed % 5, size=240)
        labels = [str(k) for k in code]
        assert alike_in_sequence(rng.standard_normal((8, 4))[code], labels) is None


def test_sorted_blocks_of_equal_images_are_found():
    for n in (64, 1024):
        assert alike_in_sequence(np.repeat([[0.0], [1.0]], n // 2, axis=0)) is not None


@pytest.mark.parametrize("rows", [drawn(n=15), np.ones((100, 3)), 1e9 + np.zeros((100, 3))])
def test_few_or_constant_images_say_nothing(rows):
    assert alike_in_sequence(rows) is None


def test_a_score_says_so_and_has_no_interval_until_the_plates_are_given():
    real, fake = as_features(on_plates()), as_features(drawn(1))
    found = ganeval.kid(real, fake)
    assert found.interval is None and found.corrected is None
    (warning,) = found.warnings
    assert warning.startswith("images of real that follow each other are alike (correlation 0.")
    assert "give --group-by (groups)" in warning and "--label-by (labels)" in warning
    assert found.details["no_interval"] == warning
    plates = tuple(f"plate {i // 30}" for i in range(N))
    grouped = ganeval.kid(replace(real, groups=plates), fake)
    assert grouped.interval is not None and grouped.warnings == ()


def test_files_in_no_order_have_an_interval_too_narrow_for_their_plates():
    """Nothing shows what plates images are of where names say nothing."""
    order = np.random.default_rng(3).permutation(N)
    plates = tuple(f"plate {i // 30}" for i in order)
    real, fake = as_features(on_plates()[order]), as_features(drawn(1))
    blind = ganeval.fid(real, fake)
    aware = ganeval.fid(replace(real, groups=plates), fake)
    assert np.diff(aware.interval) > 1.5 * np.diff(blind.interval)


def test_images_that_are_known_to_be_independent_are_groups_of_their_own():
    x = on_plates()
    real, fake = as_features(x), as_features(drawn(1))
    alone = ganeval.fid(replace(real, groups=tuple(map(str, range(N)))), fake)
    order = np.random.default_rng(3).permutation(N)
    assert alone.interval == pytest.approx(ganeval.fid(x[order], fake).interval, rel=1e-9)


def test_fakes_with_labels_are_not_asked():
    """Half of a class with images of another, one after the other: a fault, and no dependence."""
    labels = tuple("ab"[i * 2 // N] for i in range(N))
    real, fake = (replace(as_features(drawn(seed)), labels=labels) for seed in (5, 1))
    fake.features[N // 4 : N // 2] += 2
    assert ganeval.kid(real, fake).interval is not None
    assert ganeval.kid(fake, real).interval is None


def test_statistics_of_them_have_no_interval_and_say_why():
    real, fake = as_features(on_plates()), as_features(drawn(1))
    saved = ganeval.statistics_of(real)
    assert saved.mean == pytest.approx(real.features.mean(axis=0))
    found = ganeval.fid(saved, fake)
    assert found.value == pytest.approx(ganeval.fid(real, fake).value)
    assert found.interval is None and found.corrected is None
    assert any("images that follow each other are alike" in text for text in found.warnings)
    plates = tuple(f"plate {i // 30}" for i in range(N))
    grouped = ganeval.statistics_of(replace(real, groups=plates))
    assert ganeval.fid(grouped, fake).interval is not None


def test_the_reals_have_no_row_of_halves_beside_models():
    fakes = {"a": drawn(1)}
    for real, rows in ((on_plates(), {"a"}), (drawn(5), {"a", "reals"})):
        found = ganeval.evaluate(real, fakes, metrics=["kid"])
        assert {score.details["model"] for score in found} == rows


def test_models_are_not_compared_on_them():
    models = {"a": drawn(1), "b": drawn(2)}
    with pytest.raises(ganeval.InputError, match="follow each other are alike"):
        ganeval.compare(on_plates(), models)


def test_classes_of_a_mean_over_classes_are_asked_together():
    """Each by itself would be another chance of a false alarm."""
    labels = tuple("ab"[i % 2] for i in range(N))
    real, fake = (replace(as_features(x), labels=labels) for x in (on_plates(), drawn(1)))
    found = ganeval.intra_kid(real, fake)
    assert found.interval is None
    assert "images of real that follow each other" in found.details["no_interval"]
    assert ganeval.intra_kid(replace(real, features=drawn(5)), fake).interval is not None


def test_the_standard_error_is_too_small_by_the_factor_that_is_told_or_more():
    """Means of the first feature, over worlds: their spread beside that of independent images."""
    means = np.array([on_plates(seed)[:, 0].mean() for seed in range(400)])
    told = np.median([alike_in_sequence(on_plates(seed)).too_small for seed in range(50)])
    true = means.std() / ((1 + 0.6**2) / N) ** 0.5
    assert 0.5 * true < told < 1.1 * true
