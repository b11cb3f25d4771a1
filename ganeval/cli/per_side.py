"""Image options of one side, by one rule: `--fake-layout` is `--layout` for the fakes alone.

`--real-OPTION`, `--fake-OPTION` and `--train-OPTION` exist for every field of ImageOptions. Where
there are several models, `--fake-OPTION MODEL=VALUE` is for that model alone; it may be repeated.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Annotated, Any, ClassVar, get_args, get_type_hints

import typer

from ganeval.cli.options import ImageOptions
from ganeval.errors import InputError, cut

SIDES = ("real", "fake", "train")
MOST_DIGITS = 18
"""Of a number that was typed; Python refuses to read those of thousands."""

RULE = (
    "Options of images are for all sides. For one side put its name before the option's: "
    "--real-layout NCHW, --fake-value-range=-1:1 (or --fake-range), --train-channels 0,1. For one "
    "of several models name it too: --fake-layout MODEL=NCHW."
)


@dataclass(frozen=True)
class SideImages:
    """Image options of all sides, and what was typed for one side or one model.

    Args:
        shared: those of all sides.
        own: name of the parameter, such as `fake_layout`, to the values that were typed.
        models: names that may stand before a value of the fakes.
    """

    shared: ImageOptions = field(default_factory=ImageOptions)
    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    rule: ClassVar[str] = RULE

    def of(self, side: str, model: str = "") -> ImageOptions:
        """The options of one side, and of one model if there are several."""
        changes: dict[str, Any] = {
            name: list(values) if _is_list(name) else _converted(name, values[-1], side)
            for name, values in self._typed(side, model)
        }
        return replace(self.shared, **changes)

    def is_own(self, option: str, side: str, model: str = "") -> bool:
        """Whether the option was typed for this side or model, not for all."""
        return option in dict(self._typed(side, model))

    def given(self, side: str) -> list[str]:
        """What was typed for this side, as options, for messages."""
        names = (name for name in self.own if name.partition("_")[0] == side)
        return [f"--{name.replace('_', '-')}" for name in names]

    def _typed(self, side: str, model: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Names of options and their values for this side; those for the model alone come last."""
        for name, values in self.own.items():
            role, _, option = name.partition("_")
            if role != side:
                continue
            split = [_split(value, self.models) for value in values]
            if self.models and option not in _FREE:
                _check_models(name, split, self.models)
            if side != "fake" and (of_model := next((text for text in split if text[0]), None)):
                raise InputError(
                    f"--{name.replace('_', '-')} is {cut('='.join(of_model))!r}, but models make "
                    f"fakes alone; leave out '{cut(of_model[0])}='"
                )
            for_all = tuple(value for owner, value in split if not owner)
            for_this = tuple(value for owner, value in split if owner and _is_run_of(model, owner))
            if found := for_this or for_all:
                yield option, found

    @classmethod
    def parameters(cls) -> list[inspect.Parameter]:
        """What the command line offers: ImageOptions, and hidden options for each side."""
        plain = [_parameter(f.name, f.type, f.default) for f in fields(ImageOptions)]
        return plain + [
            _parameter(f"{side}_{f.name}", _hidden(side, f.name), None)
            for side in SIDES
            for f in fields(ImageOptions)
        ]

    @classmethod
    def taken(cls, given: dict[str, Any]) -> "SideImages":
        """Takes its parameters out of all that were given."""
        names = [f.name for f in fields(ImageOptions)]
        shared = ImageOptions(**{name: given.pop(name) for name in names})
        own = {f"{side}_{name}": given.pop(f"{side}_{name}") for side in SIDES for name in names}
        return cls(shared, {name: tuple(values) for name, values in own.items() if values})


def _split(value: str, models: tuple[str, ...]) -> tuple[str, str]:
    """(model, value) of MODEL=VALUE; no model where the first part is no model's name."""
    name, equals, rest = value.partition("=")
    known = equals and any(_is_run_of(model, name) for model in models)
    return (name, rest) if known else ("", value)


_FREE = ("include", "exclude", "stack_by", "label_by", "group_by")
"""Options whose values may hold `=` themselves."""


def _check_models(parameter: str, split: list[tuple[str, str]], models: tuple[str, ...]) -> None:
    """Raises InputError where a value has a name before it that is no model's."""
    for owner, value in split:
        name, equals, _ = value.partition("=")
        if not owner and equals:
            known = ", ".join(dict.fromkeys(model.partition("[")[0] for model in models))
            raise InputError(
                f"--{parameter.replace('_', '-')} names {cut(name)!r}, which is no model; the "
                f"models are {known}"
            )


def _is_run_of(model: str, name: str) -> bool:
    """Whether `model` is `name`, or one of its training runs, `name[1]`."""
    return model == name or model.startswith(f"{name}[")


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _hidden(side: str, name: str) -> Any:
    names = [f"--{side}-{name.replace('_', '-')}"]
    if name == "value_range":
        names.append(f"--{side}-range")
    return Annotated[list[str] | None, typer.Option(*names, hidden=True)]


_HINTS = get_type_hints(ImageOptions, include_extras=True)


def _is_list(name: str) -> bool:
    return list[str] in get_args(get_args(_HINTS[name])[0])


def _converted(name: str, text: str, side: str) -> Any:
    """The typed value as its field has it."""
    kind, option = get_args(_HINTS[name])[:2]
    if int not in get_args(kind):
        return text
    least = option.min if option.min is not None else 0
    if not text.isdecimal() or len(text) > MOST_DIGITS or int(text) < least:
        raise InputError(
            f"--{side}-{name.replace('_', '-')} is {cut(text)!r}; wanted a number from {least}"
        )
    return int(text)
