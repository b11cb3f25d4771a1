"""Files that are written completely or not at all, and paths that are files at all."""

import errno
import os
import platform
import shutil
import stat
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from ganeval.entry import undone_by
from ganeval.errors import GanevalError, InputError

_MARK = ".ganeval-"
"""How the names of unfinished files begin."""

_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}
"""Reasons for which a disk takes nothing more."""

OTHER_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@contextmanager
def whole(path: str | os.PathLike[str], *, replace: bool = True) -> Iterator[Path]:
    """Yields a temporary path next to `path`; what is written there takes its place at the end.

    If the block fails, `path` is unchanged. Other processes see either the old or the new file. A
    symbolic link is replaced itself, not the file that it leads to. The temporary name has the
    suffix of `path`.

    Args:
        path: of the file.
        replace: whether a file that is there at the end, maybe of another process, is replaced.

    Raises:
        FileExistsError: a file is there and is not to be replaced.
        OSError: the disk refused; it names `path`, whatever the writing library raised. Libraries
            that open files in their own way (torch, safetensors) need an open file for this.
    """
    target = Path(path)
    beside = _beside(target)
    with refusals_named(target, beside), undone_by(partial(_remove, beside)):
        yield beside
        if replace:
            os.replace(beside, target)
        else:
            _move_to_free(beside, target)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Writes a text completely or not at all, in UTF-8; line breaks stay as they are."""
    with whole(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="")


@contextmanager
def whole_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yields a new folder next to `path`, which takes the place of a missing or empty `path`.

    If the block fails, the new folder is removed: nobody ever sees `path` half-filled.

    Raises:
        InputError: `path` is there and no empty folder, or is the current folder.
        OSError: the disk refused; it names `path`.
    """
    target = Path(os.path.realpath(path))
    if os.path.lexists(target) and not (target.is_dir() and not os.listdir(target)):
        raise InputError(f"{path} is not an empty folder; name a new one")
    if target == Path.cwd():
        raise InputError(f"{path} is the current folder; name a new one in it")
    beside = _beside(target)
    with refusals_named(Path(path), beside):
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(target.parent)
        with undone_by(partial(shutil.rmtree, beside, ignore_errors=True)):
            beside.mkdir()
            yield beside
            with suppress(FileNotFoundError):
                target.rmdir()  # an empty one: Windows moves nothing onto it
            os.replace(beside, target)


def check_free(path: str | os.PathLike[str], *, own: Iterable[str] = ()) -> None:
    """Raises InputError for a file, or a folder that has something in it and none of our own files.

    Args:
        path: a folder to fill.
        own: names of files of which one shows that an earlier run filled it.
    """
    there = Path(path)
    if not os.path.lexists(there) or any(os.path.lexists(there / name) for name in own):
        return
    if not there.is_dir() or any(not name.startswith(_MARK) for name in os.listdir(there)):
        raise InputError(f"{path} is not an empty folder; name a new one")


def remove_leftovers(folder: str | os.PathLike[str]) -> None:
    """Removes what killed processes of this machine left in a folder, half-written."""
    if os.name == "nt":
        return  # there is no harmless way to ask whether a process lives
    with suppress(OSError), os.scandir(folder) as entries:
        for name in [entry.name for entry in entries if entry.name.startswith(_MARK)]:
            machine, _, rest = name.removeprefix(_MARK).partition("-")
            pid = rest.partition("-")[0]
            if machine == _machine() and pid.isdecimal() and not _lives(int(pid)):
                left = Path(folder, name)
                shutil.rmtree(left, ignore_errors=True)
                with suppress(OSError):
                    left.unlink(missing_ok=True)


@contextmanager
def alone(path: str | os.PathLike[str], *, patience: float = 0) -> Iterator[None]:
    """Lets one process at a time into the block for a `path`; a killed process lets go.

    Args:
        path: a folder or a file, which need not be there.
        patience: seconds to wait for the other process.

    Raises:
        InputError: another process is in the block.
    """
    from filelock import FileLock, Timeout  # comes with torch

    target = Path(path)
    lock = target / f"{_MARK}lock" if target.is_dir() else _named(target, "lock")
    try:
        # Those who wait for the lock look again for a file of its name.
        with FileLock(lock, timeout=patience), undone_by(partial(_remove, lock)):
            yield
    except Timeout:
        raise InputError(
            f"another process writes to {path}; let it finish, or name another place"
        ) from None


@contextmanager
def own_folder(path: str | os.PathLike[str]) -> Iterator[None]:
    """Makes a folder, if it is not there, and lets one process at a time into the block for it.

    Raises:
        InputError: another process is in the block.
    """
    os.makedirs(path, exist_ok=True)
    with alone(path):
        yield


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _move_to_free(beside: Path, target: Path) -> None:
    """Moves a file to where there is none, in one step."""
    try:
        os.link(beside, target)
    except (FileExistsError, FileNotFoundError):
        raise
    except OSError:  # a file system without hard links
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        os.replace(beside, target)


def _beside(target: Path) -> Path:
    """A temporary name next to `target`, which says by which process of which machine."""
    return _named(target, f"{_machine()}-{os.getpid()}-{os.urandom(4).hex()}{target.suffix[:16]}")


def _named(target: Path, rest: str) -> Path:
    return target.with_name(_MARK + rest)


def _machine() -> str:
    return f"{zlib.crc32(platform.node().encode()):08x}"


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True  # somebody else's process
    return True


@contextmanager
def refusals_named(target: Path, beside: Path | None = None) -> Iterator[None]:
    """Names `target` in errors of the disk, those behind an error of a library included.

    Args:
        target: the file that is wanted.
        beside: the one that the block writes instead.
    """
    try:
        yield
    except (OSError, RuntimeError) as error:
        refusal = error if isinstance(error, OSError) else error.__context__  # of torch
        if isinstance(error, GanevalError) or not isinstance(refusal, OSError):
            raise
        named = "" if refusal.filename is None else str(refusal.filename)
        if named and not named.startswith(str(beside or target)) and refusal.errno not in _DISK:
            raise  # of another file, which the block read
        reason = refusal.strerror or str(refusal)
        raise OSError(refusal.errno, reason, str(target)) from error


def regular_file(path: str | os.PathLike[str], *, name: str | None = None) -> Path:
    """The path, after a check that it leads to a regular file; links are followed.

    Opening a named pipe waits for a writer that may never come, so this is asked before any open.

    Args:
        path: where a file is wanted.
        name: what the user typed, for messages; the path by default.

    Raises:
        InputError: there is nothing, or a folder, a named pipe, a socket or a device.
    """
    shown = ascii(str(path))[1:-1] if name is None else name
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        broken = "is a broken link" if os.path.islink(path) else "does not exist"
        raise InputError(f"{shown} {broken}; give the path of a file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{shown} cannot be opened: {reason}; check its path") from None
    if not stat.S_ISREG(mode):
        kind = next((kind for matches, kind in OTHER_KINDS if matches(mode)), "a special file")
        raise InputError(f"{shown} is {kind}, and a file is wanted; give the path of a file")
    return Path(path)
