"""As good as another: margins, floors, and what the verdict says of them."""

import numpy as np
import pytest

from ganeval import InputError, compare, evaluate, fid
from ganeval.statistics import Estimate, Part, Sampling
from ganeval.suites import ScoresFile, compare_estimates, kept_estimates, kept_floor

D = 4


def rows(rng, n=300, shift=0.0):
    return rng.standard_normal((n, D)) + np.eye(1, D)[0] * shift


def score_of(rng, true, n=40):
    """An estimate without bias of a true score, by the influence of its fakes."""
    image = rng.standard_normal(n)
    return Estimate(true + image.mean(), None, (Part(image - image.mean(), Sampling(n)),))


def test_a_margin_below_the_true_difference_is_claimed_as_rarely_as_stated():
    false, tries = 0, 500
    for i in range(tries):
        rng = np.random.default_rng([5, i])
        models = {"a": [score_of(rng, 0.0)], "b": [score_of(rng, 0.4)]}
        false += compare_estimates(models, metric="kid").differences[0].within < 0.4
    assert false <= 0.05 * tries + 3.1 * (tries * 0.05 * 0.95) ** 0.5


def test_models_of_one_distribution_become_equivalent_with_more_images():
    rng = np.random.default_rng(0)
    few = compare(rows(rng, 300), {"a": rows(rng, 40, 0.5), "b": rows(rng, 40, -0.5)})
    assert few.equivalent == ()
    assert "is not shown to be as good" in few.verdict
    many = compare(rows(rng, 300), {"a": rows(rng, 9000, 0.1), "b": rows(rng, 9000, -0.1)})
    assert len(many.equivalent) == 1
    assert "counts as equivalent" in many.verdict


def test_the_floor_is_what_chance_does_to_two_halves_of_the_reals(tmp_path):
    rng = np.random.default_rng(1)
    x, models = rows(rng), {"a": rows(rng, shift=0.3), "b": rows(rng, shift=0.5)}
    found = compare(x, models)
    perfect = [fid(rows(rng, 150), rows(rng, 150)).corrected for _ in range(30)]
    assert found.floor == pytest.approx(1.96 * np.std(perfect), rel=0.4)
    floors = [compare(x, models, seed=seed).floor for seed in range(3)]
    assert max(floors) < 1.3 * min(floors)
    file = ScoresFile(tmp_path / "scores.jsonl")
    for score in evaluate(x, models, metrics=["fid"]):
        file.keep(score)
        file.append(score)
    assert kept_floor(str(file.path), "fid", 0.95) == pytest.approx(found.floor, rel=1e-9)
    kept = {name: [one] for name, one in kept_estimates(str(file.path), "fid").items()}
    again = compare_estimates(kept, metric="fid", floor=found.floor)
    assert again.verdict == found.verdict


def test_without_a_floor_margins_are_plain_numbers():
    rng = np.random.default_rng(2)
    x, a, b = rows(rng), rows(rng, shift=0.3), rows(rng, shift=0.31)
    found = compare(x[:6], {"a": a, "b": b})
    assert found.floor is None and found.equivalent == ()
    assert "is within" in found.verdict and "floor" not in found.verdict


def test_the_best_is_as_near_to_the_reals_as_the_upper_bound_of_its_score_says():
    rng = np.random.default_rng(3)
    x, a, b = rows(rng), rows(rng, shift=0.3), rows(rng, shift=1.0)
    found = compare(x, {"a": a, "b": b})
    assert found.models[0].from_reals == pytest.approx(fid(x, a, level=0.9).interval[1])
    assert "of the reals" in found.verdict
    assert compare(x, {"a": a, "b": b}, metric="precision").models[0].from_reals is None


@pytest.mark.parametrize("margin", [0.0, -1.0, float("nan"), float("inf")])
def test_a_margin_is_a_positive_number(margin):
    rng = np.random.default_rng(4)
    with pytest.raises(InputError, match="margin is"):
        compare(rows(rng), {"a": rows(rng), "b": rows(rng)}, margin=margin)
