import numpy as np
import pytest

from ganeval.errors import InputError
from ganeval.npz import broken_as_input_error, has_arrays, read_arrays, write_arrays


def test_what_is_written_is_read_under_the_name_as_given(tmp_path):
    write_arrays(tmp_path / "no_suffix", {"a": np.arange(3)})
    assert [path.name for path in tmp_path.iterdir()] == ["no_suffix"]
    assert read_arrays(tmp_path / "no_suffix")["a"].tolist() == [0, 1, 2]
    assert has_arrays(tmp_path / "no_suffix", "a")
    assert not has_arrays(tmp_path / "no_suffix", "a", "b")


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "x.npz"
    write_arrays(path, {"a": np.arange(3)})
    with pytest.raises(ValueError, match="Object arrays"):
        write_arrays(path, {"a": np.array([{}], dtype=object)})
    assert [p.name for p in tmp_path.iterdir()] == ["x.npz"]
    assert read_arrays(path)["a"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04broken"])
def test_a_broken_file_is_an_input_error_with_its_remedy(tmp_path, content):
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    assert not has_arrays(path, "a")
    with pytest.raises(InputError, match=r"x has nothing \(.*\); make it again"):
        with broken_as_input_error("x has nothing", "make it again"):
            read_arrays(path)


def test_an_input_error_passes_as_it_is():
    with pytest.raises(InputError, match="^mine$"), broken_as_input_error("x", "y"):
        raise InputError("mine")
