"""Files that appear whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A path beside `path` to write to: it takes that place when the block ends.

    If the block fails, what was at `path` is still there; other processes see the old file or the
    new one.
    """
    target = Path(path)
    beside = target.with_name(f".{target.name}.{os.urandom(4).hex()}")
    try:
        yield beside
        os.replace(beside, target)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
