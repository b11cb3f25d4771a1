"""Models that ignore their label: in the table, the verdict and a training loop, unasked."""

from dataclasses import replace

import numpy as np
import pytest

from ganeval import Evaluator, compare, evaluate
from ganeval.features import as_features
from ganeval.suites import ScoresFile, kept_obedience
from ganeval.suites.obedience import LABELLED_METRICS, labelled_metrics, obedience_of

CLASSES = ("a", "b", "c")


def model(*, seed, wrong=0.0, shift=0.0, n=20):
    """Three classes of n; a share of the images carries the next class's label."""
    rng = np.random.default_rng(seed)
    shown = rng.permutation(np.repeat(np.arange(3), n))
    rows = rng.standard_normal((3 * n, 4)) + 5 * np.eye(3, 4)[shown] + shift
    asked = (shown + (rng.random(3 * n) < wrong)) % 3
    return replace(as_features(rows), labels=tuple(CLASSES[i] for i in asked))


REAL = model(seed=0)
MODELS = {
    "renamed": model(seed=1, wrong=1.0),
    "good": model(seed=2),
    "half": model(seed=3, wrong=0.5),
    "shifted": model(seed=4, shift=1.0),
}


def test_the_renamed_model_is_last_and_named_in_the_verdict():
    found = compare(REAL, MODELS)
    assert [score.model for score in found.models] == ["good", "shifted", "half", "renamed"]
    assert found.best == "good"
    assert "renamed does not show what it was asked for and is placed last: 0 %" in found.verdict
    assert "half does not show" in found.verdict
    assert "(p < 0.001)" in found.verdict
    assert "good is best by FID of those that show what they were asked for" in found.verdict
    assert "half" not in found.not_distinguishable  # though its FID is that of a good model
    obeys = {one.model: one.obeys for one in found.obedience}
    assert obeys == {"renamed": False, "good": True, "half": False, "shifted": True}


def test_a_model_that_alone_obeys_is_not_called_best_by_the_metric():
    found = compare(REAL, {name: MODELS[name] for name in ("renamed", "good")})
    assert found.verdict.startswith(
        "good is the only model that shows what it was asked for. By FID, renamed cannot be told "
        "from it, at 95 %. At 95 %, good is within"
    )
    assert "is best by" not in found.verdict


def test_without_labels_nothing_is_said_of_it():
    bare = {name: replace(side, labels=None) for name, side in MODELS.items()}
    found = compare(replace(REAL, labels=None), bare)
    assert found.obedience == () == found.warnings
    assert "asked" not in found.verdict


def test_other_classes_leave_it_out_and_say_why():
    other = {
        name: replace(side, labels=tuple(label + "2" for label in side.labels))
        for name, side in MODELS.items()
    }
    found = compare(REAL, other)
    assert found.obedience == ()
    assert any(text.startswith("obedience is left out: class a") for text in found.warnings)
    scores = evaluate(REAL, {"good": other["good"]})
    assert {"obedience", "intra_kid"}.isdisjoint(
        score.metric for score in scores if score.details["model"] == "good"
    )
    assert any("obedience and intra-KID are left out" in text for text in scores[0].warnings)


def test_evaluate_scores_it_unasked_where_both_sides_have_labels(tmp_path):
    file = ScoresFile(tmp_path / "scores.jsonl")
    models = {name: MODELS[name] for name in ("renamed", "good")}

    def keep(score):
        file.keep(score)
        file.append(score)

    scores = evaluate(REAL, models, each=keep)
    found = {(score.details["model"], score.metric): score for score in scores}
    assert found["renamed", "obedience"].value < 0.1 < 0.9 < found["good", "obedience"].value
    assert found["renamed", "intra_kid"].value > found["good", "intra_kid"].value + 1
    assert ("reals", "obedience") in found
    assert any("asked for" in text for text in found["renamed", "obedience"].warnings)
    assert not any("asked for" in text for text in found["good", "obedience"].warnings)
    kept = obedience_of({name: [one] for name, one in kept_obedience(str(file.path)).items()})
    assert {one.model: one.obeys for one in kept} == {"renamed": False, "good": True}
    named = evaluate(REAL, models, metrics=["kid"])
    assert {score.metric for score in named} == {"kid"}


def test_an_evaluator_scores_it_unasked_where_batches_have_labels():
    evaluator = Evaluator(REAL)
    evaluator.update(MODELS["half"])
    assert list(evaluator.compute()) == ["fid", "kid", "obedience", "intra_kid"]
    evaluator.reset()
    evaluator.update(MODELS["half"].features)
    assert list(evaluator.compute()) == ["fid", "kid"]


def test_one_image_of_a_class_leaves_intra_kid_out():
    side = model(seed=1)
    by_class = np.argsort(side.labels, kind="stable")
    entries, reason = labelled_metrics(REAL, side.take(by_class[np.r_[0:21, 40:60]]))
    assert [entry.command for entry in entries] == ["obedience"]
    assert reason is None
    assert LABELLED_METRICS == ("obedience", "intra-kid")


def test_a_run_that_does_not_obey_condemns_the_model_and_p_values_count_all_runs():
    def run(p_value):
        return {"value": 0.8, "reals": 0.9, "p_value": p_value}

    found = obedience_of({"a": [run(0.5), run(0.001)], "b": [run(0.004), run(0.3)]})
    assert [one.obeys for one in found] == [False, True]  # 4 x 0.001, and 3 x 0.004
    assert [one.p_value for one in found] == pytest.approx([0.004, 0.012])
