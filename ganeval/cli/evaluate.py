"""`ganeval evaluate`: several models, many scores."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ganeval.cli import completed
from ganeval.cli.asked import with_asked
from ganeval.cli.options import PANEL, TAKING_TRAIN, Json, Level, RunOptions
from ganeval.cli.outputs import Force, check_file, files_of
from ganeval.cli.per_side import SideImages
from ganeval.cli.processes import first_goes_on
from ganeval.cli.provenance import with_protocol, with_provenance
from ganeval.cli.several_nets import net_table, seen_by_nets
from ganeval.cli.sides import Sides
from ganeval.cli.tables import scores_table
from ganeval.cli.terminal import command, note, result
from ganeval.cli.typed import named_paths
from ganeval.metrics import METRICS, PROTOCOLS, Score, check_level, metrics_named
from ganeval.suites import (
    DEFAULT_METRICS,
    LABELLED_METRICS,
    PROVENANCE,
    ScoresFile,
    agreement,
    chosen_metrics,
    clash_of,
    evaluate,
    views_of,
)

app = typer.Typer(add_completion=False)


@command(app, "evaluate", shared=True)
def _evaluate(
    real: Annotated[str, typer.Argument(metavar="REAL", help="Real images, or their features.")],
    fakes: Annotated[
        list[str],
        typer.Argument(metavar="FAKE…", help="Generated images of each model; or NAME=PATH."),
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Write scores here, one JSON line each, with influences in a folder of its name; "
            "run again to resume.",
            rich_help_panel=PANEL,
        ),
    ] = None,
    metrics: Annotated[
        str | None,
        typer.Option(
            help="Names of metric commands, separated by commas. (default: "
            f"{','.join(DEFAULT_METRICS)}, and where both sides have labels "
            f"{','.join(LABELLED_METRICS)}; with --protocol, all that the tool has)",
            rich_help_panel=PANEL,
            autocompletion=completed.metrics,
        ),
    ] = None,
    train: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help=f"Training images, for {TAKING_TRAIN}.", rich_help_panel=PANEL
        ),
    ] = None,
    level: Level = 0.95,
    json: Json = False,
    force: Force = False,
    images: SideImages,
    run: RunOptions,
) -> None:
    """Score several models by several metrics.

    Each image is decoded once, also for several nets (--feature-net A,B,C). Their distances then
    stand beside each other, in units of their floors too. The last row scores one half of the
    reals against the other, as a reference for a perfect model.
    """
    names = _metrics(metrics, run.protocol, train=train is not None)
    check_level(level)
    named = named_paths(fakes)
    file = None if out is None else ScoresFile(out)
    if file is not None:
        ours = file.is_own()
        given = [real, *named.values(), *filter(None, [train]), *files_of(images, run)]
        check_file(file.path, force=force, inputs=given, ours=ours)
    known = [] if file is None or force else file.scores()
    seen = seen_by_nets(
        Sides(images, run), {"real": real, **({} if train is None else {"train": train})}, named
    )
    first_goes_on()
    if file is not None and force:
        file.path.unlink(missing_ok=True)
    written = {(score.details.get("run"), score.metric) for score in known}

    def keep(score: Score, by: RunOptions) -> None:
        if PROVENANCE not in score.details:
            sides = {"real": real, "fake": named.get(score.details["model"], real)}
            sides |= {} if train is None else {"train": train}
            score = with_asked(with_provenance(score, by), sides, feature_net=by.feature_net)
        score = score if run.protocol is None else with_protocol(score, run.protocol)
        told.extend((score.details["model"], text) for text in score.warnings)
        if file is not None and (score.details["run"], score.metric) not in written:
            file.keep(score)
            file.append(score)
        if json:
            result(score.to_json())

    refusals: list[tuple[str, str]] = []
    told: list[tuple[str, str]] = []
    by_net: dict[str, tuple[Score, ...]] = {}
    for one in seen:
        by_net[one.net] = evaluate(
            one.sides["real"],
            one.models,
            protocol=run.protocol,
            metrics=None if metrics is None and run.protocol is None else names,
            train=one.sides.get("train"),
            level=level,
            seed=run.seed,
            known=known,
            each=partial(keep, by=one.run),
            refused=lambda model, metric, error: refusals.append(
                (model, f"{metric}: {error}{_fixed(str(error), metric, run.protocol)}")
            ),
        )
    scores = [score for of_net in by_net.values() for score in of_net]
    for warning in _once(told):
        note(f"Warning: {warning}", quiet=run.quiet)
    if scores and not json:
        _print(by_net, quiet=run.quiet)
    if file is not None:
        note(f"{out}: {len(scores)} scores", quiet=run.quiet)
        if known and len(seen) == 1 and (reason := clash_of([*known, *scores], str(out))):
            note(
                f"Warning: `compare` will not take all models of this file: {reason}",
                quiet=run.quiet,
            )
    for refusal in _once(refusals):  # the scores that there are stand above
        note(f"Error: {refusal}")
    if refusals:
        raise typer.Exit(2)


def _fixed(error: str, metric: str, protocol: str | None) -> str:
    """Where an error advises another value for an option that a protocol fixes: how to give one."""
    if protocol is None:
        return ""
    fixed = PROTOCOLS[protocol].fixed(metrics_named(metric)[0].name)
    words = {word.strip(",;:").replace("-", "_") for word in error.split()}
    if not any(f"__{name}" in words for name in fixed):
        return ""
    return f" (--protocol {protocol} fixes it; without, ganeval {metric} takes other values)"


def _print(by_net: Mapping[str, Sequence[Score]], *, quiet: bool) -> None:
    """A table for each net; of several nets, their distances beside each other too."""
    for net, scores in by_net.items():
        if len(by_net) > 1:
            result(f"Seen by {net}:")
        result(*scores_table(scores))
        if len({score.metric for score in scores}) > 1:
            note(
                f"Primary metric: {METRICS[scores[0].metric].label}, the first that is named; the "
                "others describe, and their intervals hold one by one",
                quiet=quiet,
            )
        reasons = (
            (score.details["model"], f"{METRICS[score.metric].label}: no interval: {reason}")
            for score in scores
            if (reason := score.details.get("no_interval"))
        )
        for text in _once(reasons):
            note(text, quiet=quiet)
    if len(by_net) > 1:
        views = views_of(by_net)
        for metric in dict.fromkeys(view.metric for view in views):
            result(*net_table(views, metric))
        result(*agreement(views))


def _metrics(given: str | None, protocol: str | None, *, train: bool) -> list[str]:
    """The metrics that were named, or those of the protocol, or the usual ones; checked."""
    if given is not None:
        names = [name.strip() for name in given.split(",") if name.strip()]
    elif protocol is None:
        names = list(DEFAULT_METRICS)
    else:
        names = PROTOCOLS[protocol].default_metrics(train=train)
    for entry in chosen_metrics(names, train=train):
        if protocol is not None:
            PROTOCOLS[protocol].fixed(entry.name)  # says what is wrong before images are read
    return names


def _once(said: Iterable[tuple[str, str]]) -> list[str]:
    """Each text once, after the names of the models that it is said of."""
    models: dict[str, list[str]] = {}
    for model, text in dict.fromkeys(said):
        models.setdefault(text, []).append(model)
    return [f"{', '.join(names)}: {text}" for text, names in models.items()]
