"""Volumes in an `.npy` file whose axes are named, as in `axes="NZYX"` or `axes="NTYXC"`."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganeval.errors import InputError
from ganeval.images.arrays import positions
from ganeval.images.npy_rows import NpyRows
from ganeval.images.pixels import Decoding, Unreadable, broken, check_size, first_line
from ganeval.images.stamp import file_stamp
from ganeval.images.volumes import PlanesReader, Stack, check_planes

LETTERS = "NTZYXC"


@dataclass(frozen=True, eq=False, kw_only=True)
class ArrayVolumes(PlanesReader):
    """Volumes along the first axis of an array, or one that is all of it."""

    path: str
    axes: str

    def load(self, stack: int, time: int) -> np.ndarray:
        """One volume, of which only its own rows are read."""
        try:
            rows = NpyRows(self.path)
            n = rows.shape[0]
            array = rows[stack] if "N" in self.axes else np.stack([rows[i] for i in range(n)])
        except (OSError, ValueError, EOFError) as error:
            raise broken(f"its array cannot be read ({first_line(error)})") from None
        axes = self.axes.replace("N", "")
        for axis in "CZT":
            array = array if axis in axes else array[None]
            axes = axes if axis in axes else axis + axes
        volume: np.ndarray = array.transpose([axes.index(axis) for axis in "TCZYX"])[time]
        return volume


def open_array_volumes(path: Path, *, name: str, decoding: Decoding) -> ArrayVolumes:
    """Reads the header; `decoding.axes` names the axes, N first if there is one."""
    check_planes(decoding, name=name, letters="xyzt")
    axes = decoding.axes or ""
    try:
        shape = NpyRows(path).shape
    except (OSError, ValueError, EOFError) as error:
        raise InputError(
            f"{name} is not a NumPy file that can be read ({first_line(error)})"
        ) from None
    if set(axes) - set(LETTERS) or axes.find("N") > 0 or len(axes) != len(shape):
        raise InputError(
            f"{name} has shape {list(shape)}, which axes {axes} do not fit; name each of its "
            f"{len(shape)} axes by one of {', '.join(LETTERS)}, N first"
        )
    sides = dict(zip(axes, shape, strict=True))
    volume = (sides.get("Z", 1), sides["Y"], sides["X"])
    try:
        check_size(*volume[1:], values=int(np.prod(shape[axes.startswith("N") :], dtype=object)))
    except Unreadable as error:
        raise InputError(f"{name} {error}") from None
    ids = positions(shape[0]) if "N" in axes else (path.name,)
    return ArrayVolumes(
        name,
        f"{name}: image " if "N" in axes else "",
        tuple(Stack(id, id, volume, sides.get("T", 1)) for id in ids),
        decoding.planes or "",
        decoding.project,
        file_stamp(path),
        path=os.path.abspath(path),
        axes=axes,
    )
