"""How a score was asked for, and asking for it again: the command, its sides and its options."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_type_hints

from ganeval.errors import InputError
from ganeval.metrics import METRICS, PROTOCOLS, Metric, Score, check_bounds, metrics_named
from ganeval.schema import fit_fields
from ganeval.suites.scores_file import side_of

PROVENANCE = "provenance"
"""Key of a score's details."""

SIDES = ("real", "fake", "train")

_NO_OPTIONS = {*SIDES, "feature_net", "progress", "process_group"}
"""Parameters of a metric's function that are no options of its own."""

_OF_IMAGES = (
    "layout", "axes", "planes", "project", "include", "exclude", "channels", "stack_by",
    "max_images",
)  # fmt: skip
"""How images were read and chosen, as far as a protocol says so."""


@dataclass(frozen=True)
class Asked:
    """What was typed for a score.

    Args:
        command: as it was typed, without what is only shown or written; empty for a score that
            was made in Python.
        sides: `real`, `fake` and `train` to their paths.
        options: parameters of the command to their values, where these are not the default.
    """

    command: str = ""
    sides: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, score: Score) -> "Asked":
        """What the score says; or, for one that was made in Python, what its protocol implies."""
        made = score.details.get(PROVENANCE) or {}
        if "options" in made:
            return cls(made.get("command", ""), made.get("sides", {}), made["options"])
        sides = {role: str(name) for role in SIDES if (name := side_of(score, role).get("name"))}
        return cls("", sides, _implied(score))


def again(score: Score, sides: Mapping[str, Any]) -> tuple[Score, ...]:
    """The scores of these sides by the command and the options of another score.

    Args:
        score: the other one.
        sides: `real`, `fake` and, where the metric needs it, `train`: anything that it takes.

    Raises:
        InputError: the metric is unknown, an option is none of its, or a side does not fit.
    """
    entry = metrics_named(score.metric)[0]
    given = {role: side for role, side in sides.items() if role in _parameters(entry)}
    return entry.scores(**given, **metric_options(score))


def metric_options(score: Score) -> dict[str, Any]:
    """Keyword arguments of the metric's function that made a score; those of its tool as well.

    Raises:
        InputError: an option of another type, or out of its bounds.
    """
    entry, asked = METRICS[score.metric], Asked.of(score)
    own = {name: asked.options[name] for name in _own_options(entry) if name in asked.options}
    if tool := asked.options.get("protocol"):
        own |= PROTOCOLS[str(tool)].fixed(score.metric)
    own["level"] = score.level
    own.setdefault("seed", asked.options.get("seed", score.protocol.get("seed", 0)))
    try:
        options = fit_fields(own, get_type_hints(entry.function), at="options")
    except ValueError as error:
        raise InputError(
            f"{score.metric} was asked for with options that it does not take: {error}; compute "
            "the score again"
        ) from None
    check_bounds(entry.function, options)
    return options


def _implied(score: Score) -> dict[str, Any]:
    """Options by name, as a command line has them, of a score that does not say what was typed."""
    protocol = score.protocol
    options = {**score.details, **(protocol.get("options") or {})}
    found = {
        name: options[name]
        for name in (_own_options(METRICS[score.metric]) if score.metric in METRICS else ())
        if options.get(name) is not None
    }
    if "no_interval" not in score.details and score.interval is None:
        found["interval"] = False
    if seed := protocol.get("seed"):
        found["seed"] = seed
    if name := (protocol.get("net") or {}).get("name"):
        found["feature_net"] = str(name)
    if (protocol.get("preprocessing") or {}).get("precision") == "bfloat16":
        found["precision"] = "bf16"
    images = (side_of(score, "fake") or side_of(score, "real")).get("images") or {}
    for option in _OF_IMAGES:
        if (value := images.get(option)) is not None:
            found[option] = ",".join(map(str, value)) if option == "channels" else value
    if images.get("dtype") == "float32" and (pairs := images.get("value_range")):
        found["value_range"] = ",".join(f"{low!r}:{high!r}" for low, high in pairs)
    return found


def _own_options(entry: Metric) -> list[str]:
    return [name for name in _parameters(entry) if name not in _NO_OPTIONS]


def _parameters(entry: Metric) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(entry.function).parameters
