"""Reals among the fakes: intervals of sides that are independent do not hold, and are left out."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from ganeval.features import as_features
from ganeval.metrics import fid, intra_kid, kde_log_likelihood, kid, statistics_of


def rows(n, d=6, *, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


@pytest.mark.parametrize(
    "metric", [fid, kid, partial(kde_log_likelihood, bandwidth=1.0), intra_kid]
)
def test_copies_of_the_reals_are_not_independent_of_them(metric):
    """What finite n adds to a distance is not there between copies: corrections go below 0."""
    x, new = (replace(as_features(rows(240, seed=s)), labels=("a", "b") * 120) for s in (0, 1))
    every, some, few = (
        replace(new, features=np.concatenate([x.features[:k], new.features[k:]]))
        for k in (238, 16, 14)
    )
    for fake in (every, some):
        score = metric(x, fake)
        assert (score.corrected, score.interval, score.std_error) == (None, None, None)
        assert (
            "exact copies of reals, so the sides are hardly independent"
            in score.details["no_interval"]
        )
    one_in_16 = metric(x, few).interval is not None
    assert one_in_16 == (metric in (fid, kid, intra_kid))  # in a likelihood a copy is a peak


def test_fakes_that_repeat_a_few_reals_are_copies_each_time():
    x = rows(320)
    score = fid(x, np.tile(x[:20], (16, 1)))
    assert "sides are hardly independent" in score.details["no_interval"]


def test_a_class_of_copies_is_not_hidden_by_the_others():
    labels = ("a",) * 380 + ("b",) * 20
    x, y = (replace(as_features(rows(400, seed=s)), labels=labels) for s in (0, 1))
    y.features[380:] = x.features[380:]
    score = intra_kid(x, y)
    assert (score.interval, score.details["no_interval"]) == (
        None,
        "real and fake are the same images",
    )


def test_copies_that_cannot_be_seen_have_no_interval_below_0():
    """Of another type, or behind statistics."""
    x, y = rows(400, 20), rows(400, 20, seed=1)
    y[:360] = x[:360]
    for pair in ((x, y.astype(np.float32)), (statistics_of(as_features(x)), y)):
        score = fid(*pair)
        assert (score.corrected, score.interval) == (None, None)
        assert "closer to each other than two samples" in score.details["no_interval"]


def test_one_empty_picture_on_both_sides_is_no_copy():
    """However often each side has it: independent draws of it are as good as of any other."""
    x, y = rows(200, 20), rows(200, 20, seed=1)
    x[:30], y[:50] = 0.5, 0.5
    score = fid(x, y)
    assert score.interval is not None
    assert "50 of 200 images of fake are exact copies of reals" in score.warnings
