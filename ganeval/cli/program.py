"""A command of several: quick help, and wrong usage told in one line."""

import difflib
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from ganeval.commands import SCORES, TOOLS
from ganeval.printable import printable

_UsageError: Any = typer.BadParameter.__mro__[1]
"""Click's, which typer has under one name or another."""


class Program(TyperGroup):
    """Commands with quick help, and errors in one line."""

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


class LazyProgram(Program):
    """The commands of `ganeval`, whose files are loaded when they are used."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of all."""
        return [*SCORES, *TOOLS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command with its options, for which its file is loaded; None if there is none."""
        if cmd_name in SCORES:
            return importlib.import_module("ganeval.cli.metrics").command_of(cmd_name)
        if cmd_name in TOOLS:
            app = importlib.import_module(f"ganeval.cli.{cmd_name}").app
            group = bool(app.info.no_args_is_help)  # even one of a single command
            return (typer.main.get_group if group else typer.main.get_command)(app)
        return None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Names and summaries."""
        with formatter.section("Commands"):
            formatter.write_dl([*SCORES.items(), *TOOLS.items()])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Finds the command, or suggests the one that was meant."""
        try:
            return self._click_resolve_command(ctx, args)
        except _UsageError as error:
            if close := difflib.get_close_matches(args[0], self.list_commands(ctx)):
                names = ", ".join(map(repr, close))
                error.message = f"{error.message.rstrip('.')}. Did you mean {names}?"
            raise


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
