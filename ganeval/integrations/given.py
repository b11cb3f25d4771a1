"""What a training loop hands over: scores, their history, and what they are logged to."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from ganeval.errors import InputError
from ganeval.metrics import Score

History: TypeAlias = Mapping[int, Mapping[str, Score]]
"""Scores by training step and name, as `SampleScorer.history`."""


def named_scores(given: object) -> dict[str, Score]:
    """Scores by name; or InputError."""
    if not isinstance(given, Mapping) or not all(isinstance(o, Score) for o in given.values()):
        raise InputError(
            f"scores are {_kind(given)}; wanted scores by name, as Evaluator.compute() returns them"
        )
    return {str(name): score for name, score in given.items()}


def scores_by_step(given: object) -> dict[int, dict[str, Score]]:
    """Scores by step, in order, and name; or InputError."""
    if not given:
        raise InputError("there are no scores yet; score the generator once before its report")
    if not isinstance(given, Mapping) or not all(isinstance(step, int) for step in given):
        raise InputError(
            f"the history is {_kind(given)}; wanted scores by step and name, as "
            "SampleScorer.history has them"
        )
    found = {step: named_scores(given[step]) for step in sorted(given)}
    if empty := [step for step, scores in found.items() if not scores]:
        raise InputError(f"the history has no scores at step {empty[0]}; leave that step out")
    return found


def able(given: Any, method: str, *, name: str, wanted: str) -> Any:
    """`given`, which has a method or an attribute; or InputError, with what was wanted."""
    if not hasattr(given, method):
        raise InputError(f"{name} is {_kind(given)}; wanted {wanted}")
    return given


def _kind(given: object) -> str:
    """What came, as in `of type dict of Score`."""
    if given is None:
        return "None"
    held = ""
    if isinstance(given, Mapping) and given:
        held = f" of {type(next(iter(given.values()))).__name__}"
    return f"of type {type(given).__name__}{held}"
