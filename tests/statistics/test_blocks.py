import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganeval.errors import InputError
from ganeval.statistics import assign_blocks, blocks_of_classes


def names(n):
    return [f"{i:05d}.png" for i in range(n)]


def counts(blocks, labels, label, g=20):
    return np.bincount(blocks[np.asarray(labels) == label], minlength=g)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 90), min_size=1, max_size=6), st.integers(2, 20), st.integers(0, 3))
def test_blocks_have_the_same_size_and_the_same_share_of_every_label(sizes, n_blocks, seed):
    labels = [str(label) for label, size in enumerate(sizes) for _ in range(size)]
    n = len(labels)
    blocks = assign_blocks(names(n), labels=labels, n_blocks=n_blocks, seed=seed)
    g = min(n, n_blocks)
    sizes_of_blocks = np.bincount(blocks, minlength=g)
    assert len(sizes_of_blocks) == g
    assert np.ptp(sizes_of_blocks) <= 1
    for label in set(labels):
        assert np.ptp(counts(blocks, labels, label, g)) <= 1


def test_the_block_of_an_image_does_not_depend_on_the_order_of_the_files():
    ids = names(200)
    labels = ["a"] * 50 + ["b"] * 150
    order = np.random.default_rng(0).permutation(200)
    blocks = assign_blocks(ids, labels=labels, n_blocks=20)
    again = assign_blocks([ids[i] for i in order], labels=[labels[i] for i in order], n_blocks=20)
    np.testing.assert_array_equal(again, blocks[order])


def test_consecutive_files_are_not_kept_together():
    blocks = assign_blocks(names(2000), n_blocks=20)
    assert np.mean(blocks[1:] == blocks[:-1]) == pytest.approx(1 / 20, abs=0.02)


def test_blocks_are_the_same_on_every_machine():
    assert assign_blocks(names(10), n_blocks=3).tolist() == [1, 2, 1, 0, 0, 0, 1, 1, 2, 2]


def test_another_seed_deals_anew():
    first, second = (assign_blocks(names(400), n_blocks=20, seed=seed) for seed in (0, 1))
    assert np.mean(first == second) < 0.15


def test_small_classes_are_not_always_put_in_the_same_blocks():
    # 40 classes of 10 images fill half of 20 blocks each; a fixed turn would pair them up.
    labels = [f"{i:02d}" for i in range(40) for _ in range(10)]
    blocks = assign_blocks(names(400), labels=labels, n_blocks=20)
    table = np.array([counts(blocks, labels, f"{i:02d}") for i in range(40)])
    assert np.ptp(table.sum(0)) == 0
    assert len({tuple(row) for row in table}) > 20


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 60), st.integers(0, 5))
def test_groups_stay_whole(n_groups, seed):
    rng = np.random.default_rng(seed)
    groups = [f"plate{i}" for i in range(n_groups) for _ in range(rng.integers(1, 30))]
    blocks = assign_blocks(names(len(groups)), groups=groups, n_blocks=20, seed=seed)
    block_of = {}
    for group, block in zip(groups, blocks, strict=True):
        assert block_of.setdefault(group, block) == block
    assert set(block_of.values()) == set(range(min(20, n_groups)))


def test_many_groups_fill_blocks_evenly_and_spread_their_labels():
    # 80 plates of 5 to 24 images, the first half of one class, the second of another.
    groups = [f"{i:02d}" for i in range(80) for _ in range(5 + i % 20)]
    labels = ["a" if int(group) < 40 else "b" for group in groups]
    blocks = assign_blocks(names(len(groups)), groups=groups, labels=labels, n_blocks=20)
    sizes = np.bincount(blocks)
    assert sizes.max() < 1.3 * sizes.min()
    for label in "ab":
        assert counts(blocks, labels, label).min() >= 0.5 * counts(blocks, labels, label).mean()


def test_lists_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="3 labels for 4 images"):
        assign_blocks(names(4), labels=["a"] * 3, n_blocks=2)
    with pytest.raises(InputError, match="5 groups for 4 images"):
        assign_blocks(names(4), groups=["a"] * 5, n_blocks=2)
    with pytest.raises(InputError, match="n_blocks is 0"):
        assign_blocks(names(4), n_blocks=0)


def test_sides_of_the_same_class_sizes_hold_the_same_mixture_in_every_block():
    labels = ["a"] * 27 + ["b"] * 9 + ["c"] * 100
    real, fake = (
        assign_blocks(names(136), labels=labels, n_blocks=20, salt=salt) for salt in ("r", "f")
    )
    assert (real != fake).any()
    for label in "abc":
        np.testing.assert_array_equal(counts(real, labels, label), counts(fake, labels, label))


def test_every_block_can_hold_every_class_that_matters():
    assert blocks_of_classes(None) is None
    assert blocks_of_classes([str(i % 41) for i in range(410)]) == 10
    # Five of a hundred images are of a class too small to count.
    assert blocks_of_classes(["a"] * 55 + ["b"] * 41 + ["c"] * 4) == 41
    assert blocks_of_classes(["a"] * 54 + ["b"] * 40 + ["c"] * 6) == 6
