import numpy as np
import pytest

from ganeval.errors import InputError
from ganeval.images import open_images


@pytest.mark.parametrize(("axes", "shape"), [("NZYX", (3, 4, 5, 6)), ("NZYXC", (3, 4, 5, 6, 2))])
def test_volumes_of_an_array_are_groups_of_their_planes(tmp_path, rng, axes, shape):
    array = rng.integers(0, 256, shape).astype(np.uint8)
    np.save(tmp_path / "a.npy", array)
    source = open_images(tmp_path / "a.npy", axes=axes, planes="xz")
    assert len(source) == 3 * (4 + 6)
    assert source.groups == ("0",) * 10 + ("1",) * 10 + ("2",) * 10
    plane = source.ids.index("1/z/0002")
    expected = array[1, 2].transpose(2, 0, 1) if array.ndim == 5 else array[1, 2][None]
    np.testing.assert_array_equal(source.read(plane), expected)
    projected = open_images(tmp_path / "a.npy", axes=axes, project="max")
    assert len(projected) == 3


def test_films_of_an_array_are_groups_of_their_frames(tmp_path, rng):
    array = rng.random((2, 5, 4, 6)).astype(np.float32)
    np.save(tmp_path / "a.npy", array)
    source = open_images(tmp_path / "a.npy", axes="NTYX", planes="t")
    assert source.ids[6] == "1/t/0001"
    np.testing.assert_array_equal(source.read(6)[0], array[1, 1])


def test_one_volume_may_be_the_whole_array(tmp_path, rng):
    array = rng.random((4, 5, 6))
    np.save(tmp_path / "a.npy", array)
    source = open_images(tmp_path / "a.npy", axes="ZYX", planes="y")
    np.testing.assert_array_equal(source.read(3)[0], array[:, 3].astype(np.float32))


@pytest.mark.parametrize("axes", ["ZYX", "YXNZ", "NQZYX"])
def test_axes_that_do_not_fit_are_one_line(tmp_path, axes):
    np.save(tmp_path / "a.npy", np.zeros((3, 4, 5, 6), np.uint8))
    with pytest.raises(InputError, match=rf"axes {axes} do not fit"):
        open_images(tmp_path / "a.npy", axes=axes, planes="z")
