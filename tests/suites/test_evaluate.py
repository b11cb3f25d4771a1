import json
from dataclasses import replace

import numpy as np
import pytest

from ganeval import METRICS, InputError, evaluate, fid
from ganeval.features import as_features, match_labels
from ganeval.suites import ScoresFile, differing_field


def rows(n=80, *, shift=0.0, seed=0, d=5):
    return np.random.default_rng(seed).standard_normal((n, d)) + shift


def named(side, name):
    return replace(as_features(side), name=name)


QUICK = ("fid", "kid")


def test_all_models_and_the_reals_themselves():
    scores = evaluate(rows(), {"a": rows(seed=1), "b": rows(shift=1.0, seed=2)}, metrics=QUICK)
    table = {(s.details["model"], s.metric): s for s in scores}
    assert list(table) == [(m, k) for m in ("a", "b", "reals") for k in QUICK]
    assert table["a", "fid"].value == fid(rows(), rows(seed=1)).value
    low, high = table["reals", "kid"].interval
    assert low == 0 < high
    assert table["reals", "fid"].n_real == 40


def test_a_run_that_was_cut_short_goes_on(tmp_path, monkeypatch):
    file = ScoresFile(tmp_path / "scores.jsonl")
    models = {"a": rows(seed=1), "b": rows(seed=2)}
    whole = evaluate(rows(), models, metrics=QUICK, each=file.append)
    lines = file.path.read_text().splitlines()
    file.path.write_text("\n".join(lines[:3]) + "\n" + lines[3][:50])
    known = file.scores()
    assert len(known) == 3
    calls = []
    entry = METRICS["fid"]
    counted = replace(entry, function=lambda **g: calls.append(1) or entry.function(**g))
    monkeypatch.setitem(METRICS._entries, "fid", counted)
    again = evaluate(rows(), models, metrics=QUICK, known=known)
    assert len(calls) == 1  # of the reals; a's and b's were known
    assert [s.to_json() for s in again] == [s.to_json() for s in whole]
    file.append(whole[3])
    assert len(file.scores()) == 4


def test_a_broken_line_is_told_with_its_number(tmp_path):
    path = tmp_path / "scores.jsonl"
    path.write_text('{"metric": 1}\n{}\n')
    with pytest.raises(InputError, match=r"line 1: not a score of this version"):
        ScoresFile(path).scores()


@pytest.mark.parametrize("metric", QUICK)
def test_an_estimate_comes_back_from_the_folder_beside(tmp_path, metric):
    file = ScoresFile(tmp_path / "scores.jsonl")
    groups = tuple(f"p{i % 9}" for i in range(80))
    labels = tuple(f"c{i % 4}" for i in range(80))
    real = replace(as_features(rows()), groups=groups, labels=labels)
    fake = replace(as_features(rows(shift=0.4, seed=1)), labels=labels)
    (score, _) = evaluate(real, {"a": fake}, metrics=[metric], each=file.keep)
    again = file.estimate(score)
    assert (again.value, again.corrected) == (score.value, score.corrected)
    assert again.interval(0.95) == score.interval
    assert again.spread == score.estimate.spread
    for before, now in zip(score.estimate.parts, again.parts, strict=True):
        np.testing.assert_array_equal(now.influence, before.influence)
    assert sorted(path.name for path in file.folder.iterdir()) == sorted(
        f"{one.details['run']}-{metric}.npz"
        for one in evaluate(real, {"a": fake}, metrics=[metric])
    )


def test_influences_that_are_not_there_or_broken_are_refused(tmp_path):
    file = ScoresFile(tmp_path / "scores.jsonl")
    scores = evaluate(rows(), {"a": rows(seed=1)}, metrics=QUICK, each=file.keep)
    for path in file.folder.glob("*-kid.npz"):
        path.unlink()
    for path in file.folder.glob("*-fid.npz"):
        path.write_bytes(path.read_bytes()[:100])
    table = {(s.details["model"], s.metric): s for s in scores}
    with pytest.raises(InputError, match="the influences of a are not in .*scores.influences"):
        file.estimate(table["a", "kid"])
    with pytest.raises(InputError, match="holds no influences that can be read"):
        file.estimate(table["a", "fid"])
    with pytest.raises(InputError, match="names no influences"):
        file.estimate(replace(scores[0], details={"run": "../../etc"}))


def test_scores_that_are_not_comparable_name_the_field():
    a, b = fid(rows(), rows(seed=1)), fid(rows(), rows(seed=2))
    assert differing_field([a, b]) is None
    other = fid(rows(seed=9), rows(seed=2))
    assert differing_field([a, other]).startswith("reals: ")
    net = {"net": {"name": "x", "fingerprint": "1"}, "preprocessing": {}, "images": {}}
    with_net = [
        fid(
            *(
                replace(as_features(r), protocol={**net, "net": {"name": "x", "fingerprint": f}})
                for r in (rows(), rows(seed=1))
            )
        )
        for f in "12"
    ]
    assert differing_field(with_net) == "net fingerprint: 1 and 2"


def labelled(counts, *, seed=0):
    labels = tuple(name for name, n in counts.items() for _ in range(n))
    return replace(as_features(rows(len(labels), seed=seed)), labels=labels)


def test_label_frequencies_that_differ_warn_and_can_be_matched():
    real, fake = labelled({"a": 60, "b": 40}), labelled({"a": 40, "b": 80, "c": 9}, seed=1)
    assert any("class frequencies differ" in text for text in fid(real, fake).warnings)
    matched = match_labels(real, fake, seed=3)
    assert matched.labels.count("a") == 40 and matched.labels.count("b") == 26
    assert not any("class frequencies" in text for text in fid(real, matched).warnings)
    assert match_labels(real, fake, seed=3).ids == matched.ids
    (score, *_) = evaluate(real, {"m": fake}, metrics=["fid"], match=True)
    assert score.n_fake == 66
    with pytest.raises(InputError, match="has no images of class b"):
        match_labels(real, labelled({"a": 5}))
    with pytest.raises(InputError, match="has no labels to match"):
        match_labels(real, as_features(rows()))


@pytest.mark.parametrize(
    ("fakes", "options", "message"),
    [
        ({}, {}, "no model to score"),
        ({"reals": rows(seed=1)}, {}, "cannot be named 'reals'"),
        ({"a": rows(seed=1)}, {"metrics": []}, "no metrics were named"),
        ({"a": rows(seed=1)}, {"metrics": ["fidd"]}, "did you mean 'fid'"),
        ({"a": rows(seed=1)}, {"metrics": ["fid", "ct"]}, "needs the training images"),
        ({"a": rows(seed=1)}, {"level": 1.5}, "level is 1.5"),
    ],
)
def test_what_cannot_be_evaluated_is_refused(fakes, options, message):
    with pytest.raises(InputError, match=message):
        evaluate(rows(), fakes, **options)


def test_a_metric_that_refuses_a_model_leaves_the_others():
    """FID of each class wants labels, which rows do not have."""
    said = []
    scores = evaluate(
        rows(),
        {"a": rows(seed=1)},
        metrics=["intra-fid", "fid"],
        refused=lambda *what: said.append(what),
    )
    assert [(score.details["model"], score.metric) for score in scores] == [
        ("a", "fid"),
        ("reals", "fid"),
    ]
    assert [what[:2] for what in said] == [("a", "intra-fid"), ("reals", "intra-fid")]
    with pytest.raises(InputError):
        evaluate(rows(), {"a": rows(seed=1)}, metrics=["intra-fid", "fid"])


def test_scores_are_json_lines(tmp_path):
    file = ScoresFile(tmp_path / "scores.jsonl")
    evaluate(rows(), {"a": rows(seed=1)}, metrics=QUICK, each=file.append)
    for line in file.path.read_text().splitlines():
        assert {"model", "run"} <= json.loads(line)["details"].keys()
