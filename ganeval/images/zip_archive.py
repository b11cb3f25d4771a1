"""Images in a `.zip`, read in place: nothing is ever extracted."""

import hashlib
import lzma
import os
import stat
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ganeval.errors import InputError
from ganeval.images.decode import PICTURES, check_bytes
from ganeval.images.files import (
    FilesReader,
    choose_images,
    hidden,
)
from ganeval.images.label_files import labels_beside
from ganeval.images.members import plain_name
from ganeval.images.pixels import Decoding, Unreadable, broken
from ganeval.images.stamp import file_state

ENCRYPTED, UTF8 = 0x1, 0x800
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


@dataclass(frozen=True, eq=False)
class ZipReader(FilesReader):
    """Entries of one archive, which each process opens once."""

    path: str
    entries: tuple[str, ...]
    """The names as the archive spells them."""
    opened: dict[str, zipfile.ZipFile] = field(default_factory=dict, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "opened": {}}  # an open file does not cross processes

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def load(self, index: int) -> bytes:
        """Unpacks one entry into memory, unless it declares a size too large for one image."""
        try:
            if "zip" not in self.opened:
                self.opened["zip"] = zipfile.ZipFile(self.path)
            archive = self.opened["zip"]
            entry = archive.getinfo(self.entries[index])
            check_bytes(entry.file_size)
            return archive.read(entry)
        except (
            zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, KeyError, RuntimeError
        ) as error:  # fmt: skip
            raise broken(f"its archive entry is damaged ({error})") from None
        except OSError as error:
            raise Unreadable(
                f"cannot be read: {error.strerror or error}; check the archive"
            ) from None


def open_zip(path: Path, *, name: str, decoding: Decoding) -> ZipReader:
    """Lists an archive; InputError if it is damaged, encrypted or points outside itself."""
    status = os.stat(path)
    with _opened(path, name=name) as archive:
        entries = _entries(archive, name=name)
        packed = sum(entry.compress_size for entry in entries.values())
        if packed > status.st_size:
            raise InputError(
                f"{name} has {status.st_size} bytes and announces entries of {packed}; it is "
                "damaged or a trap, pack it again"
            )

        def load(file: str) -> bytes:
            _check_entry(entries[file], f"{name}/{file}")
            check_bytes(entries[file].file_size)
            return archive.read(entries[file])

        chosen, _ = choose_images(entries)
        if not chosen:
            raise InputError(f"found no image in {name} (no {' '.join(PICTURES)} .npy in it)")
        for file in chosen:
            _check_entry(entries[file], f"{name}/{file}")
        labels, told, used = labels_beside(chosen, entries, load)
    state = hashlib.blake2b(os.fsencode(os.path.realpath(path)), digest_size=16)
    state.update(f"\0{file_state(status)}".encode())
    return ZipReader(
        name,
        tuple(chosen),
        state.hexdigest(),
        (*choose_images(entries, used=used)[1], *told),
        decoding,
        os.path.abspath(path),
        tuple(entries[file].filename for file in chosen),
        labels=labels,
    )


def _opened(path: Path, *, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError(
            f"{name} is not a zip archive that can be read ({error}); pack it again"
        ) from None


def _entries(archive: zipfile.ZipFile, *, name: str) -> dict[str, zipfile.ZipInfo]:
    """The files in the archive by their names as text, without hidden ones."""
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        file = _utf8_name(entry)
        if not file:
            raise InputError(f"{name} holds an entry without a name; pack it again")
        file = plain_name(file, name=name)
        if hidden(file) or entry.is_dir():
            continue
        if file in entries:
            raise InputError(f"{name} holds two entries named {file}; pack it again")
        entries[file] = entry
    return entries


def _utf8_name(entry: zipfile.ZipInfo) -> str:
    """Name of an entry; Python reads UTF-8 without its flag, which is common, as cp437."""
    if entry.flag_bits & UTF8:
        return entry.orig_filename
    try:
        return entry.orig_filename.encode("cp437").decode()
    except UnicodeError:
        return entry.orig_filename


def _check_entry(entry: zipfile.ZipInfo, where: str) -> None:
    if entry.flag_bits & ENCRYPTED:
        raise InputError(f"{where} is encrypted; unpack the archive or pack it without a password")
    if entry.compress_type not in METHODS:
        raise InputError(
            f"{where} is packed with method {entry.compress_type}, which cannot be read; pack the "
            "archive again (deflate or stored)"
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise InputError(f"{where} is a symbolic link; pack the archive with the files themselves")
