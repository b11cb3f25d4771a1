import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganeval.nets.training._split import hold_out


def split(labels, groups=None, *, fraction=0.2, seed=0):
    labels = np.asarray(labels)
    classes = tuple(f"c{k}" for k in range(labels.max() + 1))
    return hold_out(
        labels,
        None if groups is None else tuple(map(str, groups)),
        classes=classes,
        fraction=fraction,
        seed=seed,
    )


labels_and_groups = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 6)), min_size=2, max_size=60
).map(lambda rows: np.array(rows * 2))  # every class has two images


@settings(max_examples=50, deadline=None)
@given(labels_and_groups, st.booleans(), st.floats(0.05, 0.6))
def test_both_sides_cover_everything_once_and_every_class_is_trained_on(rows, grouped, fraction):
    labels = np.unique(rows[:, 0], return_inverse=True)[1]
    found = split(labels, rows[:, 1] if grouped else None, fraction=fraction)
    both = np.concatenate([found.train, found.held_out])
    assert sorted(both) == list(range(len(labels)))
    assert len(found.held_out) > 0
    assert set(labels[found.train]) == set(labels)
    if grouped and not any("every group" in note for note in found.notes):
        assert not set(rows[found.train, 1]) & set(rows[found.held_out, 1])


def test_each_class_gives_its_share():
    labels = np.repeat([0, 1, 2], [50, 100, 10])
    held = labels[split(labels, fraction=0.2).held_out]
    assert np.bincount(held).tolist() == [10, 20, 2]


def test_plates_are_held_out_whole_and_near_the_share():
    plates = np.repeat(np.arange(20), 30)
    labels = np.tile(np.arange(3), 200)
    found = split(labels, plates, fraction=0.2)
    assert len(set(plates[found.held_out])) == 4
    assert found.notes == ()


def test_classes_nested_in_plates_are_all_held_out():
    plates = np.repeat(np.arange(12), 10)
    labels = plates // 4  # four plates for each class
    found = split(labels, plates, fraction=0.25)
    assert np.bincount(labels[found.held_out]).tolist() == [10, 10, 10]


def test_a_class_in_one_group_is_noted_and_only_trained_on():
    labels = np.repeat([0, 0, 1, 1, 2], 10)
    plates = np.repeat([0, 1, 2, 3, 4], 10)
    found = split(labels, plates)
    assert 2 not in labels[found.held_out]
    assert "1 of 3 classes sit in one group (c2)" in found.notes[0]


def test_if_every_class_sits_in_one_group_the_note_says_the_figures_flatter():
    found = split(np.repeat([0, 1], 10), np.repeat([0, 1], 10))
    assert len(found.held_out) == 4
    assert "flatter" in found.notes[0]


@pytest.mark.parametrize("groups", [None, np.arange(60) // 3])
def test_the_seed_decides(groups):
    labels = np.arange(60) % 2
    assert (split(labels, groups).held_out == split(labels, groups).held_out).all()
    others = [split(labels, groups, seed=s).held_out.tolist() for s in range(1, 4)]
    assert split(labels, groups).held_out.tolist() not in others
