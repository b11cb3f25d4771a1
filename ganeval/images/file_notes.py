"""What the names and the first header of many files tell before any image is decoded."""

from collections.abc import Sequence

from ganeval.images._base import Reader
from ganeval.images.families import families_note
from ganeval.images.files import FilesReader, suffix
from ganeval.images.pixels import Unreadable


def file_notes(reader: Reader, places: Sequence[int], *, families: bool) -> tuple[str, ...]:
    """Notes on the files at `places` of the reader; none for readers of other things.

    Args:
        reader: any reader.
        places: positions of the files that are taken.
        families: whether to look for families of names (masks beside images).
    """
    if not isinstance(reader, FilesReader):
        return ()
    note = families_note([reader.ids[place] for place in places]) if families else None
    tiffs = (place for place in places if suffix(reader.ids[place]) in (".tif", ".tiff"))
    first = next(tiffs, None)
    return (*((note,) if note else ()), *(() if first is None else _pages(reader, first)))


def _pages(reader: FilesReader, place: int) -> tuple[str, ...]:
    """What the header of one TIFF says that its user should know."""
    from ganeval.images.tiff import pages_note

    try:
        with reader.handle(place) as file:
            return pages_note(file, where=reader.where(place), decoding=reader.decoding)
    except (OSError, Unreadable):  # reading the image reports the problem
        return ()
