"""Comparisons of models whose true distances are known."""

from dataclasses import replace

import numpy as np
import pytest

from ganeval import InputError, best_checkpoint, compare, fid, frechet_distance
from ganeval.features import as_features

D = 4


def reals(rng, n=300):
    return rng.standard_normal((n, D))


def model(rng, shift, n=300):
    return rng.standard_normal((n, D)) + np.array([shift] + [0.0] * (D - 1))


def true_fid(shift):
    mean = np.zeros(D)
    return frechet_distance(mean, np.eye(D), mean + np.array([shift, 0, 0, 0]), np.eye(D))


@pytest.mark.parametrize("metric", ["fid", "kid"])
def test_models_that_are_equally_good_are_told_apart_as_rarely_as_stated(metric):
    alarms = 0
    for i in range(150):
        rng = np.random.default_rng([7, i])
        # Shifts of equal size in other directions: other laws, the same distance.
        a, b = model(rng, 0.5, 200), model(rng, -0.5, 200)
        found = compare(reals(rng, 200), {"a": a, "b": b}, metric=metric, seed=i)
        alarms += found.differences[0].p_value < 0.05
    # Under 5 %, 15 of 150 are reached once in 200 tests.
    assert alarms < 16


def test_the_difference_covers_the_truth_and_is_surer_than_two_intervals():
    covered, gain = 0, []
    truth = true_fid(0.6) - true_fid(0.2)
    for i in range(100):
        rng = np.random.default_rng([8, i])
        x, a, b = reals(rng), model(rng, 0.6), model(rng, 0.2)
        found = compare(x, {"a": a, "b": b}, seed=i)
        (pair,) = found.differences
        assert (pair.model, pair.other) == ("b", "a")
        covered += pair.interval[0] <= -truth <= pair.interval[1]
        apart = sum(e.std_error**2 for e in found.models) ** 0.5
        gain.append(pair.std_error / apart)
    assert 88 <= covered
    assert np.median(gain) < 1


def test_a_models_estimate_is_that_of_fid():
    rng = np.random.default_rng(0)
    x, a, b = reals(rng), model(rng, 0.5), model(rng, 1.0)
    found = {e.model: e for e in compare(x, {"a": a, "b": b}).models}
    score = fid(x, a)
    assert found["a"].estimate == pytest.approx(score.corrected, rel=1e-9)
    assert found["a"].interval == pytest.approx(score.interval, rel=1e-6)


def test_the_verdict_lists_what_cannot_be_told_from_the_best():
    rng = np.random.default_rng(1)
    found = compare(
        reals(rng),
        {"bad": model(rng, 2.0), "one": model(rng, 0.3), "two": model(rng, 0.31)},
    )
    assert [e.model for e in found.models][2] == "bad"
    assert {found.best, *found.not_distinguishable} == {"one", "two"}
    assert "cannot be told" in found.verdict and "the others are worse" in found.verdict
    assert "about these samples" in found.verdict
    simultaneous, alone = found.differences[0].simultaneous, found.differences[0].interval
    assert simultaneous[0] < alone[0] < alone[1] < simultaneous[1]


def runs_of(rng, spread, n_runs=4):
    return [model(rng, 1.0 + spread * rng.standard_normal(), 200) for _ in range(n_runs)]


def test_training_runs_widen_what_may_be_said_of_models():
    """Runs that scatter: single runs are told apart all the time, models hardly ever."""
    single, replicated = 0, 0
    for i in range(24):
        rng = np.random.default_rng([9, i])
        x, a, b = reals(rng, 200), runs_of(rng, 0.3), runs_of(rng, 0.3)
        single += compare(x, {"a": a[0], "b": b[0]}, seed=i).differences[0].p_value < 0.05
        found = compare(x, {"a": a, "b": b}, seed=i)
        replicated += found.differences[0].p_value < 0.05
    assert single > 7
    assert replicated <= 4  # of 24 at 5 %: more than 4 once in 160 tests
    assert "between training runs" in found.verdict
    assert found.models[0].runs == 4


def test_the_score_of_a_picked_checkpoint_is_not_too_good():
    """Eight checkpoints that are all alike: the luckiest promises too much."""
    naive, corrected, covered = [], [], 0
    truth = true_fid(0.5)
    for i in range(40):
        rng = np.random.default_rng([10, i])
        steps = {100 * k: model(rng, 0.5, 120) for k in range(1, 9)}
        found = best_checkpoint(reals(rng, 1000), steps, seed=i)
        naive.append(found.naive)
        corrected.append(found.estimate)
        covered += found.interval[0] <= truth <= found.interval[1]
        assert found.best in steps
    assert np.mean(naive) < truth - 0.05
    assert np.mean(corrected) == pytest.approx(truth, abs=0.04)
    assert covered >= 34


def test_the_best_of_different_checkpoints_is_found():
    rng = np.random.default_rng(2)
    steps = {10: model(rng, 2.0), 30: model(rng, 0.2), 20: model(rng, 1.0)}
    found = best_checkpoint(reals(rng), steps)
    assert found.best == 30
    assert [step for step, _ in found.steps] == [10, 20, 30]
    assert "both halves" in found.verdict


def grouped(rows, n):
    return replace(as_features(rows), groups=tuple(f"g{i % n}" for i in range(len(rows))))


@pytest.mark.parametrize(
    ("models", "options", "message"),
    [
        ({"a": 0.5}, {}, "there is 1 model to compare"),
        ({"a": 0.5, "b": [0.1, 0.2]}, {}, "a has one training run and others have several"),
        ({"a": 0.5, "b": 1.0}, {"metric": "c2st"}, "cannot be compared by c2st; take one of"),
        ({"a": 0.5, "b": 1.0}, {"metric": "fud"}, "unknown metric 'fud'; did you mean 'fid'"),
        ({"a": [], "b": 1.0}, {}, "a model has no runs"),
    ],
)
def test_what_cannot_be_compared_is_refused(models, options, message):
    rng = np.random.default_rng(0)

    def draw(shift):
        return [model(rng, s) for s in shift] if isinstance(shift, list) else model(rng, shift)

    with pytest.raises(InputError, match=message):
        compare(reals(rng), {name: draw(shift) for name, shift in models.items()}, **options)


def test_too_little_is_refused():
    rng = np.random.default_rng(0)
    x, y, z = reals(rng), model(rng, 1.0), model(rng, 2.0)
    with pytest.raises(InputError, match="makes 3 blocks or groups; a comparison needs at least 4"):
        compare(grouped(x, 3), {"a": y, "b": z})
    with pytest.raises(InputError, match="for 4 features once a block is left out"):
        compare(x, {"a": y[:5], "b": z})
    with pytest.raises(InputError, match="a and b are the same images|b and a are the same"):
        compare(x, {"a": y, "b": y})
    with pytest.raises(InputError, match="a holds the reals themselves"):
        compare(x, {"a": x, "b": y})
    with pytest.raises(InputError, match="images of fake are exact copies of reals, so the sides"):
        compare(x, {"a": np.concatenate([x, y[:1]]), "b": y})
