"""`ganeval report`: one page that tells the story of some scores."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ganeval.cli.options import PANEL, RunOptions
from ganeval.cli.outputs import Force, check_file, files_of, new_file, write_new
from ganeval.cli.per_side import SideImages
from ganeval.cli.reopened import (
    Places,
    Reopened,
    known_places,
    typed_places,
)
from ganeval.cli.terminal import command, note, result
from ganeval.cli.typed import is_gone
from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.images import ImageSource
from ganeval.metrics import Score
from ganeval.report.page import (
    FORMATS,
    Images,
    Pictured,
    Scores,
    check_map,
    read_beside,
    report_text,
    write_report,
)
from ganeval.suites import REALS, model_of

app = typer.Typer(add_completion=False)


@command(app, "report", shared=True)
def _report(
    scores: Annotated[
        list[str],
        typer.Argument(
            metavar="SCORES…",
            help="What `ganeval evaluate -o scores.jsonl` wrote; beside it, for sections of their "
            "own, what `audit -o` wrote, and explanation.json of `explain -o`.",
        ),
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="File to write, as in report.html.", rich_help_panel=PANEL
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            help="html, a page; or its table of scores as md, csv or tex, printed without --out. "
            "(default: by the name of --out)",
            rich_help_panel=PANEL,
        ),
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="Heading of the page.", rich_help_panel=PANEL)
    ] = None,
    real: Annotated[
        str | None,
        typer.Option(
            metavar="REAL",
            help="Where the scored reals are, for pictures. (default: where they were)",
            rich_help_panel=PANEL,
        ),
    ] = None,
    fake: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL=PATH",
            help="Where the scored fakes of a model are. (default: where they were)",
            rich_help_panel=PANEL,
        ),
    ] = None,
    pictures: Annotated[
        bool,
        typer.Option(
            help="Show images; without, none leaves this machine with the page.",
            rich_help_panel=PANEL,
        ),
    ] = True,
    map: Annotated[
        str,
        typer.Option(
            help="Place images on the map by pca, or by umap (extra umap).", rich_help_panel=PANEL
        ),
    ] = "pca",
    force: Force = False,
    images: SideImages,
    run: RunOptions,
) -> None:
    """Write one page with all about some scores.

    It needs no network, opens from disk and can be sent: are the inputs sane, which model is best,
    how sure is it, and what do the images look like?
    """
    chosen = _format(format, out)
    check_map(map)
    if out is None and chosen == "html":
        raise InputError("a page needs a place to go; add --out report.html, or --format md")
    files, beside = read_beside(scores)
    found = Scores.read(files)
    rows = list(_named(found).values())
    places = known_places(rows) | typed_places(rows, real, fake or [], train=None)
    if out is not None:
        inputs = [*scores, *places.values(), *files_of(images, run)]
        inputs += [str(one.picture) for one in beside.explanations if one.picture]
        check_file(out, force=force, inputs=inputs)
    if chosen != "html":
        text = report_text(found, chosen)
        if out is None:
            result(*text.rstrip("\n").split("\n"))
        else:
            write_new(out, text, force=force)
        return
    assert out is not None
    shown = _images(found, places, images, run) if pictures else None
    with new_file(out, force=force) as place:
        write_report(
            found, place, images=shown, beside=beside, pictures=pictures, map=map, title=title
        )
    note(f"{out}: open it in a browser", quiet=run.quiet)


def _format(given: str | None, out: Path | None) -> str:
    by_name = "" if out is None else out.suffix.lstrip(".").lower()
    chosen = given or by_name or "html"
    if chosen not in FORMATS:
        raise InputError(
            f"--format {chosen} is not known; wanted {', '.join(FORMATS)}"
            if given
            else f"--out {out} names no format; end its name in .html, .md, .csv or .tex"
        )
    return chosen


def _named(scores: Scores) -> dict[tuple[str, str], Score]:
    """Scores by model and metric, each with the name that its model has in the report."""
    return {
        (model, metric): replace(score, details={**score.details, "model": model})
        for (model, metric), score in scores.by.items()
    }


def _images(scores: Scores, places: Places, images: SideImages, run: RunOptions) -> Images | None:
    """The images behind the scores, and their features; None where they are not at hand."""
    if not scores.first.protocol.get("net"):
        note(_no_pictures("", "the scores are of plain features"), quiet=run.quiet)
        return None
    rows = [score for score in _named(scores).values() if model_of(score) != REALS]
    first = {model: next(s for s in rows if model_of(s) == model) for model in scores.models}
    wanted = {("real", ""): rows[0], **{("fake", model): first[model] for model in first}}
    there = {where: path for where, path in places.items() if where in wanted and not is_gone(path)}
    sides = Reopened(rows, there, images, run, own=True)
    sides.check()
    found = {}
    for (role, model), score in wanted.items():
        place = places.get((role, model))
        if (role, model) not in there:
            why = f"{place} is not here" if place else "where its images are is not known"
            note(_no_pictures(model, why), quiet=run.quiet)
        elif isinstance(source := sides.source(score, role), ImageSource):
            features = sides(score, role)
            assert isinstance(features, Features)
            found[role, model] = Pictured(source, features)
        else:
            note(_no_pictures(model, f"{place} holds no images"), quiet=run.quiet)
        if ("real", "") not in found:
            return None
    fakes = {model: one for (_, model), one in found.items() if model}
    return Images(found["real", ""], fakes) if fakes else None


def _no_pictures(model: str, why: str) -> str:
    of = f" of {model}" if model else ""
    return f"no pictures{of}: {why}; name the images with --real PATH and --fake MODEL=PATH"
