"""`ganeval data`: data whose truth is known, written as images."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ganeval.cli.terminal import command, progress_bar, result
from ganeval.datasets import LIN41
from ganeval.errors import InputError

app = typer.Typer(help="Write simulated images whose truth is known.", no_args_is_help=True)


@command(app, "synthlin")
def synthlin(
    out: Annotated[Path, typer.Argument(help="New folder to write.")],
    per_class: Annotated[int, typer.Option(help="Training cells per protein.")] = 100,
    test_per_class: Annotated[
        int | None, typer.Option(help="Test cells per protein. (default: as many)")
    ] = None,
    proteins: Annotated[
        str | None, typer.Option(help="Some of the 41, as Arp3,Tea1. (default: all)")
    ] = None,
    defect: Annotated[
        str | None,
        typer.Option(
            metavar="NAME[:STRENGTH]", help="Plant a fault: blurred, shorter, no_septum, …"
        ),
    ] = None,
    same_cells: Annotated[
        bool, typer.Option("--same-cells", help="All proteins of the same cells, file by file.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of everything.")] = 0,
    num_workers: Annotated[
        int | None, typer.Option(help="Processes. (default: one per core)")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Simulated fission yeast: Bgs4 in red and one of 41 proteins in green, as in LIN."""
    from ganeval.datasets.synthlin import write_synthlin

    name, strength = _defect(defect)
    with progress_bar(out.name, quiet=quiet) as progress:
        write_synthlin(
            out,
            per_class=per_class,
            test_per_class=test_per_class,
            proteins=LIN41 if proteins is None else proteins.split(","),
            seed=seed,
            defect=name,
            strength=strength,
            same_cells=same_cells,
            num_workers=(os.cpu_count() or 1) if num_workers is None else num_workers,
            progress=progress,
        )
    for folder in sorted(path for path in out.iterdir() if path.is_dir()):
        result(f"{folder}")


def _defect(text: str | None) -> tuple[str | None, float | None]:
    if text is None:
        return None, None
    name, colon, strength = text.partition(":")
    try:
        return name, float(strength) if colon else None
    except ValueError:
        raise InputError(
            f"--defect takes NAME or NAME:STRENGTH as in blurred:0.8; got {text!r}"
        ) from None
