"""Where commands write: nothing that is there is replaced without --force, and an input never.

A symbolic link counts as a file that is there; --force replaces the link, not what it leads to.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from ganeval.errors import InputError
from ganeval.files import regular_file, remove_leftovers

Force = Annotated[bool, typer.Option("--force", help="Replace files that are there already.")]


def check_file(
    out: Path, *, force: bool, inputs: Iterable[str | Path] = (), ours: bool = False
) -> None:
    """Raises InputError, before any work is done, where the file `out` cannot be written.

    Args:
        out: the file.
        force: whether it may be there.
        inputs: what the command reads, which no option lets it replace.
        ours: whether what is there is continued, and not replaced.
    """
    if out.is_dir():
        raise InputError(f"--out {out} is a folder; name a file in it")
    if not _takes_files(out.parent):
        raise InputError(
            f"--out {out} needs a folder {out.parent} to write to; name a file in a folder that "
            "exists"
        )
    _check_target(out, force=force or ours, inputs=inputs)
    remove_leftovers(out.parent)


def check_folder(
    out: Path, names: Iterable[str], *, force: bool, inputs: Iterable[str | Path] = ()
) -> None:
    """Raises InputError, before any work is done, where files cannot be written into `out`.

    Args:
        out: the folder, which may not be there yet.
        names: of the files.
        force: whether they may be there.
        inputs: what the command reads; a picture among its images would count as one of them.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out} is a file; name a folder")
    there = next(path for path in (out, *out.absolute().parents) if path.exists())
    if not _takes_files(there):
        raise InputError(f"--out {out} cannot be made in {there}; name a folder of yours")
    within = {out.resolve(), *out.resolve().parents}
    for given in map(Path, inputs):
        if given.is_dir() and given.resolve() in within:
            raise InputError(f"--out {out} is in {given}, which is an input; name another folder")
    for name in names:
        _check_target(out / name, force=force, inputs=inputs)
    remove_leftovers(out)


def _takes_files(folder: Path) -> bool:
    """Whether a file can be made in a folder; rights alone do not say so."""
    from tempfile import TemporaryFile

    try:
        with TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _check_target(out: Path, *, force: bool, inputs: Iterable[str | Path]) -> None:
    if not os.path.lexists(out):
        return
    if any(os.path.exists(given) and os.path.samefile(given, out) for given in inputs):
        raise InputError(f"--out {out} is also an input; name another file")
    if not out.is_symlink():
        regular_file(out, name=f"--out {out}")
    if not force:
        raise InputError(f"--out {out} exists; name another file, or replace it with --force")
