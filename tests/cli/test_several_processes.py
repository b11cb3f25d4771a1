"""`torchrun -m ganeval`, and shards for those who start processes otherwise."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from ganeval.features import Features, extract


@pytest.fixture
def folders(folder):
    return folder("real", n=41), folder("fake", n=41, seed=1, shift=20)


def torchrun(*arguments):
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    return subprocess.run(
        [*launcher, "-m", "ganeval", *map(str, arguments)],
        env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("metric", ["kid", "fid", "prdc", "clipped"])
def test_two_processes_print_once_what_one_prints(run, folders, metric):
    """To rounding where rows stay on their rank."""
    arguments = [metric, *folders, "--feature-net", "pixels", "--json", "--no-cache"]
    done = torchrun(*arguments)
    assert done.returncode == 0, done.stderr
    alone = run(*arguments).stdout
    if metric == "clipped":  # the first process has all rows
        assert done.stdout == alone
    for got, wanted in zip(done.stdout.splitlines(), alone.splitlines(), strict=True):
        assert_alike(json.loads(got), json.loads(wanted))


def test_files_of_features_and_of_statistics_are_scored_too(run, folders, tmp_path):
    features, statistics = tmp_path / "fake.features", tmp_path / "real.npz"
    run("features", "extract", folders[1], "-o", features, "--feature-net", "pixels")
    done = torchrun("stats", "save", folders[0], "-o", statistics, "--feature-net", "pixels")
    assert done.returncode == 0, done.stderr
    arguments = ["fid", statistics, features, "--json"]
    several, one = torchrun(*arguments), run(*arguments)
    assert several.returncode == 0, several.stderr
    assert_alike(json.loads(several.stdout), json.loads(one.stdout))
    of_images = run("fid", *folders, "--feature-net", "pixels", "--json")
    assert_alike(json.loads(one.stdout)["value"], json.loads(of_images.stdout)["value"])


def test_a_file_of_features_keeps_its_order(run, folders, tmp_path):
    """Subsets are drawn by it."""
    turned, fake = tmp_path / "turned.npz", tmp_path / "fake.npz"
    extract(folders[0], "pixels").take(np.arange(41)[::-1]).save(turned)
    extract(folders[1], "pixels").save(fake)
    arguments = ["kid", turned, fake, "--subsets", "4", "--subset-size", "20", "--json"]
    several = torchrun(*arguments, "--no-cache")
    assert json.loads(several.stdout) == json.loads(run(*arguments).stdout)


def test_of_one_image_the_second_process_has_none(folder, run):
    arguments = ["fid", folder("one", n=1), folder("fake", n=9), "--feature-net", "pixels"]
    done = torchrun(*arguments)
    assert done.returncode != 0
    assert [text for text in done.stderr.splitlines() if text.startswith("Error:")] == [
        run(*arguments).stderr.splitlines()[-1]
    ]


def assert_alike(got, wanted):
    """The same, numbers to rounding."""
    if isinstance(wanted, dict):
        assert got.keys() == wanted.keys()
        for name in wanted:
            assert_alike(got[name], wanted[name])
    elif isinstance(wanted, list):
        assert len(got) == len(wanted)
        for one, other in zip(got, wanted, strict=True):
            assert_alike(one, other)
    else:
        assert got == (pytest.approx(wanted, rel=1e-9) if isinstance(wanted, float) else wanted)


def test_an_image_that_one_process_cannot_read_is_told_once(folders):
    (folders[0] / "0007.png").write_bytes(b"broken")  # the share of rank 1
    done = torchrun("kid", *folders, "--feature-net", "pixels")
    assert done.returncode != 0
    told = [line for line in done.stderr.splitlines() if line.startswith("Error:")]
    assert len(told) == 1 and "0007.png" in told[0]
    assert done.stdout == ""


def test_work_for_one_process_is_refused_to_several(run, monkeypatch):
    for name, value in {"TORCHELASTIC_RUN_ID": "x", "RANK": "0", "WORLD_SIZE": "2"}.items():
        monkeypatch.setenv(name, value)
    done = run("nets", "list")
    assert done.exit_code == 2
    assert done.stderr == "Error: list is work for one process; start it without torchrun\n"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"RANK": "one", "WORLD_SIZE": "2"}, "RANK is 'one', wanted a number"),
        ({"RANK": "0", "WORLD_SIZE": ""}, "WORLD_SIZE is '', wanted a number"),
        ({"RANK": "0"}, "WORLD_SIZE is not set"),
        ({"RANK": "-1", "WORLD_SIZE": "2"}, "RANK is '-1'"),
        ({"RANK": "2", "WORLD_SIZE": "2"}, "RANK is 2, and WORLD_SIZE is 2"),
    ],
)
def test_a_broken_environment_of_torchrun_is_one_line(run, monkeypatch, environment, said):
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TORCHELASTIC_RUN_ID": "x", **environment}.items():
        monkeypatch.setenv(name, value)
    for command in (["kid", "a", "b"], ["cache", "info"]):
        done = run(*command)
        assert done.exit_code == 2 and said in done.stderr and done.stderr.count("\n") == 1


def test_shards_merge_into_the_whole(run, folders, tmp_path):
    files = [tmp_path / f"{i}.npz" for i in range(3)]
    for i, file in enumerate(files):
        options = ["-o", file, "--feature-net", "pixels", "--shard", f"{i}/3"]
        done = run("features", "extract", folders[0], *options)
        assert done.exit_code == 0, done.stderr
    out = tmp_path / "whole.npz"
    done = run("features", "merge", *files, "-o", out)
    assert done.exit_code == 0, done.stderr
    merged, whole = Features.load(out), extract(folders[0], "pixels")
    assert merged.ids == whole.ids
    assert merged.fingerprint == whole.fingerprint
    np.testing.assert_allclose(merged.features, whole.features, atol=1e-6)


@pytest.mark.parametrize(
    ("shard", "problem"),
    [("3/3", "none of I/N with I below N"), ("0/0", "none of I/N"), ("a", "takes I/N")],
)
def test_a_shard_that_does_not_exist_is_refused(run, folders, tmp_path, shard, problem):
    options = ["-o", tmp_path / "x.npz", "--feature-net", "pixels", "--shard", shard]
    done = run("features", "extract", folders[0], *options)
    assert done.exit_code == 2
    assert problem in done.stderr
