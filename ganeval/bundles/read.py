"""Reads a bundle that may be hostile: checked as a whole before anything in it is believed.

Nothing is extracted. What the archive announces is compared with its size, with its own manifest
and with the memory there is; then every file is read once against its SHA-256.
"""

import hashlib
import lzma
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ganeval.bundles.contents import (
    CARDS,
    FORMAT,
    MANIFEST,
    SCORES,
    SIDES_OF,
    FileForm,
    ManifestForm,
    influences_name,
)
from ganeval.bundles.sides import Data, IndexForm, SideForm, part_of
from ganeval.errors import InputError, cut
from ganeval.features import Features
from ganeval.files import regular_file
from ganeval.images.zip_entries import archive_entries, check_entry, open_archive
from ganeval.memory import memory_bytes
from ganeval.metrics import Score
from ganeval.moments import Moments
from ganeval.nets import Card
from ganeval.npz import broken_as_input_error, from_bytes
from ganeval.schema import read_json
from ganeval.statistics import Estimate
from ganeval.suites import fingerprint_of, from_arrays

MOST_FILES = 100_000
MOST_TEXT = 1 << 28
"""Bytes of a text in a bundle: 100,000 scores have about as many."""
LARGE, MOST_RATIO = 1 << 24, 100
"""A file of more bytes than this that unpacks to so many times its size is a trap."""
_CHUNK = 1 << 20
_REMEDY = "get the bundle again from who made it"


@dataclass
class Bundle:
    """An open bundle; use it in a `with` block.

    Args:
        path: of the zip.
        archive: open.
        entries: of its files, by name.
        files: what the manifest says of them.
    """

    path: Path
    archive: zipfile.ZipFile
    entries: dict[str, zipfile.ZipInfo]
    files: dict[str, FileForm]
    known: dict[str, Data] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> "Bundle":
        """Opens a bundle and checks all of it.

        Raises:
            InputError: no zip, no bundle, one of another version, or one that is damaged, edited
                or a trap.
        """
        file = regular_file(path)
        if not zipfile.is_zipfile(file):
            raise InputError(
                f"{path} is no zip; if it was a bundle, get it again; if it has scores, make one "
                "with: ganeval bundle scores.jsonl -o supp.zip"
            )
        archive = open_archive(file, name=str(path))
        try:
            found = archive_entries(archive, n_bytes=os.stat(file).st_size, name=str(path))
            _check_announced(found, str(path))
            bundle = cls(file, archive, found, {})
            bundle.files = bundle._manifest()
            bundle._check_files()
        except BaseException:
            archive.close()
            raise
        return bundle

    def __enter__(self) -> "Bundle":
        return self

    def __exit__(self, *_: object) -> None:
        self.archive.close()

    @cached_property
    def scores(self) -> list[Score]:
        """All scores, in the order of the file."""
        if SCORES not in self.files:
            raise InputError(f"{self.path} has no {SCORES}; {_REMEDY}")
        try:
            text = self._read(SCORES, most=MOST_TEXT).decode()
        except UnicodeDecodeError:
            raise InputError(f"{self.path}/{SCORES} is no text; {_REMEDY}") from None
        found = []
        lines = text.removesuffix("\n").split("\n") if text else []
        for number, line in enumerate(lines, 1):
            try:
                found.append(Score.from_json(line))
            except InputError as error:
                raise InputError(f"{self.path}/{SCORES}, line {number}: {error}") from None
        if not found:
            raise InputError(f"{self.path} has no scores; {_REMEDY}")
        return found

    def estimate(self, score: Score) -> Estimate | None:
        """The influences behind a score; None where there are none.

        Raises:
            InputError: they cannot be read, or are of another score.
        """
        name = influences_name(score)
        if name is None or name not in self.files:
            return None
        with self._broken(name):
            return from_arrays(score, from_bytes(self._read(name)))

    def side(self, number: int, role: str) -> Data | None:
        """Features or statistics of one side of a score; None where there are none.

        Args:
            number: of the score, from 0.
            role: `real`, `fake` or `train`.

        Raises:
            InputError: they cannot be read, or are of other images than were scored.
        """
        found = self._sides[number].get(role) if number < len(self._sides) else None
        if found is None:
            return None
        with self._broken(found["file"]):
            data, score = self._data(found["file"]), self.scores[number]
            return part_of(data, found.get("rows"), fingerprint=fingerprint_of(score, role))

    @property
    def card_files(self) -> list[str]:
        """Names of the files of cards."""
        return [name for name in self.files if name.startswith(CARDS)]

    def card(self, name: str) -> Card:
        """The card of a net, by its file.

        Raises:
            InputError: it is none.
        """
        with self._broken(name):
            text = self._read(name, most=MOST_TEXT).decode()
        return Card.from_json(text, path=Path(f"{self.path}/{name}"))

    @cached_property
    def _sides(self) -> list[dict[str, SideForm]]:
        """The files of the sides of each score, by role."""
        if SIDES_OF not in self.files:
            return []
        with self._broken(SIDES_OF):
            return read_json(self._read(SIDES_OF, most=MOST_TEXT), IndexForm)["scores"]

    def _data(self, name: str) -> Data:
        """Features or statistics that are a file."""
        if name not in self.files:
            raise ValueError("there is no such file")
        if name not in self.known:
            arrays = from_bytes(self._read(name))
            self.known[name] = (
                Moments.from_arrays(arrays, name=f"{self.path}/{name}")
                if "mu" in arrays
                else Features.from_arrays(arrays)
            )
        return self.known[name]

    def _broken(self, name: str) -> Any:
        return broken_as_input_error(f"{self.path}/{name} cannot be read", _REMEDY)

    def _manifest(self) -> dict[str, FileForm]:
        if MANIFEST not in self.entries:
            raise InputError(
                f"{self.path} has no {MANIFEST}, so it is no bundle; make one with: ganeval bundle "
                "scores.jsonl -o FILE.zip"
            )
        with self._broken(MANIFEST):
            found = read_json(self._read(MANIFEST, most=MOST_TEXT), ManifestForm)
        if found["format"] != FORMAT:
            raise InputError(
                f"{self.path} is a bundle of {cut(found['made_by'])}, which this version cannot "
                "read; install that version"
            )
        return found["files"]

    def _check_files(self) -> None:
        """Raises InputError unless all files are there, no other, and each as it was."""
        there, wanted = self.entries.keys() - {MANIFEST}, self.files.keys()
        if odd := sorted(there ^ wanted):
            what = "lacks" if odd[0] in wanted else "holds besides what its manifest names"
            raise InputError(f"{self.path} {what} {cut(odd[0])}; {_REMEDY}")
        for name, about in self.files.items():
            if self.entries[name].file_size != about["bytes"]:
                size = self.entries[name].file_size
                raise InputError(
                    f"{self.path}/{name} has {size} bytes, and its manifest says {about['bytes']}; "
                    f"{_REMEDY}"
                )
            state = hashlib.sha256()
            with self._opened(name) as file:
                while chunk := file.read(_CHUNK):
                    state.update(chunk)
            if state.hexdigest() != about["sha256"]:
                raise InputError(
                    f"{self.path}/{name} is not what was bundled, its SHA-256 is another: it was "
                    f"edited or damaged; {_REMEDY}"
                )

    def _read(self, name: str, *, most: int | None = None) -> bytes:
        size = self.entries[name].file_size
        if most is not None and size > most:
            raise InputError(f"{self.path}/{name} has {size} bytes, of {most} at most; {_REMEDY}")
        with self._opened(name) as file:
            return bytes(file.read())

    @contextmanager
    def _opened(self, name: str) -> Iterator[Any]:
        try:
            with self.archive.open(self.entries[name]) as file:
                yield file
        except (
            zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, OSError,
            NotImplementedError, ValueError,
        ) as error:  # fmt: skip
            if isinstance(error, InputError):
                raise
            raise InputError(f"{self.path}/{name} is damaged ({error}); {_REMEDY}") from None


def _check_announced(entries: dict[str, zipfile.ZipInfo], name: str) -> None:
    """Raises InputError for what no bundle has: too many files, or some that unpack to too much."""
    if len(entries) > MOST_FILES:
        raise InputError(f"{name} has {len(entries)} files, of {MOST_FILES} at most; {_REMEDY}")
    for file, entry in entries.items():
        check_entry(entry, f"{name}/{file}")
        if entry.file_size > max(LARGE, MOST_RATIO * entry.compress_size):
            raise InputError(
                f"{name}/{cut(file)} unpacks from {entry.compress_size} bytes to "
                f"{entry.file_size}; it is damaged or a trap, {_REMEDY}"
            )
    total = sum(entry.file_size for entry in entries.values())
    if total > memory_bytes():
        raise InputError(
            f"{name} unpacks to {total / 2**30:.3g} GiB, more than there is memory; check it on a "
            "larger machine"
        )
