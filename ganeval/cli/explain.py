"""`ganeval explain`: which visible properties give the fakes away?"""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ganeval.cli.explanation_files import FILES, write_explanation
from ganeval.cli.options import Level, RunOptions
from ganeval.cli.outputs import Force, check_folder, files_of
from ganeval.cli.per_side import SideImages
from ganeval.cli.processes import first_goes_on
from ganeval.cli.sides import Given, Sides
from ganeval.cli.terminal import command, note, progress_bar, result
from ganeval.errors import InputError
from ganeval.features import Features, as_features, is_feature_file
from ganeval.images import ImageSource
from ganeval.nets import kept_processes
from ganeval.suites import OBJECTS, WHOLE, explain, net_for, shared_pixel_size

app = typer.Typer(add_completion=False)

_PANEL = "Explanation"


@command(app, "explain", shared=True)
def _explain(
    real: Annotated[str, typer.Argument(metavar="REAL", help="Real images.")],
    fake: Annotated[str, typer.Argument(metavar="FAKE", help="Generated images.")],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help=f"Write {', '.join(FILES[:-1])} and {FILES[-1]} into this folder.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    channel_names: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,…",
            help="What the channels show, as in Bgs4,Tea1.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    repeats: Annotated[
        int, typer.Option(help="Splits of the classifier.", min=1, max=1000, rich_help_panel=_PANEL)
    ] = 10,
    show: Annotated[
        int, typer.Option(help="Findings in the picture.", min=1, rich_help_panel=_PANEL)
    ] = 5,
    level: Level = 0.95,
    force: Force = False,
    images: SideImages,
    run: RunOptions,
) -> None:
    """Say in words what is wrong with the fakes.

    It measures named properties: of the one object in each image (net morphology:offsets), or of
    whole images where the reals do not show one object each (net texture); --feature-net takes one
    of them in any case. 1 less --level is the rate of false discoveries.
    """
    if run.protocol is not None:
        raise InputError(
            f"--protocol {run.protocol} fixes a net without named features; leave it out"
        )
    if out is not None:
        check_folder(out, FILES, force=force, inputs=[real, fake, *files_of(images, run)])
    net = _net_for(real, fake, images, run)
    sides = Sides(images, replace(run, feature_net=net, pixel_size=None))
    opened = sides.opened({"real": Given("real", real), "fake": Given("fake", fake)})
    sources = {side: data for side, data in opened.items() if isinstance(data, ImageSource)}
    features = {side: data for side, data in opened.items() if isinstance(data, Features)}
    with kept_processes():
        features |= {side: sides.embed(source) for side, source in sources.items()}
    if run.match_labels:
        features["fake"] = sides.matched(features["real"], features["fake"])
    first_goes_on()
    size = run.pixel_size
    if size is None and run.resize is None:
        size = shared_pixel_size(*sources.values())
        if size is not None:
            note(f"{size:.4g} µm per pixel, as the files say", quiet=run.quiet)
    with progress_bar("classifier", quiet=run.quiet, unit="repeats") as progress:
        explanation = explain(
            features["real"],
            features["fake"],
            channel_names=None if channel_names is None else channel_names.split(","),
            pixel_size=size,
            repeats=repeats,
            level=level,
            seed=run.seed,
            progress=progress,
        )
    for warning in explanation.warnings:
        note(f"Warning: {warning}", quiet=run.quiet)
    result(*str(explanation).split("\n"))
    if out is not None:
        said = write_explanation(explanation, features, sources, out, show=show, force=force)
        note(f"{out}: {said}", quiet=run.quiet)


def _net_for(real: str, fake: str, images: SideImages, run: RunOptions) -> str | None:
    """The net that was named, that its options ask for, or that the sides tell."""
    if run.feature_net is not None:
        return run.feature_net
    if run.mask_channel is not None:
        return OBJECTS
    if run.resize is not None:
        return WHOLE  # resizing changes the lengths of objects
    sides = Sides(images, replace(run, quiet=True, pixel_size=None))
    net = net_for(
        as_features(spec) if is_feature_file(spec) else sides.open(spec, side=side)
        for side, spec in (("real", real), ("fake", fake))
    )
    if net == WHOLE and not is_feature_file(real):
        note(
            f"{real}: most images do not show one object on a ground, so whole images are "
            f"measured (net texture); if they do, say --feature-net {OBJECTS}",
            quiet=run.quiet,
        )
    return net
