"""Several nets: a set that was moved to please one of them is named."""

import numpy as np
import pytest

import ganeval
from ganeval.suites import agreement, views_of


@pytest.fixture(scope="module")
def scores():
    """By net: a good model, and one that is good in the first net's features alone."""
    rng = np.random.default_rng(0)

    def rows(shift=0.0):
        return rng.normal(shift, 1, (300, 6))

    by_net = {}
    for net, shift in (("first", 0.0), ("second", 0.5), ("third", 0.7)):
        fakes = {"good": rows(), "tuned": rows(shift)}
        by_net[net] = ganeval.evaluate(rows(), fakes, metrics=["fid", "kid", "prdc"])
    return by_net


def test_a_set_that_pleases_one_net_alone_is_named_with_the_nets_that_see_it(scores):
    lines = agreement(views_of(scores))
    for label in ("FID", "KID"):
        (said,) = [line for line in lines if line.startswith(f"{label}: tuned cannot be told")]
        assert "by first, and clearly by second (" in said and "third (" in said
        assert "it was optimised against first, or first does not see" in said
    assert not any("good cannot be told" in line for line in lines)


def test_distances_are_counted_in_what_chance_does_to_two_halves_of_the_reals(scores):
    views = views_of(scores)
    assert {view.metric for view in views} == {"fid", "kid"}
    for view in views:
        assert view.floors == pytest.approx(view.estimate / view.floor)
        if view.model == "good":
            assert abs(view.floors) < 1.5
        elif view.net != "first":
            assert view.floors > 3 and view.told_apart


def test_agreement_and_disagreement_on_the_first_are_said():
    rng = np.random.default_rng(1)

    def by(a, b):
        real = rng.normal(size=(200, 3))
        fakes = {"A": rng.normal(a, 1, (200, 3)), "B": rng.normal(b, 1, (200, 3))}
        return ganeval.evaluate(real, fakes, metrics=["fid"])

    alike = views_of({"one": by(0.1, 1), "two": by(0.1, 1)})
    assert "FID: all 2 nets place A first" in agreement(alike)
    apart = views_of({"one": by(0.1, 1), "two": by(1, 0.1)})
    assert "FID: the nets disagree on which model is first (one: A; two: B)" in agreement(apart)
