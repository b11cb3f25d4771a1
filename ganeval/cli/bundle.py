"""`ganeval bundle`: scores that others can check, in a zip."""

from pathlib import Path
from typing import Annotated

import typer

from ganeval.bundles import collected, write_bundle
from ganeval.cli.options import PANEL, RunOptions
from ganeval.cli.outputs import Force, check_file, files_of, new_file
from ganeval.cli.per_side import SideImages
from ganeval.cli.reopened import Fake, Real, Reopened, Train, known_places, typed_places
from ganeval.cli.terminal import command, note
from ganeval.errors import InputError

app = typer.Typer(add_completion=False)


@command(app, "bundle")
def _bundle(
    scores: Annotated[
        list[str],
        typer.Argument(metavar="SCORES…", help="What `ganeval evaluate -o scores.jsonl` wrote."),
    ],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Zip to write.", rich_help_panel=PANEL)],
    also: Annotated[
        str | None,
        typer.Option(
            metavar="features|statistics",
            help="Put in features of every side too, from which all can be computed again without "
            "images; or their means and covariances, enough for the value of FID.",
            rich_help_panel=PANEL,
        ),
    ] = None,
    real: Real = None,
    fake: Fake = None,
    train: Train = None,
    force: Force = False,
    images: SideImages,
    run: RunOptions,
) -> None:
    """Pack scores so that others can check them.

    The zip holds scores with protocols, influences, cards of nets, and a README,
    but no image and no path. --also needs the images, where they were.
    """
    if also is None and (real or fake or train):
        raise InputError("--real, --fake and --train do nothing alone; add --also features")
    found = collected(scores)
    rows = [score for score, _ in found]
    places = known_places(rows) | typed_places(rows, real, fake or [], train)
    check_file(out, force=force, inputs=[*scores, *places.values(), *files_of(images, run)])
    sides = None if also is None else Reopened(rows, places, images, run, own=True)
    with new_file(out, force=force) as place:
        digest = write_bundle(found, place, also=also, sides=sides)
    without = sum(estimate is None for _, estimate in found)
    note(
        f"{out}: {len(found)} score{'s' * (len(found) != 1)}"
        + (f", {without} of them without influences" if without else "")
        + f"; SHA-256 {digest}",
        quiet=run.quiet,
    )
    if without == len(found) and also is None:
        note(
            "there are no influences, which `ganeval evaluate -o` keeps, so `ganeval verify` can "
            "check the bundle only with images; or add --also features",
            quiet=run.quiet,
        )
