import contextlib
import io
import sys

import lmdb
import numpy as np
import pytest
from PIL import Image

from ganeval.errors import GanevalError, ImageError, InputError, MissingExtraError
from ganeval.images import iterate, lmdb_store, open_images


def encoded(array):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (10, 5, 6, 3), dtype=np.uint8)


@pytest.fixture
def database(tmp_path):
    """Writes keys and values into a database and returns its path."""

    def write(values, name="x.lmdb", *, subdir=True, inside=None):
        path = str(tmp_path / name)
        with lmdb.open(path, subdir=subdir, map_size=1 << 24, max_dbs=1) as environment:
            chosen = environment.open_db(inside) if inside else None
            with environment.begin(write=True, db=chosen) as transaction:
                for key, value in values.items():
                    transaction.put(key if isinstance(key, bytes) else key.encode(), value)
        return tmp_path / name

    return write


def assert_reads(source, images):
    assert len(source) == len(images)
    for index, image in enumerate(images):
        np.testing.assert_array_equal(source.read(index), image.transpose(2, 0, 1))


@pytest.mark.parametrize("options", [{}, {"name": "folder"}, {"name": "x.mdb", "subdir": False}])
def test_values_are_images_and_class_folders_in_keys_are_labels(database, images, options):
    keys = [f"{'cat' if i < 5 else 'dog'}/{i}.png" for i in range(10)]
    path = database(dict(zip(keys, map(encoded, images), strict=True)), **options)
    source = open_images(path)
    assert_reads(source, images)
    assert source.ids == tuple(keys)
    assert source.labels == ("cat",) * 5 + ("dog",) * 5


def test_numbered_labels_belong_to_numbered_images(database, images):
    values = {f"image-{i:03d}": encoded(image) for i, image in enumerate(images)}
    values |= {f"label-{i:03d}": b"%d" % (i % 2) for i in range(10)} | {"num-samples": b"10"}
    source = open_images(database(values))
    assert_reads(source, images)
    assert source.labels == tuple(str(i % 2) for i in range(10))
    assert "left out 1 values that are not images: num-samples" in source.notes


def test_arrays_and_depth_are_kept(database, rng):
    deep = rng.integers(0, 1 << 16, (5, 6), dtype=np.uint16)
    buffer = io.BytesIO()
    np.save(buffer, rng.random((5, 6, 2), dtype=np.float32))
    source = open_images(database({"a": encoded(deep), "b": buffer.getvalue()}))
    np.testing.assert_array_equal(source.read(0)[0], deep)
    assert (source.read(1).dtype, source.read(1).shape) == (np.float32, (2, 5, 6))


def test_a_database_within_the_file_is_named(database, images):
    path = database({f"{i}": encoded(image) for i, image in enumerate(images)}, inside=b"train")
    assert_reads(open_images(f"{path}::train"), images)
    with pytest.raises(InputError, match="is no LMDB database that can be read"):
        open_images(f"{path}::test")


def test_nothing_is_written_and_two_sources_may_be_open(database, images):
    path = database({f"{i}": encoded(image) for i, image in enumerate(images)})
    (path / "lock.mdb").unlink()
    one, two = open_images(path), open_images(path)
    for index in range(10):
        np.testing.assert_array_equal(one.read(index), two.read(index))
    assert [file.name for file in path.iterdir()] == ["data.mdb"]


def test_workers_read_the_same(database, images):
    source = open_images(database({f"{i}": encoded(image) for i, image in enumerate(images)}))
    hashes = [
        np.concatenate([batch.hashes for batch in iterate(source, batch_size=3, num_workers=n)])
        for n in (0, 2)
    ]
    np.testing.assert_array_equal(hashes[0], hashes[1])


def test_any_order_reads_the_same(database, rng):
    images = rng.integers(0, 256, (200, 5, 6, 3), dtype=np.uint8)
    source = open_images(database({f"{i:03d}": encoded(a) for i, a in enumerate(images)}))
    for index in [*rng.permutation(200)[:20].tolist(), 199, 0, 0]:
        np.testing.assert_array_equal(source.read(index), images[index].transpose(2, 0, 1))
    assert_reads(source, images)


def test_keys_of_any_bytes_are_read_and_can_be_printed(database, images):
    source = open_images(database({b"\xff\xfe": encoded(images[0]), "ü": encoded(images[1])}))
    assert set(source.ids) == {"\\xff\\xfe", "ü"}
    assert source.read(source.ids.index("ü")).shape == (3, 5, 6)


def test_a_database_without_images_is_told(database):
    with pytest.raises(InputError, match="found no image in .*: no value is a PNG.*keys are a, b"):
        open_images(database({"a": b"text", "b": bytes(900)}))


def test_a_value_that_is_damaged_is_an_image_error(database, images):
    source = open_images(database({"a": encoded(images[0])[:60]}))
    with pytest.raises(ImageError, match=r"x\.lmdb/a is not an image that can be read"):
        source.read(0)


def test_a_database_that_ends_the_process_that_reads_it_is_told_as_damaged(
    database, images, monkeypatch
):
    @contextlib.contextmanager
    def dying(workers):
        raise GanevalError("a worker process was killed")
        yield

    path = database({"a": encoded(images[0])})
    monkeypatch.setattr(lmdb_store, "fresh_processes", dying)
    with pytest.raises(InputError, match="is damaged: looking through it ends the process"):
        open_images(path)


@pytest.mark.parametrize("content", [b"", b"text" * 4000])
def test_a_file_that_is_no_database_is_refused(tmp_path, content):
    (tmp_path / "x.mdb").write_bytes(content)
    with pytest.raises(InputError, match=r"x\.mdb is no LMDB database that can be read"):
        open_images(tmp_path / "x.mdb")


def test_without_lmdb_the_message_says_what_to_install(database, images, monkeypatch):
    path = database({"a": encoded(images[0])})
    monkeypatch.setitem(sys.modules, "lmdb", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ganeval\[lmdb\]'"):
        open_images(path)


def test_labels_of_some_images_only_are_told(database, images):
    values = {f"image-{i:03d}": encoded(image) for i, image in enumerate(images)}
    values |= {f"label-{i:03d}": b"%d" % (i % 2) for i in range(9)}
    source = open_images(database(values))
    assert source.labels is None
    assert any(note.startswith("1 of 10 images have no label") for note in source.notes)


def test_labels_that_belong_to_no_image_are_told(database, images):
    values = {f"{i:03d}": encoded(image) for i, image in enumerate(images)}
    source = open_images(database(values | {f"label-{i:03d}": b"1" for i in range(10)}))
    assert source.labels is None
    assert any("10 values label-... belong to no image" in note for note in source.notes)


def test_a_label_that_begins_like_a_picture_is_a_label(database, images):
    values = {f"image-{i:03d}": encoded(image) for i, image in enumerate(images)}
    names = ("BMW", "BM", "RIFF", "BMP pictures of long names", "Audi")
    values |= {f"label-{i:03d}": names[i % 5].encode() for i in range(10)}
    source = open_images(database(values))
    assert_reads(source, images)
    assert source.labels == names * 2


@pytest.mark.parametrize("format", ["BMP", "WEBP", "GIF", "JPEG", "TIFF", "PNG"])
def test_pictures_of_every_format_are_known_by_their_headers(database, images, format):
    buffer = io.BytesIO()
    Image.fromarray(images[0]).save(buffer, format)
    assert open_images(database({"a": buffer.getvalue()})).ids == ("a",)


def test_keys_that_look_like_planes_are_chosen_by_name(database, images):
    keys = [f"{folder}/x/{i:04d}" for folder in "ab" for i in range(5)]
    path = database(dict(zip(keys, map(encoded, images), strict=True)))
    chosen = open_images(path, include="a/x/*")
    assert_reads(chosen, images[:5])
    assert open_images(path, exclude="0003").ids == tuple(k for k in keys if k[-1] != "3")
