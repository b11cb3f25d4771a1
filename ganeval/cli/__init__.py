"""The `ganeval` command. Files here parse and print; numbers come from the packages they call."""

import typer

from ganeval.cli import caching, embedding, feature_nets, summaries
from ganeval.cli.demo import add_demo
from ganeval.cli.scoring import add_metric_commands

main = typer.Typer(
    name="ganeval",
    help="How good is a generative model of your images? Scores with honest intervals.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)

add_metric_commands(main)
main.add_typer(feature_nets.app, name="nets")
main.add_typer(embedding.app, name="features")
main.add_typer(summaries.app, name="stats")
main.add_typer(caching.app, name="cache")
add_demo(main)


@main.callback()
def root(
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    """How good is a generative model of your images? Scores with honest intervals."""
    if version:
        from ganeval import __version__

        typer.echo(f"ganeval {__version__}")
        raise typer.Exit
