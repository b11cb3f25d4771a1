"""The command line as a person types it."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import ganeval
from trainers.command import app
from trainers.recipes import RECIPES

SMALL = "--steps 2 --batch-size 4 --set width=0.03 --set judge= --quiet".split()


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def trained(small_data, tmp_path):
    """Trains a recipe for two steps; returns its last checkpoint."""

    def make(name, *more):
        done = run("train", name, "-o", tmp_path / name, *SMALL, *more)
        assert done.exit_code == 0, done.stderr
        return tmp_path / name / "last.pt"

    return make


def test_labelled_samples_say_their_class(trained, tmp_path):
    last = trained("lin6-projection")
    assert run("sample", last, "-n", 12, "-o", tmp_path / "x.npz").exit_code == 0
    with np.load(tmp_path / "x.npz", allow_pickle=False) as file:
        assert file["arr_0"].shape == (12, 48, 80, 2) and file["arr_0"].dtype == np.uint8
        labels, counts = np.unique(file["labels"], return_counts=True)
        assert labels.tolist() == ["Alp14", "Arp3", "Cki2", "Mkh1", "Sid2", "Tea1"]
        assert (counts == 2).all()
        pixels = file["arr_0"]
    assert run("sample", last, "-n", 12, "-o", tmp_path / "x").exit_code == 0
    folder = ganeval.open_images(tmp_path / "x", channels=(0, 1), label_by="folder:0")
    assert folder.labels == tuple(np.repeat(labels, 2))
    np.testing.assert_array_equal(np.moveaxis(folder.read(3), 0, -1), pixels[3])


def test_one_class_alone(trained, tmp_path):
    last = trained("mnist-cgan")
    assert run("sample", last, "-n", 3, "-o", tmp_path / "x.npz", "--class", "7").exit_code == 0
    with np.load(tmp_path / "x.npz", allow_pickle=False) as file:
        assert file["labels"].tolist() == ["7"] * 3
    done = run("sample", last, "-n", 3, "-o", tmp_path / "y.npz", "--class", "seven")
    assert done.exit_code == 2 and "unknown class 'seven'; known: 0, 1, 2" in done.stderr


def test_an_unconditional_model_claims_no_labels(trained, tmp_path):
    """Its data have classes, its samples are of none."""
    last = trained("mnist-gan")
    assert run("sample", last, "-n", 5, "-o", tmp_path / "x.npz").exit_code == 0
    with np.load(tmp_path / "x.npz", allow_pickle=False) as file:
        assert file.files == ["arr_0"]
    done = run("sample", last, "-n", 3, "-o", tmp_path / "y.npz", "--class", "7")
    assert done.exit_code == 2 and "known: none" in done.stderr


def test_the_same_seed_draws_the_same(trained, tmp_path):
    last = trained("toy-cgan")
    drawn = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        assert run("sample", last, "-n", 9, "-o", tmp_path / name, "--seed", seed).exit_code == 2
        out = tmp_path / f"{name}.npz"
        assert run("sample", last, "-n", 9, "-o", out, "--seed", seed).exit_code == 0
        with np.load(out, allow_pickle=False) as file:
            drawn.append(file["arr_0"])
    assert np.array_equal(drawn[0], drawn[1]) and not np.array_equal(drawn[0], drawn[2])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train", "toy-gun"], "unknown recipe 'toy-gun'"),
        (["train", "toy-gan", "--set", "depth=3"], "--set depth=3 is not a field"),
        (["train", "toy-gan", "--set", "lr=fast"], "--set lr=fast: wanted a number"),
        (["train", "toy-gan", "--set", "noise=1.5"], "noise is 1.5; wanted a whole number"),
        (["train", "toy-gan", "--set", "d_steps=0"], "d_steps is 0; wanted a whole number from 1"),
        (["train", "toy-gan", "--set", "lr=true"], "lr is True; wanted a number"),
        (["train", "toy-gan", "--set", "betas=0.5"], "betas is 0.5; wanted two numbers"),
        (["train", "mnist-gan", "--set", "judge=eye"], "'eye'"),
        (["train", "toy-gan", "--device", "abacus"], "--device abacus does not work here"),
        (["train", "toy-gan", "--set", "loss=hope"], "unknown loss 'hope'"),
        (["train", "toy-cgan", "--set", "data=gaussians"], "needs classes"),
        (["train", "toy-gan", "--checkpoints", "often"], "--checkpoints often: wanted steps"),
        (["train", "toy-gan", "--checkpoints", "0,5"], "--checkpoints 0,5: wanted steps"),
        (
            ["train", "toy-gan", "--steps", "7", "--checkpoints", "5,8"],
            "--checkpoints 5,8: the run ends at step 7; name steps up to that, or give more",
        ),
        (["train", "toy-gan", "--set", "lr=" + 3000 * "["], "wanted a number"),
        (["train", "toy-gan", "--set", "nets=dcgan"], "do not fit data 'gaussians'"),
        (["train", "toy-gan", "--set", "nets=lin-star"], "do not fit data 'gaussians'"),
        (["train", "synthlin-stackgan", "--set", "width=0.02"], "need 1/16 at least"),
        (["train", "toy-gan", "--device", "meta"], "--device meta does not work here"),
        (["train", "toy-gan", "--steps", "1", "-o", "file/run"], "Not a directory"),
        (["resume", "."], "holds no run.json"),
        (["sample", "last.pt", "-o", "x.npz"], "there is no checkpoint last.pt"),
        (["sample", ".", "-o", "x.npz"], "there is no checkpoint ."),
    ],
)
def test_errors_are_one_line(words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    done = run(*words)
    assert done.exit_code == 2 and said in done.stderr
    assert done.stderr.startswith("Error: ") and done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("change", ["nets=toy", "nets=lin", "judge=lin41"])
def test_what_does_not_fit_is_found_before_anything_is_written(small_data, tmp_path, change):
    done = run("train", "mnist-gan", "-o", tmp_path / "run", *SMALL, "--set", change)
    assert done.exit_code == 2 and done.stderr.count("\n") == 1, done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("run.json", "[1]", "is not what `train` writes"),
        ("run.json", '{"recipe": {"data": 5}}', "is not what `train` writes"),
        ("run.json", 100_000 * "[", "is not what `train` writes"),
        ("scores.jsonl", "{broken", "correct it, or delete it"),
        ("scores.jsonl", "[]", "correct it, or delete it"),
        ("last.pt", "text", "is not a checkpoint of `train`, or damaged"),
        ("last.pt", "", "is not a checkpoint of `train`, or damaged"),
    ],
)
def test_damaged_runs(trained, file, content, said):
    folder = trained("toy-gan").parent
    (folder / file).write_text(content)
    done = run("resume", folder, "--quiet")
    assert done.exit_code == 2 and said in done.stderr and done.stderr.count("\n") == 1


def test_a_finished_run_without_its_scores(trained):
    folder = trained("toy-gan").parent
    (folder / "scores.jsonl").unlink()
    assert run("resume", folder, "--quiet").exit_code == 0


def test_a_checkpoint_of_another_run_is_refused(trained):
    one, other = trained("toy-gan"), trained("toy-cgan")
    one.write_bytes(other.read_bytes())
    done = run("sample", one, "-n", 3, "-o", one.parent / "x.npz")
    assert done.exit_code == 2 and "the checkpoint is of other nets" in done.stderr


def test_checkpoints_as_asked_for(small_data, tmp_path):
    small = "--steps 7 --batch-size 4 --set width=0.03 --checkpoints 2,5 --quiet".split()
    assert run("train", "toy-gan", "-o", tmp_path / "run", *small).exit_code == 0
    rows = map(json.loads, (tmp_path / "run" / "scores.jsonl").read_text().splitlines())
    assert [row["step"] for row in rows] == [0, 2, 5, 7]
    kept = sorted(path.name for path in (tmp_path / "run").glob("step-*.pt"))
    assert kept == ["step-0.pt", "step-2.pt", "step-5.pt", "step-7.pt"]


def test_list_has_every_recipe():
    shown = run("list").stdout
    assert [line.split()[0] for line in shown.splitlines()] == ["recipe", *RECIPES]
    described = json.loads(run("list", "--json").stdout)
    assert [row["name"] for row in described] == list(RECIPES)
    counts = {row["name"]: row["parameters"] for row in described}
    assert counts["toy-gan"] == {"generator": 527_874, "discriminator": 527_361}
    assert re.search(r"cub-stackgan +cub +stackgan", shown)


def test_a_refused_run_leaves_nothing_for_tensorboard(trained):
    folder = trained("toy-gan").parent
    before = sorted(folder.iterdir())
    done = run("train", "toy-gan", "-o", folder, "--steps", "77", "--tensorboard")
    assert done.exit_code == 2, done.stderr
    assert sorted(folder.iterdir()) == before


def test_samples_of_captions_are_named_by_what_they_speak_of(trained, tmp_path):
    last = trained("synthlin-stackgan", "--set", "width=0.0625")
    run("sample", last, "-n", "6", "-o", tmp_path / "x.npz")
    assert np.load(tmp_path / "x.npz")["labels"].tolist() == list("abcdef")
    run("sample", last, "-n", "3", "--class", "b", "-o", tmp_path / "b.npz")
    assert np.load(tmp_path / "b.npz")["labels"].tolist() == ["b"] * 3


def test_a_checkpoint_without_its_run_is_not_taken_for_this_one(trained, tmp_path):
    last = trained("toy-gan")
    (last.parent / "run.json").unlink()
    before = sorted((path.name, path.read_bytes()) for path in last.parent.iterdir())
    done = run("train", "toy-gan", "-o", last.parent, *SMALL)
    assert done.exit_code == 2 and "exists, and no run.json" in done.stderr
    assert sorted((path.name, path.read_bytes()) for path in last.parent.iterdir()) == before
    assert run("train", "toy-gan", "-o", last.parent, *SMALL, "--force").exit_code == 0


@pytest.mark.parametrize("more", [(), ("--force",)])
def test_a_run_is_not_written_among_other_files(tmp_path, more):
    (tmp_path / "mine.png").write_text("mine")
    done = run("train", "toy-gan", "-o", tmp_path, *SMALL, *more)
    assert done.exit_code == 2 and "is not an empty folder; name a new one" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.png"]


def test_another_run_is_replaced_only_if_asked_for(trained):
    folder = trained("toy-gan").parent
    other = ["train", "toy-cgan", "-o", folder, *SMALL]
    done = run(*other)
    assert done.exit_code == 2 and "--force" in done.stderr
    assert run(*other, "--force").exit_code == 0
    assert json.loads((folder / "run.json").read_text())["name"] == "toy-cgan"


def test_samples_are_replaced_only_if_asked_for(trained, tmp_path):
    words = ["sample", trained("toy-gan"), "-n", 3, "-o", tmp_path / "x.npz"]
    (tmp_path / "x.npz").write_text("mine")
    done = run(*words)
    assert done.exit_code == 2 and "--force" in done.stderr
    assert (tmp_path / "x.npz").read_text() == "mine"
    assert run(*words, "--force").exit_code == 0
