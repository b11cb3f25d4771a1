"""Classes that differ from the reals' own, among many."""

from dataclasses import replace

import numpy as np
import pytest

from ganeval import METRICS, intra_fid, intra_kid
from ganeval.features import as_features

CLASSES = 8


def side(rng, n, shifts=(), groups=False):
    """`n` images of every class; those of the first ones are shifted."""
    number = np.repeat(np.arange(CLASSES), n)
    rows = rng.standard_normal((CLASSES * n, 3))
    for label, shift in enumerate(shifts):
        rows[number == label] += shift
    plates = tuple(f"plate {i % n}" for i in range(len(rows))) if groups else None
    return replace(as_features(rows), labels=tuple(f"c{i}" for i in number), groups=plates)


def test_p_values_of_four_images_a_class_are_small_as_rarely_as_they_say():
    small, tries = 0, 25
    for i in range(tries):
        rng = np.random.default_rng([1, i])
        score = intra_kid(side(rng, 4), side(rng, 4), seed=i)
        small += sum(own["p_value"] <= 0.05 for own in score.details["classes"].values())
    n = tries * CLASSES
    assert small <= 0.05 * n + 3.1 * (n * 0.05 * 0.95) ** 0.5


@pytest.mark.parametrize("metric", [intra_kid, intra_fid])
def test_classes_that_differ_are_marked_and_the_rest_is_not(metric):
    rng = np.random.default_rng(2)
    score = metric(side(rng, 20), side(rng, 20, (2.0, 2.0)))
    marked = [name for name, own in score.details["classes"].items() if own["q_value"] < 0.05]
    assert marked == ["c0", "c1"]
    lines = METRICS[score.metric].notes(score)
    assert [line.startswith("c") and line.endswith("*") for line in lines] == [True] * 2 + [
        False
    ] * 7
    assert "5 % at most are false" in lines[-1]


def test_without_classes_that_differ_nothing_is_marked_and_nothing_said():
    rng = np.random.default_rng(3)
    score = intra_kid(side(rng, 20), side(rng, 20))
    assert not any("*" in line for line in METRICS["intra_kid"].notes(score))


def test_groups_in_several_classes_ask_for_more():
    rng = np.random.default_rng(4)
    real, fake = side(rng, 12, groups=True), side(rng, 12, (2.0,), groups=True)
    score = intra_kid(real, replace(fake, groups=None))
    own = score.details["classes"]["c0"]
    harmonic = sum(1 / k for k in range(1, CLASSES + 1))
    assert own["q_value"] == pytest.approx(min(own["p_value"] * CLASSES * harmonic, 1.0))
