import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganeval import Features, InputError, extract, merge_features


def features(ids, *, seed=0, **changes):
    rng = np.random.default_rng(seed)
    given = {
        "features": rng.normal(size=(len(ids), 4)).astype(np.float32),
        "ids": tuple(ids),
        "hashes": rng.integers(0, 2**63, (len(ids), 2), dtype=np.uint64),
        "protocol": {"net": {"name": "n"}, "preprocessing": {}},
        "fingerprint": "f",
    }
    return Features(**(given | changes))


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5, unique=True))
def test_save_and_load_keep_everything(tmp_path_factory, ids):
    path = tmp_path_factory.mktemp("f") / "x.npz"
    before = features(ids, labels=tuple(ids), warnings=("w",), classes=("c",))
    before.save(path)
    after = Features.load(path)
    assert np.array_equal(after.features, before.features)
    assert np.array_equal(after.hashes, before.hashes)
    for name in ("ids", "labels", "groups", "classes", "name", "fingerprint", "warnings"):
        assert getattr(after, name) == getattr(before, name)
    assert after.digest() == before.digest()


def test_the_name_is_kept_as_given(tmp_path):
    features("ab").save(tmp_path / "no_suffix")
    assert [path.name for path in tmp_path.iterdir()] == ["no_suffix"]


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04broken"])
def test_other_files_are_an_error_that_says_how_to_make_one(tmp_path, content):
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match="ganeval features extract"):
        Features.load(path)


def test_a_pickle_inside_is_refused(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, features=np.array([{}], dtype=object), meta=np.zeros(1, np.uint8))
    with pytest.raises(InputError, match="no features"):
        Features.load(path)


def _edited(arrays, **changes):
    meta = json.loads(arrays["meta"].tobytes()) | changes
    meta = {name: value for name, value in meta.items() if value is not ...}
    return {"meta": np.frombuffer(json.dumps(meta).encode(), np.uint8)}


EDITS = {
    "its rows": (lambda a: {"features": 3 * a["features"] + 5}, "they were edited"),
    "one digit of a hash": (lambda a: {"hashes": a["hashes"] ^ np.uint64(1)}, "they were edited"),
    "another array": (lambda a: {"x": a["features"]}, "array x is none of"),
    "rows of text": (lambda a: {"features": a["features"].astype(str)}, "array features is <U"),
    "one axis": (lambda a: {"features": a["features"][:, 0]}, r"features is float32 of shape \(4,"),
    "hashes of three": (lambda a: {"hashes": a["hashes"][:, [0, 0, 1]]}, "3 columns, not 2"),
    "fewer ids": (lambda a: _edited(a, ids=["a"]), "4 rows of features but 1 ids"),
    "ids that are numbers": (
        lambda a: _edited(a, ids=[1, 2, 3, 4]),
        r"field ids\[0\]: expected str",
    ),
    "no ids": (lambda a: _edited(a, ids=...), "missing required field ids"),
    "an id twice": (lambda a: _edited(a, ids=["a", "a", "b", "c"]), "occur twice"),
    "labels that are text": (lambda a: _edited(a, labels="abcd"), "field labels: expected array"),
    "a protocol of numbers": (
        lambda a: _edited(a, protocol=[1]),
        "field protocol: expected object",
    ),
    "a net of text": (lambda a: _edited(a, protocol={"net": "x"}), r"field protocol\.net"),
    "another format": (lambda a: _edited(a, format="1"), "another version"),
    "no JSON": (lambda a: {"meta": a["meta"][:-1]}, "not strict JSON"),
    "a bomb": (lambda a: {"meta": np.frombuffer(b"[" * 10**5, np.uint8)}, "nested more than"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_file_that_was_edited_is_refused_in_one_line_that_names_the_field(tmp_path, edit):
    path = tmp_path / "x.npz"
    features("abcd").save(path)
    Features.load(path)
    change, problem = EDITS[edit]
    arrays = dict(np.load(path))
    np.savez(path, **(arrays | change(arrays)))
    with pytest.raises(InputError, match=problem) as error:
        Features.load(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["features", "logits", "hashes", "labels", "classes"])
def test_the_digest_is_of_the_rows_themselves(name):
    """Whatever the fingerprint says: rows can be exchanged in Python as well as in a file."""
    given = {"logits": np.eye(4)[:, :2], "labels": tuple("aabb"), "classes": ("a", "b")}
    one = features("abcd", **given)
    changed = {
        "features": one.features + 1,
        "logits": one.logits * 2,
        "hashes": one.hashes + np.uint64(1),
        "labels": tuple("abab"),
        "classes": ("b", "a"),
    }
    assert replace(one).digest() == one.digest()
    assert replace(one, **{name: changed[name]}).digest() != one.digest()


def test_merging_parts_gives_the_whole(tmp_path):
    stack = np.random.default_rng(0).integers(0, 256, (9, 8, 8, 1), dtype=np.uint8)
    whole = extract(stack, "pixels")
    parts = [_part(whole, slice(start, None, 3)) for start in (2, 0, 1)]
    merged = merge_features(parts)
    assert merged.ids == whole.ids
    assert np.array_equal(merged.features, whole.features)
    assert merged.fingerprint == whole.fingerprint


def _part(whole, rows):
    return Features(
        features=whole.features[rows],
        ids=whole.ids[rows],
        hashes=whole.hashes[rows],
        protocol=whole.protocol,
    )


def test_parts_that_do_not_belong_together_are_refused():
    with pytest.raises(InputError, match="differ in net"):
        merge_features([features("a"), features("b", protocol={"net": {"name": "other"}})])
    with pytest.raises(InputError, match="two of the files"):
        merge_features([features("ab"), features("bc")])
    with pytest.raises(InputError, match="has labels"):
        merge_features([features("a"), features("b", labels=("x",))])
