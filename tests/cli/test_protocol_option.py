"""`--protocol` on every command that scores, with feature files where a net is not needed."""

import json

import numpy as np
import pytest
from PIL import Image

import ganeval


@pytest.fixture
def rows(tmp_path):
    """Paths of two files of feature rows, real and fake."""
    paths = []
    for seed, name in enumerate(("real", "fake")):
        paths.append(tmp_path / f"{name}.npy")
        np.save(paths[-1], np.random.default_rng(seed).normal(seed / 4, 1, (60, 4)))
    return paths


def lines(done):
    assert done.exit_code == 0, done.stderr
    return {score["metric"]: score for score in map(json.loads, done.stdout.splitlines())}


def test_evaluate_takes_metrics_and_options_of_the_tool(run, rows):
    done = run("evaluate", rows[0], f"fake={rows[1]}", "--protocol", "dgm-eval", "--json")
    scores = {}
    for score in map(json.loads, done.stdout.splitlines()):
        if score["details"]["model"] == "fake":
            scores[score["metric"]] = score
    assert scores.keys() == {"fid", "kid", "coverage", "density", "precision", "recall"}
    real, fake = map(np.load, rows)
    expected = ganeval.prdc(real, fake, k=5, ball="open")
    assert scores["recall"]["value"] == expected.recall.value
    assert scores["recall"]["details"]["provenance"]["protocol"] == "dgm-eval"
    assert "protocol dgm-eval are of 50000 fakes, and this one is of 60" in done.stderr
    in_python = ganeval.evaluate(real, {"fake": fake}, protocol="dgm-eval")
    assert {score.metric for score in in_python} == scores.keys()
    in_python = ganeval.evaluate(real, {"fake": fake}, protocol="dgm-eval", metrics=["prdc"])
    values = [score.value for score in in_python if score.metric == "recall"]
    assert values[0] == expected.recall.value


def test_a_metric_that_the_tool_lacks_is_told_before_images_are_read(run):
    done = run("evaluate", "none/", "none/too", "--protocol", "pytorch-fid", "--metrics", "kid")
    assert done.exit_code == 2 and "pytorch-fid has no kid, only fid" in done.stderr


def test_advice_on_an_option_that_the_tool_fixes_says_where_to_give_another(run, folder):
    sides = (folder("real", n=9), folder("fake", n=9, seed=1), "--feature-net", "pixels")
    done = run("evaluate", *sides, "--protocol", "thesis", "--metrics", "kde")
    assert done.exit_code == 2
    said = "(--protocol thesis fixes it; without, ganeval kde takes other values)"
    assert f"a smaller --subset-size {said}" in done.stderr
    alone = run("kde", *sides, "--subsets", "2", "--subset-size", "3")
    assert alone.exit_code == 0, alone.stderr


def test_compare_and_matrix_take_what_is_scored_by_default_options(run, rows, tmp_path):
    real, fake = rows
    other = tmp_path / "other.npy"
    np.save(other, np.load(fake) + 1)
    by_tool = run("compare", real, fake, other, "--protocol", "adm", "--json")
    assert by_tool.exit_code == 0, by_tool.stderr
    assert by_tool.stdout == run("compare", real, fake, other, "--json").stdout
    for command in (("compare", real, fake, other), ("matrix", real, fake)):
        done = run(*command, "--metric", "kid", "--protocol", "torch-fidelity")
        assert done.exit_code == 2
        assert "fixes subsets 100, --subset-size 1000, seed 2020 for kid, which" in done.stderr


def test_splits_in_order_are_those_of_adm(run, rows):
    logits = rows[1]
    score = lines(run("is", logits, "--protocol", "adm", "--json"))["inception_score"]
    assert score["protocol"]["options"] == {"split_size": 5000}
    with np.errstate(all="ignore"):
        whole = lines(run("is", logits, "--json"))["inception_score"]
    assert score["value"] == pytest.approx(whole["value"])  # one split holds all
    values = [float(ganeval.inception_score(part)) for part in np.array_split(np.load(logits), 3)]
    found = ganeval.inception_score(np.load(logits), split_size=20)
    assert found.value == pytest.approx(np.mean(values))
    with pytest.raises(ganeval.InputError, match="splits is 2 and split_size 20; give the number"):
        ganeval.inception_score(np.load(logits), split_size=20, splits=2)


def test_images_that_the_tool_would_not_see_are_refused(run, tmp_path):
    for name in ("real", "fake"):
        (tmp_path / name).mkdir()
        for i in range(3):
            deep = np.random.default_rng(i).integers(0, 60000, (8, 8), np.uint16)
            Image.fromarray(deep).save(tmp_path / name / f"{i}.png")
    done = run("fid", tmp_path / "real", tmp_path / "fake", "--protocol", "clean-fid")
    assert done.exit_code == 2
    assert "real has uint16 images, and the tool of protocol clean-fid takes 8 bits" in done.stderr


def test_statistics_are_made_by_the_net_of_the_tool(run, folder, tmp_path):
    done = run("stats", "save", folder("real"), "-o", tmp_path / "s.npz", "--protocol", "adm")
    assert done.exit_code == 2 and "net 'inception:torch-fidelity'" in done.stderr


def test_it_is_said_which_part_of_a_reference_batch_was_taken(run, rows, tmp_path):
    fake = np.load(rows[1])
    moments = {"mu": fake.mean(0), "sigma": np.cov(fake, rowvar=False)}
    images = np.random.default_rng(0).integers(0, 256, (30, 8, 8, 3), np.uint8)
    batch = tmp_path / "VIRTUAL_cells.npz"
    np.savez(batch, arr_0=images, mu_s=np.zeros(2), sigma_s=np.eye(2), **moments)
    done = run("fid", batch, rows[1], "--json")
    assert lines(done)["fid"]["value"] == pytest.approx(0, abs=1e-9)
    assert "VIRTUAL_cells.npz: took the statistics, not arr_0" in done.stderr
    others = tmp_path / "others.npy"
    np.save(others, images[::-1] // 2)
    done = run("kid", batch, others, "--feature-net", "pixels", "--json")
    assert lines(done)["kid"]["n_real"] == 30
    assert "VIRTUAL_cells.npz: took the images of arr_0, not mu and sigma" in done.stderr
