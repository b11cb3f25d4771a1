"""What the user sees: results on stdout, everything else on stderr, errors in one line."""

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from ganeval.cli.options import expand
from ganeval.cli.processes import launched
from ganeval.errors import GanevalError, InputError, RankError
from ganeval.features import Progress


def command(
    app: typer.Typer, name: str, *, shared: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Adds the decorated function to `app`: option groups spelled out, errors in one line.

    `shared` says that the processes of torchrun share its work.
    """

    def add(function: Callable[..., None]) -> Callable[..., None]:
        expanded = expand(function)

        @functools.wraps(expanded)
        def call(**given: Any) -> None:
            try:
                if not shared and launched()[1] > 1:
                    raise InputError(f"{name} is work for one process; start it without torchrun")
                expanded(**given)
            except GanevalError as error:
                if not isinstance(error, RankError):  # the rank that failed says why
                    _say(f"Error: {error}")
                raise typer.Exit(2) from None
            except OSError as error:
                if error.filename is None:
                    raise
                # A full disk, a path too long or not ours to write: the path and the system's words
                _say(f"Error: {error.filename}: {error.strerror}; check this path and its disk")
                raise typer.Exit(2) from None

        app.command(name)(call)
        return function

    return add


def result(text: str) -> None:
    """A line of results, on stdout."""
    if launched()[0] == 0:
        typer.echo(printable(text))


def note(text: str, *, quiet: bool = False) -> None:
    """One line that is not a result, on stderr; of several processes the first speaks."""
    if not quiet and launched()[0] == 0:
        _say(text)


def _say(text: str) -> None:
    """On stderr; a name cannot break the line in two."""
    typer.echo(printable(text).replace("\n", "\\n"), err=True)


def check_out(path: Path) -> None:
    """Raises InputError, before any work is done, where `path` cannot be written."""
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        reason = "is a folder" if path.is_dir() else f"needs a folder {path.parent} to write to"
        raise InputError(f"--out {path} {reason}; name a file in a folder that exists")


def printable(text: str) -> str:
    """`text` without control characters: names of files are somebody else's words."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text
    )


@contextmanager
def progress_bar(title: str, *, quiet: bool, unit: str = "images") -> Iterator[Progress | None]:
    """A bar with units per second and the time left; None where nobody watches."""
    with live_bar(title, unit=unit, quiet=quiet) as update:
        yield None if update is None else lambda done, total: update(done, total, "")


@contextmanager
def live_bar(
    title: str, *, unit: str, quiet: bool
) -> Iterator[Callable[[int, int, str], None] | None]:
    """A bar that is told (done, total, further words); None where nobody watches."""
    if quiet or not sys.stderr.isatty() or launched()[0] > 0:
        yield None
        return
    from rich import progress
    from rich.console import Console
    from rich.markup import escape

    with progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TextColumn("{task.fields[words]}"),
        progress.TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(escape(printable(title)), total=None, words="")

        def update(done: int, total: int, words: str) -> None:
            speed = bar.tasks[0].speed
            rate = f"{speed:,.0f} {unit}/s  " if speed else ""
            bar.update(task, completed=done, total=total, words=rate + words)

        yield update


def default_workers(n_images: int) -> int:
    """Processes that pay for their start: none for a few images."""
    return 0 if n_images < 1000 else min(8, os.cpu_count() or 1)
