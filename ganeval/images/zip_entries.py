"""The entries of a zip, hostile until they are checked: nothing is read or extracted here.

An archive may name files outside itself, hold two files of one name, links, or entries that are
encrypted or packed in an odd way, and announce more than it has.
"""

import stat
import zipfile
from pathlib import Path

from ganeval.errors import InputError
from ganeval.images.members import plain_name

ENCRYPTED, UTF8 = 0x1, 0x800
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def open_archive(path: Path, *, name: str) -> zipfile.ZipFile:
    """Opens a zip, or raises InputError where it is none that can be read."""
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError(
            f"{name} is not a zip archive that can be read ({error}); pack it again"
        ) from None


def archive_entries(
    archive: zipfile.ZipFile, *, n_bytes: int, name: str
) -> dict[str, zipfile.ZipInfo]:
    """The files in an archive of `n_bytes` by their names as text, in the order of the archive.

    Raises:
        InputError: a name is empty, twice there or points outside, or the entries together have
            more bytes than the archive.
    """
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        file = _utf8_name(entry)
        if not file:
            raise InputError(f"{name} holds an entry without a name; pack it again")
        file = plain_name(file, name=name)
        if entry.is_dir():
            continue
        if file in entries:
            raise InputError(f"{name} holds two entries named {file}; pack it again")
        entries[file] = entry
    packed = sum(entry.compress_size for entry in entries.values())
    if packed > n_bytes:
        raise InputError(
            f"{name} has {n_bytes} bytes and announces entries of {packed}; it is damaged or a "
            "trap, pack it again"
        )
    return entries


def check_entry(entry: zipfile.ZipInfo, where: str) -> None:
    """Raises InputError for an entry that is encrypted, a link, or packed in an odd way."""
    if entry.flag_bits & ENCRYPTED:
        raise InputError(f"{where} is encrypted; unpack the archive or pack it without a password")
    if entry.compress_type not in METHODS:
        raise InputError(
            f"{where} is packed with method {entry.compress_type}, which cannot be read; pack the "
            "archive again (deflate or stored)"
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise InputError(f"{where} is a symbolic link; pack the archive with the files themselves")


def _utf8_name(entry: zipfile.ZipInfo) -> str:
    """Name of an entry; Python reads UTF-8 without its flag, which is common, as cp437."""
    if entry.flag_bits & UTF8:
        return entry.orig_filename
    try:
        return entry.orig_filename.encode("cp437").decode()
    except UnicodeError:
        return entry.orig_filename
