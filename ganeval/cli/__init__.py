"""The `ganeval` command. Files here parse and print; numbers come from the packages they call.

A command's file, and all that it imports, is loaded when the command is used.
"""

from typing import Annotated

import typer

from ganeval.cli.program import LazyProgram

main = typer.Typer(
    name="ganeval",
    cls=LazyProgram,
    help="How good is a generative model of your images? Scores with honest intervals.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> bool:
    if wanted:
        from ganeval.version import __version__

        typer.echo(f"ganeval {__version__}")
        raise typer.Exit
    return wanted


@main.callback()
def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version and exit.",
            callback=_print_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """How good is a generative model of your images? Scores with honest intervals."""
