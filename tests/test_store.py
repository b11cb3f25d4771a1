import os

import pytest

from ganeval.store import Store, default_store


def save(text):
    return lambda path: path.write_text(text)


def test_what_is_written_is_found(tmp_path):
    store = Store(tmp_path)
    assert store.write("scores", "a", save("one"))
    assert store.find("scores", "a").read_text() == "one"
    assert store.find("scores", "b") is None


def test_a_write_that_dies_half_way_leaves_no_entry(tmp_path):
    store = Store(tmp_path)

    def dies(path):
        path.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.write("features", "a", dies)
    assert store.find("features", "a") is None
    assert list((tmp_path / "features").iterdir()) == []


def test_a_disk_that_refuses_is_a_miss_not_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file" / "below")
    assert not store.write("features", "a", save("x"))
    assert store.find("features", "a") is None


def test_the_least_recently_used_go_first_beyond_the_cap(tmp_path):
    store = Store(tmp_path, max_bytes=250)
    for age, name in enumerate(["old", "older", "oldest"]):
        store.write("features", name, save("x" * 80))
        os.utime(tmp_path / "features" / name, (1000 - age, 1000 - age))
    store.find("features", "oldest")  # used again: now the youngest
    store.write("features", "new", save("x" * 80))
    left = sorted(path.name for path in (tmp_path / "features").iterdir())
    assert left == ["new", "old", "oldest"]


def test_usage_and_clear_agree(tmp_path):
    store = Store(tmp_path / "cache")
    assert store.clear() == 0
    store.write("features", "a", save("12345"))
    store.write("scores", "b", save("123"))
    assert [(u.kind, u.entries, u.n_bytes) for u in store.usage()] == [
        ("features", 1, 5),
        ("scores", 1, 3),
    ]
    assert store.clear() == 8
    assert store.usage() == []


def test_the_folder_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("GANEVAL_CACHE", str(tmp_path))
    assert default_store().folder == tmp_path
