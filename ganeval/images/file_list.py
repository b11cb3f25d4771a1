"""Files of one kind: one by itself, or all of a folder."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ganeval.errors import InputError
from ganeval.images.files import listing_end, readable_text, suffix
from ganeval.images.folder import walk
from ganeval.images.stamp import file_stamp


@dataclass(frozen=True)
class FileList:
    """Files in order of their ids."""

    folder: str
    """What stands before an id in messages: empty, or a folder with its slash."""
    ids: tuple[str, ...]
    paths: tuple[str, ...]
    notes: tuple[str, ...]

    def stamp(self, *more: str) -> str:
        """Hash of the stamps of all files, and of `more`."""
        state = hashlib.blake2b(digest_size=16)
        for path in self.paths:
            state.update(file_stamp(Path(path)).encode())
        state.update("\0".join(more).encode())
        return state.hexdigest()


def list_files(path: Path, *, name: str, wanted: Callable[[Path], bool]) -> FileList:
    """The file at `path`, or the wanted files at any depth below it, as `open_folder` lists them.

    Raises:
        InputError: there is none, or two have names that read the same.
    """
    if not path.is_dir():
        folder = os.path.dirname(name)
        id = readable_text(path.name)
        return FileList(f"{folder}/" if folder else "", (id,), (os.path.abspath(path),), ())
    root = os.path.abspath(path)
    every = sorted(file for file, _ in walk(root, name=name))
    chosen = [file for file in every if wanted(Path(root, file))]
    ids = tuple(readable_text(file) for file in chosen)
    if not chosen:
        raise InputError(f"found no file of the kind in {name}; check the path")
    if len(set(ids)) < len(ids):
        twice = [id for id, count in Counter(ids).items() if count > 1]
        raise InputError(
            f"{name} holds files whose names read the same: {listing_end(twice)}; rename them"
        )
    paths = tuple(os.path.join(root, file) for file in chosen)
    return FileList(f"{name.rstrip('/')}/", ids, paths, _left_out(every, set(chosen)))


def _left_out(every: list[str], chosen: set[str]) -> tuple[str, ...]:
    rest = Counter(suffix(file) or "no extension" for file in every if file not in chosen)
    if not rest:
        return ()
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(rest.items()))
    return (f"left out other files ({kinds})",)
