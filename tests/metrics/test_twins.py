"""Copies are found from a few features of most rows, as from all of all."""

from collections import Counter
from dataclasses import replace

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ganeval.features import as_features
from ganeval.metrics.spine.oddities import twins
from ganeval.metrics.spine.rows import n_constant
from ganeval.metrics.spine.side import take

RNG = np.random.default_rng(0)


def side(rows, role="real"):
    return take(rows, None, role=role, metric="fid")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 3))
def test_rows_share_a_key_exactly_when_they_are_equal(seed, d, n_values):
    rng = np.random.default_rng(seed)
    real, fake = (rng.integers(0, n_values, size=(n, d)).astype(np.float32) for n in (12, 9))
    fake[fake == 0] *= -1  # -0.0 equals 0.0
    sides = side(real), side(torch.from_numpy(fake).double(), "fake")
    counts = Counter(tuple(row) for row in [*real.tolist(), *fake.tolist()])
    alike = {row: count for row, count in counts.items() if count > 1}
    keys = [key for of_side in twins(sides) for key in of_side.tolist()]
    found = Counter(keys)
    # A key of one image is one that a few features took for a twin.
    assert sorted(c for c in found.values() if c > 1) == sorted(alike.values())


def test_rows_that_agree_in_the_features_looked_at_first_are_told_apart():
    rows = np.zeros((50, 100), np.float32)
    rows[:, 1] = RNG.permutation(50)  # columns 0, 33, 66 and 99 are looked at first
    assert len(np.unique(twins([side(rows)])[0])) == 50


def test_hashes_of_pixels_come_before_rows():
    features = as_features(np.ones((6, 3)))
    hashes = RNG.integers(0, 2**63, size=(6, 2)).astype(np.uint64)
    hashes[5] = hashes[0]
    known = side(replace(features, hashes=hashes))
    assert twins([known])[0].tolist() == [hashes[0, 0]] * 2


def test_a_feature_is_constant_only_if_its_last_row_agrees():
    rows = RNG.normal(size=(1000, 5))
    rows[:, [1, 3]] = 2.0
    assert n_constant(rows) == n_constant(torch.from_numpy(rows)) == 2
    rows[999, 3] = 2.5
    assert n_constant(rows) == n_constant(torch.from_numpy(rows)) == 1
