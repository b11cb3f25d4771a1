import itertools
from dataclasses import replace

import numpy as np
import pytest

from ganeval.metrics.pairs import kernels, mmd_estimate, pair_sums
from ganeval.metrics.pairs.means import Means, Sets, without_units
from ganeval.metrics.pairs.second_order import MANY_GROUPS, largest_eigenvalue
from ganeval.metrics.spine import Side, take
from ganeval.statistics import ONE_PAIR, Sampling


def side(n, groups, *, seed, classes=None):
    rng = np.random.default_rng(seed)
    features = take(rng.standard_normal((n, 3)), None, role="real", metric="kid").features
    labels = None if classes is None else rng.integers(classes, size=n)
    return Side("real", features, None, Sampling(n, labels, np.array(groups)))


@pytest.mark.parametrize("rank", [1, 5, 400])
def test_the_largest_eigenvalue_of_many_groups_is_that_of_all(rank):
    rng = np.random.default_rng(0)
    a = rng.standard_normal((2 * MANY_GROUPS, rank))
    matrix = a @ a.T - np.diag(rng.random(2 * MANY_GROUPS))
    expected = np.linalg.eigvalsh(matrix)[-1]
    assert largest_eigenvalue(matrix) == pytest.approx(expected, rel=1e-9)
    assert largest_eigenvalue(matrix) == largest_eigenvalue(matrix)
    assert largest_eigenvalue(np.zeros_like(matrix)) == 0


def test_hundreds_of_groups_have_the_estimate_of_all_eigenvalues(monkeypatch):
    names = [f"patient {i // 2}" for i in range(700)]
    real, fake = side(700, names, seed=0), side(700, names[::-1], seed=1)
    found = mmd_estimate(real, fake)
    monkeypatch.setattr("ganeval.metrics.pairs.second_order.MANY_GROUPS", 10**6)
    assert found.widest == pytest.approx(mmd_estimate(real, fake).widest, rel=1e-9)


@pytest.mark.parametrize("classes", [None, 3])
def test_partners_are_the_images_of_other_groups_class_by_class(classes):
    """Some groups are on both sides, some on one; counted pair by pair."""
    n, m = 40, 30
    real = side(n, [f"g{i % 7}" for i in range(n)], seed=0, classes=classes)
    fake = side(m, [f"g{i % 5 + 4}" for i in range(m)], seed=1, classes=classes)
    here, there = Sets(real.sampling), Sets(fake.sampling)
    k = np.random.default_rng(2).standard_normal((n, m))
    sums = np.stack([k[:, there.of_row == s].sum(1) for s in range(len(there.sizes))], axis=1)
    apart = real.sampling.groups[:, None] != fake.sampling.groups
    expected = np.zeros(n)
    for c, share in enumerate(there.shares):
        of_c = apart * (fake.sampling.stratum == c)
        for b in range(len(here.shares)):
            rows = real.sampling.stratum == b
            pairs = of_c[rows].sum() / rows.sum()
            expected[rows] += share * (k * of_c).sum(1)[rows] / pairs
    assert Means.of(sums, here, there).of_row == pytest.approx(expected, rel=1e-12)


def test_many_sets_are_summed_as_few_are(monkeypatch):
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((300, 4)), rng.standard_normal((200, 4))
    sets = rng.permutation(np.arange(300) // 2), rng.permutation(np.arange(200) // 2)
    monkeypatch.setattr(kernels, "TILE", 128)
    found = pair_sums(x, y, *sets)
    monkeypatch.setattr(kernels, "MANY_SETS", 10**6)
    by_product = pair_sums(x, y, *sets)
    for name in ("xx", "yy", "xy", "yx"):
        assert getattr(found, name) == pytest.approx(getattr(by_product, name), rel=1e-12)


def test_groups_within_classes_pull_as_leaving_each_out_does():
    """Counted pair by pair; groups of unlike sizes, each in one class, whose size was chosen."""
    number = np.repeat(np.arange(7), (5, 2, 9, 4, 4, 3, 5))
    n, stratum, apart = len(number), (number > 2).astype(int), number[:, None] != number
    sets = Sets(Sampling(n, stratum, number.astype(str)))
    k = np.random.default_rng(0).standard_normal((n, n))
    k += k.T
    shares = np.bincount(stratum) / n

    def mean(kept):
        found = 0.0
        for a, b in itertools.product(range(2), repeat=2):
            pairs = np.outer(kept & (stratum == a), kept & (stratum == b)) & apart
            found += shares[a] * shares[b] * k[pairs].mean()
        return found

    sums = np.stack([k[:, sets.of_row == s].sum(1) for s in range(len(sets.sizes))], axis=1)
    own = without_units(Means.of(sums, sets, sets), sets)
    pulls = 2 * (own - (np.bincount(stratum, own) / np.bincount(stratum))[stratum]) / n
    of_class = sets.shares[stratum] * n
    expected = [
        (1 - (number == g).sum() / of_class[number == g][0])
        * (mean(np.ones(n, bool)) - mean(number != g))
        for g in range(number.max() + 1)
    ]
    centred = np.bincount(number, pulls)
    for c in range(2):  # an interval counts from the mean of each class
        of_c = np.unique(number[stratum == c])
        size = np.bincount(number)[of_c]
        shift = np.take(expected, of_c).sum() * size / size.sum()
        assert centred[of_c] == pytest.approx(np.take(expected, of_c) - shift, rel=1e-9)


def test_two_groups_of_a_class_do_not_show_how_it_varies():
    place = np.arange(40)
    real = side(40, (place // 10).astype(str), seed=0)
    fake = side(40, place.astype(str), seed=1)
    real = replace(real, sampling=replace(real.sampling, classes=place // 20))
    fake = replace(fake, sampling=replace(fake.sampling, classes=place // 20))
    found = mmd_estimate(real, fake)
    assert found.no_interval == ONE_PAIR
    assert found.corrected is not None
