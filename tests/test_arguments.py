import os

import numpy as np
import pytest
import torch

from ganeval.arguments import folder_path, new_file_path, text, whole_number
from ganeval.errors import InputError


@pytest.mark.parametrize("value", [7, np.int16(7), torch.tensor(7)])
def test_a_whole_number_of_any_library_is_an_int(value):
    found = whole_number(value, name="n", least=1)
    assert found == 7 and type(found) is int


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("7", "n is '7'; wanted a whole number, 1 or more"),
        (1.5, "n is 1.5; wanted a whole number, 1 or more"),
        (None, "n is None"),
        (True, "n is True"),
        (0, "n is 0; wanted a whole number, 1 or more"),
        (10**30, "wanted a whole number, 2147483647 at most"),
        ("7" * 5000, "…"),
    ],
)
def test_anything_else_is_refused_in_one_short_line(value, wanted):
    with pytest.raises(InputError) as caught:
        whole_number(value, name="n", least=1)
    assert wanted in str(caught.value) and len(str(caught.value)) < 200


@pytest.mark.parametrize("value", [None, 5, "", "  "])
def test_a_name_that_is_empty_or_no_text_is_refused(value):
    with pytest.raises(InputError, match="title is .*; wanted a heading"):
        text(value, name="title", wanted="a heading")


def test_places_that_cannot_be_written_are_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    for value, message in [
        (None, "path is None; wanted a path"),
        (5, "path is 5"),
        ("", "path is ''"),
        (tmp_path, "name a file in it"),
        (tmp_path / "none" / "a", "make it first"),
    ]:
        with pytest.raises(InputError, match=message):
            new_file_path(value, name="path")
    assert new_file_path(os.fspath(tmp_path / "a"), name="path") == tmp_path / "a"
    with pytest.raises(InputError, match="file is a file; name a folder"):
        folder_path(tmp_path / "file" / "a", name="folder")
    assert folder_path(tmp_path / "none" / "a", name="folder") == tmp_path / "none" / "a"
