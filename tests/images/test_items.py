"""What one item is: an image, a pair, a dictionary, a path, encoded bytes."""

import io

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from PIL import Image

from ganeval.errors import ImageError, InputError
from ganeval.images import is_feature_array, iterate, open_images


def pixels(source):
    return [image for batch in iterate(source) for image in batch.pixels]


def same(source, arrays):
    """Whether a source holds these channels-last arrays."""
    found = pixels(source)
    return len(found) == len(arrays) and all(
        np.array_equal(image, array.transpose(2, 0, 1))
        for image, array in zip(found, arrays, strict=True)
    )


def encoded(array):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def rgb(rng):
    return rng.integers(0, 256, (6, 8, 9, 3), dtype=np.uint8)


@pytest.fixture
def paths(rgb, tmp_path):
    found = []
    for index, array in enumerate(rgb):
        path = tmp_path / ("cat" if index % 2 else "dog") / f"{index}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(array).save(path)
        found.append(path)
    return found


FORMS = {
    "array": lambda array: array,
    "tensor": lambda array: torch.from_numpy(array).permute(2, 0, 1),
    "PIL": Image.fromarray,
    "bytes": encoded,
    "of Parquet": lambda array: {"bytes": encoded(array), "path": None},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_an_image_is_an_image_in_any_form_and_in_any_company(form, rgb):
    images = [form(array) for array in rgb]
    for items in (
        images,
        [(image,) for image in images],
        [{"image": image} for image in images],
        [{"prompt": "a cell", "image": image} for image in images],
    ):
        source = open_images(items)
        assert same(source, rgb) and source.labels is None
    labels = tuple("012012")
    for items in (
        [(image, i % 3) for i, image in enumerate(images)],
        [[image, torch.tensor(i % 3), i, "more"] for i, image in enumerate(images)],
        [{"png": image, "cls": i % 3, "__key__": str(i)} for i, image in enumerate(images)],
        [{"img": image, "label": np.int64(i % 3)} for i, image in enumerate(images)],
        [(image, np.array([i % 3])) for i, image in enumerate(images)],
        [(image, str(i % 3)) for i, image in enumerate(images)],
        (images, [i % 3 for i in range(6)]),
        {"images": images, "labels": torch.arange(6) % 3},
    ):
        source = open_images(items)
        assert same(source, rgb) and source.labels == labels


def test_a_table_of_numbers_is_features_whatever_its_columns_are_called(rng):
    columns = dict(zip("xyz", rng.random((3, 5)), strict=True))
    for table in (pd.DataFrame(columns), pl.DataFrame(columns), pa.table(columns)):
        assert is_feature_array(table)


def test_what_is_left_out_of_items_is_noted(rgb):
    assert open_images([(rgb[0], 1, 7)]).notes[0] == "left out: part 3 of an item"
    assert open_images([(rgb[0], 1, 7, "x")]).notes[0] == "left out: parts 3 to 4 of an item"
    assert open_images([(rgb[0], 0.5)]).notes == (
        "left out: part 2 of an item (float), which is not taken as label",
    )
    assert open_images([(rgb[0], rgb[1])]).notes == (
        "left out: part 2 of an item (uint8 [8, 9, 3]), which is not taken as label",
    )
    source = open_images([{"image": rgb[0], "label": [0.5], "prompt": "a"}])
    assert source.notes == (
        "left out: label, prompt of an item; label (list), which is not taken as label",
    )


def test_a_list_of_paths_is_read_like_the_folder(paths, rgb):
    folder, listed = open_images(paths[0].parents[1]), open_images(paths)
    assert (listed.ids, listed.labels) == (folder.ids, folder.labels)
    assert len(listed) == 6 and listed.stamp is not None
    assert [a.tobytes() for a in pixels(listed)] == [a.tobytes() for a in pixels(folder)]
    held_out = open_images(map(str, paths[1:3]))
    assert held_out.ids == ("cat/1.png", "dog/2.png") and same(held_out, rgb[1:3])
    assert open_images(np.array([str(path) for path in paths])).ids == listed.ids
    assert open_images(pd.Series([str(path) for path in paths])).ids == listed.ids
    labelled = open_images([(path, i // 3) for i, path in enumerate(paths)])
    assert same(labelled, rgb) and labelled.labels == tuple("000111")


def test_a_list_of_paths_names_the_path_that_is_wrong(paths):
    for path, message in (
        (paths[0].parent, "is not a file; a list of paths holds one picture each"),
        (paths[0].parent / "no.png", r"dog/no.png does not exist"),
        (paths[1], r"cat/1.png is in the list more than once"),
    ):
        with pytest.raises(InputError, match=message):
            open_images([*paths, path])
    with pytest.raises(ImageError, match="image 0 is not a file; give the path of one picture"):
        open_images([(str(paths[0].parent), 1)]).read(0)


def test_a_table_of_paths_or_pictures_is_a_set_of_images(paths, rgb):
    rows = {
        "path": {"Path": [str(path) for path in paths], "Label": list("abcabc")},
        "image": {"image": [encoded(array) for array in rgb], "label": list("abcabc")},
    }
    for columns in rows.values():
        for table in (pd.DataFrame(columns), pl.DataFrame(columns), pa.table(columns)):
            assert not is_feature_array(table)
            source = open_images(table)
            assert same(source, rgb) and source.labels == tuple("abcabc")


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ([], "list of 0 items is empty"),
        (iter([]), "is empty; a generator can be read once only"),
        (3, "a int holds no images; give a path"),
        (torch.Tensor, "holds no images; give a path"),
        ({"a": 1}, "the dict is a dictionary with no image, only a; give one of these"),
        ([{"image": 1}], "item 0 of the list, 'image', is a int, not an image"),
        ([{"image": b"", "png": b""}], r"several images \(image, png\)"),
        ([None], "item 0 of the list is a NoneType, not an image; give arrays"),
        ([()], "item 0 of the list is a tuple, not an image"),
        ([object()], "item 0 of the list is a object, not an image"),
        (io.BytesIO(b"x"), r"a BytesIO is an open file; give its path or its bytes, file.read\(\)"),
        ([io.BytesIO(b"x")], "item 0 of the list is an open file"),
        (lambda n: n, "a function makes images but holds none; call it, and give its batches"),
        (torch.nn.Sequential(torch.nn.Linear(2, 2)), "a Sequential makes images but holds none"),
    ],
)
def test_what_holds_no_images_is_refused_in_a_line(spec, message):
    with pytest.raises(InputError, match=message) as caught:
        open_images(spec)
    assert "\n" not in str(caught.value)


def test_bytes_are_a_picture_or_say_what_they_are(rgb):
    assert same(open_images(encoded(rgb[0])), rgb[:1])
    with pytest.raises(ImageError, match="image 0 is not an image that can be read: it holds text"):
        open_images(b"a.png").read(0)
