"""Planes of TIFF stacks and frames of animations, in a folder, in a zip or alone.

A TIFF has the axes that it names, or that `axes` names; pages without axes are planes across z, or
times if only these are asked for. GIF, WebP and PNG animations have times, which are RGB. Other
pictures are one plane at one time.
"""

import dataclasses
import io
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.images.animations import frame, frame_count, open_animation
from ganeval.images.decode import TIFF_MAGIC, decode
from ganeval.images.files import FilesReader
from ganeval.images.pixels import Decoding, Unreadable
from ganeval.images.tiff import planes, series_array, series_axes, tiff_series
from ganeval.images.volumes import PlanesReader, Stack, broken_stack

STILL = (1, 0, 0)
"""Planes across z, y and x of a picture; its size is not known before it is decoded."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PictureStacks(PlanesReader):
    """Pictures of many planes or frames, from a reader of files."""

    files: FilesReader
    decoding: Decoding

    def load(self, stack: int, time: int) -> np.ndarray:
        """One volume, or one frame as [c, 1, h, w]."""
        id = self.stacks[stack].id
        if id not in self.opened:
            data = self.files.load(stack)
            self.opened.clear()
            self.opened[id] = self._opened(data, self.stacks[stack].times)
        found = self.opened[id]
        if isinstance(found, np.ndarray):
            volume: np.ndarray = found[time]
            return volume
        return frame(found, time, self.decoding)[:, None]

    def _opened(self, data: bytes, times: int) -> Any:
        """The values [t, c, z, y, x] of a file, or an animation that is decoded frame by frame."""
        if data.startswith(TIFF_MAGIC):
            return _tiff_array(data, self.decoding)
        return open_animation(data) if times > 1 else decode(data, self.decoding)[None, :, None]


def open_stacks(files: FilesReader, *, decoding: Decoding) -> PictureStacks:
    """Reads the headers of the files of another reader."""
    stacks = []
    for index, id in enumerate(files.ids):
        try:
            with files.handle(index) as file:
                sides, times = _sides(file, decoding)
            stacks.append(Stack(id, id, sides, times))
        except OSError as error:
            stacks.append(broken_stack(id, f"cannot be opened: {error.strerror or error}"))
        except Unreadable as error:
            stacks.append(broken_stack(id, error))
    return PictureStacks(
        files.name,
        files.where(0).removesuffix(files.ids[0]),
        tuple(stacks),
        decoding.planes or "",
        decoding.project,
        files.stamp,
        files.notes,
        files=files,
        decoding=dataclasses.replace(decoding, project=None),  # axes are projected here
    )


def _sides(file: io.BufferedIOBase, decoding: Decoding) -> tuple[tuple[int, int, int], int]:
    """Planes across z, y and x, and times."""
    magic = file.read(4)
    file.seek(0)
    if not magic.startswith(TIFF_MAGIC):
        return STILL, frame_count(file.read())
    with tiff_series(file) as series:
        axes = _axes(series, decoding)
        sides = dict(zip(axes, series.shape, strict=True))
        turned = series.keyframe.tags.get(274)  # orientation
        y, x = ("X", "Y") if turned and int(turned.value) > 4 else ("Y", "X")
        return (sides.get("Z", 1), sides[y], sides[x]), sides.get("T", 1)


def _axes(series: Any, decoding: Decoding) -> str:
    """One letter per axis; pages without axes are planes or times."""
    axes = series_axes(series, decoding.axes)
    if "N" in axes:
        raise Unreadable(f"has axes {axes}: leave out planes to read N images from one file")
    if {"X", "Y"} - set(axes):
        raise Unreadable(f"has axes {axes} without Y and X; name them with --axes (as in ZYX)")
    letter = "T" if decoding.planes == "t" else "Z"
    for place, axis in enumerate(axes):
        if axis in "IQ" and series.shape[place] > 1 and letter not in axes:
            axes = axes.replace(axis, letter)
    return axes


def _tiff_array(data: bytes, decoding: Decoding) -> np.ndarray:
    """The values [t, c, z, y, x] of a file."""
    with tiff_series(io.BytesIO(data)) as series:
        axes = _axes(series, decoding)
        array, key = series_array(series, size=len(data)), series.keyframe
        for axis in "ZT":
            if axis in axes:
                array = np.moveaxis(array, axes.index(axis), 0)
                axes = axis + axes.replace(axis, "")
            else:
                array, axes = array[None], axis + axes
        rest = axes.removeprefix("TZ")
        volumes = [np.stack([planes(z, rest, key, decoding) for z in time]) for time in array]
        return np.stack(volumes).swapaxes(1, 2)
