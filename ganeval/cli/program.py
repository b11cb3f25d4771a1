"""A command of several: quick help, and wrong usage told in one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from ganeval.report.text import printable

_UsageError: Any = typer.BadParameter.__mro__[1]
"""Click's, which typer has under one name or another."""


def add_later(
    app: typer.Typer, name: str, *, summary: str, add: Callable[[typer.Typer], None]
) -> None:
    """Lists a command of a Program; `add` adds it to an app of its own when it is used.

    The options of a score take some milliseconds to put together, and there are many scores.
    """

    def listed() -> None: ...

    def build() -> Any:
        alone = typer.Typer()
        add(alone)
        return typer.main.get_command_from_info(
            alone.registered_commands[0],
            pretty_exceptions_short=app.pretty_exceptions_short,
            rich_markup_mode=app.rich_markup_mode,
        )

    listed.__doc__ = summary
    listed.build = build  # type: ignore[attr-defined]
    app.command(name)(listed)


class Program(TyperGroup):
    """All commands."""

    _listing = False

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, with its options."""
        found = super().get_command(ctx, cmd_name)
        build = getattr(getattr(found, "callback", None), "build", None)
        if build is None or self._listing:
            return found
        self.commands[cmd_name] = build()
        return self.commands[cmd_name]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Names and summaries."""
        self._listing = True
        super().format_commands(ctx, formatter)
        self._listing = False

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
