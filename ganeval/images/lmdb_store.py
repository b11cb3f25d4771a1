"""LMDB: a database whose values are encoded pictures, or `.npy` of one image each.

The database is never written, and open only while values are copied, so that several sources may
read it. LMDB maps its file into memory and trusts what it finds there, and a damaged one can end
the process. So another process looks at everything first.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ganeval.errors import GanevalError, InputError
from ganeval.files import regular_file
from ganeval.images.decode import check_bytes, is_picture
from ganeval.images.files import FilesReader, listing_end, readable_text
from ganeval.images.pixels import Decoding, Unreadable, broken
from ganeval.images.stamp import file_stamp
from ganeval.optional import optional
from ganeval.processes import fresh_processes

AHEAD, AHEAD_BYTES = 64, 1 << 23
"""Most values, and most bytes, that are copied while the database is open."""
LONGEST_LABEL = 256
"""Most bytes of a value that can be a label."""


@dataclass(frozen=True, eq=False)
class LmdbReader(FilesReader):
    """Values of a database."""

    path: str
    database: str
    """Name of the database in its file, or nothing for the main one."""
    keys: tuple[bytes, ...]
    held: dict[int, bytes] = field(default_factory=dict, repr=False)
    """Values by index: those that follow the last one that was looked up."""

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "held": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def load(self, index: int) -> bytes:
        """Copies one value, unless it is too large for one image."""
        if index not in self.held:
            self.held.clear()
            try:
                with _values(self.path, self.database, name=self.name) as values:
                    self.held.update(self._from(index, values))
            except InputError as error:
                raise Unreadable(f"cannot be read: {error}") from None
        return self.held[index]

    def _from(self, index: int, values: Any) -> Iterator[tuple[int, bytes]]:
        """The value of `index` and of those after it, as many as are small."""
        size = 0
        for place in range(index, min(index + AHEAD, len(self.keys))):
            value = values.get(self.keys[place])
            if place == index:
                if value is None:
                    raise broken("it is no longer in the database")
                check_bytes(len(value))
            elif value is None or (size := size + len(value)) > AHEAD_BYTES:
                return
            yield place, bytes(value)


def open_lmdb(path: Path, *, name: str, decoding: Decoding) -> LmdbReader:
    """Lists the values that are pictures; `::NAME` is a database within the file.

    Ids are keys. Labels are class folders in keys (`cat/0001`), or the values of `label-0001` for
    `image-0001`.
    """
    file, _, database = str(path).partition("::")
    optional("lmdb", extra="lmdb", purpose=f"reading {name}")
    try:
        with fresh_processes(1) as pool:
            pictures, labels, rest = pool.submit(_contents, file, database, name).result()
    except InputError:
        raise
    except GanevalError:  # the process died
        raise InputError(
            f"{name} is damaged: looking through it ends the process; write it again"
        ) from None
    if not pictures:
        raise InputError(
            f"found no image in {name}: no value is a PNG, JPEG, TIFF, BMP, WebP, GIF or .npy; keys"
            f" are {listing_end(rest) or 'none'}"
        )
    ids = tuple(map(_text, pictures))
    if len(set(ids)) < len(ids):
        raise InputError(f"{name} has keys that read the same as text; give them other keys")
    notes = []
    if rest:
        notes.append(f"left out {len(rest)} values that are not images: {listing_end(rest)}")
    own = any(key in labels for key in pictures)
    if labels and not own:
        notes.append(f"{len(labels)} values label-... belong to no image-..., so none is a label")
    return LmdbReader(
        name,
        ids,
        file_stamp(_data_file(file), database),
        tuple(notes),
        decoding,
        os.path.abspath(file),
        database,
        tuple(pictures),
        labels=tuple(labels.get(key, "") for key in pictures) if own else None,
    )


def _contents(
    path: str, database: str, name: str
) -> tuple[list[bytes], dict[bytes, str], list[str]]:
    """Keys of pictures, labels by key, and other keys; touches both ends of every value."""
    pictures, labels, rest = list[bytes](), dict[bytes, str](), list[str]()
    with _values(path, database, name=name) as values:
        count = values.stat()["entries"]
        for number, (key, value) in enumerate(values.cursor()):
            if number >= count:
                raise InputError(f"{name} is damaged: it has more than its {count} values")
            kept, _ = bytes(key), bytes(value[-1:])
            if is_picture(bytes(value[:18])):
                pictures.append(kept)
            elif kept.startswith(b"label-") and len(value) <= LONGEST_LABEL:
                labels[kept.replace(b"label-", b"image-", 1)] = _text(bytes(value)).strip()
            else:
                rest.append(_text(kept))
    return pictures, labels, rest


@contextmanager
def _values(path: str, database: str, *, name: str) -> Iterator[Any]:
    """A reading transaction, whose values are views that end with it."""
    lmdb = optional("lmdb", extra="lmdb", purpose=f"reading {name}")
    regular_file(_data_file(path), name=name)
    try:
        with lmdb.open(
            path, subdir=os.path.isdir(path), readonly=True, lock=False, create=False,
            readahead=False, max_dbs=1 if database else 0,
        ) as environment:  # fmt: skip
            chosen = environment.open_db(database.encode(), create=False) if database else None
            with environment.begin(db=chosen, buffers=True) as values:
                yield values
    except lmdb.Error as error:
        raise InputError(
            f"{name} is no LMDB database that can be read ({error}); write it again, or close it "
            "where it is open"
        ) from None


def _data_file(path: str) -> str:
    return os.path.join(path, "data.mdb") if os.path.isdir(path) else path


def _text(key: bytes) -> str:
    return readable_text(key.decode(errors="surrogateescape"))
