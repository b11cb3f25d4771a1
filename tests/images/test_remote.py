import io
import os
import pickle

import fsspec
import numpy as np
import pytest

import ganeval
from ganeval.errors import ImageError, InputError
from ganeval.images import iterate, open_images
from ganeval.images.remote import public_name


@pytest.fixture
def memory(cells):
    """The folder of images in fsspec's memory, at memory://NAME."""
    folder, arrays = cells
    store = fsspec.filesystem("memory")
    for file in folder.rglob("*.png"):
        store.pipe(f"/real/{file.relative_to(folder)}", file.read_bytes())
    yield "memory://real", arrays
    store.store.clear()


def assert_same(source, arrays):
    assert set(source.ids) == set(arrays)
    for index, id in enumerate(source.ids):
        np.testing.assert_array_equal(source.read(index), arrays[id].transpose(2, 0, 1))


def test_images_behind_a_url_are_those_of_the_folder(memory, cells):
    url, arrays = memory
    source = open_images(url)
    assert_same(source, arrays)
    assert source.name == "memory://real"
    assert source.labels == open_images(cells[0]).labels
    assert_same(open_images(f"file://{cells[0]}"), arrays)


def test_a_zip_behind_a_url_is_read_in_place(cells, zipped, tmp_path):
    archive = zipped(tmp_path / "a.zip", cells[0])
    assert_same(open_images(f"zip://::file://{archive}"), cells[1])


def test_one_picture_is_a_source(memory):
    source = open_images("memory://real/cat/0.png")
    assert source.ids == ("0.png",)


def test_features_are_those_of_the_folder(memory, cells):
    ours = ganeval.extract(memory[0], "pixels")
    theirs = ganeval.extract(cells[0], "pixels")
    assert ours.fingerprint == theirs.fingerprint


@pytest.mark.parametrize("workers", [0, 2])
def test_workers_open_the_store_themselves(cells, memory, workers):
    for url in (f"file://{cells[0]}", memory[0]):
        batches = list(iterate(open_images(url), batch_size=2, num_workers=workers))
        assert sum(len(batch.pixels) for batch in batches) == 6


def test_the_stamp_changes_with_the_content(memory, png):
    before = open_images(memory[0]).stamp
    assert before is not None and open_images(memory[0]).stamp == before
    fsspec.filesystem("memory").pipe("/real/cat/0.png", png)
    assert open_images(memory[0]).stamp != before


def test_a_store_without_versions_is_never_cached(memory, monkeypatch):
    store = type(fsspec.filesystem("memory"))
    find = store.find

    def without(self, *args, **options):
        found = find(self, *args, **options)
        return {path: {"name": path, "size": each["size"]} for path, each in found.items()}

    monkeypatch.setattr(store, "find", without)
    assert open_images(memory[0]).stamp is None


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://me:secret@host.org/a/b.png?token=secret#x", "https://host.org/a/b.png"),
        ("s3://key:secret@bucket/real/", "s3://bucket/real/"),
        ("zip://::https://me:secret@host.org/a.zip?sig=secret", "zip://::https://host.org/a.zip"),
        ("s3://key:sec/secret@bucket/x", "s3://bucket/x"),
        ("https://me:sec?secret@host.org/a", "https://…"),
        ("https://host.org/a@2x.png", "https://host.org/a@2x.png"),
        (" https://me:secret@host.org/a", " https://host.org/a"),
        ("https:/me:secret@host.org/a", "https:/host.org/a"),
        ("simplecache::s3://key:secret@bucket/a", "simplecache::s3://bucket/a"),
    ],
)
def test_names_lack_what_is_secret(url, name):
    assert public_name(url) == name
    with pytest.raises((InputError, ImportError)) as caught:
        open_images(url.replace("https", "nosuch").replace("s3:", "nosuch:"))
    assert "secret" not in str(caught.value)


def test_errors_of_the_store_are_not_repeated(memory, monkeypatch):
    def refuse(*args, **options):
        raise PermissionError("denied for key secret")

    source = open_images(memory[0])
    store = type(fsspec.filesystem("memory"))
    monkeypatch.setattr(store, "find", refuse)
    with pytest.raises(InputError, match=r"memory://real cannot be listed \(PermissionError\)"):
        open_images(memory[0])
    monkeypatch.setattr(store, "open", refuse)
    with pytest.raises(ImageError, match=r"0.png cannot be fetched \(PermissionError\)") as caught:
        source.read(0)
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(open_images) + repr(source)


def test_a_reader_does_not_carry_its_connection(memory):
    source = open_images(memory[0])
    source.read(0)
    assert pickle.loads(pickle.dumps(source.reader)).opened == {}


def test_an_unknown_kind_of_url_is_one_line():
    with pytest.raises(InputError, match="nosuch://x cannot be opened: Protocol not known"):
        open_images("nosuch://x")


def test_what_to_install_is_said(monkeypatch):
    def missing(url, **options):
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
    with pytest.raises(InputError, match="s3://bucket/x cannot be opened: Install s3fs"):
        open_images("s3://bucket/x")


class Page:
    """A web page as fsspec lists it: links below it, and elsewhere on the same host."""

    protocol = ("http", "https")

    def __init__(self, files):
        self.files = files

    def ls(self, path, detail):
        links = [f"{path}/a.png?token=1", f"{path}/more/", "https://host.org/other/b.png"]
        return [{"name": link, "size": None, "type": "file"} for link in links]

    def open(self, path, mode):
        return io.BytesIO(self.files[path])


def test_of_a_web_page_only_its_own_pictures_are_taken(monkeypatch, png):
    page = Page({"https://host.org/real/a.png?token=1": png})
    monkeypatch.setattr(fsspec.core, "url_to_fs", lambda url: (page, url))
    source = open_images("https://host.org/real")
    assert source.ids == ("a.png",)
    assert source.read(0).shape == (1, 3, 4)


def test_files_of_many_images_are_downloaded_first(memory):
    fsspec.filesystem("memory").pipe("/real/only/a.npz", b"x")
    with pytest.raises(InputError, match="found no image in memory://real/only .*download"):
        open_images("memory://real/only")


def test_a_pipe_behind_a_url_of_this_machine_is_refused_at_once(tmp_path, png):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.png").write_bytes(png)
    os.symlink(tmp_path / "x" / "a.png", tmp_path / "x" / "b.png")
    assert open_images(f"file://{tmp_path}/x").ids == ("a.png", "b.png")
    os.mkfifo(tmp_path / "x" / "p.png")
    os.mkfifo(tmp_path / "p.zip")
    for url in (
        f"file://{tmp_path}/x",
        f"file://{tmp_path}/x/p.png",
        f"zip://::file://{tmp_path}/p.zip",
    ):
        with pytest.raises(InputError, match="is a named pipe"):
            open_images(url)
