"""One command per metric, made from its entry in METRICS: `fid`, `kid`, `is`, and those to come.

Its arguments and options are the parameters of the metric's function, their help texts included.
"""

import inspect
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer

from ganeval.cli.asked import with_asked
from ganeval.cli.config import Config, tell_changes, tell_other_images
from ganeval.cli.options import RunOptions
from ganeval.cli.outputs import Force, check_file, files_of
from ganeval.cli.per_image import PerImage, write_per_image
from ganeval.cli.per_side import SideImages
from ganeval.cli.processes import first_goes_on, process_group
from ganeval.cli.provenance import with_protocol, with_provenance
from ganeval.cli.sides import Sides
from ganeval.cli.terminal import command, note, progress_bar, result
from ganeval.cli.typed import one_net
from ganeval.commands import SCORES
from ganeval.errors import InputError
from ganeval.features import Features, is_feature_file, json_hash
from ganeval.metrics import (
    METRICS,
    PROTOCOLS,
    Metric,
    Score,
    check_bounds,
    metric_commands,
    metrics_named,
)
from ganeval.store import Store, default_store

_HELP = {
    "real": "Real images: a folder, .zip, .npy, .npz or IDX file; or their features or statistics.",
    "fake": "Generated images, as REAL.",
    "train": "Images that the generator was trained on, as REAL.",
}
SIDES_IN_ORDER = ("real", "train", "fake")


def command_of(name: str) -> Any:
    """The command of this name, of one metric or of several that are computed together."""
    app = typer.Typer(add_completion=False)
    _add(app, metric_commands()[name])
    return typer.main.get_command(app)


def _add(app: typer.Typer, metric: Metric) -> None:
    hints = get_type_hints(metric.function, include_extras=True)
    arguments, options = [], []
    for parameter in inspect.signature(metric.function).parameters.values():
        if parameter.name in ("feature_net", "seed", "progress", "process_group"):
            continue  # shared options, and those of Python alone
        if metric.one_sided and parameter.name == "real":
            continue  # before the fakes, if at all
        if parameter.name == "train":
            arguments.append(_train())
        elif parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            options.append(_option(parameter, hints[parameter.name]))
        elif metric.one_sided:
            arguments.append(_fakes_alone(parameter))
        else:
            arguments.append(_argument(parameter))
    names = [argument.name for argument in arguments]

    def score(
        *,
        json: Annotated[
            bool, typer.Option("--json", help="Print the score as one JSON object.")
        ] = False,
        per_image: PerImage = None,
        config: Config = None,
        force: Force = False,
        images: SideImages,
        run: RunOptions,
        **given: Any,
    ) -> None:
        specs = {name: given.pop(name) for name in names}
        tell_changes(config, quiet=run.quiet)
        if metric.one_sided:
            specs = _one_or_two(metric.command, specs["fake"])
        specs = {side: specs[side] for side in SIDES_IN_ORDER if specs.get(side) is not None}
        if per_image is not None:
            inputs = [*specs.values(), *files_of(images, run)]
            check_file(per_image, force=force, inputs=inputs, option="--per-image")
        _score(metric, specs, given, images, run, json, per_image, force, config)

    *shared, _ = inspect.signature(score).parameters.values()
    score.__signature__ = inspect.Signature([*arguments, *options, *shared])  # type: ignore[attr-defined]
    score.__doc__ = SCORES[metric.command]
    command(app, metric.command, shared=True)(score)


def _argument(parameter: inspect.Parameter) -> inspect.Parameter:
    argument = typer.Argument(help=_HELP[parameter.name], metavar=parameter.name.upper())
    return parameter.replace(
        annotation=Annotated[str, argument], kind=inspect.Parameter.KEYWORD_ONLY
    )


def _fakes_alone(parameter: inspect.Parameter) -> inspect.Parameter:
    """REAL may be left out, but stands first as everywhere."""
    argument = typer.Argument(
        help="Generated images; before them real ones, whose own score is then printed too.",
        metavar="[REAL] FAKE",
    )
    return parameter.replace(
        annotation=Annotated[list[str], argument], kind=inspect.Parameter.KEYWORD_ONLY
    )


def _one_or_two(command: str, paths: list[str]) -> dict[str, str]:
    if len(paths) > 2:
        raise InputError(f"{command} takes [REAL] FAKE, and {len(paths)} paths were given; give 2")
    return dict(zip(("real", "fake")[-len(paths) :], paths, strict=True))


def _train() -> inspect.Parameter:
    """A third side, as an option that must be given."""
    option = typer.Option("--train", help=_HELP["train"], metavar="DIR", rich_help_panel="Metric")
    return inspect.Parameter(
        "train", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[str, option]
    )


def _option(parameter: inspect.Parameter, hint: Any) -> inspect.Parameter:
    """A keyword-only parameter annotated `Annotated[type, "help"]` as an option."""
    kind, help = get_args(hint)[:2] if get_origin(hint) is Annotated else (hint, None)
    option = typer.Option(help=help, rich_help_panel="Metric")
    kind = str if kind is Any else kind  # Python takes objects too; here their names are typed
    return parameter.replace(annotation=Annotated[kind, option])


def _score(
    metric: Metric,
    specs: dict[str, str],
    options: dict[str, Any],
    images: SideImages,
    run: RunOptions,
    as_json: bool,
    per_image: Path | None,
    force: bool,
    config: Any,
) -> None:
    one_net(run.feature_net, metric.command)
    parameters = inspect.signature(metric.function).parameters
    if "seed" in parameters:
        options["seed"] = run.seed
    if run.protocol is not None:
        defaults = {name: parameter.default for name, parameter in parameters.items()}
        options = PROTOCOLS[run.protocol].fix(metric.name, options, defaults)
    run = replace(run, feature_net=metric.net_for(options, run.feature_net))
    check_bounds(metric.function, options)  # what is wrong is told before images are read
    # What needs all features of a side at once is for one process.
    group = process_group()
    apart = group is not None and metric.rows_stay and not (run.match_labels or per_image)
    apart = apart and not any(map(is_feature_file, specs.values()))
    opener = Sides(images, run, statistics=metric.takes_statistics, apart=apart)
    sides = opener.features(specs)
    if apart:
        scores = _computed(metric, sides, {**options, "process_group": group}, run)
        first_goes_on()
    else:
        first_goes_on()
        # Influences are not in the cache.
        store = None if run.no_cache or per_image is not None else default_store()
        scores = cached_scores(metric, sides, options, store, run)
    tell_other_images(config, scores[0], quiet=run.quiet)
    scores = tuple(with_asked(score, specs) for score in scores)
    if run.protocol is not None:
        scores = tuple(with_protocol(score, run.protocol) for score in scores)
    for warning in dict.fromkeys(text for score in scores for text in score.warnings):
        note(f"Warning: {warning}", quiet=run.quiet)
    for score in scores:
        result(score.to_json() if as_json else str(score))
        for text in () if as_json else METRICS[score.metric].notes(score):
            result(f"  {text}")
    if per_image is not None:
        write_per_image(per_image, scores, sides, force=force, quiet=run.quiet)


def cached_scores(
    metric: Metric,
    sides: Mapping[str, Features | Path],
    options: Mapping[str, Any],
    store: Store | None,
    run: RunOptions,
) -> tuple[Score, ...]:
    """The scores of the same features and options from the cache, else computed and kept."""
    digests = {role: side.digest() for role, side in sides.items() if isinstance(side, Features)}
    if store is None or len(digests) < len(sides):
        return _computed(metric, sides, options, run)
    from ganeval.version import __version__

    key = json_hash(__version__, metric.name, dict(options), digests)
    if known := _read_scores(metric, store.read("scores", key)):
        return known
    scores = _computed(metric, sides, options, run)
    store.write("scores", key, "\n".join(score.to_json() for score in scores).encode())
    return scores


def _read_scores(metric: Metric, data: bytes | None) -> tuple[Score, ...]:
    """The scores of a cached entry; none where they are not all those of the command."""
    try:
        scores = tuple(map(Score.from_json, (data or b"").decode().splitlines()))
    except ValueError:
        return ()
    wanted = {one.name for one in metrics_named(metric.command)}
    return scores if {score.metric for score in scores} == wanted else ()


def _computed(
    metric: Metric,
    sides: Mapping[str, Features | Path],
    options: Mapping[str, Any],
    run: RunOptions,
) -> tuple[Score, ...]:
    if "progress" not in inspect.signature(metric.function).parameters:
        scores = metric.scores(**sides, **options)
    else:
        with progress_bar(metric.label, unit="fits", quiet=run.quiet) as progress:
            scores = metric.scores(**sides, **options, progress=progress)
    return tuple(with_provenance(score, run) for score in scores)
