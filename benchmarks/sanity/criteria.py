"""What the scores along an axis must look like for a check to be passed.

A verdict is True or False, or for metrics of variety `low` or `high`: whether fakes that are more
varied than the reals should lower them is a matter of taste, but a metric must stay with one.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

Verdict: TypeAlias = bool | str
Criterion = Callable[[np.ndarray, np.ndarray], Verdict]
"""Of the axis [p] and the scores on it [p]."""

CLOSE = 0.05
"""Of 0, of 1 or of another exact value."""


def at(place: float | int, wanted: float | None, *, index: bool = False) -> Criterion:
    """The score at a value of the axis (or with `index` at a position) is close to `wanted`.

    None wants 1 (`high`) or 0 (`low`).
    """

    def check(axis: np.ndarray, scores: np.ndarray) -> Verdict:
        score = scores[int(place)] if index else scores[int(np.abs(axis - place).argmin())]
        if wanted is not None:
            return bool(abs(score - wanted) <= CLOSE)
        return next(
            (word for word, end in (("high", 1), ("low", 0)) if abs(score - end) <= CLOSE), False
        )

    return check


def first(wanted: float | None) -> Criterion:
    """At the beginning of the axis."""
    return at(0, wanted, index=True)


def last(wanted: float | None) -> Criterion:
    """At its end."""
    return at(-1, wanted, index=True)


def falling(axis: np.ndarray, scores: np.ndarray) -> Verdict:
    """High at the beginning, low at the end."""
    return bool(
        scores[0] - scores[-1] >= 0.2
        and scores.max() - scores[0] <= 0.1
        and scores[-1] - scores.min() <= 0.1
    )


def rising(axis: np.ndarray, scores: np.ndarray) -> Verdict:
    """Low at the beginning, high at the end."""
    return falling(axis, scores[::-1])


def falling_early(quantile: float) -> Criterion:
    """Falling, and by 0.1 at least up to this quantile of the axis."""

    def check(axis: np.ndarray, scores: np.ndarray) -> Verdict:
        middle = int(np.abs(axis - np.quantile(axis, quantile)).argmin())
        return bool(falling(axis, scores) and scores[0] - scores[middle] >= 0.1)

    return check


def bell(middle: float) -> Criterion:
    """Highest in the middle, low at both ends."""

    def check(axis: np.ndarray, scores: np.ndarray) -> Verdict:
        top = scores[int(np.abs(axis - middle).argmin())]
        ends = scores[[0, -1]]
        return bool(
            (top - ends >= 0.2).all()
            and scores.max() - top <= 0.1
            and (ends - scores.min() <= 0.1).any()
        )

    return check


def level(axis: np.ndarray, scores: np.ndarray) -> Verdict:
    """The same everywhere."""
    return bool(np.ptp(scores) <= CLOSE)


def settled(axis: np.ndarray, scores: np.ndarray) -> Verdict:
    """The same everywhere from the median of the axis on."""
    return bool(np.ptp(scores[axis >= np.median(axis)]) <= CLOSE)


def low_or_high(low: Criterion, high: Criterion) -> Criterion:
    """Either of two shapes, and which of them."""

    def check(axis: np.ndarray, scores: np.ndarray) -> Verdict:
        if low(axis, scores):
            return "low"
        return "high" if high(axis, scores) else False

    return check


def together(verdicts: list[Verdict]) -> Verdict:
    """Of all settings and criteria of a check: passed if all are, and all in one way."""
    words = {verdict for verdict in verdicts if isinstance(verdict, str)}
    if len(words) > 1 or not all(verdicts):
        return False
    return words.pop() if words else True


Check: TypeAlias = dict[str, dict[str, list[Criterion]]]
"""Per desideratum, the criteria of metrics of fidelity and of variety."""

BOUNDS, PURPOSE = "bounds", "purpose"


def _both(*criteria: Criterion) -> dict[str, list[Criterion]]:
    return {"fidelity": list(criteria), "variety": list(criteria)}


def _each(fidelity: list[Criterion], variety: list[Criterion]) -> dict[str, list[Criterion]]:
    return {"fidelity": fidelity, "variety": variety}


_SHIFTED: Check = {BOUNDS: _both(at(0.0, 1), first(0), last(0)), PURPOSE: _both(bell(0.0))}


def _dropped(quantile: float) -> Check:
    return {
        BOUNDS: _each([first(1), last(1)], [first(1)]),
        PURPOSE: _each([level], [falling_early(quantile)]),
    }


def checks(setting: str = "") -> dict[str, Check]:
    """All checks; `setting` matters to one, where the rounded side decides."""
    reals = setting == "real"
    return {
        "mean": _SHIFTED,
        "mean with outlier": _SHIFTED,
        "spread": {
            BOUNDS: _each([at(1.0, 1), first(1), last(0)], [at(1.0, 1), first(0), last(None)]),
            PURPOSE: _each([falling], [low_or_high(bell(1.0), rising)]),
        },
        "modes dropped together": _dropped(0.95),
        "modes dropped in turn": _dropped(0.5),
        "modes dropped, then invented": {
            BOUNDS: _each([at(5, 1), first(1)], [at(5, 1), last(1)]),
            PURPOSE: _each([falling], [rising]),
        },
        "radius of a sphere": {
            BOUNDS: _both(at(1.0, 1), first(0), last(0)),
            PURPOSE: _both(bell(1.0)),
        },
        "cube, both sizes": {"data": _both(settled), PURPOSE: _both(last(0.2))},
        "cube, fakes' size": {"hyperparameters": _both(settled), PURPOSE: _both(last(0.2))},
        "sphere and torus": {BOUNDS: _both(last(0)), PURPOSE: _both(settled)},
        "one mode for two": {
            BOUNDS: _both(first(1)),
            PURPOSE: _each([falling], [low_or_high(falling, level)]),
        },
        "scale of one feature": {"invariance": _both(level), BOUNDS: _both(first(0), last(0))},
        "mean with Pareto": _SHIFTED,
        "one feature of many": {BOUNDS: _both(first(0), last(0)), PURPOSE: _both(level)},
        "rounded": {
            BOUNDS: _each([first(0), last(0)], [first(None), last(None)])
            if reals
            else _each([first(1), last(1)], [first(0), last(0)]),
            PURPOSE: _both(level),
        },
    }
