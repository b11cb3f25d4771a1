"""What the user sees: results on stdout, everything else on stderr, errors in one line."""

import functools
import gc
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import typer

from ganeval.cli.asked import running
from ganeval.cli.options import expand
from ganeval.cli.processes import launched
from ganeval.cli.program import shortened
from ganeval.errors import InputError, RankError, on_command_line
from ganeval.faults import in_one_line
from ganeval.features import Progress
from ganeval.printable import printable

_LONGEST = 300
"""Letters of a word in a message: paths that there are seldom have more."""


def command(
    app: typer.Typer, name: str, *, shared: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Adds the decorated function to `app`: option groups spelled out, errors in one line.

    `shared` says that the processes of torchrun share its work.
    """

    def add(function: Callable[..., None]) -> Callable[..., None]:
        expanded = expand(function)

        @functools.wraps(expanded)
        @errors_in_one_line()
        def call(**given: Any) -> None:
            gc.enable()  # all is imported
            processes = launched()[1]  # a broken environment is told before all else
            if not shared and processes > 1:
                raise InputError(f"{name} is work for one process; start it without torchrun")
            with running(name, expanded, given):
                expanded(**given)

        app.command(name, help=_paragraphs(call.__doc__ or ""))(call)
        return function

    return add


def _paragraphs(text: str) -> str:
    """A docstring with one line per paragraph: the terminal breaks them, at its own width."""
    return "\n\n".join(" ".join(each.split()) for each in inspect.cleandoc(text).split("\n\n"))


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Inside, errors of the user, the disk or the memory are one line and exit code 2."""
    with on_command_line():
        try:
            yield
        except RankError:  # the rank that failed says why
            raise typer.Exit(2) from None
        except Exception as error:
            if (line := in_one_line(error)) is None:
                raise
            words = (shortened(word, _LONGEST) for word in line.split(" "))
            _say(f"Error: {' '.join(words)}")
            raise typer.Exit(2) from None


def result(*lines: str) -> None:
    """Lines of results, on stdout; a name cannot break one in two."""
    if launched()[0] > 0:
        return
    try:
        for line in lines:
            typer.echo(printable(line))
    except BrokenPipeError:  # `| head` has read enough; what is left in the buffer goes nowhere
        sys.stdout = open(os.devnull, "w")
        raise typer.Exit(128 + 13) from None  # as SIGPIPE ends other programs
    except OSError as error:
        raise OSError(error.errno, error.strerror, "standard output") from None


def note(text: str, *, quiet: bool = False) -> None:
    """One line that is not a result, on stderr; of several processes the first speaks."""
    if not quiet and launched()[0] == 0:
        _say(text)


def _say(text: str) -> None:
    """On stderr; a name cannot break the line in two."""
    with suppress(OSError):  # nobody listens, and the exit code says it too
        typer.echo(printable(text), err=True)


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
