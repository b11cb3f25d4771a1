"""`ganeval audit`: may these nets judge these images?"""

import json as json_format
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from ganeval.cli.options import PANEL, Json, Level, RunOptions
from ganeval.cli.outputs import Force, check_file, files_of, write_new
from ganeval.cli.per_side import SideImages
from ganeval.cli.processes import own_device
from ganeval.cli.several_nets import images_for_nets
from ganeval.cli.sides import Sides
from ganeval.cli.tables import plain_table
from ganeval.cli.terminal import command, default_workers, note, progress_bar, result
from ganeval.errors import InputError
from ganeval.metrics import METRICS
from ganeval.suites import (
    HALF_WIDTH,
    JUDGED,
    MOST_IMAGES,
    MOST_VERSIONS,
    QUESTIONS,
    REPLIES,
    Audit,
    NetAudit,
    audit,
    noticed_from,
)

app = typer.Typer(add_completion=False)


@command(app, "audit")
def _audit(
    real: Annotated[
        str, typer.Argument(metavar="REAL", help="Real images; with labels more can be asked.")
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Write all that was found here, as JSON.", rich_help_panel=PANEL
        ),
    ] = None,
    force: Force = False,
    half_width: Annotated[
        float,
        typer.Option(
            help="Wished half-width of the distance's interval, as a share of what strong faults "
            "do to it.",
            rich_help_panel=PANEL,
        ),
    ] = HALF_WIDTH,
    level: Level = 0.95,
    json: Json = False,
    images: SideImages,
    run: RunOptions,
) -> None:
    """May these nets judge these images?

    Name one net or several: --feature-net A,B,C. Half of the images are the reals; in the other
    half faults of models are planted, from mild to strong. Which metric notices which, and from
    what strength? Does a net keep classes apart, and do other halves and other nets agree?

    A seeded sample of 1,000 images is taken unless --max-images says otherwise.
    """
    if run.match_labels:
        raise InputError("--match-labels does nothing here; leave it out")
    if not run.feature_net:
        raise InputError("no net is named; name the nets to ask: --feature-net A,B")
    if out is not None:
        check_file(out, force=force, inputs=[real, *files_of(images, run)])
    source, cards = images_for_nets(Sides(images, run), real)
    own = images.of("real").max_images is not None
    n, nets = len(source) if own else min(len(source), MOST_IMAGES), len(cards)
    note(
        f"{source.name}: {n} images, each embedded up to {1 + MOST_VERSIONS} times by "
        f"{nets} net{'s' * (nets > 1)}",
        quiet=run.quiet,
    )
    workers = default_workers(n * MOST_VERSIONS) if run.num_workers is None else run.num_workers
    with progress_bar(source.name, quiet=run.quiet) as progress:
        found = audit(
            source,
            feature_net=cards,
            half_width=half_width,
            level=level,
            seed=run.seed,
            max_images=None if own else MOST_IMAGES,
            device=run.device or own_device(),
            batch_size=run.batch_size,
            num_workers=workers,
            precision=run.precision,
            cache=not run.no_cache,
            progress=progress,
        )
    for net in found.nets:
        for warning in net.warnings:
            note(f"Warning: {net.net}: {warning}", quiet=run.quiet)
    text = json_format.dumps(found.to_dict(), allow_nan=False, ensure_ascii=False)
    if out is not None:
        write_new(out, text + "\n", force=force)
        note(f"{out}: all that was found", quiet=run.quiet)
    result(*([text] if json else _lines(found)))


def _lines(found: Audit) -> Iterator[str]:
    """The verdicts of all nets, and then for each net its reasons and what it notices."""
    yield from plain_table(["", *(net.net for net in found.nets)], list(_answers(found.nets)))
    for net in found.nets:
        yield ""
        yield f"{net.net}: {net.answer}"
        for verdict in net.verdicts:
            yield f"  {QUESTIONS[verdict.question]} {REPLIES[verdict.answer]}: {verdict.why}."
        if net.responses:
            heads = ["noticed from", *(METRICS[metric].label for metric in JUDGED)]
            yield from plain_table(heads, list(_noticed(net)))
            heads = ["half against half", "FID", "FID, corrected", "KID"]
            yield from plain_table(heads, list(_sizes(net)))


def _answers(nets: Sequence[NetAudit]) -> Iterator[list[str]]:
    """A line per question."""
    for question, words in QUESTIONS.items():
        answers = [{each.question: REPLIES[each.answer] for each in net.verdicts} for net in nets]
        yield [words, *(of[question] for of in answers)]
    yield ["May it judge these images?", *(net.answer for net in nets)]


def _noticed(net: NetAudit) -> Iterator[list[str]]:
    """A line per fault: the mildest strength that each metric notices."""
    for fault in dict.fromkeys(one.fault for one in net.responses):
        cells = []
        for metric in JUDGED:
            own = [one for one in net.responses if (one.metric, one.fault) == (metric, fault)]
            first = noticed_from(own, metric, fault)
            known = any(one.p_value is not None for one in own)
            cells.append(first.words if first else "not noticed" if known else "no test")
        yield [fault, *cells]
    for fault, why in (net.not_asked or {}).items():
        yield [fault, why, *[""] * (len(JUDGED) - 1)]


def _sizes(net: NetAudit) -> Iterator[list[str]]:
    """A line per number of images: distances that should be 0."""
    for n in dict.fromkeys(size.n for size in net.sizes):
        fid, kid = (
            next(size for size in net.sizes if (size.metric, size.n) == (metric, n))
            for metric in ("fid", "kid")
        )
        yield [
            f"{n} / {n} images",
            _number(fid.value),
            _number(fid.corrected, fid.interval),
            _number(kid.corrected, kid.interval),
        ]


def _number(value: float | None, interval: tuple[float, float] | None = None) -> str:
    if value is None:
        return "–"
    if interval is None:
        return f"{value:.3g}"
    return f"{value:.3g} ({interval[0]:.3g} to {interval[1]:.3g})"
