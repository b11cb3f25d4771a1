import json
import re

import pytest


@pytest.fixture
def three(folder):
    return folder("real"), folder("near", seed=1, shift=5), folder("far", seed=2, shift=40)


def test_evaluate_then_compare(run, three, tmp_path):
    real, near, far = three
    out = tmp_path / "scores.jsonl"
    options = ("--feature-net", "pixels", "--metrics", "fid,kid")
    done = run("evaluate", real, near, f"bright={far}", *options, "-o", out)
    assert done.exit_code == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()[2:]] == [
        "near",
        "bright",
        "reals",
    ]
    first = out.read_text()
    assert len(first.splitlines()) == 6
    again = run("evaluate", real, near, f"bright={far}", *options, "-o", out)
    assert (again.stdout, out.read_text()) == (done.stdout, first)
    for verdict in (
        run("compare", out, "--metric", "kid"),
        run("compare", real, near, far, "--metric", "kid", "--feature-net", "pixels"),
    ):
        assert verdict.exit_code == 0, verdict.stderr
        assert "near is best by KID, at 95 %." in verdict.stdout


def test_compare_refuses_a_file_with_two_models_of_one_name(run, folder, three, tmp_path):
    real, near, far = three
    other, out = folder("other/near", seed=4, shift=20), tmp_path / "scores.jsonl"
    options = ("--feature-net", "pixels", "--metrics", "kid", "-o", out)
    assert run("evaluate", real, near, far, *options).exit_code == 0
    assert run("compare", out, "--metric", "kid").exit_code == 0
    assert run("evaluate", real, other, *options).exit_code == 0
    done = run("compare", out, "--metric", "kid")
    assert done.exit_code == 2 and "two models named 'near'" in done.stderr


def test_scores_against_other_reals_are_told_at_once(run, folder, three, tmp_path):
    real, near, far = three
    out, options = tmp_path / "scores.jsonl", ("--feature-net", "pixels", "--metrics", "kid")
    done = run("evaluate", real, near, *options, "-o", out)
    assert "Warning: " not in done.stderr
    done = run("evaluate", folder("others", seed=7), far, *options, "-o", out)
    assert done.exit_code == 0
    assert re.search(
        r"will not take .+ differ in reals: \S+real \(.+ and \S+others \(", done.stderr
    )
    assert "they differ in reals: " in run("compare", out, "--metric", "kid").stderr


def test_compare_takes_the_influences_of_the_net_that_scored_last(run, three, tmp_path):
    out = tmp_path / "scores.jsonl"
    nets = (("pixels",), ("morphology", "--value-range", "0:255"))
    for net in nets:
        done = run("evaluate", *three, "--metrics", "kid", "--feature-net", *net, "-o", out)
        assert done.exit_code == 0, done.stderr
    here = run("compare", out, "--metric", "kid")
    anew = run("compare", *three, "--metric", "kid", "--feature-net", *nets[1])
    assert here.stdout == anew.stdout != ""


@pytest.mark.parametrize("run_of_file", [None, {"fake": 7}, "../../x", ""])
def test_a_scores_file_that_names_no_influences_is_refused(run, three, tmp_path, run_of_file):
    out = tmp_path / "scores.jsonl"
    run("evaluate", *three, "--metrics", "kid", "--feature-net", "pixels", "-o", out)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    for line in lines:
        line["details"]["run"] = run_of_file
    out.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = run("compare", out, "--metric", "kid")
    assert done.exit_code == 2
    assert ("run `ganeval evaluate -o` again" in done.stderr) == isinstance(run_of_file, str)
    assert isinstance(run_of_file, str) or "line 1: not a score" in done.stderr


def test_a_scores_file_without_its_folder_is_refused(run, three, tmp_path):
    out = tmp_path / "scores.jsonl"
    run("evaluate", *three, "--metrics", "kid", "--feature-net", "pixels", "-o", out)
    (tmp_path / "scores.influences").rename(tmp_path / "elsewhere")
    done = run("compare", out, "--metric", "kid")
    assert done.exit_code == 2
    assert "the influences of near are not in" in done.stderr


def test_compare_may_take_another_level_than_its_file_was_scored_with(run, three, tmp_path):
    """Influences have no level, so that the file gives what the images do."""
    out = tmp_path / "scores.jsonl"
    options = ("--feature-net", "pixels", "--metrics", "kid", "--level", "0.8")
    assert run("evaluate", *three, *options, "-o", out).exit_code == 0
    level = ("--metric", "kid", "--level", "0.9", "--json")
    here = run("compare", out, *level)
    assert here.exit_code == 0 and "Warning" not in here.stderr
    anew = run("compare", *three, *level, "--feature-net", "pixels", "--seed", "7")
    assert json.loads(here.stdout) == json.loads(anew.stdout)


def test_a_scores_file_picks_the_checkpoint_that_the_images_pick(run, folder, tmp_path):
    real, out = folder("real"), tmp_path / "scores.jsonl"
    steps = [folder(f"step-{k}", seed=k, shift=60 - k) for k in (10, 30, 50)]
    net = ("--feature-net", "pixels")
    run("evaluate", real, *steps, *net, "--metrics", "kid", "-o", out)
    options = ("--metric", "kid", "--step", "--json")
    here, anew = run("compare", out, *options), run("compare", real, *steps, *options, *net)
    assert here.exit_code == anew.exit_code == 0, here.stderr + anew.stderr
    assert json.loads(here.stdout) == json.loads(anew.stdout)


def test_a_file_without_the_metric_names_those_that_compare_its_models(
    run, folder, three, tmp_path
):
    out, net = tmp_path / "scores.jsonl", ("--feature-net", "pixels")
    assert run("evaluate", *three, *net, "--metrics", "prdc", "-o", out).exit_code == 0
    alone = ("--metrics", "kid", "-o", out)  # one model: no comparison
    assert run("evaluate", *three[:2], *net, *alone).exit_code == 0
    told = run("compare", out).stderr
    assert "has 0 models scored by fid, of 2 that a comparison needs; name one of these:" in told
    names = told.strip().partition("--metric ")[2].split(" or ")
    assert sorted(names) == ["coverage", "density", "precision", "recall"]
    for name in names:
        assert run("compare", out, "--metric", name).exit_code == 0


def test_a_file_of_one_model_says_what_is_scored(run, three, tmp_path):
    out = tmp_path / "scores.jsonl"
    run("evaluate", *three[:2], "--feature-net", "pixels", "--metrics", "kid", "-o", out)
    told = run("compare", out, "--metric", "kid").stderr
    assert "has 1 model scored by kid, of 2 that a comparison needs; scored are: kid" in told


def test_evaluate_prints_one_json_object_per_score(run, three):
    done = run("evaluate", *three, "--feature-net", "pixels", "--metrics", "kid", "--json")
    models = [json.loads(line)["details"]["model"] for line in done.stdout.splitlines()]
    assert models == ["near", "far", "reals"]


def test_a_metric_that_cannot_be_computed_costs_no_other(run, three):
    done = run("evaluate", *three, "--feature-net", "pixels", "--metrics", "is,fid")
    assert done.exit_code == 2 and "FID" in done.stdout
    (error,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert error.startswith("Error: near, far, reals: is: ")  # one mistake, told once


def test_compare_takes_training_runs_and_checkpoints(run, folder):
    real = folder("real")
    runs = [folder(f"run{i}", seed=i + 3, shift=5 + i) for i in range(4)]
    options = ("--feature-net", "pixels", "--metric", "kid")
    done = run("compare", real, f"A={runs[0]},{runs[1]}", f"B={runs[2]},{runs[3]}", *options)
    assert done.exit_code == 0, done.stderr
    assert "over 2 runs, training" in done.stdout
    steps = [folder(f"step-{k}", seed=k, shift=60 - k) for k in (10, 30, 50)]
    done = run("compare", real, *steps, "--step", *options, "--json")
    assert json.loads(done.stdout)["best"] == 50


def test_match_labels_tells_how_many_are_left(run, folder):
    done = run(
        "kid", folder("real"), folder("fake", seed=1), "--feature-net", "pixels", "--match-labels"
    )
    assert done.exit_code == 2 or "with the class frequencies of REAL" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("evaluate", "{real}", "{near}", "{near}"), "two models are named 'near'"),
        (("evaluate", "{real}", "gone=/no/such"), "/no/such"),
        (("evaluate", "{real}", "={near}"), "gives a model no name; give NAME=PATH"),
        (("evaluate", "{real}", "{near}", "--metrics", "fud"), "unknown metric 'fud'"),
        (("evaluate", "no", "images", "--metrics", "ct"), "ct needs the training images"),
        (("compare", "{real}", "{near}"), "there is 1 model to compare"),
        (("compare", "{real}"), "is no scores.jsonl"),
        (("compare", "{real}", "{near}", "{far}", "--step"), "near has no number"),
    ],
)
def test_mistakes_are_told_in_one_line(run, three, arguments, message):
    names = dict(zip(("real", "near", "far"), map(str, three), strict=True))
    done = run(*(a.format(**names) for a in arguments), "--feature-net", "pixels", "-q")
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_scores_of_other_protocols_are_refused(run, three, tmp_path):
    real, near, far = three
    out = tmp_path / "scores.jsonl"
    for net, model in (("pixels", near), ("morphology", far)):
        run("evaluate", real, model, "--feature-net", net, "--metrics", "kid", "-o", out)
    done = run("compare", out, "--metric", "kid")
    assert done.exit_code == 2
    assert "they differ in net: pixels and morphology" in done.stderr


@pytest.mark.parametrize("level", ["1.5", "0", "-1", "nan"])
def test_a_level_is_a_share(run, three, level):
    real, near, far = three
    options = ("--feature-net", "pixels", "--level", level)
    steps = ("compare", real, f"1={near}", f"2={far}", "--step")
    for arguments in (("compare", real, near, far), steps, ("evaluate", real, near)):
        done = run(*arguments, *options)
        (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error")]
        assert done.exit_code == 2 and "wanted a share between 0 and 1" in line


def test_a_file_of_scores_is_compared_at_a_level_and_by_no_option_of_images(run, three, tmp_path):
    out = tmp_path / "s.jsonl"
    models = [f"{step}={path}" for step, path in enumerate(three[1:], 1)]
    scored = ("--feature-net", "pixels", "--metrics", "kid", "-o", out)
    assert run("evaluate", three[0], *models, *scored).exit_code == 0
    for more in ((), ("--step",)):
        done = run("compare", out, "--metric", "kid", *more, "--level", "2")
        assert done.exit_code == 2 and "wanted a share between 0 and 1" in done.stderr
    for typed in ("--feature-net=pixels", "--max-images=9", "--resize=4,4", "--fake-channels=0"):
        done = run("compare", out, "--metric", "kid", typed)
        assert done.exit_code == 2 and done.stdout == ""
        assert "without images, so options of images and nets do nothing" in done.stderr
    assert run("compare", out, "--metric", "kid", "--quiet").exit_code == 0


def test_an_empty_path_is_not_this_folder(run, three):
    real, near, _ = three
    for arguments in (("fid", real, ""), ("compare", real, "a=", near)):
        done = run(*arguments, "--feature-net", "pixels")
        assert done.exit_code == 2 and "the path is empty" in done.stderr


def test_plain_numbers_among_corrected_ones_are_marked(run, folder):
    """Twenty images of 64 features have no correction for their number."""
    real, few, many = folder("real"), folder("few", n=20, seed=1), folder("many", seed=2)
    done = run("evaluate", real, few, many, "--feature-net", "pixels", "--metrics", "fid")
    assert done.exit_code == 0
    rows = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert rows["few"].endswith(" plain") and not rows["many"].endswith("plain")
    assert "few, reals: FID: no interval: " in done.stderr
    assert "Warning: few: " in done.stderr


def test_a_file_that_is_no_text_is_kept(run, three, tmp_path):
    real, near, _ = three
    picture = tmp_path / "scores.jsonl"
    picture.write_bytes(b"\x89PNG\r\n\xff")
    done = run("evaluate", real, near, "--feature-net", "pixels", "-o", picture)
    assert done.exit_code == 2 and "exists; name another file" in done.stderr
    assert picture.read_bytes() == b"\x89PNG\r\n\xff"
