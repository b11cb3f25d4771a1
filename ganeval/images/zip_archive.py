"""Images in a `.zip`, read in place: nothing is ever extracted."""

import hashlib
import lzma
import os
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
from ganeval.images.pixels import Decoding, Unreadable, broken
from ganeval.images.stamp import file_state
from ganeval.images.zip_entries import archive_entries, check_entry, open_archive


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
            zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, KeyError, RuntimeError,
            UnicodeDecodeError,
        ) as error:  # fmt: skip
            raise broken(f"its archive entry is damaged ({error})") from None
        except OSError as error:
            raise Unreadable(
                f"cannot be read: {error.strerror or error}; check the archive"
            ) from None


def open_zip(path: Path, *, name: str, decoding: Decoding) -> ZipReader:
    """Lists an archive; InputError if it is damaged, encrypted or points outside itself."""
    status = os.stat(path)
    with open_archive(path, name=name) as archive:
        every = archive_entries(archive, n_bytes=status.st_size, name=name)
        entries = {file: entry for file, entry in every.items() if not hidden(file)}

        def load(file: str) -> bytes:
            check_entry(entries[file], f"{name}/{file}")
            check_bytes(entries[file].file_size)
            return archive.read(entries[file])

        chosen, _ = choose_images(entries)
        if not chosen:
            raise InputError(f"found no image in {name} (no {' '.join(PICTURES)} .npy in it)")
        for file in chosen:
            check_entry(entries[file], f"{name}/{file}")
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
