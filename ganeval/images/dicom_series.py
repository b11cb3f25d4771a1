"""Which DICOM slices make a volume, in which order, and how it lies."""

import itertools
import math
import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np

from ganeval.images.dicom_pixels import check_declared, per_frame, rescaled
from ganeval.images.file_list import FileList
from ganeval.images.pixels import Unreadable
from ganeval.images.volumes import Spacing
from ganeval.optional import optional

ORDER = ("TemporalPositionIdentifier", "AcquisitionNumber", "EchoTime", "InstanceNumber")
"""What tells slices at equal positions apart, the weightiest first."""
OWNER = ("PatientID", "StudyInstanceUID")
"""What slices of one volume share, even where a UID was used twice."""
SAME_POSITION = 1e-3
"""Millimetres."""

Directions: TypeAlias = tuple[tuple[float, ...], ...] | None
"""Of columns, rows and slices, in RAS."""


class Slice(NamedTuple):
    """One frame of one file, and where it lies."""

    file: int
    frame: int
    position: float | None
    """Millimetres along the normal of its plane; None where the file does not say."""
    order: tuple[float, ...]
    """Orders slices at equal positions: the values of `ORDER`, and the frame."""


@dataclass(frozen=True)
class Series:
    """Slices [times][z] of one volume, and the directions of its columns, rows and slices."""

    slices: tuple[tuple[Slice, ...], ...]
    directions: Directions
    """None where slices are as they are stored."""


def check(header: Any, number: int) -> None:
    """Fails if a header cannot be used."""
    check_declared(header)
    rescaled(header)
    for frame in range(max(int(header.get("NumberOfFrames") or 1), 1)):
        _placed(header, number, frame)


def shape_of(series: Series, headers: dict[int, Any]) -> tuple[tuple[int, int, int], int]:
    """Planes across z, y and x of a volume in canonical orientation, and its times."""
    header = headers[series.slices[0][0].file]
    sides = (int(header.Columns), int(header.Rows), len(series.slices[0]))
    return _across_planes(series, sides), len(series.slices)


def spacing_of(series: Series, headers: dict[int, Any]) -> Spacing | None:
    """Micrometres between voxels of a volume in canonical orientation, if its first slice says."""
    first = series.slices[0][0]
    header = headers[first.file]
    measures = per_frame(header, first.frame, "PixelMeasuresSequence") or header
    try:
        down, along = (1000 * float(size) for size in measures.get("PixelSpacing"))
    except (TypeError, ValueError):
        return None
    places = [each.position for each in series.slices[0] if each.position is not None]
    deep = 1000 * (places[1] - places[0]) if len(places) > 1 else math.nan
    return _across_planes(series, (along, down, deep))


_N = TypeVar("_N", int, float)


def _across_planes(series: Series, of: tuple[_N, _N, _N]) -> tuple[_N, _N, _N]:
    """What columns, rows and slices have, for z, y and x of the volume in canonical orientation."""
    x, y, z = of
    if series.directions is not None:
        turned = turn_of(series.directions)[:, 0].astype(int)
        x, y, z = (of[axis] for axis in np.argsort(turned))
    return z, y, x


def series_of(
    headers: dict[int, Any], files: FileList, broken: dict[str, str]
) -> list[tuple[str, Series]]:
    """Volumes and single files, each with its id; what cannot be one goes to `broken`."""
    kinds: dict[tuple[Any, ...], list[tuple[Directions, list[Slice]]]] = defaultdict(list)
    for number, header in headers.items():
        for frame in range(max(int(header.get("NumberOfFrames") or 1), 1)):
            key, directions, each = _placed(header, number, frame)
            if not key[0]:  # a series without a name: files of one folder are taken together
                key = (*key, os.path.dirname(files.ids[number]))
            for known, slices in kinds[key]:
                if known is None or directions is None or np.allclose(known, directions, atol=1e-3):
                    slices.append(each)
                    break
            else:
                kinds[key].append((directions, [each]))
    every = [(key[0], *volume) for key, volumes in kinds.items() for volume in volumes]
    folders = [_folder(slices, files) for _, _, slices in every]
    found: dict[str, Series] = {}
    for (uid, directions, slices), folder in zip(every, folders, strict=True):
        id = folder
        if len({each.file for each in slices}) == 1:
            id = files.ids[slices[0].file]
        elif folders.count(folder) > 1 or not folder:
            id = f"{folder}/{uid}".lstrip("/")
        taken = {*found, *broken}
        if id in taken:  # a scout beside the series, of other orientation or size
            id = next(new for n in itertools.count(2) if (new := f"{id}/{n}") not in taken)
        try:
            found[id] = Series(_in_order(slices), directions)
        except Unreadable as error:
            broken[id] = str(error)
    return sorted(found.items())


def _placed(header: Any, number: int, frame: int) -> tuple[tuple[Any, ...], Directions, Slice]:
    """What slices of one series share, their directions, and one slice."""
    plane = per_frame(header, frame, "PlanePositionSequence") or header
    lies = per_frame(header, frame, "PlaneOrientationSequence") or header
    position, axes = plane.get("ImagePositionPatient"), lies.get("ImageOrientationPatient")
    if not position or not axes or len(position) != 3 or len(axes) != 6:
        return (number,), None, Slice(number, frame, None, (frame,))
    columns, rows = (np.array(axes[start : start + 3], dtype=np.float64) for start in (0, 3))
    normal = np.cross(columns, rows)
    if not np.linalg.norm(normal) > SAME_POSITION:
        raise Unreadable(
            "has an ImageOrientationPatient whose columns and rows lie in no plane; correct the "
            "header"
        )
    along = float(normal @ np.array(position, dtype=np.float64))
    to_ras = np.array([-1.0, -1.0, 1.0])  # DICOM counts towards left and back
    directions = tuple(tuple((to_ras * each).tolist()) for each in (columns, rows, normal))
    uid = str(header.get("SeriesInstanceUID") or "").strip()
    person, study = (str(header.get(tag) or "").strip() for tag in OWNER)
    size = (int(header.Rows), int(header.Columns), int(header.SamplesPerPixel))
    order = tuple(float(header.get(tag) or 0) for tag in ORDER)
    return (uid, *size, person, study), directions, Slice(number, frame, along, (*order, frame))


def _in_order(slices: Sequence[Slice]) -> tuple[tuple[Slice, ...], ...]:
    """Slices [times][z], or Unreadable if positions have unequally many."""
    if slices[0].position is None:
        return tuple((each,) for each in sorted(slices, key=lambda each: each.order))
    placed = sorted(slices, key=lambda each: each.position or 0.0)
    at = [[placed[0]]]
    for before, each in itertools.pairwise(placed):
        if (each.position or 0.0) - (before.position or 0.0) > SAME_POSITION:
            at.append([])
        at[-1].append(each)
    counts = sorted({len(here) for here in at})
    if len(counts) > 1:
        raise Unreadable(
            f"has {counts[0]} slices at some positions and {counts[-1]} at others; keep one "
            "series, complete and once"
        )
    times = [sorted(here, key=lambda each: each.order) for here in at]
    return tuple(zip(*times, strict=True))


def _folder(slices: Sequence[Slice], files: FileList) -> str:
    """The folder of a volume's files, below the root."""
    folders = {os.path.dirname(files.ids[each.file]) for each in slices}
    return "" if "" in folders else os.path.commonpath(folders)


def turn_of(directions: Directions) -> np.ndarray:
    """The way of nibabel from stored columns, rows and slices to canonical axes."""
    nibabel = optional("nibabel", extra="medical", purpose="turning DICOM volumes")
    affine = np.eye(4)
    affine[:3, :3] = np.array(directions).T
    orientation: np.ndarray = nibabel.io_orientation(affine)
    return orientation


def gaps_note(series: Sequence[Series]) -> tuple[str, ...]:
    """A note on series whose slices lie at uneven distances."""
    uneven = 0
    for each in series:
        places = [slice.position for slice in each.slices[0] if slice.position is not None]
        gaps = np.diff(places)
        uneven += bool(len(gaps) > 1 and gaps.max() > 1.5 * gaps.min())
    if not uneven:
        return ()
    return (f"{uneven} of {len(series)} series have slices at uneven distances: are some missing?",)
