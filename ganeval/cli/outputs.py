"""Where commands write: nothing that is there is replaced without --force, and an input never.

A symbolic link counts as a file that is there; --force replaces the link, not what it leads to.
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from ganeval.cli.options import ImageOptions, RunOptions
from ganeval.cli.per_side import SideImages
from ganeval.errors import InputError
from ganeval.files import regular_file, remove_leftovers, whole
from ganeval.images.shards import expand_braces, is_pattern

LOCAL = re.compile(r"^(?:file|local)://")
"""How URLs of this machine's own files begin."""

Force = Annotated[bool, typer.Option("--force", help="Replace files that are there already.")]


def check_file(
    out: Path,
    *,
    force: bool,
    inputs: Iterable[str | Path] = (),
    ours: bool = False,
    option: str = "--out",
) -> None:
    """Raises InputError, before any work is done, where the file `out` cannot be written.

    Args:
        out: the file.
        force: whether it may be there.
        inputs: what the command reads, which no option lets it replace.
        ours: whether what is there is continued, and not replaced.
        option: that names the file, for messages.
    """
    if out.is_dir():
        raise InputError(f"{option} {out} is a folder; name a file in it")
    if not _takes_files(out.parent):
        raise InputError(
            f"{option} {out} needs a folder {out.parent} to write to; name a file in a folder that "
            "exists"
        )
    inputs = list(inputs)
    if os.path.lexists(out) and not ours:
        check_outside(out, inputs, option)
    _check_target(out, force=force or ours, inputs=inputs, option=option)
    remove_leftovers(out.parent)


@contextmanager
def new_file(out: Path, *, force: bool, option: str = "--out") -> Iterator[Path]:
    """Yields a place for what becomes the file `out` at the end of the block.

    Raises:
        InputError: another process has written a file there since `check_file`, without --force.
    """
    try:
        with whole(out, replace=force) as place:
            yield place
    except FileExistsError:
        raise InputError(
            f"{option} {out} was written by another process meanwhile; name another file, or "
            "replace it with --force"
        ) from None


def write_new(out: Path, text: str, *, force: bool, option: str = "--out") -> None:
    """Writes a text to a `new_file`."""
    with new_file(out, force=force, option=option) as place:
        place.write_text(text, encoding="utf-8", newline="")


def files_of(images: ImageOptions | SideImages, run: RunOptions) -> list[str]:
    """What options may name beside the images: tables, and a net's card and weights."""
    sides = images if isinstance(images, SideImages) else SideImages(images)
    typed = [sides.shared.label_by, sides.shared.group_by]
    for side in ("label_by", "group_by"):
        typed += [
            text for name, texts in sides.own.items() if name.endswith(side) for text in texts
        ]
    tables = [table for text in typed if (table := (text or "").partition("csv:")[2])]
    tables += [table.rpartition(":")[0] for table in tables if ":" in table]  # FILE:COLUMN
    cards: list[str] = []
    if run.feature_net:
        net = Path(run.feature_net).expanduser()
        cards = [str(path) for path in (net.iterdir() if net.is_dir() else [net])]
    return [*tables, *cards, *([] if run.weights is None else [str(run.weights)])]


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
    inputs = list(inputs)
    check_outside(out, inputs)
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


def check_outside(out: Path, inputs: Iterable[str | Path], option: str = "--out") -> None:
    """Raises InputError where `out` is an input folder, or in one."""
    place = out.parent.resolve() / out.name if out.is_symlink() else out.resolve()
    for given in inputs:
        for path in _paths(given):
            if path.is_dir() and path.resolve() in (place, *place.parents):
                raise InputError(
                    f"{option} {out} is in {given}, which is an input; name a place outside it"
                )


def _check_target(
    out: Path, *, force: bool, inputs: Iterable[str | Path], option: str = "--out"
) -> None:
    if not os.path.lexists(out):
        return
    for given in inputs:
        for path in _paths(given):
            if os.path.exists(path) and os.path.samefile(path, out):
                raise InputError(f"{option} {out} is also an input; name another file")
            if force and path.is_dir() and _leads_to(path, out):
                raise InputError(
                    f"{option} {out} is also an input: {given} has a link to it; name another file"
                )
    if out.exists() or not out.is_symlink():
        regular_file(out, name=f"{option} {out}")
    if (
        os.path.realpath(out.parent).startswith(("/proc/", "/dev/fd"))
        or str(out.absolute().parent) == "/dev"
    ):
        raise InputError(
            f"{option} {out} stands for an open stream; name a file in a folder of yours"
        )
    if not force:
        raise InputError(f"{option} {out} exists; name another file, or replace it with --force")


def _leads_to(folder: Path, out: Path) -> bool:
    """Whether a file below a folder, or a link there, is the file `out` itself.

    Sets of images are often folders of links to pictures that lie elsewhere.
    """
    if not out.is_file():
        return False
    wanted = os.stat(out)
    ahead, seen = [os.fspath(folder)], set[str]()
    while ahead:
        place = os.path.realpath(ahead.pop())
        if place in seen:
            continue
        seen.add(place)
        with suppress(OSError), os.scandir(place) as entries:
            for entry in entries:
                with suppress(OSError):  # a broken link
                    if entry.is_dir():
                        ahead.append(entry.path)
                    elif entry.is_symlink() or entry.inode() == wanted.st_ino:
                        if os.path.samestat(os.stat(entry.path), wanted):
                            return True
    return False


def _paths(given: str | Path) -> Iterator[Path]:
    """Files and folders of this machine that an input may mean.

    Those of `FILE::NAME`, of a chain of URLs such as `zip://::file:///a.zip`, and of a pattern.
    """
    text = os.fspath(given)
    for part in dict.fromkeys((text, *text.split("::"))):
        path = LOCAL.sub("", part)
        if not path or "://" in path:
            continue
        every = expand_braces(path) if is_pattern(path) and not os.path.lexists(path) else [path]
        yield from (Path(each).expanduser() for each in every)
