"""The aggregated MMD test: against sums over all pairs, and data whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ganeval import InputError, mmd
from ganeval.features import as_features
from ganeval.metrics import METRICS
from ganeval.metrics.mmd.discrepancies import discrepancies
from ganeval.metrics.mmd.kernels import KERNELS, Standardised


def rows(n, d=5, *, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


def p_of(x, y, **options):
    return mmd(x, y, **options).details["p_value"]


def by_pairs(x, side, unit):
    """MMD² of every kernel, one pair at a time."""
    x = (x - x.mean(0)) / x.std(0)
    apart = unit[:, None] != unit
    squared = ((x[:, None] - x) ** 2).sum(-1)
    distances = np.sort(squared[np.triu_indices(len(x), 1)])
    squared = squared / distances[(len(distances) - 1) // 2]
    products = x @ x.T / x.shape[1]
    values = []
    for kernel in (
        np.exp(-4 * squared),
        np.exp(-squared),
        np.exp(-2 * np.sqrt(squared)),
        np.exp(-np.sqrt(squared)),
        (products + 1) ** 3,
        products**2,
    ):

        def mean(a, b, kernel=kernel):
            return kernel[np.outer(a, b) & apart].mean()

        values.append(mean(side, side) + mean(~side, ~side) - 2 * mean(side, ~side))
    return np.array(values)


@pytest.mark.parametrize("n_units", [90, 11])
def test_discrepancies_are_means_over_pairs_of_different_units(n_units):
    rng = np.random.default_rng(0)
    x, unit = rows(90), np.sort(rng.integers(n_units, size=90)) if n_units < 90 else np.arange(90)
    sides = rng.random((90, 3)) < 0.4
    found = discrepancies([Standardised.of(torch.from_numpy(x))], sides, unit)
    expected = np.stack([by_pairs(x, side, unit) for side in sides.T], axis=1)
    assert found.shape == (len(KERNELS), 3)
    np.testing.assert_allclose(found, expected, atol=2e-4 * np.abs(expected).max(1).mean() + 1e-4)


def test_tiles_and_threads_move_nothing():
    """1,100 images make three tiles; sums of whole numbers do not depend on their order."""
    x = torch.from_numpy(rows(1100, 3))
    sides = np.random.default_rng(0).random((1100, 8)) < 0.5
    order = np.random.default_rng(1).permutation(1100)
    one = discrepancies([Standardised.of(x)], sides, np.arange(1100))
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(2 if threads == 1 else 1)
        again = discrepancies([Standardised.of(x)], sides, np.arange(1100))
    finally:
        torch.set_num_threads(threads)
    np.testing.assert_array_equal(one, again)
    mixed = discrepancies([Standardised.of(x[order])], sides[order], np.arange(1100))
    np.testing.assert_allclose(mixed, one, atol=1e-4)


def test_p_values_of_alike_sides_are_uniform():
    p = np.array(
        [
            p_of(rows(20, 3, seed=2 * i), rows(30, 3, seed=2 * i + 1), permutations=19, seed=i)
            for i in range(120)
        ]
    )
    for q in (0.1, 0.5, 0.9):
        assert abs((p <= q).mean() - q) < 3.5 * (q * (1 - q) / 120) ** 0.5


@pytest.mark.parametrize("what", ["mean", "correlation", "spread", "mode"])
def test_each_kind_of_difference_is_found_and_the_kernel_that_sees_it_is_named(what):
    x, y = rows(400), rows(400, seed=1)
    if what == "mean":
        y[:, 0] += 0.4
    elif what == "correlation":
        y[:, 1] = 0.6 * y[:, 0] + 0.8 * y[:, 1]
    elif what == "spread":
        y[:, 0] *= 1.5
    else:
        y[:40] = 3 + 0.1 * y[:40]
    score = mmd(x, y, permutations=199)
    assert score.details["p_value"] == 0.005
    if what == "correlation":
        assert score.details["seen_by"]["kernel"] == "quadratic"
        assert score.details["kernels"][0]["kernel"] == "gaussian"


def test_the_printed_words_say_p_and_who_saw_it():
    score = mmd(rows(60), 2 + rows(60, seed=1), permutations=19)
    p, seen = METRICS["mmd"].notes(score)
    assert p == "p = 0.05 (19 permutations)"
    assert seen.startswith("the ") and seen.endswith(" sees most")
    assert str(score).startswith("MMD test (features):")
    assert score.details["no_interval"] == "a test statistic"


def test_the_seed_moves_nothing_but_the_permutations():
    x, y = rows(50), rows(50, seed=1)
    one, other = (mmd(x, y, permutations=99, seed=s).details["kernels"] for s in (0, 1))
    assert [k["mmd_squared"] for k in one] == [k["mmd_squared"] for k in other]
    assert [k["z"] for k in one] != [k["z"] for k in other]


def test_plates_are_no_difference_but_a_difference_beyond_them_is():
    rng = np.random.default_rng(0)
    plates = np.repeat(np.arange(20), 15)
    sides = [rng.standard_normal((300, 3)) + rng.standard_normal((20, 3))[plates] for _ in "ab"]

    def grouped(side, name):
        return replace(as_features(side), groups=tuple(f"{name}{plate}" for plate in plates))

    assert p_of(*sides) < 0.01
    aware = p_of(grouped(sides[0], "a"), grouped(sides[1], "b"))
    assert aware > 0.05
    assert p_of(grouped(sides[0], "a"), grouped(sides[1] + 2, "b")) < 0.01


def test_sides_that_share_their_plates_are_compared_within_them():
    """Each plate has images of both sides, which exchange sides as a whole."""
    rng = np.random.default_rng(0)
    plates = np.repeat(np.arange(24), 10)
    names = tuple(f"p{plate}" for plate in plates)
    offsets = 3 * rng.standard_normal((24, 3))[plates]
    x, y = (replace(as_features(rows(240, 3, seed=s) + offsets), groups=names) for s in (2, 3))
    assert p_of(x, y) > 0.05
    assert p_of(x, replace(y, features=y.features + np.array([1.0, 0, 0]))) < 0.01


def test_the_same_images_differ_in_nothing():
    score = mmd(rows(40), rows(40))
    assert score.details["p_value"] == 1
    assert score.value == 0


def test_several_nets_share_one_p_value():
    """What only one of the nets sees is found, and that net is named."""
    pixels = np.random.default_rng(0).integers(0, 255, (80, 8, 8, 1), dtype=np.uint8)
    blurred = np.random.default_rng(1).integers(0, 255, (80, 8, 8, 1), dtype=np.uint8)
    blurred[:, ::2] = blurred[:, 1::2]
    score = mmd(pixels, blurred, feature_net=("pixels", "morphology"), permutations=99)
    assert {kernel["net"] for kernel in score.details["kernels"]} == {"pixels", "morphology"}
    assert len(score.details["kernels"]) == 2 * len(KERNELS)
    assert score.details["p_value"] == 0.01
    assert " on " in METRICS["mmd"].notes(score)[1]


def test_one_group_is_refused():
    x = replace(as_features(rows(20)), groups=("a",) * 20)
    with pytest.raises(InputError, match="real has 1 group of its own"):
        mmd(x, rows(20, seed=1))
    with pytest.raises(InputError, match="feature_net is empty"):
        mmd(rows(20), rows(20, seed=1), feature_net=())
