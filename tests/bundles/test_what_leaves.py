"""What leaves the house in a bundle: no path, no name of an image, no name of a patient."""

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

import ganeval
from ganeval.bundles import bundle
from ganeval.bundles.anonymous import Groups, plain_text, without_places
from ganeval.suites import PROVENANCE, Asked, ScoresFile

SECRET = ("Mrs", "patient", "ann", "home", "scans")


def side(seed, place):
    rng = np.random.default_rng(seed)
    return ganeval.Features(
        rng.normal(size=(80, 3)).astype(np.float32),
        tuple(f"patient {i:03d}.png" for i in range(80)),
        groups=tuple(f"Mrs {i % 20:02d}" for i in range(80)),
        name=place,
        fingerprint=f"{seed:064x}",
        warnings=(
            "skipped 1 of 81 images: /home/ann/scans/patient 7.png is cut short; and 2 more",
        ),
    )


@pytest.fixture
def file(tmp_path):
    """Scores of one model, as `evaluate` at a hospital writes them."""
    found = ScoresFile(tmp_path / "scores.jsonl")

    def keep(score):
        model = score.details["model"]
        asked = {
            "command": "ganeval evaluate /home/ann/scans/real good=/home/ann/scans/fake "
            "'--label-by=csv:/home/ann/patients.csv:kind' --weights scans/w.pth "
            "--include 'plate1/**' --feature-net pixels -- x",
            "sides": {"real": "/home/ann/scans/real", "fake": "/home/ann/scans/fake"},
            "options": {
                "label_by": "csv:/home/ann/patients.csv:kind",
                "weights": "scans/w.pth",
                "include": ["plate1/**"],
                "feature_net": "pixels",
            },
        }
        if model == "reals":
            asked["sides"] = {"real": "/home/ann/scans/real"}
        score = replace(score, details={**score.details, PROVENANCE: asked})
        found.keep(score)
        found.append(score)

    sides = side(0, "/home/ann/scans/real"), {"good": side(1, "/home/ann/scans/fake")}
    ganeval.evaluate(*sides, metrics=["fid", "precision"], each=keep)
    return found, *sides


def same(a, b):
    return np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def texts(data):
    """All that may be read in a file: as it is, and the texts of arrays."""
    yield data.decode("latin-1")
    if data[:2] == b"PK":
        for array in np.load(io.BytesIO(data)).values():
            yield " ".join(map(str, array.ravel())) if array.dtype.kind == "U" else ""
            yield array.tobytes().decode("latin-1") if array.dtype == np.uint8 else ""


@pytest.mark.parametrize("also", [None, "statistics", "features"])
def test_no_secret_is_in_any_file_of_a_bundle(file, tmp_path, also):
    found, real, models = file
    bundle(found.path, tmp_path / "b.zip", also=also, real=real, fakes=models)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        for name in archive.namelist():
            for text in texts(archive.read(name)):
                text = text.replace("patients.csv", "")
                told = [word for word in SECRET if word in text]
                if name == "README.txt":  # which says what groups are
                    told = [word for word in told if word not in ("patient", "ann")]
                assert not told, (name, told)


def test_what_was_equal_stays_equal(file, tmp_path):
    found, *_ = file
    bundle(found.path, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        for score in found.scores():
            name = f"{score.details['run']}-{score.metric}.npz"
            if not (found.folder / name).exists():
                continue
            new = np.load(io.BytesIO(archive.read(f"scores.influences/{name}")))
            old = np.load(found.folder / name)
            groups = [key for key in old if key.endswith("_groups")]
            for key in groups:
                pairs = set(zip(old[key].tolist(), new[key].tolist(), strict=True))
                assert len(pairs) == len(set(old[key])) == len(set(new[key]))
                assert [b for _, b in sorted(pairs)] == sorted(b for _, b in pairs)
            rest = [key for key in old if key not in groups]
            assert rest and all(same(old[key], new[key]) for key in rest)
        lines = archive.read("scores.jsonl").decode().splitlines()
    for line, score in zip(lines, found.scores(), strict=True):
        plain = ganeval.Score.from_json(line)
        assert (plain.value, plain.interval, plain.protocol_id) == (
            score.value, score.interval, score.protocol_id,
        )  # fmt: skip


def test_the_command_stays_one_with_names_for_places(file):
    plain = without_places(file[0].scores()[0])
    asked = Asked.of(plain)
    assert asked.command == (
        "ganeval evaluate real good --label-by=csv:patients.csv:kind --weights w.pth "
        "--include 'plate1/**' --feature-net pixels -- x"
    )
    assert asked.sides == {"real": "real", "fake": "good"}
    assert asked.options["label_by"] == "csv:patients.csv:kind"
    assert asked.options["include"] == ["plate1/**"]
    assert {role: side["name"] for role, side in plain.protocol["data"].items()} == {
        "real": "real", "fake": "good",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("/data/a/b.png is empty", "b.png is empty"),
        ("see C:\\Users\\ann\\x.tif, twice", "see x.tif, twice"),
        ("~/data/x and file:///srv/y/z", "x and z"),
        ("a: skipped 2 of 9 images: p/Mrs X.png is; and", "a: skipped 2 of 9 images"),
        ("and/or 1/2 plate1/**", "and/or 1/2 plate1/**"),
        ("hf:owner/model, s3 and https", "hf:owner/model, s3 and https"),
        (r"regex:plate(\d+)/[AB]/(.)", r"regex:plate(\d+)/[AB]/(.)"),
    ],
)
def test_absolute_paths_keep_their_last_part_and_nothing_else_changes(text, plain):
    assert plain_text(text) == plain


def test_equal_scores_make_equal_bytes(file, tmp_path):
    found, *_ = file
    marks = {bundle(found.path, tmp_path / name) for name in ("a.zip", "b.zip")}
    assert len(marks) == 1
    assert Groups.of(["b", "a", "b"]).numbered("ba") == ("group 2", "group 1")


def test_the_readme_says_what_is_in_it(file, tmp_path):
    found, real, models = file
    bundle(found.path, tmp_path / "b.zip", also="features", real=real, fakes=models)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        said = archive.read("README.txt").decode()
        named = json.loads(archive.read("MANIFEST.json"))["files"]
        assert {*named, "MANIFEST.json"} == set(archive.namelist())
    assert "ganeval verify FILE.zip" in said and "No image." in said
    assert "good: FID" in said and "hash of each image's pixels" in said
