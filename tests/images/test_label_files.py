import csv
import io
import json
import tarfile

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from ganeval.errors import InputError
from ganeval.images import open_images

PATHS = [f"{i // 10:05d}/img{i:08d}.png" for i in range(30)]
LABELS = [i % 3 for i in range(30)]


def dataset_json(labels=LABELS, paths=PATHS):
    pairs = None if labels is None else [list(pair) for pair in zip(paths, labels, strict=True)]
    return "dataset.json", json.dumps({"labels": pairs}).encode()


def rows(column="label", paths=PATHS, labels=LABELS):
    return [
        {"file_name": p, "text": "a, b\nc", column: y} for p, y in zip(paths, labels, strict=True)
    ]


def metadata(form, **options):
    table = rows(**options)
    if form == "jsonl":
        data = "\n".join(map(json.dumps, table)).encode()
    elif form == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
        data = text.getvalue().encode()
    else:
        buffer = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(table), buffer)
        data = buffer.getvalue()
    return f"metadata.{form}", data


@pytest.fixture
def folder(tmp_path, png):
    """A folder of images in two levels of storage, with whatever files are given beside them."""

    def make(*files, prefix=""):
        root = tmp_path / "x"
        for path, data in [*((path, png) for path in PATHS), *files]:
            (root / prefix / path).parent.mkdir(parents=True, exist_ok=True)
            (root / prefix / path).write_bytes(data)
        return root

    return make


@pytest.mark.parametrize(
    "file",
    [dataset_json(), metadata("jsonl"), metadata("csv"), metadata("parquet"),
     metadata("jsonl", column="labels"), metadata("parquet", column="class"),
     dataset_json(labels=[[float(i % 3 == k) for k in range(3)] for i in range(30)]),
     dataset_json(paths=[path.replace("/", "\\") for path in PATHS])],
)  # fmt: skip
@pytest.mark.parametrize("prefix", ["", "inside/"])
def test_labels_beside_the_images_are_read(folder, zipped, tmp_path, file, prefix):
    root = folder(file, prefix=prefix)
    for path in (root, zipped(tmp_path / "x.zip", root, prefix="wrapped/")):
        source = open_images(path)
        assert source.labels == tuple(map(str, LABELS))
        first, second = source.notes
        assert first.startswith("labels are read from ") and first.endswith(file[0])
        assert second == "labels from the data: 0 10, 1 10, 2 10"


def test_each_part_of_a_set_may_have_a_file_of_its_own(folder):
    parts = [
        (f"{part}/metadata.csv", "file_name,label\n" + "".join(
            f"{path.partition('/')[2]},{'ab'[i % 2]}\n"
            for i, path in enumerate(PATHS) if path.startswith(part)))
        for part in ("00000", "00001", "00002")
    ]  # fmt: skip
    source = open_images(folder(*((path, text.encode()) for path, text in parts)))
    assert source.labels == ("a", "b") * 15


@pytest.mark.parametrize(
    "file",
    [dataset_json(labels=None), ("dataset.json", b'{"name": "x"}'), ("dataset.json", b"[1, 2]"),
     metadata("jsonl", column="caption"), metadata("csv", column="caption"),
     metadata("parquet", column="caption")],
)  # fmt: skip
def test_files_without_labels_are_left_out_like_others(folder, file):
    source = open_images(folder(file))
    assert source.labels is None
    assert any(note.startswith("left out 1 files") for note in source.notes)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (("dataset.json", b"{"), "dataset.json gives no labels: "),
        (("dataset.json", b'{"labels": [[1, 2, 3]]}'), "dataset.json gives no labels: "),
        (("dataset.json", b"[" * 100_000), "dataset.json gives no labels: "),
        (
            dataset_json(labels=[[0.5, 0.5]] * 30),
            "dataset.json gives no labels: the label [0.5",
        ),
        (dataset_json(labels=[0.25] * 30), "dataset.json gives no labels: the label 0.25"),
        (
            dataset_json(paths=["other.png"] * 30),
            "dataset.json gives no labels: it gives other",
        ),
        (
            dataset_json(paths=[f"b/{i}" for i in range(30)]),
            "dataset.json names none of the",
        ),
        (("metadata.parquet", b"PAR1"), "metadata.parquet gives no labels: "),
        (("metadata.jsonl", b"\xff"), "metadata.jsonl gives no labels: "),
        (("metadata.csv", b'a,"b\n'), None),
    ],
)
def test_what_is_wrong_with_such_a_file_is_told_and_stops_nothing(folder, file, told):
    source = open_images(folder(file))
    assert source.labels is None and len(source) == 30
    assert told is None or any(note.startswith(told) for note in source.notes)
    assert not any("\n" in note for note in source.notes)


def test_images_without_a_label_stop_the_labels_until_they_are_left_out(folder, png):
    root = folder(dataset_json(), *((path[:-4] + "_mask.png", png) for path in PATHS))
    source = open_images(root)
    assert source.labels is None
    assert any("30 of 60 images have no label" in note for note in source.notes)
    assert open_images(root, exclude="*_mask.png").labels == tuple(map(str, LABELS))


def test_ids_in_place_of_labels_are_told(folder):
    source = open_images(folder(dataset_json(labels=list(range(30)))))
    assert source.labels is None
    assert any("30 different labels of 30 images" in note for note in source.notes)


def test_a_declared_rule_comes_first(folder):
    source = open_images(folder(dataset_json()), label_by="folder:0")
    assert source.labels == tuple(path.partition("/")[0] for path in PATHS)


def test_the_stamp_changes_with_the_labels(folder):
    stamps = {open_images(folder(dataset_json())).stamp}
    stamps.add(open_images(folder(dataset_json(labels=LABELS[::-1]))).stamp)
    assert len(stamps) == 2


def test_truths_are_named_alike_in_every_container(tmp_path, png):
    truths = [True, False]
    (tmp_path / "folder").mkdir()
    for name in ("0.png", "1.png"):
        (tmp_path / "folder" / name).write_bytes(png)
    said = [json.dumps({"file_name": f"{i}.png", "label": truth}) for i, truth in enumerate(truths)]
    (tmp_path / "folder/metadata.jsonl").write_text("\n".join(said))
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        for i, truth in enumerate(truths):
            label = json.dumps({"label": truth}).encode()
            for name, data in ((f"{i}.png", png), (f"{i}.json", label)):
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
    table = pyarrow.table({"image": [png, png], "label": truths})
    pyarrow.parquet.write_table(table, tmp_path / "x.parquet")
    np.savez(tmp_path / "x.npz", images=np.zeros((2, 4, 4), np.uint8), labels=truths)
    for container in ("folder", "x.tar", "x.parquet", "x.npz"):
        assert open_images(tmp_path / container).labels == ("True", "False")


def test_label_files_that_contradict_each_other_are_refused(folder):
    other = metadata("csv", labels=[(i + 1) % 3 for i in range(30)])
    with pytest.raises(
        InputError, match="dataset.json says that 00000/.* is '0', and metadata.csv"
    ):
        open_images(folder(dataset_json(), other))


def test_label_files_that_agree_are_read_together(folder):
    source = open_images(folder(dataset_json(), metadata("csv")))
    assert source.labels == tuple(map(str, LABELS))


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_columns_that_differ_give_no_labels(folder, form):
    table = [{**row, "class": 7} for row in rows()]
    if form == "csv":
        data = "file_name,label,class\n" + "".join(
            f"{row['file_name']},{row['label']},7\n" for row in table
        )
    else:
        data = "\n".join(map(json.dumps, table))
    packed = data.encode()
    if form == "parquet":
        buffer = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(table), buffer)
        packed = buffer.getvalue()
    source = open_images(folder((f"metadata.{form}", packed)))
    assert source.labels is None or "7" not in source.labels
    assert any("its columns label, class differ" in note for note in source.notes)


def test_a_label_file_larger_than_the_limit_is_not_read(folder, monkeypatch):
    monkeypatch.setattr("ganeval.images.label_files.MAX_BYTES", 100)
    source = open_images(folder(dataset_json()))
    assert any("gives no labels: it has" in note for note in source.notes)
