import os

import pytest

from ganeval.errors import InputError
from ganeval.images.labels import values_by
from ganeval.images.tables import table_of

IDS = ["p1/A01/cat_1.ome.tif", "p1/A02/dog_1.ome.tif", "p2/A01/cat_2.ome.tif"]
WANTED = ("x", "y", "z")


@pytest.fixture
def table(tmp_path):
    def write(text, name="t.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


def rows(names, head="file_name,label", sep=","):
    lines = [f"{name}{sep}{value}" for name, value in zip(names, WANTED, strict=True)]
    return "\n".join([head, *lines]) + "\n"


@pytest.mark.parametrize("column", ["id", "file", "file_name", "filename", "path", "image",
                                    "File Name", "ImagePath", "FILE"])  # fmt: skip
def test_images_are_named_by_any_usual_column(table, column):
    rule = f"csv:{table(rows(IDS, f'{column},label'))}"
    assert values_by(rule, IDS, kind="label", name="x") == WANTED


@pytest.mark.parametrize(
    "names",
    [
        IDS,
        ["cat_1.ome.tif", "dog_1.ome.tif", "cat_2.ome.tif"],
        ["cat_1", "dog_1", "cat_2"],
        ["p1/A01/cat_1", "A02/dog_1", "p2/A01/cat_2"],
        ["A01/cat_1.ome.tif", "A02/dog_1.ome.tif", "cat_2"],
        ["/data/p1/A01/cat_1.ome.tif", "/data/p1/A02/dog_1.ome.tif", "/data/p2/A01/cat_2.ome.tif"],
        [r"D:\data\p1\A01\cat_1.ome.tif", r"p1\A02\dog_1.ome.tif", r".\p2\A01\cat_2"],
        [f"./{id}" for id in IDS],
    ],
)
def test_names_may_be_paths_ends_of_paths_and_names_without_extension(table, names):
    rule = f"csv:{table(rows(names))}"
    assert values_by(rule, IDS, kind="label", name="x") == WANTED


def test_folders_that_contradict_are_no_match(table):
    names = ["p3/A01/cat_1.ome.tif", "p3/A02/dog_1.ome.tif", "p3/A01/cat_2.ome.tif"]
    with pytest.raises(InputError, match="has no label for 3 of 3 images"):
        values_by(f"csv:{table(rows(names))}", IDS, kind="label", name="x")


def test_any_column_can_be_taken(table):
    text = "\n".join(["well,image,Treatment,cell line", *(f"{i},{id},{v},{v}{v}" for i, (id, v) in
                      enumerate(zip(IDS, WANTED, strict=True)))])  # fmt: skip
    path = table(text)
    for kind in ("label", "group"):
        assert values_by(f"csv:{path}:Treatment", IDS, kind=kind, name="x") == WANTED
        assert values_by(f"csv:{path}:treatment", IDS, kind=kind, name="x") == WANTED
        doubled = tuple(value * 2 for value in WANTED)
        assert values_by(f"csv:{path}:cell line", IDS, kind=kind, name="x") == doubled


def test_the_column_that_names_most_images_is_the_one(table):
    text = "id,filename,label\n" + "".join(
        f"{i},{id},{value}\n" for i, (id, value) in enumerate(zip(IDS, WANTED, strict=True))
    )
    assert values_by(f"csv:{table(text)}", IDS, kind="label", name="x") == WANTED


@pytest.mark.parametrize("sep", [",", ";", "\t"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators_marks_and_ends_of_lines_do_not_matter(tmp_path, sep, start, end):
    text = start + rows(IDS, f"file_name{sep}label", sep)
    (tmp_path / "t.tsv").write_bytes(text.replace("\n", end).encode())
    assert values_by(f"csv:{tmp_path / 't.tsv'}", IDS, kind="label", name="x") == WANTED


def test_cells_may_hold_separators_and_line_breaks(table):
    text = "file_name,note,label\n" + "".join(
        f'{id},"a, b\nc","{value}"\n\n' for id, value in zip(IDS, WANTED, strict=True)
    )
    assert values_by(f"csv:{table(text)}", IDS, kind="label", name="x") == WANTED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file_name,kind\na,1\n", "has the columns file_name, kind and no label; name one of them"),
        ("who,label\na,1\n", "one of id, file_name, path or image must name the images"),
        ("file_name,label,label\na,1,2\n", "has two columns named label; rename one"),
        (
            "file_name,label\ncat_1,1\nA01/cat_1,2\n",
            "cat_1.ome.tif two values, 1 and 2",
        ),
        ("file_name,label\ncat_1\n", "line 2 has no file_name or no label"),
        ("file_name,label\na\0,1\n", "t.csv (is no table|has no label for 3 of 3)"),
        ("file_name,label\n" + "a" * 200_000 + ",1\n", "t.csv is no table"),
    ],
)
def test_a_table_that_does_not_fit_says_why_in_one_line(table, text, message):
    with pytest.raises(InputError, match=message) as caught:
        values_by(f"csv:{table(text)}", IDS, kind="label", name="x")
    assert "\n" not in str(caught.value)


def test_a_column_is_split_from_the_file_but_a_drive_is_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("t.csv", "odd:name.csv"):
        (tmp_path / name).write_text("")
    assert list(map(str, table_of("t.csv"))) == ["t.csv", "None"]
    assert list(map(str, table_of("t.csv:kind"))) == ["t.csv", "kind"]
    assert list(map(str, table_of("odd:name.csv"))) == ["odd:name.csv", "None"]
    assert list(map(str, table_of("odd:name.csv:kind"))) == ["odd:name.csv", "kind"]
    assert list(map(str, table_of(r"C:\t.csv"))) == [r"C:\t.csv", "None"]


@pytest.mark.parametrize(
    ("what", "message"),
    [("pipe", "is a named pipe"), ("folder", "is a folder"), ("nothing", "does not exist")],
)
def test_what_is_no_file_is_refused_at_once(tmp_path, what, message):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=f"{what} {message}"):
        values_by(f"csv:{tmp_path / what}", IDS, kind="label", name="x")


@pytest.fixture
def cells(tmp_path):
    folder = tmp_path / "cells"
    folder.mkdir()
    return str(folder)


@pytest.mark.parametrize("start", ["other/", "/data/other/", "D:\\data\\other\\", "./other/"])
def test_rows_of_another_folder_label_no_image_of_this_one(table, cells, start):
    ids = ["a.png", "b.png", "c.png"]
    path = table(rows([start + id for id in ids]))
    with pytest.raises(InputError, match=r"for 3 of 3 .*other.c\.png is in another folder; add"):
        values_by(f"csv:{path}", ids, kind="label", name=cells)


@pytest.mark.parametrize("start", ["", "./", "cells/", "/data/cells/", "D:\\data\\cells\\"])
def test_rows_of_the_root_s_name_label_its_images(table, cells, start):
    for ids in (["a.png", "b.png", "c.png"], ["p/a.png", "p/b.png", "q/a.png"]):
        path = table(rows([start + id for id in ids]))
        assert values_by(f"csv:{path}", ids, kind="label", name=cells) == WANTED
