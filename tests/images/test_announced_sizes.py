"""What a file announces is compared with what it has before anything is made for it."""

import gzip
import io
import tracemalloc
import zipfile

import numpy as np
import pytest

from ganeval import InputError, fid, open_images


def npy(shape, data=bytes(64)):
    """An `.npy` of a header for float64 of this shape, and 64 bytes."""
    stream = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue() + data


def npz(shape, name="images"):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(f"{name}.npy", npy(shape))
    return stream.getvalue()


def idx(count):
    sizes = b"".join(side.to_bytes(4, "big") for side in (count, 8, 8))
    return b"\0\0\x08\x03" + sizes + bytes(64)


FORGED = {
    "images.npy": npy((40_000_000, 64, 64, 3)),
    "mapped.npy": npy((9, 1, 1, 1)),
    "rows.npy": npy((1 << 62, 4)),
    "images.npz": npz((40_000_000, 64, 64, 3)),
    "x-idx3-ubyte": idx(40_000_000),
    "x-idx3-ubyte.gz": gzip.compress(idx(40_000_000)),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_file_that_announces_more_than_it_has_is_refused_before_anything_is_allocated(
    tmp_path, name
):
    path = tmp_path / name
    path.write_bytes(FORGED[name])
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as error:
            fid(str(path), np.eye(4))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 50e6
    assert "\n" not in str(error.value)


def test_whole_files_are_read(tmp_path):
    for name, content in {"a.npy": npy((1, 8, 8, 1), bytes(512)), "b-idx3-ubyte": idx(1)}.items():
        (tmp_path / name).write_bytes(content)
        assert len(open_images(str(tmp_path / name))) == 1
