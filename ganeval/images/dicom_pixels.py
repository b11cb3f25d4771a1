"""Pixels of DICOM files, decoded by pydicom, with what their headers say of the values."""

import importlib
import logging
import os
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import numpy as np

from ganeval.errors import GanevalError
from ganeval.images.pixels import Unreadable, broken, check_size
from ganeval.optional import optional

logging.getLogger("pydicom").addHandler(logging.NullHandler())  # or it writes to stderr

DEFLATED = "1.2.840.10008.1.2.1.99"
"""The transfer syntax in which the header itself is packed, to any size."""

Result = TypeVar("Result")


def read_header(path: str, tags: tuple[str, ...]) -> Any:
    """Some tags of a file's header, without its pixels, or Unreadable."""

    def read() -> Any:
        header = _read(path, specific_tags=list(tags), stop_before_pixels=True)
        if "Rows" in header:
            _check_frames(header, os.path.getsize(path))
        return header

    return reported(read)


def read_whole(path: str) -> Any:
    """A file with its pixels, still encoded, or Unreadable."""
    return reported(partial(_read, path))


def frame_values(dataset: Any, frame: int) -> np.ndarray:
    """The values [h, w, c] of one frame, or Unreadable.

    Bits above BitsStored are masked and YBR becomes RGB, both by pydicom; a palette becomes RGB;
    MONOCHROME1, in which white is low, is inverted; the modality's table, or slope and intercept,
    turn stored values into the modality's (as Hounsfield units).
    """
    return reported(partial(_frame_values, dataset, frame))


def check_declared(dataset: Any) -> None:
    """Raises Unreadable if a header declares more pixels than the limits."""
    frames, samples = int(dataset.get("NumberOfFrames") or 1), int(dataset.SamplesPerPixel)
    check_size(
        int(dataset.Rows),
        int(dataset.Columns),
        values=int(dataset.Rows) * int(dataset.Columns) * max(frames, 1) * samples,
    )


def _check_frames(header: Any, size: int) -> None:
    """Raises Unreadable if a file of `size` bytes cannot hold the frames that it declares."""
    frames = int(header.get("NumberOfFrames") or 1)
    syntax = header.file_meta.get("TransferSyntaxUID")
    least = 8  # what begins each compressed frame
    if syntax is None or not syntax.is_compressed:
        bits = int(header.get("BitsAllocated") or 8)
        least = int(header.Rows) * int(header.Columns) * bits // 8
    if frames > 1 and frames * max(least, 1 / 8) > size:
        raise broken(f"it declares {frames} frames, more than its {size} bytes can hold")


def rescaled(dataset: Any) -> bool:
    """Whether the values become floats: by a slope, a table, or because they have a sign."""
    signed = int(dataset.get("PixelRepresentation") or 0) == 1
    frames = range(int(dataset.get("NumberOfFrames") or 1))
    scales = (_scale(dataset, frame) for frame in frames)
    return signed or any(scale is not None for scale in scales)


def per_frame(dataset: Any, frame: int, group: str) -> Any:
    """One functional group of a frame of an enhanced file, its own or shared; None without."""
    for groups, index in (("PerFrameFunctionalGroupsSequence", frame),
                          ("SharedFunctionalGroupsSequence", 0)):  # fmt: skip
        every = dataset.get(groups) or ()
        if index < len(every) and every[index].get(group):
            return every[index][group][0]
    return None


def reported(read: Callable[[], Result]) -> Result:
    """What `read` returns; whatever pydicom raises becomes Unreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom warns of values that break the standard
            return read()
    except (Unreadable, GanevalError):
        raise
    except MemoryError:
        raise Unreadable("does not fit into memory; save fewer frames per file") from None
    except Exception as error:  # a damaged file can make a decoder raise anything
        text = " ".join(str(error).split())[:200] or type(error).__name__
        if "missing dependencies" in text or "plugins" in text:
            raise Unreadable(
                f"is compressed in a way that no installed package decodes ({text}); "
                "pip install pylibjpeg pylibjpeg-libjpeg pylibjpeg-openjpeg"
            ) from None
        raise broken(f"damaged DICOM ({text})") from None


def _read(path: str, **options: Any) -> Any:
    pydicom = optional("pydicom", extra="medical", purpose="reading DICOM")
    if pydicom.filereader.read_file_meta_info(path).get("TransferSyntaxUID") == DEFLATED:
        raise Unreadable("is packed as a whole (deflated); unpack it, for example with dcmconv")
    return pydicom.dcmread(path, **options)


def _frame_values(dataset: Any, frame: int) -> np.ndarray:
    pixels = importlib.import_module("pydicom.pixels")
    check_declared(dataset)
    frames = int(dataset.get("NumberOfFrames") or 1)
    array: np.ndarray = pixels.pixel_array(dataset, index=frame if frames > 1 else None)
    colours = dataset.PhotometricInterpretation
    if colours == "PALETTE COLOR":
        array = pixels.apply_color_lut(array, dataset)
    if int(dataset.BitsAllocated) == 1:
        array = array.astype(bool)
    elif colours == "MONOCHROME1":
        signed = int(dataset.PixelRepresentation) == 1
        largest = -1 if signed else (1 << int(dataset.BitsStored)) - 1
        array = (largest - array.astype(np.int64)).astype(array.dtype)
    if (scale := _scale(dataset, frame)) is not None:
        array = scale(array)
    return array if array.ndim == 3 else array[..., None]


def _scale(dataset: Any, frame: int) -> Callable[[np.ndarray], np.ndarray] | None:
    """What turns stored values into the modality's, or None where they are the same."""
    if dataset.get("ModalityLUTSequence"):
        table = importlib.import_module("pydicom.pixels").apply_modality_lut
        return lambda array: np.asarray(table(array, dataset), dtype=np.float32)
    given = per_frame(dataset, frame, "PixelValueTransformationSequence") or dataset
    slope, intercept = given.get("RescaleSlope"), given.get("RescaleIntercept")
    factor = 1.0 if slope is None else float(slope)
    offset = 0.0 if intercept is None else float(intercept)
    if (factor, offset) == (1.0, 0.0):
        return None
    return lambda array: (array.astype(np.float64) * factor + offset).astype(np.float32)
