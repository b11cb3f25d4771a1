import io
import json
import pickle
import re
import sys

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from PIL import Image

from ganeval.errors import ImageError, InputError, MissingExtraError
from ganeval.images import hugging_face, iterate, open_images
from ganeval.images.formats import feature_rows

PICTURE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
CLASSES = {"_type": "ClassLabel", "names": ["cat", "dog", "emu"]}


def encoded(array):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (20, 5, 6, 3), dtype=np.uint8)


def table_of(images, *, features=None, **columns):
    """A table as `datasets` writes it: pictures, and the types of columns in the metadata."""
    pictures = [{"bytes": encoded(image), "path": f"{i}.png"} for i, image in enumerate(images)]
    table = pa.table({"image": pa.array(pictures, PICTURE), **columns})
    said = {"image": {"_type": "Image"}, **(features or {})}
    metadata = {"huggingface": json.dumps({"info": {"features": said}})}
    return table.replace_schema_metadata(metadata)


@pytest.fixture
def table(images):
    return table_of(images, features={"label": CLASSES}, label=pa.array(np.arange(20) % 3))


def write_stream(table, path, rows=6):
    path.parent.mkdir(parents=True, exist_ok=True)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        for batch in table.to_batches(max_chunksize=rows):
            writer.write_batch(batch)
    return path


def write_file(table, path):
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        for batch in table.to_batches(max_chunksize=6):
            writer.write_batch(batch)
    return path


def write_saved(table, path):
    write_stream(table.slice(0, 11), path / "data-00000-of-00002.arrow")
    write_stream(table.slice(11), path / "data-00001-of-00002.arrow")
    (path / "state.json").write_text("{}")
    (path / "dataset_info.json").write_text("{}")
    return path


def write_downloaded(table, path):
    (path / "data").mkdir(parents=True)
    pq.write_table(table.slice(0, 11), path / "data/train-00000-of-00002.parquet", 4)
    pq.write_table(table.slice(11), path / "data/train-00001-of-00002.parquet", 4)
    (path / "README.md").write_text("# Data set")
    return path


WAYS = {
    "x.parquet": lambda table, path: pq.write_table(table, path, row_group_size=7),
    "zstd.parquet": lambda table, path: pq.write_table(table, path, compression="zstd"),
    "x.arrow": write_stream,
    "y.arrow": write_file,
    "z.feather": lambda table, path: feather.write_feather(table, path, compression="zstd"),
    "saved": write_saved,
    "downloaded": write_downloaded,
}


def assert_reads(source, images):
    assert len(source) == len(images)
    for index, image in enumerate(images):
        np.testing.assert_array_equal(source.read(index), image.transpose(2, 0, 1))


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_store_a_table_gives_pictures_and_names_of_classes(
    tmp_path, images, table, way
):
    WAYS[way](table, tmp_path / way)
    source = open_images(tmp_path / way)
    assert_reads(source, images)
    assert source.labels == tuple(("cat", "dog", "emu")[i % 3] for i in range(20))
    assert source.ids[0] == "00"
    assert pickle.loads(pickle.dumps(source.reader)).held == {}


def test_numbered_files_are_named_by_braces(tmp_path, images, table):
    write_downloaded(table, tmp_path / "x")
    spec = tmp_path / "x/data/train-{00000..00001}-of-00002.parquet"
    assert_reads(open_images(spec), images)


@pytest.mark.parametrize("way", ["x.parquet", "x.arrow", "y.arrow"])
def test_every_group_of_rows_is_read_once(tmp_path, images, table, way, monkeypatch):
    WAYS[way](table, tmp_path / way)
    source, read = open_images(tmp_path / way), []
    original = hugging_face.read_group

    def counted(path, group, *args, **kwargs):
        read.append(group.place)
        return original(path, group, *args, **kwargs)

    monkeypatch.setattr(hugging_face, "read_group", counted)
    assert_reads(source, images)
    assert len(read) == len(set(read)) == (3 if way == "x.parquet" else 4)


def test_any_order_reads_the_same(tmp_path, images, table, rng):
    WAYS["downloaded"](table, tmp_path / "x")
    source = open_images(tmp_path / "x")
    for index in [*rng.permutation(20).tolist(), 5, 5, 4]:
        np.testing.assert_array_equal(source.read(index), images[index].transpose(2, 0, 1))


def test_workers_read_the_same(tmp_path, table):
    pq.write_table(table, tmp_path / "x.parquet", 3)
    source = open_images(tmp_path / "x.parquet")
    hashes = [
        np.concatenate([batch.hashes for batch in iterate(source, batch_size=7, num_workers=n)])
        for n in (0, 2)
    ]
    np.testing.assert_array_equal(hashes[0], hashes[1])


def test_splits_are_never_mixed(tmp_path, images, table):
    for split, part in (("train", table), ("test", table.slice(0, 4))):
        (tmp_path / "a").mkdir(exist_ok=True)
        pq.write_table(part, tmp_path / f"a/{split}-00000-of-00001.parquet")
        write_saved(part.slice(0), tmp_path / "b" / split)
    (tmp_path / "b/dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    for folder in ("a", "b"):
        with pytest.raises(InputError, match="holds 2 splits, test, train; name one, as .*::test"):
            open_images(tmp_path / folder)
        assert_reads(open_images(f"{tmp_path / folder}::train"), images)
        assert_reads(open_images(f"{tmp_path / folder}::test/image"), images[:4])


def test_plain_bytes_and_plain_labels_are_read(tmp_path, images):
    columns = {
        "png": [encoded(image) for image in images],
        "label": [f"class {i % 2}" for i in range(20)],
        "group": [i // 5 for i in range(20)],
    }
    pq.write_table(pa.table(columns), tmp_path / "x.parquet")
    source = open_images(tmp_path / "x.parquet")
    assert_reads(source, images)
    assert source.labels[:2] == ("class 0", "class 1")
    assert source.groups == tuple(str(i // 5) for i in range(20))


def test_depth_is_kept(tmp_path, rng):
    deep = rng.integers(0, 1 << 16, (5, 6), dtype=np.uint16)
    pq.write_table(pa.table({"image": [encoded(deep)]}), tmp_path / "x.parquet")
    np.testing.assert_array_equal(open_images(tmp_path / "x.parquet").read(0)[0], deep)


def test_several_columns_of_pictures_need_a_name(tmp_path, images):
    table = table_of(images)
    left = table.rename_columns(["left"]).append_column("right", table.column("image"))
    pq.write_table(left, tmp_path / "x.parquet")
    with pytest.raises(InputError, match="columns of pictures left, right; name one, as .*::left"):
        open_images(tmp_path / "x.parquet")
    assert_reads(open_images(f"{tmp_path / 'x.parquet'}::right"), images)


def test_image_is_chosen_before_other_pictures_and_a_note_says_so(tmp_path, images):
    table = table_of(images, features={"mask": {"_type": "Image"}})
    table = table.append_column("mask", table.column("image"))
    pq.write_table(table, tmp_path / "x.parquet")
    source = open_images(tmp_path / "x.parquet")
    assert_reads(source, images)
    assert "read column image; left out mask" in source.notes


def test_several_columns_of_classes_give_no_labels_and_a_note(tmp_path, images):
    fine = pa.array(np.arange(20) % 3)
    features = {"fine": CLASSES, "coarse": CLASSES}
    table = table_of(images, features=features, fine=fine, coarse=fine)
    pq.write_table(table, tmp_path / "x.parquet")
    source = open_images(tmp_path / "x.parquet")
    assert source.labels is None
    assert "columns fine, coarse are class labels; none is taken" in source.notes


@pytest.mark.parametrize("values", [[-1] * 20, [None, *range(19)]])
def test_absent_classes_give_no_labels_and_a_note(tmp_path, images, values):
    labels = pa.array(values, pa.int64())
    pq.write_table(
        table_of(images, features={"label": CLASSES}, label=labels), tmp_path / "x.parquet"
    )
    source = open_images(tmp_path / "x.parquet")
    assert source.labels is None
    assert any("missing for some images; none is taken" in note for note in source.notes)


def test_pictures_that_are_elsewhere_are_not_fetched(tmp_path, images):
    rows = [{"bytes": None, "path": "https://example.com/a.png"},
            {"bytes": encoded(images[0]), "path": "/etc/passwd"}]  # fmt: skip
    pq.write_table(pa.table({"image": pa.array(rows, PICTURE)}), tmp_path / "x.parquet")
    source = open_images(tmp_path / "x.parquet", on_error="skip")
    np.testing.assert_array_equal(source.read(1), images[0].transpose(2, 0, 1))
    with pytest.raises(ImageError, match=r"x\.parquet: row 0 has no picture in the table, at most"):
        source.read(0)


def test_columns_of_lists_are_features(tmp_path, images, rng):
    rows = rng.random((20, 4))
    fixed = pa.FixedSizeListArray.from_arrays(rows.ravel(), 4)
    table = table_of(images, a=rows.tolist(), b=fixed, c=[[1.0] * (1 + i % 2) for i in range(20)])
    pq.write_table(table, tmp_path / "x.parquet", row_group_size=7)
    for column in "ab":
        found = feature_rows(f"{tmp_path / 'x.parquet'}::{column}")
        assert found.shape == (20, 4)
        np.testing.assert_array_equal(found.read(), rows)
    with pytest.raises(InputError, match="lists of 2 lengths"):
        feature_rows(f"{tmp_path / 'x.parquet'}::c")
    assert feature_rows(f"{tmp_path / 'x.parquet'}::image") is None


def test_a_table_without_pictures_is_told_with_its_columns(tmp_path):
    pq.write_table(pa.table({"text": ["a"], "number": [1.5]}), tmp_path / "x.parquet")
    with pytest.raises(InputError, match=r"no column of encoded pictures.*text \(string\), number"):
        open_images(tmp_path / "x.parquet")


def test_files_of_different_tables_are_not_joined(tmp_path, table):
    (tmp_path / "x").mkdir()
    pq.write_table(table, tmp_path / "x/a.parquet")
    pq.write_table(table.select(["image"]), tmp_path / "x/b.parquet")
    with pytest.raises(InputError, match=r"b\.parquet has other columns than the first file"):
        open_images(tmp_path / "x")


@pytest.mark.parametrize("content", [b"", b"PAR1" + bytes(40) + b"PAR1", b"text" * 99])
@pytest.mark.parametrize("name", ["x.parquet", "x.arrow"])
def test_a_file_that_is_no_table_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=f"{name} is no table that can be read"):
        open_images(tmp_path / name)


def test_a_table_without_rows_is_refused(tmp_path, table):
    pq.write_table(table.slice(0, 0), tmp_path / "x.parquet")
    with pytest.raises(InputError, match="has no rows"):
        open_images(tmp_path / "x.parquet")


@pytest.mark.parametrize("metadata", [b"[", b"{}", b'{"info": 3}', b'{"info": {"features": []}}'])
def test_metadata_that_make_no_sense_are_ignored(tmp_path, images, table, metadata):
    table = table.replace_schema_metadata({"huggingface": metadata})
    pq.write_table(table, tmp_path / "x.parquet")
    source = open_images(tmp_path / "x.parquet")
    assert_reads(source, images)
    assert source.labels[:3] == ("0", "1", "2")


def test_without_pyarrow_the_message_says_what_to_install(tmp_path, table, monkeypatch):
    pq.write_table(table, tmp_path / "x.parquet")
    for module in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ganeval\[parquet\]'"):
        open_images(tmp_path / "x.parquet")


def test_only_the_files_that_the_state_of_a_saved_data_set_lists_are_read(tmp_path, images, table):
    path = write_saved(table, tmp_path / "saved")
    write_stream(table, path / "data-00000-of-00001.arrow")  # of an earlier save
    names = [f"data-{i:05d}-of-00002.arrow" for i in range(2)]
    state = {"_data_files": [{"filename": name} for name in names]}
    (path / "state.json").write_text(json.dumps(state))
    assert_reads(open_images(path), images)
    for lost in ("data-00002-of-00002.arrow", "../x.arrow", 3):
        (path / "state.json").write_text(json.dumps({"_data_files": [{"filename": lost}]}))
        with pytest.raises(InputError, match=r"state\.json lists 1 files and .* is not in the"):
            open_images(path)


def test_missing_parts_of_a_table_are_told(tmp_path, images, table):
    for i in range(2):
        pq.write_table(table.slice(10 * i, 10), tmp_path / f"train-{i:05d}-of-00003.parquet")
    source = open_images(tmp_path)
    assert_reads(source, images)
    assert any(note.startswith("1 of 3 parts of train are missing") for note in source.notes)


@pytest.mark.parametrize("old", ["train-00000-of-00001.parquet", "train-00001-of-00002-a.parquet"])
def test_parts_of_several_writings_are_refused(tmp_path, table, old):
    path = write_downloaded(table, tmp_path / "x")
    pq.write_table(table, path / "data" / old)
    with pytest.raises(InputError, match="mixes parts of several writings of train"):
        open_images(path)


def test_a_table_that_is_named_twice_is_refused(tmp_path, table):
    pq.write_table(table, tmp_path / "s-0.parquet")
    with pytest.raises(InputError, match=r"s-0\.parquet is named twice"):
        open_images(tmp_path / "s-{0,0}.parquet")
    (tmp_path / "s-1.parquet").symlink_to(tmp_path / "s-0.parquet")
    with pytest.raises(InputError, match=r"named twice, also as .*s-1\.parquet"):
        open_images(tmp_path)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (pa.array(["cat", "dog"] * 10).dictionary_encode(), ("cat", "dog")),
        (pa.array([3, 5] * 10).dictionary_encode(), ("3", "5")),
        (pa.array([True, False] * 10), ("True", "False")),
        (pa.array([3.0, 5.0] * 10, pa.float32()), ("3", "5")),
    ],
)
def test_labels_of_every_plain_type_are_taken(tmp_path, images, values, labels):
    pq.write_table(table_of(images, label=values), tmp_path / "x.parquet", row_group_size=7)
    assert open_images(tmp_path / "x.parquet").labels == labels * 10


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (pa.array([0.5, float("nan")] * 10), "its numbers are not whole"),
        (pa.array([[1, 2]] * 20), "holds list<.*> and is not taken"),
    ],
)
def test_labels_that_are_no_classes_are_told(tmp_path, images, values, reason):
    pq.write_table(table_of(images, label=values), tmp_path / "x.parquet")
    source = open_images(tmp_path / "x.parquet")
    assert source.labels is None
    assert any(re.search(f"column label .*{reason}", note) for note in source.notes)


@pytest.mark.parametrize("column", ["label", "image"])
def test_two_columns_of_one_name_are_refused(tmp_path, table, column):
    double = table.append_column(column, table[column])
    pq.write_table(double, tmp_path / "x.parquet")
    write_stream(double, tmp_path / "x.arrow")
    for file in ("x.parquet", "x.arrow"):
        with pytest.raises(InputError, match=f"has several columns named {column}"):
            open_images(tmp_path / file)
