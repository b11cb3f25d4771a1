"""NIfTI volumes (`.nii`, `.nii.gz`), read by nibabel.

Volumes are turned to the closest canonical orientation (RAS): x runs to the right, y to the front,
z to the head, so plane `z/0031` is `nibabel.as_closest_canonical(image).dataobj[:, :, 31].T`. Slope
and intercept of the header are applied; where it has none, integers stay as they are. A fourth axis
needs a word: `axes="XYZT"` for times, `axes="XYZC"` for channels, such as four scans of one head; a
fifth is channels, as NIfTI has it. The file is the group, or the person in the layout of the Brain
Imaging Data Structure (`sub-01_T1w.nii.gz`).
"""

import gzip
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ganeval.errors import GanevalError, InputError
from ganeval.images.file_list import list_files
from ganeval.images.pixels import (
    MAX_BYTES,
    Decoding,
    Unreadable,
    broken,
    check_size,
    without_alpha,
)
from ganeval.images.volume_files import is_nifti
from ganeval.images.volumes import PlanesReader, Stack, broken_stack, check_planes
from ganeval.optional import optional

PERSON = re.compile(r"(?:^|/)(sub-[0-9A-Za-z]+)(?=[_/])")
FOURTH = ("XYZT", "XYZC")

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False, kw_only=True)
class NiftiReader(PlanesReader):
    """NIfTI files; each is one volume, or several at successive times."""

    paths: tuple[str, ...]
    decoding: Decoding

    def load(self, stack: int, time: int) -> np.ndarray:
        """One volume, its values scaled by the header."""
        path = self.paths[stack]
        if path in self.opened:
            array: np.ndarray = self.opened[path]
        else:
            array = _reported(partial(_array, path, self.decoding))
            self.opened.clear()
            if len(array) > 1:
                self.opened[path] = array
        volume: np.ndarray = array[time]
        return volume


def open_nifti(path: Path, *, name: str, decoding: Decoding) -> NiftiReader:
    """Reads the header of a file, or of all files below a folder."""
    check_planes(decoding, name=name, letters="xyzt")
    if decoding.axes not in (None, *FOURTH):
        raise InputError(
            f"axes {decoding.axes} do not fit NIfTI, whose axes are X, Y, Z and perhaps a fourth; "
            "give XYZT if it is time, or XYZC if it is channels"
        )
    files = list_files(path, name=name, wanted=is_nifti)
    stacks, lost = [], 0
    for id, file, group in zip(files.ids, files.paths, _groups(files.ids), strict=True):
        try:
            header = _reported(partial(_header, file))
            stacks.append(_reported(partial(_stack, header, decoding, id=id, group=group)))
        except Unreadable as error:
            stacks.append(broken_stack(id, error))
            continue
        except InputError as error:
            raise InputError(f"{files.folder}{id} {error}") from None
        lost += not (header["sform_code"] or header["qform_code"])
    notes = list(files.notes)
    if lost:
        notes.append(f"{lost} of {len(stacks)} volumes do not say how they lie; taken as LAS")
    return NiftiReader(
        name,
        files.folder,
        tuple(stacks),
        decoding.planes or "",
        decoding.project,
        files.stamp(),
        tuple(notes),
        paths=files.paths,
        decoding=decoding,
    )


def _groups(ids: tuple[str, ...]) -> tuple[str, ...]:
    """The person that each file is of, if all names tell, or the file itself."""
    found = [PERSON.search(id) for id in ids]
    return tuple(match[1] for match in found if match) if all(found) else ids


def _header(path: str) -> Any:
    """The header alone, checked before nibabel reads what it announces."""
    nibabel = _nibabel()
    with gzip.open(path) if path.lower().endswith(".gz") else open(path, "rb") as file:
        block = file.read(540)
    kind, size = (nibabel.Nifti1Header, 348)
    if 540 in (int.from_bytes(block[:4], "little"), int.from_bytes(block[:4], "big")):
        kind, size = nibabel.Nifti2Header, 540
    header = kind(block[:size])
    first = size + 4 if header["magic"].item().startswith(b"n+") else 0
    if not first <= header["vox_offset"] <= MAX_BYTES:
        raise broken(f"its values are said to begin at byte {header['vox_offset']}")
    return header


def _stack(header: Any, decoding: Decoding, *, id: str, group: str) -> Stack:
    """Sides in canonical orientation, or Unreadable."""
    shape = tuple(map(int, header.get_data_shape()))
    if not shape or len(shape) > 5 or min(shape) < 1:
        raise Unreadable(f"has shape {list(shape)}; NIfTI images have x, y, z, time and channels")
    x, y, z, times, channels = (*shape, 1, 1, 1, 1)[:5]
    if times > 1 and decoding.axes is None:
        raise InputError(
            f"has a fourth axis of {times}; say --axes XYZT if it is time, or --axes XYZC if it is "
            "channels"
        )
    if decoding.axes == "XYZC":
        if channels > 1:
            raise Unreadable(f"has two axes of channels, {times} and {channels}; save one of them")
        times = 1
    check_size(x, y, values=int(np.prod(shape, dtype=object)))
    sides = dict(zip(_orientation(header)[:, 0].astype(int), (x, y, z), strict=True))
    return Stack(id, group, (sides[2], sides[1], sides[0]), times)


def _array(path: str, decoding: Decoding) -> np.ndarray:
    """The values [t, c, z, y, x] of a file."""
    nibabel = _nibabel()
    header = _header(path)
    image = nibabel.load(path, mmap=False)
    array: np.ndarray = np.asanyarray(image.dataobj)
    array = array.reshape((*array.shape, 1, 1, 1, 1)[: max(5, array.ndim)])
    array = nibabel.apply_orientation(array, _orientation(header))
    if array.dtype.names is not None:  # colours
        array = np.concatenate([array[channel] for channel in array.dtype.names], axis=4)
        if array.shape[4] == 4:
            array = without_alpha(array, keep=decoding.keep_alpha)
    array = array.transpose((4, 3, 2, 1, 0) if decoding.axes == "XYZC" else (3, 4, 2, 1, 0))
    return array.astype(np.float32) if array.dtype == np.float64 else array


def _orientation(header: Any) -> np.ndarray:
    """The way of nibabel from the file's first three axes to canonical ones."""
    orientation: np.ndarray = _nibabel().io_orientation(header.get_best_affine())
    if np.isnan(orientation).any():
        raise Unreadable("has a header whose axes lie in no direction; write it again")
    return orientation


def _reported(read: Callable[[], Result]) -> Result:
    """What `read` returns; whatever nibabel raises becomes Unreadable, and it logs nothing."""
    logger = logging.getLogger("nibabel.global")
    was, logger.disabled = logger.disabled, True
    try:
        return read()
    except (Unreadable, GanevalError):
        raise
    except MemoryError:
        raise Unreadable("does not fit into memory; make the volume smaller") from None
    except Exception as error:  # a damaged file can make a decoder raise anything
        text = " ".join(str(error).split())[:120] or type(error).__name__
        raise broken(f"damaged NIfTI ({text})") from None
    finally:
        logger.disabled = was


def _nibabel() -> Any:
    return optional("nibabel", extra="medical", purpose="reading NIfTI")
