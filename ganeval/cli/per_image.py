"""`--per-image FILE`: a table of what each image does to the scores, for every metric."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from ganeval.cli.outputs import write_new
from ganeval.cli.terminal import note
from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.metrics import Score

PerImage = Annotated[
    Path | None,
    typer.Option(
        "--per-image",
        metavar="FILE.csv",
        help="Write a line per image: its influence on the score, the nearest real, its realism.",
        rich_help_panel="Metric",
    ),
]


def write_per_image(
    out: Path,
    scores: Sequence[Score],
    sides: Mapping[str, Features | Path],
    *,
    force: bool,
    quiet: bool,
) -> None:
    """Writes the table of the images that were scored.

    Raises:
        InputError: a side is statistics.
    """
    from ganeval.report.text import csv_table
    from ganeval.suites.per_image import per_image

    if statistics := [str(side) for side in sides.values() if isinstance(side, Path)]:
        raise InputError(
            f"--per-image needs the images, and {' and '.join(statistics)} is statistics; give "
            "images or their features"
        )
    rows = per_image(scores, sides.get("real"), sides["fake"])
    heads = list(rows[0])
    lines = [["" if row[head] is None else row[head] for head in heads] for row in rows]
    write_new(out, csv_table([heads, *lines]), force=force, option="--per-image")
    note(f"{out}: {len(rows)} images", quiet=quiet)
