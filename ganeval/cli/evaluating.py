"""`ganeval evaluate` and `ganeval compare`: several models, many scores, one verdict."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ganeval.cli.options import ImageOptions, RangeOptions, RunOptions
from ganeval.cli.processes import first_goes_on
from ganeval.cli.sides import Sides
from ganeval.cli.tables import comparison_table, scores_table
from ganeval.cli.terminal import check_out, command, note, result
from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.metrics import METRICS, Score, check_level
from ganeval.suites import (
    DEFAULT_METRICS,
    REALS,
    ScoresFile,
    best_checkpoint,
    chosen_metrics,
    compare,
    differing_field,
    digest_of,
    evaluate,
    side_of,
)

_PANEL = "Evaluation"
_Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object per line.")]
_Level = Annotated[float, typer.Option(help="Coverage of the intervals.", rich_help_panel=_PANEL)]


def add_evaluation_commands(app: typer.Typer) -> None:
    """Adds `evaluate` and `compare`."""
    command(app, "evaluate", shared=True)(_evaluate)
    command(app, "compare", shared=True)(_compare)


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
            help="Write scores here, one JSON line each, and features beside it; a run that was "
            "cut short goes on.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    metrics: Annotated[
        str,
        typer.Option(help="Names of metric commands, separated by commas.", rich_help_panel=_PANEL),
    ] = ",".join(DEFAULT_METRICS),
    train: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Training images, for authpct and ct.", rich_help_panel=_PANEL
        ),
    ] = None,
    level: _Level = 0.95,
    json: _Json = False,
    images: ImageOptions,
    ranges: RangeOptions,
    run: RunOptions,
) -> None:
    """Score several models by several metrics, with the reals' own score beside them."""
    if out is not None:
        check_out(out)
    names = [name.strip() for name in metrics.split(",") if name.strip()]
    chosen_metrics(names, train=train is not None)  # what is wrong is told before images are read
    check_level(level)
    named = named_paths(fakes)
    sides, models = Sides(images, run, ranges).several(
        {"real": real, **({} if train is None else {"train": train})}, named
    )
    first_goes_on()
    file = None if out is None else ScoresFile(out)
    known = [] if file is None else file.scores()
    written = {(score.details.get("run"), score.metric) for score in known}
    if file is not None:
        for features in (*sides.values(), *models.values()):
            file.keep(features)

    def each(score: Score) -> None:
        if file is not None and (score.details["run"], score.metric) not in written:
            file.append(score)
        if json:
            result(score.to_json())

    refusals: list[tuple[str, str]] = []
    scores = evaluate(
        sides["real"],
        models,
        metrics=names,
        train=sides.get("train"),
        level=level,
        seed=run.seed,
        known=known,
        each=each,
        refused=lambda model, metric, error: refusals.append((model, f"{metric}: {error}")),
    )
    said = [(score.details["model"], text) for score in scores for text in score.warnings]
    for warning in _once(said):
        note(f"Warning: {warning}", quiet=run.quiet)
    if scores and not json:
        result(scores_table(scores))
        reasons = (
            (score.details["model"], f"{METRICS[score.metric].label}: no interval: {reason}")
            for score in scores
            if (reason := score.details.get("no_interval"))
        )
        for text in _once(reasons):
            note(text, quiet=run.quiet)
    if file is not None:
        note(f"{out}: {len(scores)} scores", quiet=run.quiet)
        if known and (reason := _clash([*known, *scores], str(out))):
            note(
                f"Warning: `compare` will not take all models of this file: {reason}",
                quiet=run.quiet,
            )
    for refusal in _once(refusals):  # the scores that there are stand above
        note(f"Error: {refusal}")
    if refusals:
        raise typer.Exit(2)


def _compare(
    real: Annotated[
        str,
        typer.Argument(metavar="REAL", help="Real images; or the scores.jsonl of `evaluate`."),
    ],
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MODEL…",
            help="Generated images of each model: PATH, NAME=PATH, or NAME=RUN1,RUN2,… for "
            "several training runs.",
        ),
    ] = None,
    *,
    metric: Annotated[str, typer.Option(help="fid or kid.", rich_help_panel=_PANEL)] = "fid",
    step: Annotated[
        bool,
        typer.Option(
            "--step",
            help="The models are checkpoints, ordered by the last number in their names: pick "
            "one, and correct its score for having been picked.",
            rich_help_panel=_PANEL,
        ),
    ] = False,
    level: _Level = 0.95,
    json: _Json = False,
    images: ImageOptions,
    ranges: RangeOptions,
    run: RunOptions,
) -> None:
    """Say which model is better, and how sure that is."""
    if not models:
        side, given = _from_scores(real, metric, level=level, run=run)
    else:
        specs = {
            name: (spec.split(",") if "," in spec and not os.path.exists(spec) else [spec])
            for name, spec in named_paths(models).items()
        }
        flat = {
            name if len(of) == 1 else f"{name}[{i}]": path
            for name, of in specs.items()
            for i, path in enumerate(of, 1)
        }
        sides, fakes = Sides(images, run, ranges).several({"real": real}, flat)
        side, parts = sides["real"], iter(fakes.values())
        given = {
            name: next(parts) if len(of) == 1 else [next(parts) for _ in of]
            for name, of in specs.items()
        }
    first_goes_on()
    if step:
        chosen = best_checkpoint(side, _by_step(given), metric=metric, level=level, seed=run.seed)
        result(_as_json(chosen) if json else chosen.verdict)
        return
    found = compare(side, given, metric=metric, level=level, seed=run.seed)
    for warning in found.warnings:
        note(f"Warning: {warning}", quiet=run.quiet)
    result(_as_json(found) if json else f"{comparison_table(found)}\n{found.verdict}")


def _clash(scores: Sequence[Score], path: str) -> str | None:
    """What keeps `compare` from taking a file's models together, in words."""
    try:
        for metric in dict.fromkeys(score.metric for score in scores):
            if metric in METRICS and METRICS[metric].blockwise is not None:
                _latest(scores, metric, path)
    except InputError as error:
        return str(error)
    return None


def _once(said: Iterable[tuple[str, str]]) -> list[str]:
    """Each text once, after the names of the models that it is said of."""
    models: dict[str, list[str]] = {}
    for model, text in dict.fromkeys(said):
        models.setdefault(text, []).append(model)
    return [f"{', '.join(names)}: {text}" for text, names in models.items()]


def named_paths(specs: list[str]) -> dict[str, str]:
    """Names to paths, of NAME=PATH or of paths that name themselves."""
    named: dict[str, str] = {}
    for spec in specs:
        name, equals, path = spec.partition("=")
        if not equals or os.path.exists(spec):
            name, path = Path(spec).name or spec, spec
        if name in named:
            raise InputError(f"two models are named {name!r}; give NAME=PATH")
        named[name] = path
    return named


def _by_step(models: Mapping[str, Any]) -> dict[int, Any]:
    steps: dict[int, Any] = {}
    for name, data in models.items():
        numbers = re.findall(r"\d+", name)
        if not numbers:
            raise InputError(f"{name} has no number to be ordered by; give 1000=PATH")
        if (step := int(numbers[-1])) in steps:
            raise InputError(f"two checkpoints are of step {step}; give STEP=PATH")
        steps[step] = data
    return steps


def _from_scores(
    path: str, metric: str, *, level: float, run: RunOptions
) -> tuple[Features, dict[str, Any]]:
    """Reals and models of a scores file, which must have been scored alike."""
    file = ScoresFile(path)
    if Path(path).suffix != ".jsonl" or not file.path.is_file():
        raise InputError(
            f"{path} is no scores.jsonl, and no models were named; give REAL MODEL MODEL …, or "
            "what `ganeval evaluate -o scores.jsonl` wrote"
        )
    scores = file.scores()
    latest = _latest(scores, metric, path)
    if len(latest) < 2:
        raise InputError(
            f"{path} has {len(latest)} model{'s' * (len(latest) != 1)} scored by {metric}, of 2 "
            "that a comparison needs; scored are: "
            + (", ".join(sorted({score.metric for score in scores})) or "none")
        )
    drawn = ((score.protocol.get("seed"), score.level or level) for score in latest.values())
    if other := next((one for one in drawn if one != (run.seed, level)), None):
        note(
            f"Warning: {path} was scored with seed {other[0]} and level {other[1]:g}, and this "
            f"compares with {run.seed} and {level:g}, so that corrected values and intervals are "
            "not those of the file; --seed and --level say otherwise",
            quiet=run.quiet,
        )
    known = {
        name: file.features(digest_of(score, "fake"), name=name) for name, score in latest.items()
    }
    real = digest_of(next(iter(latest.values())), "real")
    return file.features(real, name="the reals"), known


def _latest(scores: Iterable[Score], metric: str, path: str) -> dict[str, Score]:
    """The last score of each model by a metric.

    Raises:
        InputError: a name stands for two sets of images, or scores are not comparable.
    """
    latest: dict[str, Score] = {}
    for score in scores:
        name = str(score.details.get("model"))
        if score.metric != metric or name == REALS:
            continue
        before, now = (side_of(one, "fake") for one in (latest.get(name, score), score))
        if before.get("fingerprint") != now.get("fingerprint"):
            raise InputError(
                f"{path} has two models named {name!r}, of other images each; evaluate them as "
                "NAME=PATH into a new file"
            )
        latest[name] = score
    if latest and (field := differing_field(list(latest.values()))):
        raise InputError(
            f"scores of {path} are not comparable, they differ in {field}; evaluate all models "
            "the same way, into a new file"
        )
    return latest


def _as_json(found: Any) -> str:
    import json
    from dataclasses import asdict

    return json.dumps(asdict(found), allow_nan=False, ensure_ascii=False)
