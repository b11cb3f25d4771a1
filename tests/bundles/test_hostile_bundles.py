"""A bundle is a stranger's file: what is wrong with it is one line, and nothing is written."""

import io
import json
import stat
import zipfile
from hashlib import sha256

import numpy as np
import pytest

import ganeval
from ganeval.bundles import bundle, verify
from ganeval.bundles.contents import FORMAT, MANIFEST
from ganeval.errors import InputError


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """The files of a bundle, by name."""
    rng = np.random.default_rng(0)
    file = ganeval.suites.ScoresFile(tmp_path_factory.mktemp("b") / "scores.jsonl")

    def keep(score):
        file.keep(score)
        file.append(score)

    real, fake = rng.normal(size=(2, 60, 3))
    ganeval.evaluate(real, {"m": fake}, metrics=["kid"], each=keep)
    path = file.path.with_name("b.zip")
    bundle(file.path, path, also="features", real=real, fakes={"m": fake})
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path, files, *, manifest=True, **others):
    """A zip of these files, whose manifest fits them unless one is given."""
    files = dict(files)
    if manifest:
        known = {
            name: {"bytes": len(data), "sha256": sha256(data).hexdigest()}
            for name, data in files.items()
            if name != MANIFEST
        }
        files[MANIFEST] = json.dumps({"format": FORMAT, "made_by": "x", "files": known}).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        for name, data in others.items():
            archive.writestr(name, data)
    return path


def influences_of(files):
    return next(name for name in files if name.startswith("scores.influences/"))


def side_of(files):
    return next(name for name in files if name.startswith("sides/"))


def test_a_bundle_that_was_packed_again_is_sound(sound, tmp_path):
    assert verify(packed(tmp_path / "b.zip", sound)).ok


def without(files, name):
    return {key: data for key, data in files.items() if key != name}


def npz(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: {**f, "../evil.txt": b"x"}, "points outside the archive"),
        (lambda f: {**f, "/etc/evil": b"x"}, "points outside the archive"),
        (lambda f: {**f, "C:\\evil": b"x"}, "points outside the archive"),
        (lambda f: {**f, "scores.influences/../../evil": b"x"}, "points outside the archive"),
        (lambda f: {**f, "./README.txt": b"x"}, "two entries named README.txt"),
        (lambda f: {**f, "zeros": bytes(1 << 25)}, "unpacks from .* damaged or a trap"),
        (lambda f: without(f, "scores.jsonl"), "has no scores.jsonl"),
        (lambda f: {**f, "scores.jsonl": b""}, "has no scores"),
        (lambda f: {**f, "scores.jsonl": b"\xff\xfe"}, "scores.jsonl is no text"),
        (lambda f: {**f, "scores.jsonl": b"{}\n"}, "scores.jsonl, line 1: not a score"),
    ],
)
def test_what_no_bundle_has_is_refused(sound, tmp_path, change, says):
    path = packed(tmp_path / "b.zip", change(sound))
    with pytest.raises(InputError, match=says) as caught:
        verify(path)
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        (b"{", "MANIFEST.json cannot be read"),
        (b"[]", "MANIFEST.json cannot be read"),
        (b"[" * 9999 + b"]" * 9999, "MANIFEST.json cannot be read"),
        (b'{"format": 1, "made_by": "x", "files": {"a": {"bytes": "x"}}}', "cannot be read"),
        (b'{"format": 99, "made_by": "ganeval 9", "files": {}}', "a bundle of ganeval 9"),
        (b'{"format": 1, "made_by": "x", "files": {}}', "holds besides what its manifest names"),
    ],
)
def test_a_manifest_that_is_none_is_refused(sound, tmp_path, manifest, says):
    path = packed(tmp_path / "b.zip", {**sound, MANIFEST: manifest}, manifest=False)
    with pytest.raises(InputError, match=says):
        verify(path)


@pytest.mark.parametrize("name", [influences_of, side_of, lambda files: "scores.jsonl"])
@pytest.mark.parametrize("change", [lambda data: data[:-1] + b"?", lambda data: data + b" "])
def test_a_file_that_was_edited_is_told_by_its_checksum(sound, tmp_path, name, change):
    name = name(sound)
    path = packed(tmp_path / "b.zip", {**sound, name: change(sound[name])}, manifest=False)
    with pytest.raises(InputError, match=r"SHA-256 is another|its manifest says"):
        verify(path)


def test_links_and_encrypted_entries_are_refused(sound, tmp_path):
    path = packed(tmp_path / "b.zip", sound)
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/hostname")
    with pytest.raises(InputError, match="link is a symbolic link"):
        verify(path)
    data = bytearray(packed(tmp_path / "b.zip", sound).read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match="is encrypted"):
        verify(path)


def test_what_is_cut_short_or_no_zip_is_refused(sound, tmp_path):
    whole = packed(tmp_path / "b.zip", sound).read_bytes()
    path = tmp_path / "c.zip"
    for data in (b"", b"no zip", whole[:40], whole[: len(whole) // 2], whole[:-1], whole[100:]):
        path.write_bytes(data)
        with pytest.raises(InputError, match=r"c\.zip"):
            verify(path)
    with pytest.raises(InputError, match="does not exist"):
        verify(tmp_path / "none.zip")
    packed(path, {"a.png": b"x"}, manifest=False)
    with pytest.raises(InputError, match=r"has no MANIFEST\.json, so it is no bundle"):
        verify(path)


def test_any_byte_may_be_another_without_a_traceback(sound, tmp_path):
    whole = packed(tmp_path / "b.zip", sound).read_bytes()
    path, rng = tmp_path / "c.zip", np.random.default_rng(0)
    refused = 0
    for place in rng.integers(0, len(whole), 60):
        data = bytearray(whole)
        data[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(data)
        try:
            assert verify(path).ok  # a date or a comment
        except InputError:
            refused += 1
    assert refused > 40


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"x": np.zeros(3)}, "cannot be read"),
        ({"features": np.zeros((2, 2)), "meta": np.zeros(3, np.uint8)}, "cannot be read"),
        ({"mu": np.zeros(2), "sigma": np.full((2, 2), np.nan)}, "NaN or Inf"),
    ],
)
def test_a_side_that_is_none_leaves_the_influences(sound, tmp_path, arrays, says):
    """Whoever forges a file can forge its checksum too."""
    name = side_of(sound)
    rows = verify(packed(tmp_path / "b.zip", {**sound, name: npz(**arrays)})).rows
    assert any(says in row.reason and "value" in row.missing for row in rows)
    assert all("low" in row.found for row in rows)


def test_features_of_other_images_are_no_side_of_a_score(sound, tmp_path):
    one, other = (name for name in sound if name.startswith("sides/"))
    rows = verify(packed(tmp_path / "b.zip", {**sound, one: sound[other]})).rows
    assert any("of other images than were scored" in row.reason for row in rows)


@pytest.mark.parametrize("rows", [[0], [0, 0], [0, 99999], [-1, 2], [0, 2**70], "x", None])
def test_halves_that_are_none_are_told(sound, tmp_path, rows):
    index = json.loads(sound["sides.json"])
    for side in index["scores"][-1].values():
        side["rows"] = rows
    forged = {**sound, "sides.json": json.dumps(index).encode()}
    found = verify(packed(tmp_path / "b.zip", forged))
    assert found.rows[-1].model == "reals" and "cannot be read" in found.rows[-1].reason


NO_FILE = b'{"scores": [{"real": {"file": "no.npz"}}]}'


@pytest.mark.parametrize("index", [b"", b"{}", b"[]", b'{"scores": [1]}', NO_FILE])
def test_an_index_of_sides_that_is_none_leaves_the_influences(sound, tmp_path, index):
    found = verify(packed(tmp_path / "b.zip", {**sound, "sides.json": index}))
    assert all("value" in row.missing and "low" in row.found for row in found.rows)


@pytest.mark.parametrize(
    "provenance",
    [
        {"options": {"k": {"a": 1}}},
        {"options": [1]},
        {"command": 5},
        {"sides": {"real": 3}},
        5,
    ],
)
def test_what_was_asked_is_checked_too(sound, tmp_path, provenance):
    lines = [json.loads(line) for line in sound["scores.jsonl"].decode().splitlines()]
    lines[0]["details"]["provenance"] = provenance
    text = "".join(json.dumps(line) + "\n" for line in lines).encode()
    with pytest.raises(InputError, match=r"scores\.jsonl, line 1: .*provenance"):
        verify(packed(tmp_path / "b.zip", {**sound, "scores.jsonl": text}))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"blocks": "many"}, "options that it does not take"),
        ({"blocks": 0}, "blocks is 0; wanted"),
        ({"protocol": "none"}, "unknown protocol"),
        ({"kernel": "odd"}, "kernel is 'odd'"),
    ],
)
def test_options_of_a_stranger_are_checked_as_typed_ones_are(sound, tmp_path, options, says):
    lines = [json.loads(line) for line in sound["scores.jsonl"].decode().splitlines()]
    lines[0]["details"]["provenance"] = {"options": options}
    text = "".join(json.dumps(line) + "\n" for line in lines).encode()
    found = verify(packed(tmp_path / "b.zip", {**sound, "scores.jsonl": text}))
    assert says in found.rows[0].reason and "value" in found.rows[0].missing


@pytest.mark.parametrize("net", ["torchhub:/tmp/x:net", "/tmp/card.json", "..\\card", "./x"])
def test_code_and_files_that_a_bundle_names_are_not_opened(sound, tmp_path, net):
    lines = [json.loads(line) for line in sound["scores.jsonl"].decode().splitlines()]
    for line in lines:
        line["protocol"]["net"] = {"name": net}
    text = "".join(json.dumps(line) + "\n" for line in lines).encode()
    path = packed(tmp_path / "b.zip", {**sound, "scores.jsonl": text})
    np.save(tmp_path / "i.npy", np.zeros((9, 4, 4, 1), np.uint8))
    found = verify(path, real=tmp_path / "i.npy", fakes=tmp_path / "i.npy")
    assert all("name yours with --feature-net" in row.reason for row in found.rows)
