"""What the header of a TIFF says that its user should know before it is measured."""

import io
from typing import Any

from ganeval.images.pixels import Decoding, Unreadable, depth_note
from ganeval.images.tiff import SEPARATE, series_axes, tiff_series
from ganeval.images.tiff_colours import MIN_IS_WHITE, SPREAD

WHOLE_BITS = (1, 8, 16, 32, 64)
MAX_SAMPLE_VALUE = 281


def tiff_notes(
    file: io.BufferedIOBase, *, where: str, decoding: Decoding, ranged: bool
) -> tuple[str, ...]:
    """Notes on one file, which stands for the others.

    Args:
        file: an open TIFF.
        where: its name.
        decoding: how it is read; named axes need no note.
        ranged: whether a value range is declared.
    """
    try:
        with tiff_series(file) as series:
            own = series_axes(series, decoding.axes)
            notes = [
                _pages(own, series.shape),
                _separate(own, series.keyframe),
                _white(series.keyframe),
                None if ranged else _depth(series.keyframe),
            ]
    except Unreadable:  # reading the image reports the problem
        return ()
    return tuple(f"{where}: {note}" for note in notes if note is not None)


def _pages(axes: str, shape: tuple[int, ...]) -> str | None:
    """Pages count as channels only because the file does not say what they are."""
    found = [axis for axis in axes if axis in "IQ" and shape[axes.index(axis)] > 1]
    if not found:
        return None
    count, planes, images = (
        shape[axes.index(found[0])], axes.replace(found[0], "Z"), axes.replace(found[0], "N")
    )  # fmt: skip
    last = ", YXC for channels last" if len(shape) == 3 and shape[2] < min(shape[:2]) else ""
    return (
        f"{count} pages without axes are taken as channels; say otherwise with --axes ({planes} "
        f"for planes, {images} for one file of many images{last})"
    )


def _separate(axes: str, key: Any) -> str | None:
    """Writers store an array [3, h, w] or [4, h, w] as one picture in planes."""
    if int(key.planarconfig) != SEPARATE or not axes.startswith("S"):
        return None
    alpha = ", the last of them alpha" if key.samplesperpixel == 4 and key.extrasamples else ""
    return (
        f"{key.samplesperpixel} planes stored apart are taken as colours{alpha}; say otherwise "
        "with --axes (CYX for channels, ZYX for planes, NYX for one file of many images)"
    )


def _white(key: Any) -> str | None:
    if int(key.photometric) != MIN_IS_WHITE:
        return None
    return "white is zero, as the file says, so its values are inverted (black becomes 0)"


def _depth(key: Any) -> str | None:
    """White where values do not fill their bytes: 12 bits in uint16."""
    bits = key.bitspersample
    if key.dtype is None or key.dtype.kind != "u":
        return None
    declared = key.tags.get(MAX_SAMPLE_VALUE)
    if bits not in (*WHOLE_BITS, *SPREAD):
        white = (1 << bits) - 1
    elif declared is not None and _fills_bits(declared.value, bits):
        white = declared.value
    else:
        return None
    return depth_note(white.bit_length())


def _fills_bits(value: object, bits: int) -> bool:
    """Whether a largest value is 2**k - 1 of fewer bits than the file's."""
    return isinstance(value, int) and 3 <= value < (1 << bits) - 1 and value & (value + 1) == 0
