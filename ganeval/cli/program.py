"""A command of several: quick help, and wrong usage told in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from ganeval.report.text import printable

_UsageError: Any = typer.BadParameter.__mro__[1]
"""Click's, which typer has under one name or another."""


class Program(TyperGroup):
    """All commands."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Plain text, as importing Rich takes as long as importing us; commands have its panels."""
        self.rich_markup_mode = None
        super().format_help(ctx, formatter)

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """Parses the options before the command."""
        with _in_one_line():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Parses the command's options and runs it."""
        with _in_one_line():
            return super().invoke(ctx)


def shortened(word: str, longest: int = 80) -> str:
    """A word of what was typed, cut where it is too long to be one that was meant."""
    return word if len(word) <= longest else f"{word[:60]}… ({len(word)} letters)"


@contextmanager
def _in_one_line() -> Iterator[None]:
    try:
        yield
    except _UsageError as error:
        if type(error).show is not _UsageError.show:  # no arguments: the help, or nothing if shown
            typer.echo(error.format_message(), nl=bool(error.format_message()))
        else:
            words = (shortened(word) for word in error.format_message().split())
            text = printable(" ".join(words)).rstrip(".")
            asked = "ganeval" if error.ctx is None else error.ctx.command_path
            typer.echo(f"Error: {text}; see {asked} --help", err=True)
        raise typer.Exit(error.exit_code) from None
