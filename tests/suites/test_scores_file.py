"""What a scores file keeps gives the comparison that the images give."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from ganeval import METRICS, compare, evaluate
from ganeval.errors import InputError
from ganeval.features import as_features
from ganeval.suites import ScoresFile, compare_estimates, kept_estimates, kept_floor

ABLE = [
    name
    for name in METRICS
    if METRICS[name].estimate is not None and not METRICS[name].needs_labels
]


@pytest.mark.parametrize("metric", ABLE)
def test_every_metric_is_compared_from_the_file_as_from_the_images(metric, tmp_path):
    rng = np.random.default_rng(0)
    rows = [rng.standard_normal((360, 4)) * scale for scale in (1.0, 0.8, 1.3)]
    real, first, second = (replace(as_features(side), logits=side) for side in rows)
    file = ScoresFile(tmp_path / "scores.jsonl")

    def keep(score):
        file.keep(score)
        file.append(score)

    models = {"a": first, "b": second}
    evaluate(real, models, metrics=[metric], each=keep)
    found = kept_estimates(str(file.path), metric)
    floor = kept_floor(str(file.path), metric, 0.95)
    alone = {name: [one] for name, one in found.items()}
    kept = compare_estimates(alone, metric=metric, floor=floor)
    direct = compare(real, models, metric=metric)
    assert kept.verdict == direct.verdict
    for mine, yours in zip(kept.models, direct.models, strict=True):
        assert mine.estimate == pytest.approx(yours.estimate, rel=1e-12)
        assert mine.interval == pytest.approx(yours.interval, rel=1e-9)
    for mine, yours in zip(kept.differences, direct.differences, strict=True):
        assert mine.p_value == pytest.approx(yours.p_value, rel=1e-9)


def test_lines_of_two_processes_are_all_kept(tmp_path):
    score = METRICS["kid"].function(*np.random.default_rng(0).standard_normal((2, 30, 3)))
    (tmp_path / "score.json").write_text(score.to_json())
    append = (
        "import sys; from ganeval.metrics import Score; from ganeval.suites import ScoresFile\n"
        "score = Score.from_json(open(sys.argv[1]).read())\n"
        "for _ in range(50): ScoresFile(sys.argv[2]).append(score)"
    )
    words = [sys.executable, "-c", append, tmp_path / "score.json", tmp_path / "scores.jsonl"]
    running = [subprocess.Popen(words) for _ in range(2)]
    assert [process.wait() for process in running] == [0, 0]
    assert len(ScoresFile(tmp_path / "scores.jsonl").scores()) == 100


def test_an_editor_that_marks_the_order_of_bytes_does_no_harm(tmp_path):
    score = METRICS["kid"].function(*np.random.default_rng(0).standard_normal((2, 30, 3)))
    path = tmp_path / "scores.jsonl"
    path.write_text(score.to_json() + "\n", encoding="utf-8-sig")
    assert [kept.to_json() for kept in ScoresFile(path).scores()] == [score.to_json()]


def test_a_file_of_something_else_gets_no_line(tmp_path):
    score = METRICS["kid"].function(*np.random.default_rng(0).standard_normal((2, 30, 3)))
    (tmp_path / "scores.jsonl").write_text("theirs")
    with pytest.raises(InputError, match="is a file of something else"):
        ScoresFile(tmp_path / "scores.jsonl").append(score)
    assert (tmp_path / "scores.jsonl").read_text() == "theirs"


def test_influences_of_another_score_are_refused(tmp_path):
    """Of another model, with other numbers, or cut short: a comparison from them would be wrong."""
    rng = np.random.default_rng(0)
    file = ScoresFile(tmp_path / "scores.jsonl")

    def keep(score):
        file.keep(score)
        file.append(score)

    real, a, b = (rng.standard_normal((60, 3)) * scale for scale in (1.0, 0.8, 1.3))
    evaluate(real, {"a": a, "b": b}, metrics=["fid"], each=keep)
    scores = {score.details["model"]: score for score in file.scores()}
    path, other = (file.folder / f"{scores[name].details['run']}-fid.npz" for name in ("a", "b"))
    arrays = dict(np.load(path))
    influence, numbers = arrays["part0_influence"], arrays["numbers"]
    broken = [
        dict(np.load(other)),
        arrays | {"numbers": numbers + np.eye(4)[1]},
        arrays | {"part0_influence": influence[:-1]},
        arrays | {"part0_influence": influence[:, None]},
        arrays | {"part0_influence": influence + 0j},
        arrays | {"part0_classes": np.arange(5)},
        {name: array for name, array in arrays.items() if name != "part1_influence"},
    ]
    for given in broken:
        np.savez(path, **given)
        with pytest.raises(InputError, match="into a new file"):
            file.estimate(scores["a"])
    np.savez(path, **arrays)
    assert file.estimate(scores["a"]).value == scores["a"].value
