"""A table of images with one file per channel, as CellProfiler writes and reads it.

A row is an image and each column `FileName_DNA` a channel, in the order of the columns; the folder
is in the column `PathName_DNA`, or that of the table. `Image_` may stand before both. The names of
the files need not have anything in common, which `stack_by` would need.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath

from ganeval.errors import InputError, cut
from ganeval.images.channels import StackReader, joined
from ganeval.images.files import readable_text
from ganeval.images.path_list import open_paths
from ganeval.images.pixels import Decoding
from ganeval.images.stamp import file_stamp
from ganeval.images.tables import FILE_COLUMN, read_table

SUFFIXES = (".csv", ".tsv", ".txt")
_MOST_HEAD = 1 << 16
"""Bytes of a header; tables of measurements have thousands of columns."""


def is_channel_table(path: Path) -> bool:
    """Whether a file is a table with a column of files for each channel."""
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.readline(_MOST_HEAD).decode("utf-8-sig", errors="replace")
    return any(FILE_COLUMN.fullmatch(cell.strip(' "\r\n')) for cell in re.split("[,;\t]", head))


def open_channel_table(path: Path, *, name: str, decoding: Decoding) -> StackReader:
    """Lists the images of a table; the id is the path of the first channel.

    Raises:
        InputError: a file is missing, or two rows have the same one for the first channel.
    """
    columns, rows = read_table(path)
    channels = {found[1]: column for column in columns if (found := FILE_COLUMN.fullmatch(column))}
    folders = {
        channel: next((c for c in columns if c == column.replace("FileName", "PathName")), None)
        for channel, column in channels.items()
    }
    images: list[list[str]] = []
    first: dict[str, int] = {}
    for line, row in rows:
        files = []
        for channel, column in channels.items():
            folder = row[folders[channel] or ""] if folders[channel] else ""
            if not row[column]:
                raise InputError(f"{name} line {line} has no file for {channel}; fill it in")
            files.append(_found(path.parent, folder, row[column], where=f"{name} line {line}"))
        if (known := first.setdefault(files[0], line)) != line:
            raise InputError(
                f"{name} lines {known} and {line} have the same file, {cut(files[0])}; leave one "
                "of them out"
            )
        images.append(files)
    if not images:
        raise InputError(f"{name} has no rows; give a table with a row for each image")
    every = list(dict.fromkeys(file for files in images for file in files))
    reader = open_paths(every, decoding=decoding)
    place = {file: i for i, file in enumerate(every)}
    reader = replace(reader, name=name, stamp=f"{reader.stamp} {file_stamp(path)}")
    ids = tuple(reader.ids[place[files[0]]] for files in images)
    members = tuple(tuple(place[file] for file in files) for files in images)
    note = f"{len(channels)} channels in the order {', '.join(map(readable_text, channels))}"
    return joined(reader, ids, members, tuple(channels), (note,))


def _found(table: Path, folder: str, file: str, *, where: str) -> str:
    """The path of a file, which may have moved together with the table, or InputError."""
    for path in _places(table, folder, file):
        if path.is_file():
            return os.path.abspath(path)
    raise InputError(
        f"{where}: {readable_text(cut(file))} is neither in {readable_text(cut(folder or '.'))} "
        "nor below the folder of the table; move the table to its images, or correct it"
    )


def _places(table: Path, folder: str, file: str) -> Iterator[Path]:
    """Where a file may be: as the table says, then by ever fewer of the folders that it says."""
    plain = PureWindowsPath(folder) if "\\" in folder else PurePosixPath(folder)
    yield table / folder / file  # an absolute folder stands for itself
    parts = [part for part in plain.parts if part not in (plain.anchor, "..", "/")]
    for start in range(len(parts) + 1):
        yield table.joinpath(*parts[start:], file)
