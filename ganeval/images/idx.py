"""IDX, the format of MNIST's own files: `*-ubyte` and `*-ubyte.gz`.

Source: LeCun, Cortes & Burges, "The MNIST database", section "File formats".
"""

import gzip
import io
import math
import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganeval.errors import InputError
from ganeval.images.arrays import ArrayReader, label_names, positions
from ganeval.images.layout import array_layout
from ganeval.images.pixels import Decoding
from ganeval.images.stamp import file_stamp

DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


MOST_UNPACKED = 1032
"""Times its size that gzip unpacks a file to, at most."""


@dataclass(frozen=True, eq=False)
class IdxReader(ArrayReader):
    """An IDX file of images, unpacked into memory at the first image."""

    path: str = ""

    def load(self) -> np.ndarray:
        """Reads the file."""
        return read_idx(Path(self.path), name=self.name)


def open_idx(path: Path, *, name: str, decoding: Decoding) -> IdxReader:
    """Reads the header, and the labels from a file `…-labels-…` in the same folder, if any."""
    with _open(path) as file:
        shape, dtype = _header(file, name=name)
    most = os.stat(path).st_size * (MOST_UNPACKED if path.suffix.lower() == ".gz" else 1)
    if math.prod(max(side, 1) for side in shape) * dtype.itemsize > most:
        raise _cut_short(name, shape)
    if len(shape) == 1:
        raise InputError(f"{name} holds {shape[0]} labels, not images; give the file of images")
    layout = array_layout(shape, layout=decoding.layout, torch=False, name=name)
    labels, more = None, tuple[str, ...]()
    if (beside := _labels_beside(path)) is not None:
        labels = label_names(read_idx(beside, name=str(beside)), count=shape[0], name=str(beside))
        more = (file_stamp(beside),)
    return IdxReader(
        name,
        positions(shape[0]),
        layout,
        labels=labels,
        stamp=file_stamp(path, *more),
        notes=(f"labels from {beside.name}",) if beside else (),
        path=os.path.abspath(path),
    )


def read_idx(path: Path, *, name: str) -> np.ndarray:
    """The array of an IDX file, or InputError if the file is damaged."""
    try:
        with _open(path) as file:
            shape, dtype = _header(file, name=name)
            data = file.read(math.prod(shape) * dtype.itemsize)
    except (OSError, EOFError, OverflowError, MemoryError, zlib.error) as error:
        raise InputError(f"{name} is damaged ({error}); download it again") from None
    if len(data) < math.prod(shape) * dtype.itemsize:
        raise _cut_short(name, shape)
    return np.frombuffer(data, dtype).reshape(shape)


def _cut_short(name: str, shape: tuple[int, ...]) -> InputError:
    return InputError(f"{name} is cut short: it declares {list(shape)}; download it again")


def _open(path: Path) -> io.BufferedIOBase:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else open(path, "rb")


def _header(file: io.BufferedIOBase, *, name: str) -> tuple[tuple[int, ...], np.dtype]:
    try:
        zero, code, axes = struct.unpack(">HBB", file.read(4))
        shape = struct.unpack(f">{axes}I", file.read(4 * axes))
    except (struct.error, OSError, EOFError, zlib.error):
        zero, code, shape = 1, 0, ()
    if zero or code not in DTYPES or not shape:
        raise InputError(f"{name} is not an IDX file, though its name ends like one; remove it")
    return shape, np.dtype(DTYPES[code])


def _labels_beside(path: Path) -> Path | None:
    name = path.name.replace("images", "labels").replace("idx3", "idx1").replace("idx4", "idx1")
    for other in (name, f"{name}.gz", name.removesuffix(".gz")):
        if other != path.name and (path.parent / other).is_file():
            return path.parent / other
    return None
