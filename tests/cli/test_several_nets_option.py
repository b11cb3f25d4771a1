import json

import numpy as np
import pytest


@pytest.fixture
def sides(folder):
    return folder("real"), folder("near", seed=1), folder("far", seed=2, shift=40)


def test_evaluate_takes_several_nets_and_says_whether_they_agree(run, sides):
    nets = ("--feature-net", "pixels,pixels:all", "--metrics", "kid")
    done = run("evaluate", *sides, *nets)
    assert done.exit_code == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("Seen by")] == [
        "Seen by pixels:",
        "Seen by pixels:all:",
    ]
    assert done.stdout.count(" floors") == 4
    assert done.stdout.splitlines()[-1] == "KID: all 2 nets place near first"
    both = map(json.loads, run("evaluate", *sides, *nets, "--json").stdout.splitlines())
    values = {}
    for score in both:
        values.setdefault(score["protocol"]["net"]["name"], []).append(score["value"])
    for name in ("pixels", "pixels:all"):
        alone = run("evaluate", *sides, "--feature-net", name, "--metrics", "kid", "--json")
        assert values[name] == [json.loads(x)["value"] for x in alone.stdout.splitlines()]


def test_what_several_nets_cannot_be_is_told(run, sides, tmp_path):
    real, near, _ = sides
    done = run("evaluate", real, near, "--feature-net", "pixels,pixels")
    assert "names a net twice; name each once" in done.stderr
    done = run("evaluate", real, near, "--feature-net", "pixels,lin41")
    assert "has 1 channel" in done.stderr and "'lin41'" in done.stderr
    done = run("fid", real, near, "--feature-net", "pixels,mnist")
    assert "names several nets and fid takes one; name one, or use them all: ganeval" in done.stderr
    for typed in ("plan", "explain", "compare", "matrix"):
        done = run(typed, real, near, "--feature-net", "pixels,mnist")
        assert "pixels,mnist names several nets and this command takes one" in done.stderr
    done = run("evaluate", real, near, "--feature-net", "pixels,pixels:all", "--resize", "8,8")
    assert "--resize cannot be used with several nets; name one net" in done.stderr
    np.save(tmp_path / "rows.npy", np.random.default_rng(0).normal(size=(30, 4)))
    done = run("evaluate", real, tmp_path / "rows.npy", "--feature-net", "pixels,pixels:all")
    assert "holds features or statistics, which are of one net; give images" in done.stderr
