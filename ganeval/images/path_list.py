"""A list of paths: one image per file, chosen by the user rather than by a folder."""

import os
from collections import Counter
from collections.abc import Sequence

from ganeval.errors import InputError
from ganeval.images.file_list import FileList
from ganeval.images.files import listing_end, readable_text
from ganeval.images.folder import FolderReader
from ganeval.images.pixels import Decoding


def open_paths(paths: Sequence[str | os.PathLike[str]], *, decoding: Decoding) -> FolderReader:
    """Lists the files without opening them; ids are paths below the folder that all share.

    Raises:
        InputError: a path is no file, or is given twice.
    """
    typed = [os.fspath(path) for path in paths]
    full = [os.path.abspath(os.path.expanduser(path)) for path in typed]
    for name, path in zip(typed, full, strict=True):
        if not os.path.isfile(path):
            what = "is not a file" if os.path.lexists(path) else "does not exist"
            raise InputError(
                f"{readable_text(name)} {what}; a list of paths holds one picture each, and a "
                "folder is given alone"
            )
    if twice := [path for path, count in Counter(full).items() if count > 1]:
        raise InputError(
            f"{readable_text(listing_end(twice))} is in the list more than once; list each once"
        )
    root = os.path.commonpath([os.path.dirname(path) for path in full])
    files = tuple(os.path.relpath(path, root).replace(os.sep, "/") for path in full)
    ids = tuple(map(readable_text, files))
    stamp = FileList("", ids, tuple(full), ()).stamp(root)
    return FolderReader(readable_text(root), ids, stamp, (), decoding, root, files)
