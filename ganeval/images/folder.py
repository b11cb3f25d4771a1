"""Images in a folder, at any depth."""

import hashlib
import io
import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ganeval.errors import InputError
from ganeval.files import regular_file
from ganeval.images.decode import PICTURES, check_bytes
from ganeval.images.files import (
    FilesReader,
    choose_images,
    hidden,
    listing_end,
    readable_text,
)
from ganeval.images.label_files import labels_beside
from ganeval.images.pixels import Decoding, Unreadable
from ganeval.images.stamp import file_state

ONE_FILE_OF_MANY = (".zip", ".npz", "-ubyte", "-ubyte.gz")


class NoPictures(InputError):
    """A folder holds no pictures; `files` are the paths below it of what it does hold."""

    def __init__(self, message: str, files: Sequence[str]) -> None:
        super().__init__(message)
        self.files = files


@dataclass(frozen=True, eq=False)
class FolderReader(FilesReader):
    """Files below `root`; `files` are their names as the system spells them."""

    root: str
    files: tuple[str, ...]

    def handle(self, index: int) -> io.BufferedIOBase:
        """Opens the file."""
        return open(os.path.join(self.root, self.files[index]), "rb")

    def load(self, index: int) -> bytes:
        """Reads the whole file, unless it is too large for one image."""
        try:
            with self.handle(index) as file:
                check_bytes(os.fstat(file.fileno()).st_size)
                return file.read()
        except OSError as error:
            raise Unreadable(
                f"cannot be opened: {error.strerror or error}; check its permissions, remove it "
                "or use --on-error skip"
            ) from None


@dataclass(frozen=True, eq=False)
class PictureReader(FolderReader):
    """A single file, whose name is what the user typed."""

    def where(self, index: int) -> str:
        """The path to the file."""
        return self.name


def open_folder(path: Path, *, name: str, decoding: Decoding) -> FolderReader:
    """Lists a folder; of its files only those with labels are opened (`dataset.json`).

    Links are followed, each folder is read once (so a link to a parent does not loop), hidden
    files and folders are left out.
    """
    found = dict(walk(os.path.abspath(path), name=name))
    chosen, notes = choose_images(found)
    if not chosen:
        files = sorted(file for file in found if file.lower().endswith(ONE_FILE_OF_MANY))
        hint = f"; it holds {listing_end(files)}: give one such file itself" if files else ""
        raise NoPictures(
            f"found no image in {name} (no {' '.join(PICTURES)} .npy below it){hint}", sorted(found)
        )
    root = os.path.abspath(path)
    labels, told, used = labels_beside(
        [readable_text(file) for file in chosen], found, lambda file: _label_file(root, file)
    )
    notes = (*choose_images(found, used=used)[1], *told)
    stamp = _stamp(root, {file: found[file] for file in (*chosen, *used)})
    return FolderReader(
        name, _ids(chosen, name=name), stamp, notes, decoding, root, tuple(chosen), labels=labels
    )


def open_picture(path: Path, *, name: str, decoding: Decoding) -> PictureReader:
    """A single image file as a source of one image, whose id is the file's name."""
    status = os.stat(path)
    root = os.path.dirname(os.path.abspath(path))
    stamp = _stamp(root, {path.name: file_state(status)})
    ids = _ids([path.name], name=name)
    return PictureReader(name, ids, stamp, (), decoding, root, (path.name,))


def _stamp(root: str, files: Mapping[str, str]) -> str:
    state = hashlib.blake2b(os.fsencode(os.path.realpath(root)), digest_size=16)
    for file, known in files.items():
        state.update(os.fsencode(f"\0{file}\0{known}"))
    return state.hexdigest()


def _ids(files: Sequence[str], *, name: str) -> tuple[str, ...]:
    """The files' names as text, or InputError if two of them read the same."""
    ids = tuple(readable_text(file) for file in files)
    if len(set(ids)) < len(ids):
        twice = sorted(id for id, count in Counter(ids).items() if count > 1)
        raise InputError(
            f"{name} holds files whose names read the same: {listing_end(twice)}; rename them"
        )
    return ids


def _label_file(root: str, file: str) -> bytes:
    path = regular_file(os.path.join(root, file), name=file)
    check_bytes(os.path.getsize(path))
    return path.read_bytes()


def walk(root: str, *, name: str) -> Iterator[tuple[str, str]]:
    """(path below the root, `file_state`) of every regular file."""
    folders, links, seen = [""], list[str](), set[tuple[int, int]]()
    while folders or links:
        # Links wait until the real folders are read: a file keeps its real path.
        below = folders.pop() if folders else links.pop(0)
        try:
            status = os.stat(os.path.join(root, below))
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(os.path.join(root, below)) as entries:
                inside = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            where = readable_text(os.path.join(name, below))
            raise InputError(
                f"{where} cannot be listed: {error.strerror}; check its permissions"
            ) from None
        for entry in inside:
            if hidden(entry.name):
                continue
            path = f"{below}/{entry.name}" if below else entry.name
            try:
                if entry.is_dir():
                    (links if entry.is_symlink() else folders).append(path)
                    continue
                status = entry.stat()
            except OSError:  # a broken link is listed; reading it reports the problem
                yield path, ""
                continue
            if stat.S_ISREG(status.st_mode):  # not a pipe, which would never end
                yield path, file_state(status)
