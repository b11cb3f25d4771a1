"""Stamps of files: what is known of their content without reading it."""

import hashlib
import os
from pathlib import Path


def file_state(status: os.stat_result) -> str:
    """Changes with every write: other content of the same size may carry the old mtime.

    The change time and the inode cannot be set back by a program.
    """
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"


def file_stamp(path: str | os.PathLike[str], *more: str) -> str:
    """Hash of a file's resolved path and its state, and of `more`."""
    state = hashlib.blake2b(os.fsencode(os.path.realpath(path)), digest_size=16)
    for item in (file_state(os.stat(Path(path))), *more):
        state.update(os.fsencode(f"\0{item}"))
    return state.hexdigest()
