"""The cache on disk: entries by kind and content hash, written atomically, capped in size.

Losing an entry costs time, never a result: an entry that cannot be read or written is a miss. So is
one that is not what was written under its own key: cut, edited, swapped with another, or a pipe, a
link or a folder in its place.
"""

import contextlib
import hashlib
import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from ganeval.files import whole

DEFAULT_MAX_BYTES = 4 << 30

KINDS = ("features", "scores", "sources")
"""The only folders that a store touches; the user may keep other things next to them."""


@dataclass(frozen=True)
class Usage:
    """Number and size of the entries of one kind."""

    kind: str
    entries: int
    n_bytes: int


@dataclass(frozen=True)
class Store:
    """Files named `<folder>/<kind>/<key>`; the least recently used go first beyond `max_bytes`."""

    folder: Path
    max_bytes: int = DEFAULT_MAX_BYTES

    def read(self, kind: str, key: str) -> bytes | None:
        """What was written under this key, marked as just used, or None."""
        try:
            data = _regular_bytes(self.folder / kind / key, self.max_bytes)
        except FileNotFoundError:
            return None
        except (OSError, MemoryError):
            self.drop(kind, key)
            return None
        content = memoryview(data)[_CHECKSUM_BYTES:]
        if data[:_CHECKSUM_BYTES] != _checksum(kind, key, content):
            self.drop(kind, key)
            return None
        with contextlib.suppress(OSError):
            os.utime(self.folder / kind / key)
        return bytes(content)

    def write(self, kind: str, key: str, content: bytes) -> bool:
        """Keeps `content` under a key, completely or not at all.

        Returns:
            False if the disk refused (full, read-only): the run continues without a cache.
        """
        path = self.folder / kind / key
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with whole(path) as beside, beside.open("wb") as file:
                file.write(_checksum(kind, key, content))
                file.write(content)
        except OSError:
            return False
        self._evict()
        return True

    def drop(self, kind: str, key: str) -> None:
        """Removes an entry that turned out to be unreadable; a link itself, an empty folder too."""
        path = self.folder / kind / key
        with contextlib.suppress(OSError):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()

    def usage(self) -> list[Usage]:
        """Number and size of the entries of each kind that has any."""
        sizes = {kind: [size for _, size, _ in self._entries(kind)] for kind in KINDS}
        return [Usage(kind, len(found), sum(found)) for kind, found in sizes.items() if found]

    def clear(self) -> int:
        """Deletes every entry and returns the number of bytes freed."""
        freed = sum(usage.n_bytes for usage in self.usage())
        for kind in KINDS:
            shutil.rmtree(self.folder / kind, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.folder.rmdir()  # stays if it holds other things
        return freed

    def _evict(self) -> None:
        entries = sorted(entry for kind in KINDS for entry in self._entries(kind))
        excess = sum(size for _, size, _ in entries) - self.max_bytes
        for _, size, path in entries:
            if excess <= 0:
                return
            with contextlib.suppress(OSError):
                path.unlink()
                excess -= size

    def _entries(self, kind: str) -> list[tuple[float, int, Path]]:
        """(last used, bytes, path) of every entry, leftovers of killed runs included."""
        found = []
        with contextlib.suppress(OSError):
            for path in (self.folder / kind).iterdir():
                with contextlib.suppress(OSError):
                    stat = path.stat()
                    found.append((stat.st_mtime, stat.st_size, path))
        return found


_FORMAT = b"ganeval 1"
"""Raised when the bytes of an entry change meaning."""

_CHECKSUM_BYTES = hashlib.sha256().digest_size


def _checksum(kind: str, key: str, content: bytes | memoryview) -> bytes:
    """Of the content and of the key that it belongs to."""
    state = hashlib.sha256(b"\0".join([_FORMAT, kind.encode(), key.encode(), b""]))
    state.update(content)
    return state.digest()


def _regular_bytes(path: Path, most: int) -> bytes:
    """The bytes of a regular file of at most this size; OSError for anything else, at once."""
    flags = ("O_NONBLOCK", "O_NOFOLLOW", "O_BINARY", "O_CLOEXEC")  # a pipe is opened, not waited on
    number = os.open(path, os.O_RDONLY | sum(getattr(os, name, 0) for name in flags))
    with open(number, "rb") as file:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode) or status.st_size > most:
            raise OSError("no entry of the cache")
        return file.read()


def default_store() -> Store:
    """The user's cache: `$GANEVAL_CACHE`, or the platform's cache folder."""
    if folder := os.environ.get("GANEVAL_CACHE"):
        return Store(Path(folder))
    import platformdirs

    return Store(platformdirs.user_cache_path("ganeval", appauthor=False))
