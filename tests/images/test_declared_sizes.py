"""Files that announce more than they hold, or than memory holds, end in one line."""

import io
import zipfile

import numpy as np
import pytest

from ganeval.errors import InputError
from ganeval.images import open_images


def header(shape):
    """The start of an `.npy` file of that shape, without its values."""
    file = io.BytesIO()
    description = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, description)
    return file.getvalue()


def test_an_array_larger_than_memory_is_refused_before_it_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("images.npy", header((1 << 20, 1 << 12, 1 << 12)) + b"\0" * 100)
    with pytest.raises(InputError, match=r"images\.npy announces .* and is shorter"):
        open_images(tmp_path / "x.npz").read(0)


def test_a_zip_whose_entries_exceed_it_is_refused(tmp_path, zipped, png):
    path = zipped(tmp_path / "x.zip", {"a.png": png, "b.png": png})
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\1\2")
    data[central + 20 : central + 24] = len(data).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"x\.zip has \d+ bytes and announces entries of \d+"):
        open_images(path)
