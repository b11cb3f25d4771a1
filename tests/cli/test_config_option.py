"""A score is asked for again by what it says: the same number, and what is typed wins."""

import json
import shlex
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

import ganeval

NET = ("--feature-net", "pixels")


@pytest.fixture
def asked(run, folder, tmp_path, monkeypatch):
    """Runs a command in a folder with `real` and `fake`; its JSON goes to `one.json`."""
    monkeypatch.chdir(tmp_path)
    for name, seed in (("real", 0), ("fake", 1), ("other", 2)):
        folder(name, n=40, size=(5, 5), seed=seed, shift=10 * seed)

    def call(*typed):
        done = run(*typed, "--json")
        assert done.exit_code == 0, done.stderr
        (tmp_path / "one.json").write_text(done.stdout)
        return [json.loads(line) for line in done.stdout.splitlines()]

    return call


TYPED = [
    "kid real fake",
    "kid real fake --kernel gaussian --bandwidth 3 --level 0.8",
    "fid real fake --no-interval",
    "prdc real fake --k 3 --ball open",
    "c2st real fake --classifier logistic --repeats 2 --permutations 5 --seed 7",
    "kid real fake --max-images 30 --seed 3 --group-by 'regex:(.)[.]' --label-by 'regex:(.).[.]'",
    "kid real fake --include '00[0-2]*.png' --fake-include '00[1-3]*.png'",
    "vendi fake --kernel cosine",
    "vendi real fake --bandwidth 2 --kernel gaussian",
    "authpct real fake --train other",
    "kde real fake --bandwidth 2",
]


@pytest.mark.parametrize("typed", TYPED)
def test_a_score_is_asked_for_again_by_its_file_and_by_its_command(asked, run, typed):
    first = asked(*shlex.split(typed), *NET)
    program, *words = shlex.split(first[0]["details"]["provenance"]["command"])
    assert program == "ganeval"
    for again in ([typed.split()[0], "--config", "one.json"], words):
        done = run(*again, "--json", "--no-cache")
        assert done.exit_code == 0, done.stderr
        assert [json.loads(line) for line in done.stdout.splitlines()] == first
        assert "was typed" not in done.stderr and "other images" not in done.stderr


def test_images_that_changed_since_are_told(asked, run):
    asked("kid", "real", "fake", *NET)
    Path("fake/0003.png").write_bytes(Path("other/0003.png").read_bytes())
    done = run("kid", "--config", "one.json")
    assert "fake: other images than the score of one.json was of" in done.stderr
    assert "real: other images" not in done.stderr
    typed = run("kid", "real", "other", "--config", "one.json")
    assert "other images" not in typed.stderr and "fake other was typed" in typed.stderr


def test_what_only_shows_or_stores_is_not_kept(asked):
    score = asked(
        "kid", "real", "fake", *NET, "--no-cache", "--num-workers", "0", "--batch-size", "9"
    )
    assert score[0]["details"]["provenance"]["command"] == (
        "ganeval kid real fake --feature-net pixels"
    )
    assert score[0]["details"]["provenance"]["sides"] == {"real": "real", "fake": "fake"}


def test_what_is_typed_wins_and_is_told(asked, run):
    asked("kid", "real", "fake", *NET, "--kernel", "gaussian", "--bandwidth", "3")
    done = run("kid", "--config", "one.json", "--level", "0.9", "--bandwidth", "3")
    assert "90 % CI" in done.stdout
    assert "--level 0.9 was typed; the score of one.json has 0.95" in done.stderr
    assert "--bandwidth" not in done.stderr
    done = run("kid", "real", "other", "--config", "one.json", "--json")
    assert "fake other was typed; the score of one.json has fake" in done.stderr
    direct = run("kid", "real", "other", *NET, "--kernel", "gaussian", "--bandwidth", "3", "--json")
    assert done.stdout == direct.stdout
    quiet = run("kid", "real", "other", "--config", "one.json", "-q")
    assert quiet.stderr == ""


def test_a_row_of_a_file_of_scores_is_named(asked, run):
    done = run("evaluate", "real", "fake", "o=other", *NET, "--metrics", "fid,kid", "-o", "s.jsonl")
    assert done.exit_code == 0, done.stderr
    lines = [json.loads(line) for line in Path("s.jsonl").read_text().splitlines()]
    several = run("kid", "--config", "s.jsonl")
    assert several.exit_code == 2
    assert "2 scores of kid, in rows 2 (fake), 4 (o); name one" in several.stderr
    assert "s.jsonl has 6 rows; name 1 to 6" in run("kid", "--config", "s.jsonl:99").stderr
    Path("odd.json").write_text(json.dumps({**lines[1], "metric": "odd"}) + "\n")
    odd = run("kid", "--config", "odd.json:1")
    assert odd.exit_code == 2 and "of odd, which is no metric of this version" in odd.stderr
    for row in (2, 4):
        found = json.loads(run("kid", "--config", f"s.jsonl:{row}", "--json").stdout)
        assert found["value"] == lines[row - 1]["value"]
        assert found["interval"] == lines[row - 1]["interval"]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("kid --config none.json", "none.json is no file"),
        ("kid --config real", "real is no file"),
        ("kid --config one.json:2", "one.json has one row; name 1"),
        ("fid --config one.json:1", "a score of kid, not of fid; use it with: ganeval kid"),
        ("fid --config one.json", "no score of fid"),
        ("kid --config broken.json", "broken.json, line 1: not a score"),
        ("kid --config odd.json", "has level ['a'], which kid does not take"),
        (
            "kid --config moved.json",
            "gone/r, where the score's images were, does not exist; name "
            "them: ganeval kid REAL FAKE --config moved.json",
        ),
        ("kid --config b.zip", "b.zip is a zip; unpack it (a bundle has scores.jsonl)"),
        ("kid --config word.json", "Invalid value for '--bandwidth'"),
        ("kid --config newer.json", "has shade, which this command does not know"),
    ],
)
def test_what_cannot_be_asked_for_is_told_in_one_line(asked, run, typed, says):
    (score,) = asked("kid", "real", "fake", *NET)
    Path("broken.json").write_text("{}\n")
    ZipFile("b.zip", "w").close()
    score["details"]["provenance"]["sides"]["real"] = "gone/r"
    Path("moved.json").write_text(json.dumps(score))
    for name, option in (
        ("odd", {"level": ["a"]}),
        ("word", {"bandwidth": "x"}),
        ("newer", {"shade": 1}),
    ):
        score["details"]["provenance"]["options"] = option
        Path(f"{name}.json").write_text(json.dumps(score))
    done = run(*typed.split())
    assert done.exit_code == 2 and done.stdout == ""
    assert says in done.stderr and done.stderr.count("\n") == 1


def test_a_score_of_somebody_else_neither_writes_nor_fetches(asked, run):
    (score,) = asked("kid", "real", "fake", *NET)
    Path("thesis.txt").write_text("mine\n")
    made = score["details"]["provenance"]
    made["options"] |= {"per_image": "thesis.txt", "force": True, "quiet": True, "real": "other"}
    Path("one.json").write_text(json.dumps(score))
    done = run("kid", "--config", "one.json", "--json")
    assert json.loads(done.stdout)["value"] == score["value"]
    assert Path("thesis.txt").read_text() == "mine\n"
    made["sides"]["real"] = "https://localhost/real.zip"
    Path("one.json").write_text(json.dumps(score))
    done = run("kid", "--config", "one.json")
    assert done.exit_code == 2 and "Missing argument 'REAL'" in done.stderr


def test_the_row_of_the_reals_is_not_asked_for_alone(asked, run):
    run("evaluate", "real", "fake", *NET, "--metrics", "kid", "-o", "s.jsonl")
    done = run("kid", "--config", "s.jsonl:2")
    assert "one half of the reals against the other" in done.stderr and done.exit_code == 2
    assert run("kid", "--config", "s.jsonl").exit_code == 0


def test_a_score_that_was_made_in_python_says_its_own_options(asked, run, tmp_path):
    rng = np.random.default_rng(0)
    for name in ("x", "y"):
        np.save(tmp_path / f"{name}.npy", rng.normal(size=(80, 3)))
    score = ganeval.kid("x.npy", "y.npy", blocks=4, seed=5, level=0.9)
    (tmp_path / "one.json").write_text(score.to_json())
    found = json.loads(run("kid", "--config", "one.json", "--json").stdout)
    assert (found["value"], found["level"], found["protocol_id"]) == (
        score.value, 0.9, score.protocol_id,
    )  # fmt: skip
