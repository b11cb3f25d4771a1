"""What the names and the first header of many files tell before any image is decoded."""

from collections.abc import Sequence

from ganeval.images._base import Reader
from ganeval.images.deep_raster import bits_of
from ganeval.images.families import families_note
from ganeval.images.files import FilesReader, suffix
from ganeval.images.pixels import Unreadable, depth_note

TIFF, DEEP = (".tif", ".tiff"), (".jp2", ".j2k", ".j2c", ".jxl", ".avif")
HEAD = 1 << 16
"""Bytes at the start of a picture that hold its header."""


def file_notes(
    reader: Reader, places: Sequence[int], *, families: bool, ranged: bool
) -> tuple[str, ...]:
    """Notes on the files at `places` of the reader; none for readers of other things.

    Args:
        reader: any reader.
        places: positions of the files that are taken.
        families: whether to look for families of names (masks beside images).
        ranged: whether a value range is declared.
    """
    if not isinstance(reader, FilesReader):
        return ()
    note = families_note([reader.ids[place] for place in places]) if families else None
    return (*((note,) if note else ()), *_headers(reader, places, ranged=ranged))


def _headers(reader: FilesReader, places: Sequence[int], *, ranged: bool) -> tuple[str, ...]:
    """What the header of the first TIFF, or picture of any depth, says."""
    first = next((place for place in places if suffix(reader.ids[place]) in TIFF + DEEP), None)
    if first is None:
        return ()
    try:
        with reader.handle(first) as file:
            if suffix(reader.ids[first]) in DEEP:
                bits = bits_of(file.read(HEAD))
                fills = ranged or bits in (None, 1, 8, 16)
                return () if fills else (f"{reader.where(first)}: {depth_note(bits or 0)}",)
            from ganeval.images.tiff_notes import tiff_notes

            return tiff_notes(
                file, where=reader.where(first), decoding=reader.decoding, ranged=ranged
            )
    except (OSError, Unreadable):  # reading the image reports the problem
        return ()
