"""`ganeval plan`: how many images, plates and training runs are enough."""

import json as json_format
from dataclasses import asdict
from typing import Annotated

import typer

from ganeval.cli import completed
from ganeval.cli.compare import embedded
from ganeval.cli.options import PANEL, Json, Level, RunOptions
from ganeval.cli.per_side import SideImages
from ganeval.cli.processes import first_goes_on
from ganeval.cli.sides import Sides
from ganeval.cli.tables import plain_table
from ganeval.cli.terminal import command, note, result
from ganeval.metrics import METRICS, metrics_named
from ganeval.suites import Plan, plan

app = typer.Typer(add_completion=False)


@command(app, "plan", shared=True)
def _plan(
    real: Annotated[str, typer.Argument(metavar="REAL", help="Real images of the pilot.")],
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL…",
            help="Generated images of one model, or of two whose difference is wanted: PATH, "
            "NAME=PATH, or NAME=RUN1,RUN2,… for several training runs.",
        ),
    ],
    *,
    half_width: Annotated[
        float | None,
        typer.Option(
            help="Wished half-width of the interval, in units of the score.",
            rich_help_panel=PANEL,
        ),
    ] = None,
    difference: Annotated[
        float | None,
        typer.Option(
            help="Difference of two models that is to be found in 80 of 100 studies.",
            rich_help_panel=PANEL,
        ),
    ] = None,
    metric: Annotated[
        str,
        typer.Option(
            help="Any metric with an interval, such as fid, kid, prdc.",
            rich_help_panel=PANEL,
            autocompletion=completed.metrics,
        ),
    ] = "fid",
    level: Level = 0.95,
    json: Json = False,
    images: SideImages,
    run: RunOptions,
) -> None:
    """How many images are enough?

    From a pilot of a few images, before the many are made. Plates (--group-by) count as plates.
    """
    entries = metrics_named(metric)
    side, given = embedded(real, models, Sides(images, run))
    first_goes_on()
    for entry in entries:
        found = plan(
            side,
            given,
            metric=entry.name,
            half_width=half_width,
            difference=difference,
            level=level,
        )
        for warning in found.warnings:
            note(f"Warning: {warning}", quiet=run.quiet)
        if json:
            result(json_format.dumps(asdict(found), allow_nan=False, ensure_ascii=False))
        else:
            result(*_table(found), found.verdict)


def _table(found: Plan) -> list[str]:
    """A line per size: the pilot, multiples of it, and what is needed."""
    steps = {step.times: step for step in found.steps}
    if found.needed is not None:
        steps[found.needed.times] = found.needed
    ordered = [steps[times] for times in sorted(steps)]
    groups = found.steps[0].real_groups is not None or found.steps[0].fake_groups is not None
    rows = []
    for step in ordered:
        mark = " (pilot)" if step.times == 1 else " (needed)" if step is found.needed else ""
        row = [f"{step.times:.3g} ×{mark}", f"{step.n_real} / {step.n_fake}"]
        if groups:
            counts = (step.real_groups, step.fake_groups)
            row.append(" / ".join("–" if count is None else str(count) for count in counts))
        row.append(f"± {step.half_width:.3g}")
        if step.half_widths is not None:
            row.append("{:.3g} to {:.3g}".format(*step.half_widths))
        if found.steps[0].fakes_alone is not None:
            row.append(f"± {step.fakes_alone:.3g}")
        if step.detectable is not None:
            row.append(f"{step.detectable:.3g}")
        rows.append(row)
    label, percent = METRICS[found.metric].label, f"{100 * found.level:g} %"
    heads = ["", "real / generated", *(["groups"] if groups else []), f"{label} ({percent})"]
    heads += ["90 % of studies"] if found.steps[0].half_widths is not None else []
    heads += ["if only the generated grow"] if found.steps[0].fakes_alone is not None else []
    heads += ["found in 80 %"] if found.steps[0].detectable is not None else []
    return plain_table(heads, rows)
