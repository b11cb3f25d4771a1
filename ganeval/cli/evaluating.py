"""`ganeval evaluate` and `ganeval compare`: several models, many scores, one verdict."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from ganeval.cli.options import ImageOptions, RangeOptions, RunOptions
from ganeval.cli.processes import first_goes_on
from ganeval.cli.sides import Sides
from ganeval.cli.tables import comparison_table, scores_table
from ganeval.cli.terminal import check_out, command, note, result
from ganeval.errors import InputError
from ganeval.metrics import METRICS, Score, check_level
from ganeval.statistics import Estimate
from ganeval.suites import (
    DEFAULT_METRICS,
    Comparison,
    ScoresFile,
    Selection,
    best_checkpoint,
    best_of_steps,
    chosen_metrics,
    clash_of,
    compare,
    compare_estimates,
    evaluate,
    kept_estimates,
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
            help="Write scores here, one JSON line each, with influences in a folder of its name; "
            "run again to resume.",
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

    def each(score: Score) -> None:
        if file is not None and (score.details["run"], score.metric) not in written:
            file.keep(score)
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
        if known and (reason := clash_of([*known, *scores], str(out))):
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
    metric: Annotated[
        str,
        typer.Option(
            help="Any metric with an interval, such as fid, kid, prdc.", rich_help_panel=_PANEL
        ),
    ] = "fid",
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
        _of_scores(kept_estimates(real, metric), metric, step=step, level=level, json=json)
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
        given: dict[str, Any] = {
            name: next(parts) if len(of) == 1 else [next(parts) for _ in of]
            for name, of in specs.items()
        }
        first_goes_on()
        if step:
            _print_selection(
                best_checkpoint(side, _by_step(given), metric=metric, level=level), json
            )
            return
        found = compare(side, given, metric=metric, level=level)
        for warning in found.warnings:
            note(f"Warning: {warning}", quiet=run.quiet)
        _print_comparison(found, json)


def _of_scores(
    found: Mapping[str, Estimate], metric: str, *, step: bool, level: float, json: bool
) -> None:
    """The same from what a scores file kept."""
    if step:
        _print_selection(best_of_steps(_by_step(found), metric=metric, level=level), json)
        return
    models = {name: [one] for name, one in found.items()}
    _print_comparison(compare_estimates(models, metric=metric, level=level), json)


def _print_selection(chosen: Selection, json: bool) -> None:
    result(_as_json(chosen) if json else chosen.verdict)


def _print_comparison(found: Comparison, json: bool) -> None:
    result(_as_json(found) if json else f"{comparison_table(found)}\n{found.verdict}")


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


def _as_json(found: Any) -> str:
    import json
    from dataclasses import asdict

    return json.dumps(asdict(found), allow_nan=False, ensure_ascii=False)
