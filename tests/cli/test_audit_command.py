"""`ganeval audit`: a table of verdicts, what is noticed from what strength, and a file of all."""

import json
import sys

import numpy as np
import pytest

from ganeval.suites.audit import consistency


@pytest.fixture
def reals(folder):
    return folder("real", n=40)


def test_the_audit_of_two_nets_is_a_table_with_reasons(run, reals, tmp_path, monkeypatch):
    monkeypatch.setattr(consistency, "HALVINGS", 2)  # quicker
    monkeypatch.setattr(sys.modules["ganeval.suites.audit.audit"], "JUDGED", ("fid", "kid"))
    out = tmp_path / "audit.json"
    done = run("audit", reals, "--feature-net", "pixels,wavelet", "-o", out)
    assert done.exit_code == 0, done.stderr
    assert "40 images, each embedded up to 15 times by 2 nets" in done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["pixels", "wavelet"]
    assert any(line.strip().startswith("May it judge these images?") for line in lines)
    assert "Are images of a class closer to each other? not asked: no labels." in done.stdout
    assert "missing classes" in done.stdout and "no labels" in done.stdout
    found = json.loads(out.read_text())
    assert [net["net"] for net in found["nets"]] == ["pixels", "wavelet"]
    assert found["n"] == 40 and found["cost"] == 40 * 14 * 2
    assert run("audit", reals, "--feature-net", "pixels", "-o", out).exit_code == 2


def test_what_the_command_cannot_do_is_told(run, reals, tmp_path):
    done = run("audit", reals, "--feature-net", "pixels", "--match-labels")
    assert done.exit_code == 2 and "--match-labels does nothing here" in done.stderr
    np.save(tmp_path / "rows.npy", np.random.default_rng(0).normal(size=(60, 4)))
    done = run("audit", tmp_path / "rows.npy", "--feature-net", "pixels")
    assert done.exit_code == 2 and "images are to be altered; give images" in done.stderr
    done = run("audit", reals, "--feature-net", "pixels,pixels")
    assert done.exit_code == 2 and "names a net twice" in done.stderr
    done = run("audit", reals, "--feature-net", "pixels", "--max-images", "20")
    assert done.exit_code == 2 and "has 20 images; an audit needs at least 40" in done.stderr
    done = run("audit", reals)
    assert done.exit_code == 2 and "name the nets to ask: --feature-net A,B" in done.stderr
    done = run("audit", reals, "--feature-net", "no-such-net")
    assert done.exit_code == 2 and "no-such-net" in done.stderr
