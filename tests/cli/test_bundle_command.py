"""Scores leave in a zip, and come out of it the same on the command line."""

import json
import re
import shutil
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

NET = ("--feature-net", "pixels")


@pytest.fixture
def place(run, folder, tmp_path, monkeypatch):
    """A folder with images, and scores of two models that were read by options."""
    monkeypatch.chdir(tmp_path)
    for name, seed in (("scans/real", 0), ("scans/a", 1), ("scans/b", 2)):
        folder(name, n=40, size=(5, 5), seed=seed, shift=10 * seed)
    done = run(
        "evaluate", "scans/real", "scans/a", "scans/b", *NET, "--metrics", "fid,kid",
        "--include", "00[0-2]*.png", "--group-by", "regex:(.)[.]", "--fake-value-range", "0:255",
        "-o", "s.jsonl",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    return tmp_path


def outcomes(done):
    return [json.loads(line)["outcome"] for line in done.stdout.splitlines()]


def test_a_bundle_is_verified_without_images(run, place):
    done = run("bundle", "s.jsonl", "-o", "b.zip")
    assert done.exit_code == 0 and done.stdout == ""
    digest = sha256(Path("b.zip").read_bytes()).hexdigest()
    assert "b.zip: 6 scores, 1 of them without influences" in done.stderr
    assert f"SHA-256 {digest}" in done.stderr
    shutil.rmtree("scans")
    done = run("verify", "b.zip")
    assert done.exit_code == 0
    assert "of 6 the value itself was not computed again" in done.stdout
    assert "--also features" in done.stderr


def test_images_are_read_by_the_options_that_the_scores_say(run, place):
    run("bundle", "s.jsonl", "-o", "b.zip")
    (place / "scans").rename(place / "elsewhere")
    sides = ("--real", "elsewhere/real", "--fake", "a=elsewhere/a", "--fake", "b=elsewhere/b")
    done = run("verify", "b.zip", *sides, "--json")
    assert done.exit_code == 0, done.stderr
    assert outcomes(done) == ["same"] * 6
    assert all(json.loads(line)["missing"] == [] for line in done.stdout.splitlines())
    other = run("verify", "b.zip", *sides[:2], "--fake", "a=elsewhere/b", "--json")
    assert other.exit_code == 1 and outcomes(other)[:2] == ["differs"] * 2
    said = run("verify", "b.zip", *sides[:2], "--fake", "a=elsewhere/b").stdout
    assert "a FID, a KID: fake images: " in said
    odd = run("verify", "b.zip", *sides, "--include", "003*.png")
    assert odd.exit_code == 1
    assert "number of real images: 30 and 10" in odd.stdout


def test_other_reals_are_no_halves_of_those_that_were_scored(run, place):
    run("bundle", "s.jsonl", "-o", "b.zip")
    done = run("verify", "b.zip", "--real", "scans/b", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    (fid, kid) = [row for row in rows if row["model"] == "reals"]
    assert (fid["outcome"], kid["outcome"]) == ("differs", "differs")
    said = run("verify", "b.zip", "--real", "scans/b").stdout
    assert "reals FID, reals KID: real images: " in said and "4 same, 2 differ;" in said


def test_a_model_whose_images_are_broken_stops_no_other(run, place):
    run("bundle", "s.jsonl", "-o", "b.zip")
    (place / "scans/a/0015.png").write_bytes(b"no picture")
    sides = ("--real", "scans/real", "--fake", "a=scans/a", "--fake", "b=scans/b")
    done = run("verify", "b.zip", *sides, "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["model"] for row in rows if "value" in row["found"]} == {"b", "reals"}
    assert all("0015.png" in row["reason"] for row in rows if row["model"] == "a")


def test_values_stand_beside_the_corrected_ones_that_evaluate_prints(run, place):
    run("bundle", "s.jsonl", "-o", "b.zip")
    stated = json.loads(Path("s.jsonl").read_text().splitlines()[0])
    head, _, first, *_ = run("verify", "b.zip").stdout.splitlines()
    assert head.split()[:3] == ["value", "now", "corrected"]
    assert f"{stated['value']:.6g}" in first and f"{stated['corrected']:.6g}" in first


def test_features_make_it_whole(run, place):
    assert run("bundle", "s.jsonl", "-o", "b.zip", "--also", "features").exit_code == 0
    shutil.rmtree("scans")
    done = run("verify", "b.zip", "--json")
    assert done.exit_code == 0 and outcomes(done) == ["same"] * 6
    assert done.stdout.count('"images"') == 0
    with zipfile.ZipFile("b.zip") as archive:
        assert b"scans" not in b"".join(archive.read(name) for name in archive.namelist())


def test_one_score_of_a_metric_command_will_do(run, place):
    done = run("kid", "scans/real", "scans/a", *NET, "--json")
    (place / "one.jsonl").write_text(done.stdout)
    done = run("bundle", "one.jsonl", "-o", "b.zip")
    assert done.exit_code == 0
    assert "can check the bundle only with images" in done.stderr
    alone = run("verify", "b.zip")
    assert alone.exit_code == 1 and "1 score: 1 not recomputed" in alone.stdout
    done = run("verify", "b.zip", "--real", "scans/real", "--fake", "scans/a")
    assert done.exit_code == 0 and "1 score: 1 same" in done.stdout


def test_scores_of_statistics_are_verified_by_statistics(run, place):
    for name in ("real", "a"):
        assert run("stats", "save", f"scans/{name}", "-o", f"{name}.npz", *NET).exit_code == 0
    (place / "one.jsonl").write_text(run("fid", "real.npz", "a.npz", "--json").stdout)
    assert run("bundle", "one.jsonl", "-o", "b.zip", "--also", "statistics").exit_code == 0
    for sides in ((), ("--real", "real.npz", "--fake", "a.npz")):
        done = run("verify", "b.zip", *sides, "--json")
        assert done.exit_code == 0 and outcomes(done) == ["same"], done.stderr


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("bundle none.jsonl -o b.zip", "none.jsonl is no file"),
        ("bundle s.jsonl -o s.jsonl", "--out s.jsonl is also an input"),
        ("bundle s.jsonl -o scans/real/0000.png --force", "is in scans/real, which is an input"),
        ("bundle s.jsonl -o b.zip --also images", "wanted statistics or features"),
        ("bundle s.jsonl -o b.zip --also features --real scans/a", "other images than those"),
        (
            "bundle s.jsonl -o b.zip --also features --fake c=scans/a",
            "--fake c is no model",
        ),
        (
            "bundle s.jsonl -o b.zip --also features --feature-net texture",
            "seen by net 'texture' with its settings, and was scored as 'pixels' saw it",
        ),
        ("bundle scans -o b.zip", "scans is no file"),
        ("verify k.zip --channels 0", "so options of images and nets do nothing; leave them out"),
        ("verify k.zip --real scans/real --feature-net none", "unknown feature net 'none'"),
        ("verify s.jsonl", "is no zip; .* make one with: ganeval bundle scores.jsonl -o supp.zip"),
        ("verify none.zip", "none.zip does not exist"),
        ("verify k.zip --real ../nowhere", "--real ../nowhere does not exist; name the images"),
        ("verify k.zip --fake a=", "--fake a= names no path"),
        ("verify k.zip --fake b=s.jsonl", "s.jsonl is not of a supported format"),
        ("bundle s.jsonl -o b.zip --also features --real gone", "--real gone does not exist"),
        ("verify k.zip --fake c=scans/a", "is no model of these scores; give MODEL=PATH, of a, b"),
    ],
)
def test_what_is_wrong_with_a_bundle_is_told_in_one_line(run, place, typed, says):
    run("bundle", "s.jsonl", "-o", "k.zip")
    before = sorted(place.iterdir())
    done = run(*typed.split())
    assert done.exit_code == 2 and done.stdout == ""
    assert re.search(says, done.stderr.splitlines()[-1])
    assert sorted(place.iterdir()) == before


@pytest.mark.parametrize(
    "typed", [("bundle", "s.jsonl", "-o", "b.zip", "--also", "features"), ("verify", "c.zip")]
)
def test_training_images_that_no_score_takes_are_refused(run, place, typed):
    run("bundle", "s.jsonl", "-o", "c.zip")
    done = run(*typed, "--train", "scans/a")
    assert done.exit_code == 2 and done.stderr == (
        "Error: none of these scores takes training images; leave --train out\n"
    )


def test_places_of_images_alone_are_refused_and_with_what_they_are_for_they_are_taken(run, place):
    typed = ("bundle", "s.jsonl", "-o", "p.zip", "--real", "scans/real")
    done = run(*typed)
    assert done.exit_code == 2 and "do nothing alone; add --also features" in done.stderr
    assert not (place / "p.zip").exists()
    assert run(*typed, "--also", "features").exit_code == 0


def test_a_bundle_is_not_replaced_unasked(run, place):
    assert run("bundle", "s.jsonl", "-o", "b.zip").exit_code == 0
    again = run("bundle", "s.jsonl", "-o", "b.zip")
    assert again.exit_code == 2 and "b.zip exists" in again.stderr
    assert run("bundle", "s.jsonl", "-o", "b.zip", "--force").exit_code == 0


def test_a_table_that_a_bundle_names_is_not_opened(run, place):
    names = sorted(path.name for path in (place / "scans/real").iterdir())
    rows = "".join(f"{name},{'ab'[i % 2]}\n" for i, name in enumerate(names))
    (place / "lab.csv").write_text("id,label\n" + rows)
    table = ("--label-by", "csv:lab.csv")
    done = run(
        "evaluate", "scans/real", "scans/a", *NET, "--metrics", "kid", *table, "-o", "t.jsonl"
    )
    assert done.exit_code == 0, done.stderr
    assert run("bundle", "t.jsonl", "-o", "t.zip", "--also", "features").exit_code == 0
    sides = ("--real", "scans/real", "--fake", "scans/a")
    refused = run("verify", "t.zip", *sides)
    assert "tables that a bundle names are not opened; name yours: --label-by" in refused.stderr
    assert "same   influences" in refused.stdout
    done = run("verify", "t.zip", *sides, *table)
    assert done.exit_code == 0 and "2 scores: 2 same\n" in done.stdout
