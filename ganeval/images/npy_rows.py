"""The images of an `.npy`, each read from the file when it is asked for.

Nothing is mapped into memory: a file that is cut while it is read is then an error of one image,
where a mapped one would end the process.
"""

import math
import os

import numpy as np

from ganeval.images.pixels import broken
from ganeval.npz import read_array, read_header


class NpyRows:
    """The array in a file, one row at a time.

    Args:
        path: of the file.

    Raises:
        ValueError: no array, or fewer bytes than its header announces.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        with open(path, "rb") as file:
            self.shape, self._columns_first, self.dtype = read_header(file)
            self._start = file.tell()
            brought = os.fstat(file.fileno()).st_size - self._start
        if not self.shape:
            raise ValueError("it is a single number")
        self._row_bytes = math.prod(self.shape[1:]) * self.dtype.itemsize
        self._whole: np.ndarray | None = None
        if min(self.shape, default=0) < 0 or self.shape[0] * self._row_bytes > brought:
            raise ValueError(
                f"its header announces {self.shape[0] * self._row_bytes} bytes, of which there are "
                f"{brought}"
            )

    def __getitem__(self, index: int) -> np.ndarray:
        """Row `index`; Unreadable where the file has become shorter."""
        if self._columns_first:  # rows are scattered over the file
            if self._whole is None:
                self._whole = read_array(self.path)
            return np.asarray(self._whole[index])
        with open(self.path, "rb", buffering=0) as file:
            file.seek(self._start + index * self._row_bytes)
            data = file.read(self._row_bytes)
        if len(data) < self._row_bytes:
            raise broken(f"{self.path} was cut while it was read")
        return np.frombuffer(data, self.dtype).reshape(self.shape[1:])
