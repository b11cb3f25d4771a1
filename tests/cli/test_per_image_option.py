import csv
from dataclasses import replace

import numpy as np
import pytest

import ganeval
from ganeval.features import as_features


def test_the_command_writes_the_table_and_no_name_becomes_a_formula(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for side, seed in (("real", 0), ("fake", 1)):
        features = as_features(np.random.default_rng(seed).standard_normal((30, 4)))
        names = tuple(f"=cmd|{side}{i}\n.png" for i in range(30))
        replace(features, ids=names).save(f"{side}.npz")
    for _ in range(2):  # influences are not in the cache of scores
        done = run("fid", "real.npz", "fake.npz", "--per-image", "out.csv", "--force")
        assert done.exit_code == 0, done.stderr
    with open("out.csv", newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert len(table) == 60
    assert table[0]["image"] == "'=cmd|real0\\n.png"
    assert all(row["nearest_real"].startswith("'=cmd|real") for row in table)
    assert sum(float(row["fid_influence"]) for row in table) == pytest.approx(0, abs=1e-9)
    again = run("fid", "real.npz", "fake.npz", "--per-image", "out.csv")
    assert "--per-image out.csv exists; name another file" in again.stderr


def test_statistics_have_no_images_to_tell_of(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x = np.random.default_rng(0).standard_normal((30, 4))
    ganeval.statistics_of(as_features(x)).save("stats.npz")
    np.save("fake.npy", x + 1)
    done = run("fid", "stats.npz", "fake.npy", "--per-image", "out.csv")
    assert done.exit_code != 0
    assert "--per-image needs the images, and stats.npz is statistics" in done.stderr


def test_a_score_of_the_fakes_alone_has_a_table_too(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("fake.npy", np.random.default_rng(0).standard_normal((30, 4)))
    done = run("rke", "fake.npy", "--bandwidth", "1", "--per-image", "out.csv")
    assert done.exit_code == 0, done.stderr
    with open("out.csv", newline="", encoding="utf-8") as file:
        heads, *lines = csv.reader(file)
    assert heads == ["side", "image", "rke_influence"]
    assert len(lines) == 30
