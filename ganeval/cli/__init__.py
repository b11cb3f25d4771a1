"""The `ganeval` command. Files here parse and print; numbers come from the packages they call."""

from typing import Annotated

import typer

from ganeval.cli import cache, data, features, nets, stats
from ganeval.cli.compare import add_compare
from ganeval.cli.demo import add_demo
from ganeval.cli.evaluate import add_evaluate
from ganeval.cli.matrix import add_matrix
from ganeval.cli.metrics import add_metric_commands
from ganeval.cli.neighbors import add_neighbors
from ganeval.cli.plan import add_plan
from ganeval.cli.program import Program
from ganeval.cli.report import add_report

main = typer.Typer(
    name="ganeval",
    cls=Program,
    help="How good is a generative model of your images? Scores with honest intervals.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)

add_metric_commands(main)
add_evaluate(main)
add_compare(main)
add_plan(main)
add_matrix(main)
add_neighbors(main)
add_report(main)
main.add_typer(nets.app, name="nets")
main.add_typer(features.app, name="features")
main.add_typer(stats.app, name="stats")
main.add_typer(data.app, name="data")
main.add_typer(cache.app, name="cache")
add_demo(main)


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
