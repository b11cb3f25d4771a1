import os
import pickle

import numpy as np
import pytest

from ganeval import open_images
from ganeval.errors import ImageError


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 65536, (5, 8, 9, 2), np.uint16)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("endian", ["<", ">"])
def test_images_are_those_of_the_array_in_any_order_of_bytes(tmp_path, images, order, endian):
    np.save(tmp_path / "x.npy", np.asarray(images.astype(f"{endian}u2"), order=order))
    source = open_images(str(tmp_path / "x.npy"))
    again = pickle.loads(pickle.dumps(source))
    for index, image in enumerate(images):
        np.testing.assert_array_equal(source.read(index), np.moveaxis(image, -1, 0))
        np.testing.assert_array_equal(again.read(index), source.read(index))


def test_a_file_that_is_cut_while_it_is_read_is_an_error_of_the_images_that_are_gone(
    tmp_path, images
):
    path = tmp_path / "x.npy"
    np.save(path, images)
    source = open_images(str(path))
    source.read(0)
    os.truncate(path, path.stat().st_size - 10)
    source.read(3)
    with pytest.raises(ImageError, match="image 4 .*was cut while it was read"):
        source.read(4)
