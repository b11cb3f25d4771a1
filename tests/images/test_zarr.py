import json
import os
import pickle
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numcodecs
import numcodecs.zarr3
import numpy as np
import pytest
import zarr

from ganeval.errors import ImageError, InputError, MissingExtraError
from ganeval.images import iterate, open_images
from ganeval.images.formats import feature_rows


@pytest.fixture
def images(rng):
    return rng.integers(1, 256, (20, 6, 8, 3), dtype=np.uint8)


STORED = {
    "format 2": {"zarr_format": 2, "chunks": (5, 6, 4, 3)},
    "format 2, one image a chunk": {"zarr_format": 2, "chunks": (1, 6, 8, 3)},
    "format 3": {"zarr_format": 3, "chunks": (7, 3, 8, 1)},
    "format 3, shards": {"zarr_format": 3, "chunks": (2, 6, 4, 3), "shards": (6, 6, 8, 3)},
}


@pytest.fixture(params=STORED.values(), ids=STORED)
def stored(request):
    return dict(request.param)


def store_array(path, array, **options):
    with_shape = {"shape": array.shape, "dtype": array.dtype, **options}
    zarr.create_array(path, **with_shape)[...] = array
    return path


def assert_reads(source, images):
    assert len(source) == len(images)
    for index, image in enumerate(images):
        np.testing.assert_array_equal(source.read(index), image.transpose(2, 0, 1))


def zipped(folder):
    return shutil.make_archive(str(folder), "zip", folder.parent, folder.name)


def test_a_plain_array_is_read_from_a_folder_and_a_zip(tmp_path, images, stored):
    path = store_array(tmp_path / "x.zarr", images, **stored)
    for source in (open_images(path), open_images(zipped(path))):
        assert_reads(source, images)
        assert (source.ids[0], source.notes) == ("00", ())


def test_arrays_in_groups_are_named_and_bring_labels(tmp_path, images, stored):
    options = stored.pop("zarr_format")
    root = zarr.open_group(tmp_path / "x.zarr", mode="w", zarr_format=options)
    for split, part in (("train", images), ("test", images[:4])):
        group = root.create_group(split)
        group.create_array("images", shape=part.shape, dtype="u1", **stored)[...] = part
        group.create_array("labels", shape=len(part), dtype="i8")[...] = np.arange(len(part)) % 3
        group.create_array("features", shape=(len(part), 5), dtype="f4")[...] = 2
    with pytest.raises(InputError, match=r"test/images \[4, 6, 8, 3\], train/images \[20, 6, 8, 3"):
        open_images(tmp_path / "x.zarr")
    for path in (tmp_path / "x.zarr", zipped(tmp_path / "x.zarr")):
        for name in ("train", "train/images"):
            source = open_images(f"{path}::{name}")
            assert_reads(source, images)
            assert source.labels == tuple(str(i % 3) for i in range(20))
        found = feature_rows(f"{path}::train/features")
        assert found.shape == (20, 5) and (found.read() == 2).all()
        assert feature_rows(f"{path}::train/images") is feature_rows(f"{path}::absent") is None


def count_reads(monkeypatch):
    """The (file, range of bytes) of chunks or shards that the package asks its store for."""
    keys = []
    get = zarr.storage.LocalStore.get

    async def counted(self, key, prototype=None, byte_range=None):
        if not key.endswith((".json", ".zarray", ".zattrs")):
            keys.append((key, byte_range))
        return await get(self, key, prototype, byte_range)

    monkeypatch.setattr(zarr.storage.LocalStore, "get", counted)
    return keys


def test_every_chunk_or_shard_is_read_once(tmp_path, images, stored, monkeypatch):
    source = open_images(store_array(tmp_path / "x.zarr", images, **stored))
    keys = count_reads(monkeypatch)
    assert_reads(source, images)
    outer = stored.get("shards", stored["chunks"])
    wanted = np.prod([-(-side // chunk) for side, chunk in zip(images.shape, outer, strict=True)])
    assert len(keys) == len(set(keys))
    assert len({key for key, _ in keys}) == wanted


def test_any_order_reads_the_same(tmp_path, images, stored, rng):
    source = open_images(store_array(tmp_path / "x.zarr", images, **stored))
    for index in [*rng.permutation(20).tolist(), 5, 5, 4]:
        np.testing.assert_array_equal(source.read(index), images[index].transpose(2, 0, 1))


def test_workers_open_the_store_themselves(tmp_path, images):
    source = open_images(store_array(tmp_path / "x.zarr", images, chunks=(1, 6, 8, 3)))
    source.read(0)
    assert pickle.loads(pickle.dumps(source.reader)).held == {}
    hashes = [
        np.concatenate([batch.hashes for batch in iterate(source, batch_size=7, num_workers=n)])
        for n in (0, 2)
    ]
    np.testing.assert_array_equal(hashes[0], hashes[1])


def test_workers_that_are_ended_leave_no_locks_behind(tmp_path, images):
    store_array(tmp_path / "x.zarr", images, zarr_format=2, chunks=(1, 6, 8, 3),
                compressors=numcodecs.Blosc())  # fmt: skip
    code = (
        "from ganeval.images import iterate, open_images\n"
        f"images = iterate(open_images({str(tmp_path / 'x.zarr')!r}), num_workers=1)\n"
        "print(len(next(images).pixels))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (run.stdout.strip(), run.stderr) == ("20", "")


@pytest.mark.parametrize("dtype", ["<u2", ">u2", "<f4", "<f8", "|b1"])
def test_depth_and_byte_order_are_kept(tmp_path, images, dtype):
    array = (images > 100) if dtype == "|b1" else images.astype(dtype)
    source = open_images(store_array(tmp_path / "x.zarr", array, zarr_format=2))
    wanted = array[3].transpose(2, 0, 1) * (255 if dtype == "|b1" else 1)
    np.testing.assert_array_equal(source.read(3), wanted)


def test_codecs_beyond_the_specification_are_read_without_a_warning(tmp_path, images):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        codec = numcodecs.zarr3.Zlib(level=1)
        path = store_array(tmp_path / "x.zarr", images, chunks=(5, 6, 8, 3), compressors=codec)
    assert_reads(open_images(path), images)


def test_missing_chunks_are_counted_and_read_as_the_fill_value(tmp_path, images, stored):
    path = store_array(tmp_path / "x.zarr", images, **stored, fill_value=9)
    chunks = sorted(file for file in path.rglob("*") if file.is_file() and file.name[0] not in ".z")
    whole = open_images(path).stamp
    chunks[0].unlink()
    source = open_images(path)
    assert source.notes == (
        f"1 of {len(chunks)} chunks have no file and read as 9: either the writer leaves out "
        "chunks of nothing else, or the copy is incomplete",
    )
    assert source.read(0)[0, 0, 0] == 9
    assert source.stamp != whole


def test_a_cut_shard_is_an_image_error(tmp_path, images):
    path = store_array(tmp_path / "x.zarr", images, **STORED["format 3, shards"])
    shard = path / "c/0/0/0/0"
    shard.write_bytes(shard.read_bytes()[:-9])
    source = open_images(path)
    with pytest.raises(ImageError, match="image 00 is not an image that can be read: its chunks"):
        source.read(0)
    np.testing.assert_array_equal(source.read(19), images[19].transpose(2, 0, 1))


def edit(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize("codec", [{"filters": [{"id": "pickle", "protocol": 5}], "dtype": "|O"},
                                   {"compressor": {"id": "pickle", "protocol": 5}}])  # fmt: skip
def test_pickled_objects_are_refused_before_anything_is_decoded(tmp_path, images, codec):
    path = store_array(tmp_path / "x.zarr", images, zarr_format=2)
    edit(path / ".zarray", **codec)
    with pytest.raises(InputError, match="holds pickled Python objects, which are never loaded"):
        open_images(path)


@pytest.mark.parametrize("dtype", ["|O", [["a", "|u1"]], "|V2", "<c8", "bfloat16"])
def test_values_that_are_no_plain_numbers_are_refused(tmp_path, images, dtype):
    path = store_array(tmp_path / "x.zarr", images, zarr_format=2)
    edit(path / ".zarray", dtype=dtype, filters=None)
    with pytest.raises(InputError, match="has values of type .*; store them as uint8"):
        open_images(path)


@pytest.mark.parametrize("changes", [
    {"shape": [20, 6, 8]}, {"shape": "many"}, {"shape": [-1, 6, 8, 3]}, {"chunks": [0, 6, 8, 3]},
    {"chunks": None}, {"shape": [[20], 6, 8, 3]},
])  # fmt: skip
def test_damaged_metadata_are_told_in_one_line(tmp_path, images, changes):
    path = store_array(tmp_path / "x.zarr", images, zarr_format=2)
    edit(path / ".zarray", **changes)
    with pytest.raises(InputError, match=r"x\.zarr: the metadata of array / are damaged"):
        open_images(path)


def test_metadata_that_are_no_json_are_told_in_one_line(tmp_path, images):
    path = store_array(tmp_path / "x.zarr", images, zarr_format=2)
    (path / ".zarray").write_text("[" * 10_000)
    with pytest.raises(InputError, match=r"\.zarray is no JSON object"):
        open_images(path)


def test_chunks_and_images_larger_than_any_image_are_refused(tmp_path):
    zarr.create_array(tmp_path / "a.zarr", shape=(1 << 21, 1 << 10, 1 << 10), dtype="u1",
                      chunks=(1 << 20, 1 << 10, 1 << 10), zarr_format=2)  # fmt: skip
    with pytest.raises(InputError, match="larger than the limit"):
        open_images(tmp_path / "a.zarr")
    zarr.create_array(tmp_path / "b.zarr", shape=(2, 1 << 17, 1 << 17), dtype="u1",
                      chunks=(1, 64, 64), zarr_format=2)  # fmt: skip
    with pytest.raises(ImageError, match="declares 131072 x 131072 pixels, more than the limit"):
        open_images(tmp_path / "b.zarr").read(0)


def test_an_entry_of_a_zip_that_declares_a_huge_size_is_not_unpacked(tmp_path, images):
    path = zipped(store_array(tmp_path / "x.zarr", images, zarr_format=2))
    data = bytearray(Path(path).read_bytes())
    central = data.rindex(b"PK\1\2")
    data[central + 24 : central + 28] = (0xF0000000).to_bytes(4, "little")
    Path(path).write_bytes(data)
    with pytest.raises(InputError, match="declares 4026531840 bytes, more than the limit"):
        open_images(path)


def test_damaged_metadata_in_a_zip_are_told_in_one_line(tmp_path, images):
    path = Path(zipped(store_array(tmp_path / "x.zarr", images)))
    data = bytearray(path.read_bytes())
    data[data.index(b"x.zarr/zarr.json") + 20] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"entry zarr\.json is damaged .*; pack it again"):
        open_images(path)


def test_a_pipe_in_a_store_is_refused(tmp_path, images):
    path = store_array(tmp_path / "x.zarr", images, zarr_format=2, chunks=(5, 6, 8, 3))
    (path / "0.0.0.0").unlink()
    os.mkfifo(path / "0.0.0.0")
    with pytest.raises(InputError, match=r"0\.0\.0\.0 is a pipe or a device"):
        open_images(path)


@pytest.mark.parametrize("wanted", ["../y.zarr", "/etc", "a/../../y.zarr"])
def test_a_path_out_of_the_store_is_refused(tmp_path, images, wanted):
    zarr.open_group(tmp_path / "x.zarr", mode="w")
    store_array(tmp_path / "y.zarr", images)
    with pytest.raises(InputError):
        open_images(f"{tmp_path / 'x.zarr'}::{wanted}")


def test_an_empty_store_and_an_unknown_name_are_told(tmp_path, images):
    zarr.open_group(tmp_path / "x.zarr", mode="w")
    with pytest.raises(InputError, match="has no array of images.*it holds nothing"):
        open_images(tmp_path / "x.zarr")
    store_array(tmp_path / "y.zarr", images)
    with pytest.raises(InputError, match="one array without a name; leave out ::z"):
        open_images(f"{tmp_path / 'y.zarr'}::z")
    (tmp_path / "z.zarr").mkdir()
    with pytest.raises(InputError, match="has no array of images|holds no zarr"):
        open_images(tmp_path / "z.zarr")


def test_without_zarr_the_message_says_what_to_install(tmp_path, images, monkeypatch):
    path = store_array(tmp_path / "x.zarr", images)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ganeval\[zarr\]'"):
        open_images(path)


def test_an_array_that_changes_is_an_image_error(tmp_path, images):
    source = open_images(store_array(tmp_path / "x.zarr", images, zarr_format=2))
    edit(tmp_path / "x.zarr/.zarray", shape=[3, 6, 8, 3])
    with pytest.raises(ImageError, match="has changed since it was opened"):
        source.read(19)


def test_labels_without_files_and_labels_that_are_fractions_are_told(tmp_path, images):
    root = zarr.open_group(tmp_path / "x.zarr", mode="w")
    root.create_array("images", shape=images.shape, dtype="u1", chunks=(5, 6, 8, 3))[...] = images
    labels = root.create_array("labels", shape=20, dtype="f4", chunks=5)
    labels[:] = np.arange(20) // 10
    source = open_images(tmp_path / "x.zarr")
    assert source.labels == ("0",) * 10 + ("1",) * 10
    assert any(note.startswith("array labels: 2 of 4 chunks have no file") for note in source.notes)
    labels[0] = 0.5
    source = open_images(tmp_path / "x.zarr")
    assert source.labels is None
    assert "array labels is not taken: its numbers are not whole" in source.notes
