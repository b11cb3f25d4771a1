"""What was typed, kept with every score, so that the score can be asked for again.

Left out is what moves no score: where results go and how they are shown, the cache, the device and
the number of processes.
"""

import inspect
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import typer

from ganeval.metrics import Score
from ganeval.suites import PROVENANCE, SIDES

LEFT_OUT = {
    "batch_size", "config", "device", "force", "json", "no_cache", "num_workers", "out",
    "per_image", "quiet", "verify",
}  # fmt: skip
"""Parameters that move no score, but by rounding."""

ARGUMENTS = {*SIDES, "fakes", "models"}
"""Parameters that name images."""


@dataclass(frozen=True)
class Typed:
    """A command that runs: its name, its parameters, and the values that these were given."""

    name: str
    parameters: Mapping[str, inspect.Parameter]
    given: Mapping[str, Any]

    @property
    def command(self) -> str:
        """One line for a shell, with everything that was typed and moves a score."""
        words = ["ganeval", self.name]
        options: list[str] = []
        for name, value in self._typed().items():
            if _is_argument(self.parameters[name]):
                words += value if isinstance(value, list) else [value]
            else:
                options += _as_words(name, value)
        if any(word.startswith("-") for word in words):
            return shlex.join([*words[:2], *options, "--", *words[2:]])
        return shlex.join([*words, *options])

    @property
    def options(self) -> dict[str, Any]:
        """Parameters by name, those that name images left out."""
        return {name: v for name, v in self._typed().items() if name not in ARGUMENTS}

    def _typed(self) -> dict[str, Any]:
        return {
            name: plain(value)
            for name, value in self.given.items()
            if name not in LEFT_OUT and value not in (self.parameters[name].default, None, [])
        }


_RUNNING: ContextVar[Typed | None] = ContextVar("typed", default=None)


@contextmanager
def running(name: str, function: Callable[..., None], given: Mapping[str, Any]) -> Iterator[None]:
    """Inside, scores are those of this command."""
    token = _RUNNING.set(Typed(name, inspect.signature(function).parameters, given))
    try:
        yield
    finally:
        _RUNNING.reset(token)


def with_asked(score: Score, sides: Mapping[str, str], **changes: Any) -> Score:
    """The score with what was typed for it.

    Args:
        score: a score of the command that runs.
        sides: `real`, `fake` and `train` to what was typed for them.
        changes: options that the score has of its own, such as one net of several.
    """
    typed = _RUNNING.get()
    if typed is None:
        return score
    options = {name: plain(changes.get(name, value)) for name, value in typed.options.items()}
    asked = {"command": typed.command, "sides": dict(sides), "options": options}
    made = score.details.get(PROVENANCE) or {}
    return replace(score, details={**score.details, PROVENANCE: {**made, **asked}})


def given_now() -> Mapping[str, Any]:
    """Values of all parameters of the command that runs."""
    typed = _RUNNING.get()
    return {} if typed is None else typed.given


def plain(value: Any) -> Any:
    """A typed value as JSON has it."""
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def _is_argument(parameter: inspect.Parameter) -> bool:
    return any(
        isinstance(part, typer.models.ArgumentInfo) for part in get_args(parameter.annotation)
    )


def _as_words(name: str, value: Any) -> list[str]:
    option = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return [option if value else f"--no-{option[2:]}"]
    if isinstance(value, list):
        return [word for item in value for word in _as_words(name, item)]
    text = str(value)
    return [f"{option}={text}"] if text.startswith("-") else [option, text]
