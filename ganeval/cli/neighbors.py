"""`ganeval neighbors`: the real images nearest to each fake."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from ganeval.cli.options import RunOptions
from ganeval.cli.outputs import Force, check_folder, files_of, new_file, write_new
from ganeval.cli.per_side import SideImages
from ganeval.cli.processes import first_goes_on
from ganeval.cli.sides import Given, Sides
from ganeval.cli.terminal import command, note, result
from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.images import ImageSource
from ganeval.report.text import csv_table
from ganeval.suites import PIXEL_NET, Neighbors, neighbors_of

app = typer.Typer(add_completion=False)

_PANEL = "Neighbours"


@command(app, "neighbors", shared=True)
def _neighbors(
    real: Annotated[
        str,
        typer.Argument(metavar="REAL", help="Real images; with --train, unseen in training."),
    ],
    fake: Annotated[str, typer.Argument(metavar="FAKE", help="Generated images.")],
    *,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            help="Write neighbors.csv and neighbors.png into this folder.",
            rich_help_panel=_PANEL,
        ),
    ],
    train: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Images that the generator was trained on: they are searched, and memorisation "
            "can be told.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    k: Annotated[int, typer.Option(help="Neighbours of each fake.", rich_help_panel=_PANEL)] = 5,
    ratio: Annotated[
        float,
        typer.Option(
            help="A near-copy is closer to an image than this share of that one's distance to its "
            "nearest other.",
            rich_help_panel=_PANEL,
        ),
    ] = 0.5,
    show: Annotated[int, typer.Option(help="Fakes in the picture.", rich_help_panel=_PANEL)] = 12,
    force: Force = False,
    images: SideImages,
    run: RunOptions,
) -> None:
    """Find the real images nearest to each fake.

    It also counts the fakes that are near-copies.
    """
    given = [real, fake, *filter(None, [train]), *files_of(images, run)]
    check_folder(out, ["neighbors.csv", "neighbors.png"], force=force, inputs=given)
    if show < 1:
        raise InputError(f"--show is {show}; wanted at least 1")
    if run.match_labels:
        raise InputError("--match-labels does nothing here; leave it out")
    sides = Sides(images, run)
    specs = {"real": real, "fake": fake} | ({} if train is None else {"train": train})
    opened = sides.opened({role: Given(role, spec) for role, spec in specs.items()})
    sources = {role: data for role, data in opened.items() if isinstance(data, ImageSource)}
    features = {role: sides.embed(data) for role, data in sources.items()}
    features |= {role: data for role, data in opened.items() if isinstance(data, Features)}
    pixels = {}
    if len(sources) == len(specs):
        plain = RunOptions(
            feature_net=PIXEL_NET,
            device=run.device,
            batch_size=run.batch_size,
            num_workers=run.num_workers,
            no_cache=run.no_cache,
            verify=run.verify,
            quiet=run.quiet,
        )
        pixels = {role: Sides(images, plain).embed(data) for role, data in sources.items()}
    first_goes_on()
    found = neighbors_of(features, pixels, k=k, ratio=ratio)
    for warning in found.closeness.warnings:
        note(f"Warning: {warning}", quiet=run.quiet)
    out.mkdir(parents=True, exist_ok=True)
    write_new(out / "neighbors.csv", csv_table(list(_table(found))), force=force)
    searched = "real" if train is None else "train"
    if sources.keys() >= {"fake", searched}:
        from ganeval.report import draw_neighbors

        with new_file(out / "neighbors.png", force=force) as place:
            draw_neighbors(found, sources["fake"], sources[searched], place, show=show)
        note(f"{out}: neighbors.csv and neighbors.png", quiet=run.quiet)
    else:
        note(f"{out}: neighbors.csv; a picture needs images, not features", quiet=run.quiet)
    if pixels and found.pixel_rows is None:
        note("the images differ in channels, so pixels were not compared", quiet=run.quiet)
    for line in found.summary:
        result(line)


def _table(found: Neighbors) -> Iterator[list[object]]:
    """A line per fake, space and neighbour; the closest fakes first."""
    near = found.closeness
    spaces = {"features": (near.rows, near.distances)}
    if found.pixel_rows is not None and found.pixel_distances is not None:
        spaces["pixels"] = (found.pixel_rows, found.pixel_distances)
    yield ["fake", "space", "rank", "neighbor", "distance", "closeness", "near_copy", "exact_copy"]
    for i in found.order:
        flags = [float(near.values[i]), int(found.near_copy[i]), int(near.copied[i])]
        for space, (rows, distances) in spaces.items():
            for rank, (j, distance) in enumerate(zip(rows[i], distances[i], strict=True), 1):
                place = [near.fake.ids[i], space, rank, near.searched.ids[j], float(distance)]
                yield [*place, *flags]
