"""Readers of many files, in a folder or an archive."""

import io
import os
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from ganeval.errors import ImageError
from ganeval.images._base import Pixels
from ganeval.images.decode import PICTURES, decode
from ganeval.images.pixels import Decoding, Unreadable


@dataclass(frozen=True, eq=False)
class FilesReader(ABC):
    """One image per file; subclasses load a file's bytes."""

    name: str
    ids: tuple[str, ...]
    stamp: str | None
    notes: tuple[str, ...]
    decoding: Decoding
    labels: tuple[str, ...] | None = field(default=None, kw_only=True)
    groups: tuple[str, ...] | None = field(default=None, kw_only=True)
    costly: ClassVar[bool] = True

    @abstractmethod
    def load(self, index: int) -> bytes:
        """The bytes of the file `ids[index]`, or Unreadable."""

    def handle(self, index: int) -> io.BufferedIOBase:
        """Opens the file to read its header; raises OSError or Unreadable."""
        return io.BytesIO(self.load(index))

    def where(self, index: int) -> str:
        """The path to the file, starting with what the user typed."""
        return f"{self.name.rstrip('/')}/{self.ids[index]}"

    def read(self, index: int) -> Pixels:
        """The pixels of `ids[index]`, or ImageError."""
        try:
            return decode(self.load(index), self.decoding)
        except Unreadable as error:
            raise ImageError(self.where(index), str(error)) from None


def suffix(path: str) -> str:
    """The extension in lower case, with its dot: `a/B.TIF` is `.tif`."""
    return os.path.splitext(path)[1].lower()


def hidden(path: str) -> bool:
    """Whether a path below a root is hidden: a dot file, or what macOS adds to a zip."""
    return any(part.startswith(".") or part == "__MACOSX" for part in path.split("/"))


def choose_images(
    paths: Iterable[str], *, used: Collection[str] = ()
) -> tuple[list[str], tuple[str, ...]]:
    """The paths that are images, in plain string order, and a note on those that are not.

    Images are picture files; if there are none, `.npy` files of one image each. Files in `used`,
    such as a table of labels, are not left out.
    """
    every = sorted(path for path in paths if path not in used)
    chosen = [path for path in every if suffix(path) in PICTURES]
    chosen = chosen or [path for path in every if suffix(path) == ".npy"]
    if len(chosen) == len(every):
        return chosen, ()
    taken = set(chosen)
    rest = Counter(suffix(path) or "no extension" for path in every if path not in taken)
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(rest.items()))
    return chosen, (f"left out {rest.total()} files that are not images ({kinds})",)


def readable_text(name: str) -> str:
    r"""A file name as text that can be printed: bytes that are not UTF-8 become \xNN."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return name.encode(errors="surrogateescape").decode(errors="backslashreplace")
    return name


def common_folder(ids: Sequence[str]) -> str:
    """The folders that all paths start with, including the last `/`, or the empty string."""
    first, last = min(ids), max(ids)  # all share what these two share
    length = next(
        (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first)
    )
    return first[: first.rfind("/", 0, length) + 1]


def listing_end(paths: Sequence[str], *, limit: int = 3) -> str:
    """`a, b, c, ...`: the first few, for messages."""
    return ", ".join(paths[:limit]) + (", ..." if len(paths) > limit else "")
