"""The cache on disk: entries by kind and content hash, written atomically, capped in size.

Losing an entry costs time, never a result: an entry that cannot be read or written is a miss.
"""

import contextlib
import os
import shutil
from collections.abc import Callable
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

    def find(self, kind: str, key: str) -> Path | None:
        """The entry's file, marked as just used, or None."""
        path = self.folder / kind / key
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    def write(self, kind: str, key: str, save: Callable[[Path], None]) -> bool:
        """Calls `save` with a temporary path, then moves the result into place.

        Returns:
            False if the disk refused (full, read-only): the run continues without a cache.
        """
        path = self.folder / kind / key
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with whole(path) as beside:
                save(beside)
        except OSError:
            return False
        self._evict()
        return True

    def write_text(self, kind: str, key: str, text: str) -> bool:
        """Writes a short text, as `write` does."""

        def save(path: Path) -> None:
            path.write_text(text, encoding="utf-8")

        return self.write(kind, key, save)

    def drop(self, kind: str, key: str) -> None:
        """Removes an entry that turned out to be unreadable."""
        with contextlib.suppress(OSError):
            (self.folder / kind / key).unlink(missing_ok=True)

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


def default_store() -> Store:
    """The user's cache: `$GANEVAL_CACHE`, or the platform's cache folder."""
    if folder := os.environ.get("GANEVAL_CACHE"):
        return Store(Path(folder))
    import platformdirs

    return Store(platformdirs.user_cache_path("ganeval", appauthor=False))
