"""`ganeval compare`: which model is better, which checkpoint is best."""

import json as json_format
import os
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from ganeval.cli import completed
from ganeval.cli.options import PANEL, Json, Level, RunOptions
from ganeval.cli.per_side import SideImages
from ganeval.cli.processes import first_goes_on
from ganeval.cli.sides import Sides, check_none_idle
from ganeval.cli.tables import comparison_table
from ganeval.cli.terminal import command, note, result
from ganeval.cli.typed import named_paths
from ganeval.errors import InputError, cut
from ganeval.features import Features
from ganeval.metrics import PROTOCOLS, metrics_named
from ganeval.suites import (
    Comparison,
    Selection,
    best_checkpoint,
    best_of_steps,
    compare,
    compare_estimates,
    kept_estimates,
    kept_floor,
    kept_obedience,
)

app = typer.Typer(add_completion=False)


@command(app, "compare", shared=True)
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
            help="Any metric with an interval, such as fid, kid, prdc.",
            rich_help_panel=PANEL,
            autocompletion=completed.metrics,
        ),
    ] = "fid",
    step: Annotated[
        bool,
        typer.Option(
            "--step",
            help="The models are checkpoints, ordered by the last number in their names: pick "
            "one, and correct its score for having been picked.",
            rich_help_panel=PANEL,
        ),
    ] = False,
    margin: Annotated[
        float,
        typer.Option(
            help="How far apart models may be and count as equivalent, in floors: how far chance "
            "moves the score of one half of the reals against the other.",
            rich_help_panel=PANEL,
        ),
    ] = 1.0,
    level: Level = 0.95,
    json: Json = False,
    images: SideImages,
    run: RunOptions,
) -> None:
    """Which model is better, and how sure is it?

    Models are compared on the same reals. Several training runs of each model (NAME=RUN1,RUN2) make
    the verdict one about models; one run each, about these images.
    """
    entries = metrics_named(metric)
    if run.protocol is not None:
        for entry in entries:
            PROTOCOLS[run.protocol].check_default(entry, where="compare")
    if not models:
        for entry in entries:
            found = kept_estimates(real, entry.name)
            check_none_idle(
                images, run, f"{cut(real)} is compared without images", "name the models"
            )
            if step:
                chosen = best_of_steps(_by_step(found), metric=entry.name, level=level)
                _print_selection(chosen, json)
            else:
                alone = {name: [one] for name, one in found.items()}
                comparison = compare_estimates(
                    alone,
                    metric=entry.name,
                    level=level,
                    floor=kept_floor(real, entry.name, level),
                    margin=margin,
                    obedience={name: [one] for name, one in kept_obedience(real).items()},
                )
                _print_comparison(comparison, json)
        return
    side, given = embedded(real, models, Sides(images, run))
    first_goes_on()
    for entry in entries:
        if step:
            steps = _by_step(given)
            _print_selection(best_checkpoint(side, steps, metric=entry.name, level=level), json)
            continue
        comparison = compare(
            side, given, metric=entry.name, level=level, margin=margin, seed=run.seed
        )
        for warning in comparison.warnings:
            note(f"Warning: {warning}", quiet=run.quiet)
        _print_comparison(comparison, json)


def embedded(
    real: str, models: list[str], opener: Sides
) -> tuple[Features, dict[str, Features | list[Features]]]:
    """Features of the reals, and of each model or each of its runs."""
    specs = {
        name: (spec.split(",") if "," in spec and not os.path.exists(spec) else [spec])
        for name, spec in named_paths(models).items()
    }
    flat = {
        name if len(of) == 1 else f"{name}[{i}]": path
        for name, of in specs.items()
        for i, path in enumerate(of, 1)
    }
    sides, fakes = opener.several({"real": real}, flat)
    parts = iter(fakes.values())
    return sides["real"], {
        name: next(parts) if len(of) == 1 else [next(parts) for _ in of]
        for name, of in specs.items()
    }


def _print_selection(chosen: Selection, json: bool) -> None:
    result(_as_json(chosen) if json else chosen.verdict)


def _print_comparison(found: Comparison, json: bool) -> None:
    result(*([_as_json(found)] if json else [*comparison_table(found), found.verdict]))


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


def _as_json(found: Comparison | Selection) -> str:
    return json_format.dumps(asdict(found), allow_nan=False, ensure_ascii=False)
