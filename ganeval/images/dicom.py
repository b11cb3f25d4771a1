"""DICOM files: one, or a folder of them, read by pydicom.

Slices of a series that share an orientation are a volume, in order of their positions along its
normal; slices at equal positions are the volume at several times. Volumes are turned to the
closest canonical orientation (RAS) like NIfTI's, so the same scan gives the same planes in both.
Files without position or orientation (X-rays, ultrasound) are images by themselves; their frames
are times. The patient is the group, under a hash of PatientID, because results are passed on.
Values are those of the modality, as `dicom_pixels` says: if any file of the source is rescaled or
signed, all are float32 and need a declared range.
"""

import hashlib
import itertools
import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ganeval.errors import InputError
from ganeval.images.dicom_pixels import (
    check_declared,
    frame_values,
    per_frame,
    read_header,
    read_whole,
    reported,
    rescaled,
)
from ganeval.images.file_list import FileList, list_files
from ganeval.images.files import listing_end
from ganeval.images.optional import optional
from ganeval.images.pixels import Decoding, Unreadable
from ganeval.images.volume_files import is_dicom
from ganeval.images.volumes import PlanesReader, Stack, broken_stack, check_planes

TAGS = (
    "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "InstanceNumber", "AcquisitionNumber",
    "TemporalPositionIdentifier", "EchoTime", "ImagePositionPatient", "ImageOrientationPatient",
    "Rows", "Columns", "SamplesPerPixel", "NumberOfFrames", "PhotometricInterpretation",
    "BitsAllocated", "BitsStored", "PixelRepresentation", "RescaleSlope", "RescaleIntercept",
    "ModalityLUTSequence", "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence",
)  # fmt: skip


ORDER = ("TemporalPositionIdentifier", "AcquisitionNumber", "EchoTime", "InstanceNumber")
"""What tells slices at equal positions apart, the weightiest first."""
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


@dataclass(frozen=True, eq=False, kw_only=True)
class DicomReader(PlanesReader):
    """DICOM series."""

    paths: tuple[str, ...]
    series: tuple[Series, ...]
    floats: bool

    def load(self, stack: int, time: int) -> np.ndarray:
        """One volume, turned to canonical orientation."""
        series = self.series[stack]
        array = np.stack([self._values(each) for each in series.slices[time]])  # [z, y, x, c]
        if self.floats:
            array = array.astype(np.float32, copy=False)
        array = array.transpose(2, 1, 0, 3)
        if series.directions is not None:
            nibabel = optional("nibabel", extra="medical", purpose="turning DICOM volumes")
            array = nibabel.apply_orientation(array, _orientation(series.directions))
        return array.transpose(3, 2, 1, 0)

    def _values(self, each: Slice) -> np.ndarray:
        path = self.paths[each.file]
        if path not in self.opened:
            self.opened.clear()
            self.opened[path] = read_whole(path)
        try:
            return frame_values(self.opened[path], each.frame)
        except Unreadable as error:
            raise Unreadable(f"has a slice in {os.path.basename(path)}, which {error}") from None


def open_dicom(path: Path, *, name: str, decoding: Decoding) -> DicomReader:
    """Reads the headers of a file, or of all below a folder."""
    check_planes(decoding, name=name, letters="xyzt")
    files = list_files(path, name=name, wanted=is_dicom)
    headers, broken, without = dict[int, Any](), dict[str, str](), 0
    for number, (id, file) in enumerate(zip(files.ids, files.paths, strict=True)):
        try:
            header = read_header(file, TAGS)
            if "Rows" not in header:
                without += 1  # reports, plans, contours
                continue
            reported(partial(_check, header, number))
            headers[number] = header
        except Unreadable as error:
            broken[id] = str(error)
    if not headers and not broken:
        raise InputError(f"{name} holds DICOM files without pixels; give the images")
    found = _series(headers, files, broken)
    series = tuple(series for _, series in found)
    groups, notes = _patients(headers, series)
    stacks = [
        Stack(id, group, *_shape(each, headers))
        for (id, each), group in zip(found, groups, strict=True)
    ]
    stacks += [broken_stack(id, problem) for id, problem in broken.items()]
    floats = any(rescaled(header) for header in headers.values())
    left = (f"left out {without} DICOM files without pixels",) if without else ()
    return DicomReader(
        name,
        files.folder,
        tuple(stacks),
        decoding.planes or "",
        decoding.project,
        files.stamp(),
        (*files.notes, *left, *notes, *_gaps_note(series), *_values_notes(headers, floats)),
        paths=files.paths,
        series=series,
        floats=floats,
    )


def _check(header: Any, number: int) -> None:
    """Fails if a header cannot be used."""
    check_declared(header)
    rescaled(header)
    for frame in range(max(int(header.get("NumberOfFrames") or 1), 1)):
        _placed(header, number, frame)


def _shape(series: Series, headers: dict[int, Any]) -> tuple[tuple[int, int, int], int]:
    """Planes across z, y and x of a volume in canonical orientation, and its times."""
    header = headers[series.slices[0][0].file]
    sides = [int(header.Columns), int(header.Rows), len(series.slices[0])]
    if series.directions is not None:
        turned = _orientation(series.directions)[:, 0].astype(int)
        sides = [sides[axis] for axis in np.argsort(turned)]
    return (sides[2], sides[1], sides[0]), len(series.slices)


def _series(
    headers: dict[int, Any], files: FileList, broken: dict[str, str]
) -> list[tuple[str, Series]]:
    """Volumes and single files, each with its id; what cannot be one goes to `broken`."""
    kinds: dict[tuple[Any, ...], list[tuple[Directions, list[Slice]]]] = defaultdict(list)
    for number, header in headers.items():
        for frame in range(max(int(header.get("NumberOfFrames") or 1), 1)):
            key, directions, each = _placed(header, number, frame)
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
    along = float(normal @ np.array(position, dtype=np.float64))
    to_ras = np.array([-1.0, -1.0, 1.0])  # DICOM counts towards left and back
    directions = tuple(tuple((to_ras * each).tolist()) for each in (columns, rows, normal))
    uid = str(header.get("SeriesInstanceUID", ""))
    size = (int(header.Rows), int(header.Columns), int(header.SamplesPerPixel))
    order = tuple(float(header.get(tag) or 0) for tag in ORDER)
    return (uid, *size), directions, Slice(number, frame, along, (*order, frame))


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


def _orientation(directions: Directions) -> np.ndarray:
    """The way of nibabel from stored columns, rows and slices to canonical axes."""
    nibabel = optional("nibabel", extra="medical", purpose="turning DICOM volumes")
    affine = np.eye(4)
    affine[:3, :3] = np.array(directions).T
    orientation: np.ndarray = nibabel.io_orientation(affine)
    return orientation


def _patients(headers: dict[int, Any], series: Sequence[Series]) -> tuple[list[str], list[str]]:
    """The group of each volume, and notes."""
    groups, unnamed = [], 0
    for each in series:
        header = headers[each.slices[0][0].file]
        person = str(header.get("PatientID") or "").strip()
        unnamed += not person
        kind, id = ("patient", person) if person else ("study", header.get("StudyInstanceUID", ""))
        digest = hashlib.blake2b(str(id).encode(), digest_size=6).hexdigest()
        groups.append(f"{kind}-{digest}")
    notes = []
    if unnamed:
        notes.append(f"{unnamed} of {len(series)} series have no PatientID; their study is taken")
    elif len(set(groups)) == 1 and len(series) > 1:
        notes.append(
            f"all {len(series)} series have one PatientID; if they are of several patients, say "
            "--group-by folder:0"
        )
    return groups, notes


def _gaps_note(series: Sequence[Series]) -> tuple[str, ...]:
    """A note on series whose slices lie at uneven distances."""
    uneven = 0
    for each in series:
        places = [slice.position for slice in each.slices[0] if slice.position is not None]
        gaps = np.diff(places)
        uneven += bool(len(gaps) > 1 and gaps.max() > 1.5 * gaps.min())
    if not uneven:
        return ()
    return (f"{uneven} of {len(series)} series have slices at uneven distances: are some missing?",)


def _values_notes(headers: dict[int, Any], floats: bool) -> list[str]:
    notes = []
    inverted = [h for h in headers.values() if h.get("PhotometricInterpretation") == "MONOCHROME1"]
    if inverted:
        notes.append(
            f"inverted {len(inverted)} of {len(headers)} files in which white is low (MONOCHROME1)"
        )
    bits = sorted({int(header.get("BitsStored") or 8) for header in headers.values()})
    if bits and not floats and bits[-1] not in (1, 8, 16):
        notes.append(
            f"values have {listing_end([str(b) for b in bits])} bits; if that is their whole "
            f"range, say --value-range 0:{(1 << bits[-1]) - 1}"
        )
    return notes
