"""`ganeval stats`: mean and covariance in a small file, which pytorch-fid reads too."""

from pathlib import Path
from typing import Annotated

import typer

from ganeval.cli.features import Out
from ganeval.cli.options import ImageOptions, RunOptions
from ganeval.cli.outputs import Force, check_file, files_of, new_file
from ganeval.cli.per_side import SideImages
from ganeval.cli.processes import first_goes_on, process_group
from ganeval.cli.sides import Sides
from ganeval.cli.terminal import command, note, result
from ganeval.commands import TOOLS
from ganeval.features import is_feature_file
from ganeval.metrics import statistics_of
from ganeval.moments import Moments

app = typer.Typer(help=TOOLS["stats"], no_args_is_help=True, add_completion=False)


@command(app, "save", shared=True)
def save(
    data: Annotated[str, typer.Argument(help="Images, or features from `features extract`.")],
    out: Out,
    images: ImageOptions,
    run: RunOptions,
    force: Force = False,
) -> None:
    """Write mu and sigma, and the sums per block that keep the interval.

    At most 100 blocks: intervals differ slightly from those of the images (standard error: 7 %).
    """
    check_file(out, force=force, inputs=[data, *files_of(images, run)])
    features = Sides(SideImages(images), run, apart=True).single(data)
    group = None if is_feature_file(data) else process_group()
    moments = statistics_of(features, seed=run.seed, process_group=group)
    first_goes_on()
    assert moments is not None  # of the first process
    for warning in moments.origin.warnings:
        note(f"Warning: {moments.origin.name}: {warning}", quiet=run.quiet)
    _write(moments, out, force=force)


@command(app, "merge")
def merge(
    files: Annotated[list[Path], typer.Argument(help="Files from `stats save`.")],
    out: Out,
    force: Force = False,
) -> None:
    """Statistics of all images together; exact, in any order."""
    check_file(out, force=force, inputs=files)
    first, *rest = (Moments.load(path) for path in files)
    for moments in rest:
        first = first.merge(moments)
    _write(first, out, force=force)


def _write(moments: Moments, out: Path, *, force: bool) -> None:
    with new_file(out, force=force) as place:
        moments.save(place)
    result(
        f"{out}: {moments.n or 'unknown'} images, {moments.d} features, {moments.n_blocks} blocks"
    )
