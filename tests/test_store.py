import os
import shutil

import pytest

from ganeval.store import Store, default_store


def test_what_is_written_is_read(tmp_path):
    store = Store(tmp_path)
    assert store.write("scores", "a", b"one")
    assert store.read("scores", "a") == b"one"
    assert store.read("scores", "b") is None


def _swap(path):
    other = path.with_name("b")
    shutil.move(path, path.with_name("c"))
    shutil.move(other, path)


def _flip(path):
    data = bytearray(path.read_bytes())
    data[-2] ^= 1
    path.write_bytes(data)


def _pipe(path):
    path.unlink()
    os.mkfifo(path)


def _link(path):
    moved = path.rename(path.with_name("moved"))
    path.symlink_to(moved)


def _folder(path):
    path.unlink()
    path.mkdir()


DAMAGE = {
    "two entries swapped": _swap,
    "a bit flipped": _flip,
    "cut": lambda path: os.truncate(path, 40),
    "cut to less than a checksum": lambda path: os.truncate(path, 5),
    "emptied": lambda path: os.truncate(path, 0),
    "written by hand": lambda path: path.write_bytes(b"two"),
    "of another kind": lambda path: shutil.move(path.parents[1] / "features" / "a", path),
    "a pipe": _pipe,
    "a link to itself, moved": _link,
    "a folder": _folder,
    "a hole of a terabyte": lambda path: os.truncate(path, 1 << 40),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_an_entry_that_is_not_what_was_written_is_a_miss_and_can_be_written_anew(tmp_path, damage):
    store = Store(tmp_path)
    for kind, key in [("scores", "a"), ("scores", "b"), ("features", "a")]:
        store.write(kind, key, b"what was computed")
    DAMAGE[damage](tmp_path / "scores" / "a")
    assert store.read("scores", "a") is None
    assert not os.path.lexists(tmp_path / "scores" / "a")
    assert store.write("scores", "a", b"computed again")
    assert store.read("scores", "a") == b"computed again"


def test_a_folder_with_something_in_it_is_left_alone_and_is_a_miss(tmp_path):
    store = Store(tmp_path)
    inside = tmp_path / "scores" / "a" / "thesis.txt"
    inside.parent.mkdir(parents=True)
    inside.touch()
    assert store.read("scores", "a") is None
    assert not store.write("scores", "a", b"one")
    assert inside.exists()


def test_a_write_that_dies_half_way_leaves_no_entry(tmp_path, monkeypatch):
    store = Store(tmp_path)

    def dies(*paths):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(os, "replace", dies)
        store.write("features", "a", b"half")
    assert store.read("features", "a") is None
    assert list((tmp_path / "features").iterdir()) == []


def test_a_disk_that_refuses_is_a_miss_not_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file" / "below")
    assert not store.write("features", "a", b"x")
    assert store.read("features", "a") is None


def test_the_least_recently_used_go_first_beyond_the_cap(tmp_path):
    store = Store(tmp_path, max_bytes=350)
    for age, name in enumerate(["old", "older", "oldest"]):
        store.write("features", name, b"x" * 80)
        os.utime(tmp_path / "features" / name, (1000 - age, 1000 - age))
    store.read("features", "oldest")  # used again: now the youngest
    store.write("features", "new", b"x" * 80)
    left = sorted(path.name for path in (tmp_path / "features").iterdir())
    assert left == ["new", "old", "oldest"]


def test_usage_and_clear_agree(tmp_path):
    store = Store(tmp_path / "cache")
    assert store.clear() == 0
    store.write("features", "a", b"12345")
    store.write("scores", "b", b"123")
    checksum = 32
    assert [(u.kind, u.entries, u.n_bytes) for u in store.usage()] == [
        ("features", 1, 5 + checksum),
        ("scores", 1, 3 + checksum),
    ]
    assert store.clear() == 8 + 2 * checksum
    assert store.usage() == []


def test_the_folder_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("GANEVAL_CACHE", str(tmp_path))
    assert default_store().folder == tmp_path
