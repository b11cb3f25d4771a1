"""Arguments of public functions that may come as something else than they are written for."""

import operator
import os
from pathlib import Path

from ganeval.errors import InputError, cut


def whole_number(value: object, *, name: str, least: int, most: int = 2**31 - 1) -> int:
    """`value` as an int, whatever library it comes from.

    Raises:
        InputError: it is no whole number, or out of bounds.
    """
    try:
        found = None if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        found = None
    if found is None or not least <= found <= most:
        wanted = f"{least} or more" if found is None or found < least else f"{most} at most"
        raise InputError(f"{name} is {cut(repr(value))}; wanted a whole number, {wanted}")
    return found


def text(value: object, *, name: str, wanted: str) -> str:
    """`value`, a text that is not empty; or InputError, with what was wanted."""
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{name} is {cut(repr(value))}; wanted {wanted}")
    return value


def path_of(value: object, *, name: str) -> Path:
    """`value` as a path; or InputError."""
    if not isinstance(value, str | os.PathLike) or not os.fspath(value):
        raise InputError(f"{name} is {cut(repr(value))}; wanted a path")
    return Path(value)


def new_file_path(value: object, *, name: str) -> Path:
    """`value` as the path of a file that can be written; or InputError."""
    path = path_of(value, name=name)
    if path.is_dir():
        raise InputError(f"{name} is the folder {path}; name a file in it")
    if not path.parent.is_dir():
        raise InputError(f"{name} is {path}, and there is no folder {path.parent}; make it first")
    return path


def folder_path(value: object, *, name: str) -> Path:
    """`value` as the path of a folder, which may not be there yet; or InputError."""
    path = path_of(value, name=name)
    there = next(one for one in (path, *path.absolute().parents) if one.exists())
    if not there.is_dir():
        raise InputError(f"{name} is {path}, and {there} is a file; name a folder")
    return path
