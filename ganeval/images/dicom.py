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
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ganeval.errors import InputError
from ganeval.images.dicom_pixels import (
    frame_values,
    read_header,
    read_whole,
    reported,
    rescaled,
)
from ganeval.images.dicom_series import (
    Series,
    Slice,
    check,
    gaps_note,
    series_of,
    shape_of,
    spacing_of,
    turn_of,
)
from ganeval.images.file_list import list_files
from ganeval.images.files import listing_end
from ganeval.images.pixels import Decoding, Unreadable
from ganeval.images.volume_files import is_dicom
from ganeval.images.volumes import PlanesReader, Stack, broken_stack, check_planes
from ganeval.optional import optional

TAGS = (
    "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "InstanceNumber", "AcquisitionNumber",
    "TemporalPositionIdentifier", "EchoTime", "ImagePositionPatient", "ImageOrientationPatient",
    "PixelSpacing", "Rows", "Columns", "SamplesPerPixel", "NumberOfFrames",
    "PhotometricInterpretation",
    "BitsAllocated", "BitsStored", "PixelRepresentation", "RescaleSlope", "RescaleIntercept",
    "ModalityLUTSequence", "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence",
)  # fmt: skip


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
            array = nibabel.apply_orientation(array, turn_of(series.directions))
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
            reported(partial(check, header, number))
            headers[number] = header
        except Unreadable as error:
            broken[id] = str(error)
    if not headers and not broken:
        raise InputError(f"{name} holds DICOM files without pixels; give the images")
    found = series_of(headers, files, broken)
    series = tuple(series for _, series in found)
    groups, notes = _patients(headers, found)
    stacks = [
        Stack(id, group, *shape_of(each, headers))
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
        (*files.notes, *left, *notes, *gaps_note(series), *_values_notes(headers, floats)),
        spacings=tuple(spacing_of(each, headers) for each in series) + (None,) * len(broken),
        paths=files.paths,
        series=series,
        floats=floats,
    )


def _patients(
    headers: dict[int, Any], series: Sequence[tuple[str, Series]]
) -> tuple[list[str], list[str]]:
    """The group of each volume, and notes."""
    groups, unnamed = [], 0
    for volume, each in series:
        header = headers[each.slices[0][0].file]
        person = str(header.get("PatientID") or "").strip()
        unnamed += not person
        study = str(header.get("StudyInstanceUID") or "").strip()
        known = (("patient", person), ("study", study), ("volume", volume))
        kind, id = next((kind, id) for kind, id in known if id)
        digest = hashlib.blake2b(id.encode(errors="surrogateescape"), digest_size=6).hexdigest()
        groups.append(f"{kind}-{digest}")
    notes = []
    if unnamed:
        notes.append(
            f"{unnamed} of {len(series)} series have no PatientID; their study is taken, or, "
            "without one, the volume"
        )
    elif len(set(groups)) == 1 and len(series) > 1:
        notes.append(
            f"all {len(series)} series have one PatientID; if they are of several patients, say "
            "--group-by folder:0"
        )
    return groups, notes


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
