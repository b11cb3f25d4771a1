import os

import numpy as np
import pytest
from PIL import Image

from ganeval import open_images
from ganeval.images.stamp import file_stamp


def _rewrite(path, content):
    """Other content of the same size, under the old modification time."""
    before = os.stat(path)
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = os.stat(path)
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def _replace(path, content):
    """The same, by another file that is moved into its place."""
    before = os.stat(path)
    other = path.with_name("other")
    other.write_bytes(content)
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    os.replace(other, path)


@pytest.mark.parametrize("change", [_rewrite, _replace])
def test_other_content_of_the_same_size_and_time_changes_the_stamp(tmp_path, change):
    path = tmp_path / "x"
    path.write_bytes(b"one")
    before = file_stamp(path)
    assert file_stamp(path) == before
    change(path, b"two")
    assert file_stamp(path) != before


@pytest.mark.parametrize("kind", ["folder", "npy", "picture"])
def test_images_that_changed_under_the_same_size_and_time_are_other_images(tmp_path, kind):
    if kind == "npy":
        path = source = tmp_path / "x.npy"
        np.save(path, np.zeros((3, 8, 8, 1), np.uint8))
    else:
        path = tmp_path / "images" / "a.bmp"
        path.parent.mkdir()
        Image.fromarray(np.zeros((8, 8), np.uint8)).save(path)
        source = path if kind == "picture" else path.parent
    before = open_images(str(source)).stamp
    assert open_images(str(source)).stamp == before
    _rewrite(path, path.read_bytes()[:-1] + b"\x07")
    assert open_images(str(source)).stamp != before
