"""`ganeval data`: data whose truth is known, written as images."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ganeval.cli.terminal import command, progress_bar, result
from ganeval.commands import TOOLS
from ganeval.datasets import LIN41
from ganeval.errors import InputError

app = typer.Typer(help=TOOLS["data"], no_args_is_help=True, add_completion=False)

_MOST = 1_000_000


@command(app, "synthlin")
def synthlin(
    out: Annotated[Path, typer.Argument(help="New folder to write.")],
    per_class: Annotated[int, typer.Option(help="Training cells per protein.", max=_MOST)] = 100,
    test_per_class: Annotated[
        int | None, typer.Option(help="Test cells per protein. (default: as many)", max=_MOST)
    ] = None,
    proteins: Annotated[
        str | None, typer.Option(help="Some of the 41, as Arp3,Tea1. (default: all)")
    ] = None,
    defect: Annotated[
        str | None,
        typer.Option(
            metavar="NAME[:STRENGTH]",
            help="Write the output of a model with this fault instead: blurred, shorter, "
            "no_septum, shifted, no_division, memorised, or none.",
        ),
    ] = None,
    same_cells: Annotated[
        bool, typer.Option("--same-cells", help="All proteins of the same cells, file by file.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of everything.")] = 0,
    num_workers: Annotated[
        int | None, typer.Option(help="Processes. (default: one per core)", min=0, max=1024)
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Simulated fission yeast: Bgs4 in red and one of 41 proteins in green, as in LIN."""
    from ganeval.datasets.synthlin import write_model, write_synthlin

    chosen = LIN41 if proteins is None else proteins.split(",")
    workers = (os.cpu_count() or 1) if num_workers is None else num_workers
    if defect is not None and (same_cells or test_per_class is not None):
        raise InputError(
            "--defect writes the output of a model, which has no parts or shared cells; leave out "
            "--test-per-class and --same-cells"
        )
    with progress_bar(out.name, quiet=quiet) as progress:
        if defect is None:
            write_synthlin(
                out,
                per_class=per_class,
                test_per_class=test_per_class,
                proteins=chosen,
                seed=seed,
                same_cells=same_cells,
                num_workers=workers,
                progress=progress,
            )
        else:
            name, strength = _defect(defect)
            write_model(
                out,
                per_class=per_class,
                proteins=chosen,
                defect=name,
                strength=strength,
                seed=seed,
                num_workers=workers,
                progress=progress,
            )
    parts = sorted(out.glob("SynthLIN_*"))
    for folder in parts or [out]:
        result(f"{folder}")


def _defect(text: str) -> tuple[str, float | None]:
    name, colon, strength = text.partition(":")
    try:
        return name, float(strength) if colon else None
    except ValueError:
        raise InputError(
            f"--defect takes NAME or NAME:STRENGTH as in blurred:0.8; got {text!r}"
        ) from None
