"""`ganeval report`: one page that tells the story of some scores."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ganeval.cli.options import PANEL, RunOptions
from ganeval.cli.outputs import Force, check_file, files_of
from ganeval.cli.per_side import SideImages
from ganeval.cli.sides import Given, Sides
from ganeval.cli.terminal import command, note, result
from ganeval.cli.typed import named_paths
from ganeval.errors import InputError
from ganeval.files import write_text
from ganeval.images import ImageSource
from ganeval.report.page import FORMATS, Images, Pictured, Scores, report_text, write_report
from ganeval.suites import side_of

app = typer.Typer(add_completion=False)


@command(app, "report", shared=True)
def _report(
    scores: Annotated[
        list[str],
        typer.Argument(metavar="SCORES…", help="What `ganeval evaluate -o scores.jsonl` wrote."),
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
    force: Force = False,
    images: SideImages,
    run: RunOptions,
) -> None:
    """Write one page with all about some scores.

    It needs no network, opens from disk and can be sent: are the inputs sane, which model is best,
    how sure is it, and what do the images look like?
    """
    chosen = _format(format, out)
    if out is None and chosen == "html":
        raise InputError("a page needs a place to go; add --out report.html, or --format md")
    found = Scores.read(scores)
    places = _places(found, real, named_paths(fake or []))
    if out is not None:
        inputs = [*scores, *places.values(), *files_of(images, run)]
        check_file(out, force=force, inputs=inputs)
    if chosen != "html":
        text = report_text(found, chosen)
        if out is None:
            result(text.rstrip("\n"))
        else:
            write_text(out, text)
        return
    assert out is not None
    shown = _images(found, places, images, run) if pictures else None
    write_report(found, out, images=shown, title=title)
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


def _places(scores: Scores, real: str | None, fakes: dict[str, str]) -> dict[tuple[str, str], str]:
    """Where the images of each side are: what was typed, or what the scores say."""
    if odd := sorted(fakes.keys() - set(scores.models)):
        raise InputError(
            f"--fake {odd[0]} is no model of these scores; they have {', '.join(scores.models)}"
        )
    places = {("real", ""): real or str(side_of(scores.first, "real").get("name", ""))}
    for model in scores.models:
        known = str(side_of(scores.of(model), "fake").get("name", ""))
        places["fake", model] = fakes.get(model, known)
    return places


def _images(
    scores: Scores, places: dict[tuple[str, str], str], images: SideImages, run: RunOptions
) -> Images | None:
    """The images behind the scores, and their features; None where they are not at hand."""
    net = (scores.first.protocol.get("net") or {}).get("name")
    missing = [place for place in places.values() if "://" not in place and not _is_there(place)]
    if missing or net is None:
        why = f"{missing[0]} is not here" if missing else "the scores are of plain features"
        note(_no_pictures(why), quiet=run.quiet)
        return None
    run = run if run.feature_net is not None else replace(run, feature_net=str(net))
    sides = Sides(replace(images, models=scores.models), run)
    named = {f"{role} {model}": Given(role, spec, model) for (role, model), spec in places.items()}
    opened = sides.opened(named)
    found = {}
    for name, source in opened.items():
        if not isinstance(source, ImageSource):
            note(_no_pictures(f"{named[name].spec} holds features"), quiet=run.quiet)
            return None
        found[named[name].role, named[name].model] = Pictured(source, sides.embed(source))
    return Images(found["real", ""], {model: found["fake", model] for model in scores.models})


def _no_pictures(why: str) -> str:
    return f"no pictures: {why}; name the images with --real PATH and --fake MODEL=PATH"


def _is_there(place: str) -> bool:
    return bool(place) and os.path.exists(place.partition("::")[0])
