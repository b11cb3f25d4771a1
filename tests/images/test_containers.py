import subprocess
import sys

import numpy as np
import pytest

from ganeval.images import open_images

PACKAGES = ("h5py", "zarr", "numcodecs", "pyarrow", "lmdb", "tarfile", "multiprocessing")


def test_a_folder_of_pictures_loads_no_package_that_reads_containers(tmp_path, save):
    save(tmp_path / "a/0.png", np.zeros((2, 2)))
    code = (
        "import sys; from ganeval.images import open_images\n"
        f"open_images({str(tmp_path / 'a')!r}).read(0)\n"
        f"print([name for name in {PACKAGES} if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("file", ["a.tar", "a.parquet", "a.h5", "state.txt", "a.zarr.json"])
def test_a_folder_with_pictures_is_a_folder_whatever_else_is_in_it(tmp_path, save, file):
    save(tmp_path / "x/0.png", np.zeros((2, 2)))
    (tmp_path / "x" / file).write_bytes(b"")
    assert open_images(tmp_path / "x").ids == ("0.png",)
