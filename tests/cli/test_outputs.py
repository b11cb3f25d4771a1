"""Commands replace nothing without --force, and an input never, whatever is said."""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

import ganeval
from ganeval.cli.outputs import check_file, write_new
from ganeval.errors import InputError
from ganeval.suites import ScoresFile


@pytest.fixture
def commands(folder, tmp_path):
    """Each command that writes files, without its output, and what it writes there."""
    real, fake = folder("real", n=12), folder("fake", n=12, seed=1)
    rows = np.random.default_rng(0).standard_normal((2, 20, 3))
    for name, part in zip("ab", rows, strict=True):
        np.save(tmp_path / f"{name}.npy", part)
    (tmp_path / "s.jsonl").write_text(ganeval.kid(*rows).to_json() + "\n")
    net = ["--feature-net", "pixels"]
    return {
        "features extract": (["features", "extract", real, *net], "x.npz", "x.npz"),
        "stats save": (["stats", "save", real, *net], "x.npz", "x.npz"),
        "evaluate": (["evaluate", tmp_path / "a.npy", tmp_path / "b.npy"], "x.jsonl", "x.jsonl"),
        "neighbors": (["neighbors", real, fake, *net], "x", "x/neighbors.csv"),
        "nets export": (["nets", "export", "mnist"], "x", "x/card.json"),
        "demo": (["demo"], "x", "x/demo.png"),
        "bundle": (["bundle", tmp_path / "s.jsonl"], "x.zip", "x.zip"),
    }


def written(run, command, out, *more):
    """Runs a command with its output, which `nets export` takes without -o."""
    return run(*command, *(() if "export" in command else ("-o",)), out, *more)


@pytest.fixture(
    params=[
        "features extract",
        "stats save",
        "evaluate",
        "neighbors",
        "nets export",
        "demo",
        "bundle",
    ]
)
def case(request, commands, tmp_path):
    """(arguments, where to write, a file that is written there and is there already)"""
    command, out, file = commands[request.param]
    target = tmp_path / "to" / file
    target.parent.mkdir(parents=True)
    target.write_text("mine")
    return command, tmp_path / "to" / out, target


def test_a_file_that_is_there_is_kept_and_force_is_named(run, case):
    command, out, target = case
    done = written(run, command, out)
    assert done.exit_code == 2 and not done.stdout, done.stderr
    assert f"{target} exists" in done.stderr and "--force" in done.stderr
    assert done.stderr.count("\n") == 1
    assert target.read_text() == "mine" and list(target.parent.iterdir()) == [target]


def at_once(*commands):
    """Exit code and stderr of commands that run at the same time."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "ganeval", *map(str, words)], stderr=subprocess.PIPE, text=True
        )
        for words in commands
    ]
    said = [process.communicate()[1] for process in running]
    return [(process.returncode, text) for process, text in zip(running, said, strict=True)]


@pytest.mark.parametrize("name", ["stats save", "neighbors"])
def test_of_two_runs_at_once_one_writes_and_the_other_replaces_nothing(name, commands, tmp_path):
    words, out, _ = commands[name]
    ends = at_once(*([*words, "-o", tmp_path / out, "--seed", seed] for seed in (1, 2)))
    assert sorted(code for code, _ in ends) == [0, 2]
    [said] = [text for code, text in ends if code == 2]
    assert "--force" in said and "Traceback" not in said
    assert not [path for path in tmp_path.rglob(".ganeval*")]


def test_a_file_that_came_after_the_first_look_is_kept_and_force_is_named(tmp_path):
    out = tmp_path / "x.csv"
    check_file(out, force=False)
    out.write_text("theirs")
    with pytest.raises(InputError, match="another process meanwhile.*--force"):
        write_new(out, "mine", force=False)
    assert out.read_text() == "theirs"
    write_new(out, "mine", force=True)
    assert out.read_text() == "mine" and list(tmp_path.iterdir()) == [out]


def test_rows_of_runs_that_append_at_once_are_all_kept(commands, tmp_path):
    words, _, _ = commands["evaluate"]
    out = tmp_path / "x.jsonl"
    ends = at_once(*([*words, "--metrics", names, "-o", out] for names in ("fid,rke", "kid,mmd")))
    assert [code for code, _ in ends] == [0, 0]
    assert {score.metric for score in ScoresFile(out).scores()} == {"fid", "rke", "kid", "mmd"}
    assert not list(tmp_path.glob(".ganeval*"))


def test_no_path_does_not_stand_for_the_folder_that_one_is_in(run, case, tmp_path, monkeypatch):
    command, _, _ = case
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    done = written(run, command, "", "--force")
    assert done.exit_code == 2 and not done.stdout
    assert "the path is empty; name a file or a folder, or . for this folder" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not os.listdir()


def test_force_replaces_a_link_and_not_what_it_leads_to(run, case, tmp_path):
    command, out, target = case
    if command == ["demo"]:
        return  # as neighbors, by the same call, and longer
    target.rename(tmp_path / "kept")
    target.symlink_to(tmp_path / "kept")
    done = written(run, command, out)
    assert done.exit_code == 2 and "--force" in done.stderr
    done = written(run, command, out, "--force")
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "kept").read_text() == "mine"
    assert not target.is_symlink() and target.stat().st_size > 10


def test_an_input_is_never_an_output(run, tmp_path):
    np.save(tmp_path / "a.npy", np.random.default_rng(0).standard_normal((20, 3)))
    shutil.copy(tmp_path / "a.npy", tmp_path / "b.npy")
    saved = run("features", "extract", tmp_path / "a.npy", "-o", tmp_path / "x.npz")
    assert saved.exit_code == 0, saved.stderr
    before = (tmp_path / "x.npz").read_bytes()
    for command in (
        ["features", "extract", tmp_path / "x.npz"],
        ["features", "merge", tmp_path / "x.npz"],
        ["stats", "save", tmp_path / "x.npz"],
        ["evaluate", tmp_path / "x.npz", f"A={tmp_path / 'x.npz'}"],
    ):
        done = run(*command, "-o", tmp_path / "x.npz", "--force")
        assert done.exit_code == 2 and "is also an input" in done.stderr, done.stderr
    assert (tmp_path / "x.npz").read_bytes() == before


@pytest.fixture
def sets(run, folder, tmp_path, monkeypatch):
    """Two folders A and B of pictures, and A once more as an .npz, a tar and a table of labels."""
    monkeypatch.chdir(tmp_path)
    folder("B", n=12, seed=1)
    files = sorted(os.listdir(folder("A", n=12)))
    np.savez("in.npz", images=np.zeros((12, 8, 8, 3), np.uint8))
    with tarfile.open("q-0.tar", "w") as tar:
        for file in files:
            tar.add(f"A/{file}", file)
    shutil.copy("q-0.tar", "q-1.tar")
    Path("lab.csv").write_text("id,label\n" + "".join(f"{file},x\n" for file in files))
    os.symlink(os.path.abspath("A"), "link")
    os.makedirs("links/deep")
    os.symlink(os.path.abspath("links"), "links/deep/round")
    os.symlink(os.path.abspath(f"A/{files[0]}"), "links/deep/1.png")
    os.link("in.npz", "links/2.npz")
    return files[0]


@pytest.mark.parametrize(
    ("command", "out"),
    [
        ("features extract in.npz::images", "in.npz"),
        ("stats save in.npz::images", "in.npz"),
        ("evaluate q-{0..1}.tar B", "q-0.tar"),
        ("evaluate A B --train q-{0..1}.tar", "q-1.tar"),
        ("evaluate A m=B", "A/{first}"),
        ("evaluate file://{here}/A m=B", "A/{first}"),
        ("evaluate A m=B", "link/{first}"),
        ("evaluate links m=B", "A/{first}"),
        ("evaluate B m=links", "in.npz"),
        ("evaluate zip://::file://{here}/in.npz B", "in.npz"),
        ("evaluate A m=B --label-by csv:lab.csv", "lab.csv"),
        ("evaluate A m=B --fake-group-by m=csv:lab.csv:label", "lab.csv"),
        ("evaluate A m=B --weights in.npz", "in.npz"),
    ],
)
def test_an_input_is_never_an_output_however_it_is_named(run, sets, tmp_path, command, out):
    words = [word.replace("{here}", str(tmp_path)) for word in command.split()]
    out = Path(out.replace("{first}", sets))
    before = out.read_bytes()
    done = run(*words, "-o", out, "--force", "--feature-net", "pixels")
    assert done.exit_code == 2 and "input" in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1 and out.read_bytes() == before


def test_streams_and_links_to_what_is_no_file_are_not_replaced(run, sets, tmp_path):
    os.mkfifo("pipe")
    os.symlink(tmp_path / "pipe", "to_pipe")
    os.symlink("/dev/null", "to_null")
    with open("open.txt", "wb") as file:
        for out in ("to_pipe", "to_null", f"/proc/self/fd/{file.fileno()}"):
            done = run("evaluate", "A", "B", "-o", out, "--force", "--feature-net", "pixels")
            assert done.exit_code == 2 and f"--out {out}" in done.stderr, done.stderr
    assert os.path.islink("to_pipe") and os.path.islink("to_null")


@pytest.mark.parametrize("command", ["neighbors", "matrix"])
def test_pictures_do_not_go_where_images_are(run, folder, command):
    real, fake = folder("real", n=9), folder("fake", n=9, seed=1)
    done = run(command, real, fake, "-o", fake / "new", "--feature-net", "pixels", "--force")
    assert done.exit_code == 2 and "which is an input" in done.stderr, done.stderr


def test_a_net_is_not_written_where_its_training_images_are(run, folder):
    data = folder("data", n=9)
    for out in (data, data / "new"):
        done = run("nets", "train", data, "--name", "mine", "-o", out)
        assert done.exit_code == 2 and "which is an input" in done.stderr, done.stderr
    assert len(list(data.iterdir())) == 9


def test_scores_of_ours_are_continued_and_other_lines_kept(run, commands, tmp_path):
    command, _, _ = commands["evaluate"]
    out = tmp_path / "scores.jsonl"
    first = run(*command, "--metrics", "kid", "-o", out)
    assert first.exit_code == 0, first.stderr
    lines = out.read_text()
    assert run(*command, "--metrics", "kid,fid", "-o", out).exit_code == 0
    assert out.read_text().startswith(lines) and len(out.read_text()) > len(lines)
    out.write_text('{"fid": 12.3}')  # somebody's results, on one line without an end
    done = run(*command, "--metrics", "kid", "-o", out)
    assert done.exit_code == 2 and "--force" in done.stderr
    assert out.read_text() == '{"fid": 12.3}'


def test_an_export_that_was_cut_short_is_finished(run, tmp_path):
    assert run("nets", "export", "mnist", tmp_path / "x").exit_code == 0
    (tmp_path / "x" / "card.json").unlink()
    assert run("nets", "export", "mnist", tmp_path / "x").exit_code == 0
    assert run("nets", "show", tmp_path / "x").exit_code == 0
    assert run("nets", "export", "mnist", tmp_path / "x").exit_code == 0
