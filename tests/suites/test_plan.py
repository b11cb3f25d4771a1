"""Plans from pilots, and what studies of the planned size give."""

from dataclasses import replace

import numpy as np
import pytest

from ganeval import InputError, compare, fid, plan
from ganeval.features import as_features

D = 6


def rows(rng, n, shift=0.0):
    return rng.standard_normal((n, D)) + np.full(D, shift)


def test_a_study_of_the_planned_size_is_as_sure_as_was_wished():
    rng = np.random.default_rng(0)
    wish = 0.1
    found = plan(rows(rng, 300), {"a": rows(rng, 300, 0.4)}, half_width=wish)
    n = found.needed.n_real
    assert n > 600
    larger = fid(rows(rng, n), rows(rng, n, 0.4))
    low, high = larger.interval
    assert (high - low) / 2 == pytest.approx(wish, rel=0.25)
    assert f"{n} real and {n} generated images" in found.verdict
    low, high = found.needed.half_widths
    assert low < wish < high < 1.5 * low
    assert found.verdict.endswith(f"90 would find a half-width of {low:.3g} to {high:.3g}.")
    assert found.steps[0].half_width == pytest.approx(
        1.96 * fid(rows(rng, 300), rows(rng, 300, 0.4)).std_error, rel=0.3
    )


def test_more_fakes_alone_help_as_far_as_the_reals_allow():
    rng = np.random.default_rng(1)
    found = plan(rows(rng, 200), {"a": rows(rng, 200, 0.4)}, half_width=0.01)
    assert found.fakes_needed is None
    assert "more generated images alone are not enough" in found.verdict
    assert found.needed.fakes_alone > found.needed.half_width
    enough = plan(rows(rng, 5000), {"a": rows(rng, 200, 0.4)}, half_width=0.12)
    assert 200 < enough.fakes_needed < enough.needed.n_fake * 2


def test_the_difference_of_two_models_is_planned_with_shared_reals():
    rng = np.random.default_rng(2)
    x, models = rows(rng, 300), {"a": rows(rng, 300, 0.4), "b": rows(rng, 300, -0.4)}
    found = plan(x, models, difference=0.2)
    error = compare(x, models).differences[0].std_error
    assert found.steps[0].half_width == pytest.approx(1.96 * error, rel=0.05)
    assert found.steps[0].detectable == pytest.approx((1.96 + 0.84) * error, rel=0.05)
    assert found.needed.detectable == pytest.approx(0.2, rel=1e-3)


def test_plates_are_planned_whole():
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(8), 40)
    x = rows(rng, 320) + 0.5 * rng.standard_normal((8, D))[groups]
    side = replace(as_features(x), groups=tuple(f"plate {g}" for g in groups))
    found = plan(side, {"a": rows(rng, 320, 0.5)}, half_width=0.3)
    assert found.needed.real_groups > 8
    assert found.needed.n_real == 40 * found.needed.real_groups
    assert f"in {found.needed.real_groups} groups" in found.verdict
    assert found.verdict.endswith(": 8 groups hardly show how much groups differ.")


def test_training_runs_are_planned_where_there_are_several():
    rng = np.random.default_rng(4)
    x = rows(rng, 2000)
    runs = [rows(rng, 300, shift) for shift in (0.3, 0.4, 0.5)]
    found = plan(x, {"a": runs}, half_width=0.2)
    assert found.runs_needed > 3
    assert f"{found.runs_needed} of each model are enough" in found.verdict
    assert plan(x, {"a": runs}, half_width=0.001).runs_needed is None


def test_a_pilot_that_does_is_enough_and_one_at_0_is_said_to_be_unsure():
    rng = np.random.default_rng(5)
    x = rows(rng, 100), {"a": rows(rng, 100)}
    found = plan(*x, half_width=50.0)
    assert found.needed.times == 1 and "are enough" in found.verdict
    found = plan(*x, half_width=0.01)
    assert "which the pilot hardly tells from 0" in found.verdict
    assert found.needed.half_widths[1] > 2 * found.needed.half_widths[0]
    assert "see the table" in plan(rows(rng, 100), {"a": rows(rng, 100)}).verdict
    rough = plan(rows(rng, 100), {"a": rows(rng, 100)}, metric="precision", half_width=0.05)
    assert "the plan is a rough one" in rough.verdict
    assert rough.needed.half_widths is None


@pytest.mark.parametrize(
    ("models", "wish", "message"),
    [
        ("a", {"difference": 0.1}, "difference is between two models"),
        ("a", {"half_width": 0.0}, "half_width is 0; wanted a positive number"),
        ("ab", {"half_width": 1.0, "difference": 1.0}, "both given"),
        ("abc", {"half_width": 1.0}, "there are 3 models"),
    ],
)
def test_what_cannot_be_planned_is_refused(models, wish, message):
    rng = np.random.default_rng(6)
    with pytest.raises(InputError, match=message):
        plan(rows(rng, 20), {name: rows(rng, 20, 0.1) for name in models}, **wish)
