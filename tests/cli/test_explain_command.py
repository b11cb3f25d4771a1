import csv
import json

import numpy as np
import pytest
import tifffile
from PIL import Image

from ganeval.datasets.synthlin import simulate

pytest.importorskip("xgboost")


@pytest.fixture
def cells(tmp_path):
    """Writes simulated cells as TIFF of two channels: `cells("fake", defect="shorter")`."""

    def write(name, *, n=40, defect="none", strength=None, folder=""):
        path = tmp_path / name / folder
        path.mkdir(parents=True)
        part = "test" if name == "real" else "model"
        made = simulate("Sid2", n, part=part, defect=defect, strength=strength)
        for i, image in enumerate(made.images):
            tifffile.imwrite(path / f"{i:03}.tif", image, metadata={"axes": "CYX"})
        return tmp_path / name

    return write


def photographs(path, *, darker=0, n=24):
    path.mkdir()
    rng = np.random.default_rng(darker)
    for i in range(n):
        coarse = rng.integers(20, 235 - darker, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((32, 32)).save(path / f"{i:03}.png")
    return path


def rows(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_what_is_wrong_with_cells_is_said_tabled_and_pictured(run, cells, tmp_path):
    real, fake = cells("real"), cells("fake", defect="shorter", strength=0.3)
    out = tmp_path / "deep" / "out"
    done = run("explain", real, fake, "--repeats", 2, "--channel-names", "Bgs4,Sid2",
               "--pixel-size", 0.1, "-o", out)  # fmt: skip
    assert done.exit_code == 0, done.stderr
    first = done.stdout.splitlines()[1]
    assert first.startswith("1. length: fakes are ") or first.startswith("1. area: fakes are ")
    assert "µm" in first
    assert "net morphology:offsets" in done.stdout
    assert "findings.csv, properties.csv, explanation.json, examples.png" in done.stderr
    findings, properties = rows(out / "findings.csv"), rows(out / "properties.csv")
    assert float(findings[0]["q"]) <= 0.05
    reported = [row["reported"] for row in findings]
    assert reported == ["yes" if float(row["q"]) <= 0.05 else "no" for row in findings]
    assert reported == sorted(reported, reverse=True)
    assert findings[0]["unit"] in ("µm", "µm²")
    assert {"length", "Sid2 brightness (mean)"} <= {row["property"] for row in properties}
    length = next(row for row in properties if row["property"] == "length")
    assert float(length["fake_mean"]) < float(length["real_mean"]) < 8
    account = json.loads((out / "explanation.json").read_text(encoding="utf-8"))
    assert account["kind"] == "explanation" and account["pictured"]
    assert account["findings"][0]["name"] == findings[0]["property"]
    with Image.open(out / "examples.png") as picture:
        assert picture.size[0] > 900
        assert picture.size[1] > 150


def test_without_a_finding_there_is_no_picture(run, cells, tmp_path):
    done = run("explain", cells("real", n=15), cells("fake", n=15), "--repeats", 1, "-o",
               tmp_path / "out")  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("Nothing is wrong that these")
    assert "at an error rate of 5 %" in done.stdout
    assert "there is no finding to show a picture of" in done.stderr
    assert not (tmp_path / "out" / "examples.png").exists()
    account = json.loads((tmp_path / "out" / "explanation.json").read_text(encoding="utf-8"))
    assert not account["pictured"] and account["findings"] == []


def test_photographs_are_measured_whole_and_it_says_so(run, tmp_path):
    real = photographs(tmp_path / "real")
    done = run("explain", real, photographs(tmp_path / "fake", darker=60), "--repeats", 1)
    assert done.exit_code == 0, done.stderr
    assert "most images do not show one object on a ground" in done.stderr
    assert "net texture" in done.stdout
    assert "darker on average" in done.stdout
    forced = run("explain", real, tmp_path / "fake", "--repeats", 1, "--feature-net", "morphology")
    assert forced.exit_code == 0, forced.stderr
    assert "one object in each image (net morphology)" in forced.stdout


def test_features_and_tables_have_no_picture(run, cells, tmp_path):
    for name, defect in (("real", "none"), ("fake", "blurred")):
        folder = cells(name, n=20, defect=defect)
        assert run("features", "extract", folder, "-o", tmp_path / f"{name}.npz", "--feature-net",
                   "morphology", "--quiet").exit_code == 0  # fmt: skip
    done = run("explain", tmp_path / "real.npz", tmp_path / "fake.npz", "--repeats", 1, "-o",
               tmp_path / "out")  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert "a picture needs images, not features" in done.stderr
    assert "smoother on average" in done.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--channel-names", "a"), "has 1 name but images have 2 channels"),
        (("--channel-names", "a,a"), "give every channel a name of its own"),
        (("--feature-net", "pixels"), "net 'pixels' has no named features"),
        (("--protocol", "pytorch-fid"), "fixes a net without named features"),
        (("--level", "2"), "level"),
        (("--repeats", "0"), "repeats"),
        (("--repeats", "100000000"), "less than or equal to 1000"),
    ],
)
def test_bad_options_are_one_line(run, cells, tmp_path, options, message):
    done = run("explain", cells("real", n=6), cells("fake", n=6), "-q", "-o", tmp_path / "out",
               *options)  # fmt: skip
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()
