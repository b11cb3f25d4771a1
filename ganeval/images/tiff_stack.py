"""A TIFF of many images along the axis that the user names N."""

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganeval.errors import ImageError, InputError
from ganeval.images.arrays import ArrayReader, positions
from ganeval.images.pixels import Decoding, Unreadable
from ganeval.images.stamp import file_stamp
from ganeval.images.tiff import planes, series_array, series_axes, tiff_series


@dataclass(frozen=True, eq=False)
class TiffStackReader(ArrayReader):
    """A TIFF of many images, read whole at the first image."""

    path: str = ""
    decoding: Decoding = dataclasses.field(default_factory=Decoding)

    def load(self) -> np.ndarray:
        """Reads the images as [n, c, h, w], or raises ImageError."""
        try:
            with open(self.path, "rb") as file, tiff_series(file) as series:
                axes = series_axes(series, self.decoding.axes)
                array = series_array(series, size=os.path.getsize(self.path))
                stack = np.moveaxis(array, axes.index("N"), 0)
                rest = axes.replace("N", "")
                return np.stack(
                    [planes(image, rest, series.keyframe, self.decoding) for image in stack]
                )
        except Unreadable as error:
            raise ImageError(self.name, str(error)) from None


def open_tiff_stack(path: Path, *, name: str, decoding: Decoding) -> TiffStackReader:
    """Reads the file's header; `decoding.axes` must have an N."""
    try:
        with open(path, "rb") as file, tiff_series(file) as series:
            axes = series_axes(series, decoding.axes)
            count = series.shape[axes.index("N")]
    except Unreadable as error:
        raise InputError(f"{name} {error}") from None
    return TiffStackReader(
        name,
        positions(count),
        "NCHW",
        stamp=file_stamp(path),
        path=os.path.abspath(path),
        decoding=decoding,
    )
