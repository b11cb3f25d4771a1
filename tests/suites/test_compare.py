"""Comparisons of models whose true distances are known."""

from dataclasses import replace

import numpy as np
import pytest

from ganeval import InputError, best_checkpoint, compare, evaluate, fid, frechet_distance
from ganeval.features import as_features
from ganeval.statistics import Estimate, Part, Sampling
from ganeval.suites import ScoresFile, best_of_steps, compare_estimates, kept_estimates, kept_floor

D = 4


def reals(rng, n=300):
    return rng.standard_normal((n, D))


def model(rng, shift, n=300):
    return rng.standard_normal((n, D)) + np.array([shift] + [0.0] * (D - 1))


def in_classes(rows):
    return replace(as_features(rows), labels=tuple(f"c{i % 2}" for i in range(len(rows))))


def true_fid(shift):
    mean = np.zeros(D)
    return frechet_distance(mean, np.eye(D), mean + np.array([shift, 0, 0, 0]), np.eye(D))


@pytest.mark.parametrize("metric", ["fid", "kid", "intra_kid"])
def test_models_that_are_equally_good_are_told_apart_as_rarely_as_stated(metric):
    alarms = 0
    for i in range(150):
        rng = np.random.default_rng([7, i])
        # Shifts of equal size in other directions: other laws, the same distance.
        a, b = model(rng, 0.5, 200), model(rng, -0.5, 200)
        sides = [reals(rng, 200), a, b]
        if metric == "intra_kid":
            sides = [in_classes(side) for side in sides]
        found = compare(sides[0], {"a": sides[1], "b": sides[2]}, metric=metric)
        alarms += found.differences[0].p_value < 0.05
    # Under 5 %, 15 of 150 are reached once in 200 tests.
    assert alarms < 16


def test_the_difference_covers_the_truth_and_is_surer_than_two_intervals():
    covered, gain = 0, []
    truth = true_fid(0.6) - true_fid(0.2)
    for i in range(100):
        rng = np.random.default_rng([8, i])
        x, a, b = reals(rng), model(rng, 0.6), model(rng, 0.2)
        found = compare(x, {"a": a, "b": b})
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
    assert "about these images" in found.verdict
    simultaneous, alone = found.differences[0].simultaneous, found.differences[0].interval
    assert simultaneous[0] < alone[0] < alone[1] < simultaneous[1]


def score_of(model, image):
    """An estimate of a score without bias, of the influence of the reals and its own."""
    sampling = Sampling(len(image))
    return Estimate(
        model + REAL_PULL.mean() + image.mean(),
        None,
        (Part(REAL_PULL, Sampling(len(REAL_PULL))), Part(image - image.mean(), sampling)),
    )


REAL_PULL = np.random.default_rng(0).standard_normal(200)
REAL_PULL -= REAL_PULL.mean()


@pytest.mark.parametrize("n_runs", [2, 3, 5])
@pytest.mark.parametrize("spread", [(1.0, 1.0), (1.0, 0.1), (0.0, 1.0), (0.02, 0.02)])
def test_equal_models_are_told_apart_as_rarely_as_stated_however_their_runs_scatter(n_runs, spread):
    alarms, tries = 0, 200
    for i in range(tries):
        rng = np.random.default_rng([9, i])
        models = {
            name: [score_of(sd * rng.standard_normal(), rng.standard_normal(50)) for _ in range(k)]
            for name, sd, k in zip("ab", spread, (n_runs, 5), strict=True)
        }
        alarms += compare_estimates(models, metric="kid").differences[0].p_value < 0.05
    assert alarms <= 0.05 * tries + 3.1 * (tries * 0.05 * 0.95) ** 0.5


def test_runs_that_scatter_are_told_apart_if_their_models_are_far():
    rng = np.random.default_rng(0)
    models = {
        name: [score_of(m + 0.1 * rng.standard_normal(), rng.standard_normal(50)) for _ in range(5)]
        for name, m in (("good", 0.0), ("bad", 3.0))
    }
    found = compare_estimates(models, metric="kid")
    assert (found.best, found.not_distinguishable) == ("good", ())
    low, high = found.differences[0].interval
    assert low < -3 < high < 0


def test_training_runs_widen_what_may_be_said_of_models():
    """Runs that scatter: single runs are told apart all the time, models hardly ever."""
    single, replicated = 0, 0
    for i in range(24):
        rng = np.random.default_rng([9, i])
        x = reals(rng, 200)
        a, b = (
            [model(rng, 1.0 + 0.3 * rng.standard_normal(), 200) for _ in range(4)] for _ in range(2)
        )
        single += compare(x, {"a": a[0], "b": b[0]}).differences[0].p_value < 0.05
        found = compare(x, {"a": a, "b": b})
        replicated += found.differences[0].p_value < 0.05
    assert single > 7
    assert replicated <= 4  # of 24 at 5 %: more than 4 once in 160 tests
    assert "over 4 runs" in found.verdict and "would halve its interval" in found.verdict
    assert found.models[0].runs == 4


def test_the_mean_of_runs_is_covered():
    """Runs whose true distances scatter around 1, and reals that all share."""
    covered = 0
    for i in range(40):
        rng = np.random.default_rng([12, i])
        shifts = (1 + 0.4 * rng.standard_normal(3)).clip(0) ** 0.5
        runs = [model(rng, shift, 200) for shift in shifts]
        other = [model(rng, 0.0, 200) for _ in range(3)]
        found = {m.model: m for m in compare(reals(rng, 200), {"a": runs, "b": other}).models}
        low, high = found["a"].interval
        covered += low <= 1 <= high
    assert covered >= 33  # fewer once in 1000 tests at 95 %


@pytest.mark.parametrize("metric", ["fid", "kid"])
def test_a_scores_file_gives_the_same_comparison_as_the_images(tmp_path, metric):
    rng = np.random.default_rng(4)
    x = grouped(reals(rng), 12)
    models = {"a": model(rng, 0.5), "b": model(rng, 0.8), "c": grouped(model(rng, 0.2), 30)}
    file = ScoresFile(tmp_path / "scores.jsonl")

    def keep(score):
        file.keep(score)
        file.append(score)

    evaluate(x, models, metrics=[metric], each=keep)
    kept = kept_estimates(str(file.path), metric)
    floor = kept_floor(str(file.path), metric, 0.95)
    alone = {name: [one] for name, one in kept.items()}
    found = compare_estimates(alone, metric=metric, floor=floor)
    expected = compare(x, models, metric=metric)
    assert found == replace(expected, warnings=found.warnings)
    steps = {i: one for i, one in enumerate(kept.values(), 1)}
    chosen = best_of_steps(steps, metric=metric)
    assert chosen == best_checkpoint(x, dict(enumerate(models.values(), 1)), metric=metric)


def test_a_scores_file_holds_no_features(tmp_path):
    rng = np.random.default_rng(4)
    file = ScoresFile(tmp_path / "scores.jsonl")
    evaluate(reals(rng), {"a": model(rng, 0.5)}, metrics=["kid"], each=file.keep)
    for path in file.folder.iterdir():
        arrays = np.load(path)
        assert all(arrays[name].ndim <= 1 for name in arrays)


def test_the_score_of_a_picked_checkpoint_is_not_too_good():
    """Eight checkpoints that are all alike: the luckiest promises too much."""
    naive, above, covered = [], 0, 0
    truth = true_fid(0.5)
    for i in range(40):
        rng = np.random.default_rng([10, i])
        steps = {100 * k: model(rng, 0.5, 120) for k in range(1, 9)}
        found = best_checkpoint(reals(rng, 1000), steps)
        naive.append(found.naive)
        above += found.estimate > truth
        covered += found.interval[0] <= truth <= found.interval[1]
        assert found.best in steps
        assert found.estimate >= found.naive
    assert np.mean(naive) < truth - 0.05
    assert 10 <= above <= 30  # of 40 at a half: outside once in 500 tests
    assert covered >= 33  # fewer once in 1000 tests at 95 %


def test_the_best_of_different_checkpoints_is_found():
    rng = np.random.default_rng(2)
    steps = {10: model(rng, 2.0), 30: model(rng, 0.2), 20: model(rng, 1.0)}
    found = best_checkpoint(reals(rng), steps)
    assert found.best == 30
    assert [step for step, _ in found.steps] == [10, 20, 30]
    assert found.not_distinguishable == ()
    assert "Step 30 scores best by FID of 3 checkpoints" in found.verdict
    assert found.estimate == pytest.approx(found.naive, abs=1e-6)  # no rival, no luck


def grouped(rows, n):
    return replace(as_features(rows), groups=tuple(f"g{i % n}" for i in range(len(rows))))


@pytest.mark.parametrize(
    ("models", "options", "message"),
    [
        ({"a": 0.5}, {}, "there is 1 model to compare"),
        ({"a": 0.5, "b": [0.1, 0.2]}, {}, "a has one training run and others have several"),
        ({"a": 0.5, "b": 1.0}, {"metric": "c2st"}, "cannot be compared by c2st; take one of"),
        ({"a": 0.5, "b": 1.0}, {"metric": "fidd"}, "unknown metric 'fidd'; did you mean 'fid'"),
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
    with pytest.raises(InputError, match="a cannot be compared by fid: 3 groups, of "):
        compare(grouped(x, 3), {"a": y, "b": z})
    with pytest.raises(InputError, match="a cannot be compared by fid: fewer images than features"):
        compare(x, {"a": y[:4], "b": z})
    with pytest.raises(InputError, match="a and b are the same images|b and a are the same"):
        compare(x, {"a": y, "b": y})
    with pytest.raises(InputError, match="a holds the reals themselves"):
        compare(x, {"a": x, "b": y})
    with pytest.raises(InputError, match="images of fake are exact copies of reals, so the sides"):
        compare(x, {"a": np.concatenate([x, y[:1]]), "b": y})


def test_scores_of_runs_and_checkpoints_are_not_below_0_and_differences_may_be():
    rng = np.random.default_rng(0)
    real, *sets = (rng.standard_normal((60, 4)) for _ in range(5))
    found = compare(real, {"a": sets[:2], "b": sets[2:]})
    assert all(0 <= model.interval[0] < model.interval[1] for model in found.models)
    assert found.differences[0].interval[0] < 0
    chosen = best_checkpoint(real, dict(enumerate(sets)))
    assert 0 == chosen.interval[0] < chosen.interval[1]


def test_a_metric_may_be_named_by_its_command():
    rng = np.random.default_rng(0)
    real, a, b = (rng.standard_normal((100, 3)) + shift for shift in (0, 0, 1))
    assert compare(real, {"a": a, "b": b}, metric="swd").metric == "sliced_wasserstein_distance"
