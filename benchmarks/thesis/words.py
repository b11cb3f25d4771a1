"""Pieces of the page: tables, links to pictures, numbers with their intervals."""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest

from benchmarks.calibration.outcomes import clopper_pearson
from ganeval.statistics import t_quantile


@cache
def published() -> dict[str, Any]:
    """The thesis' own numbers."""
    text = (Path(__file__).parent / "published.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def table(
    heads: str | Sequence[str], rows: Iterable[Sequence[object]], *, numbers: bool = True
) -> str:
    """A table in Markdown; heads may be one text with bars between them.

    All columns but the first are numbers, to the right, or else text.
    """
    heads = heads.split(" | ") if isinstance(heads, str) else heads
    rule = "|---" + ("|--:" if numbers else "|---") * (len(heads) - 1) + "|"
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (heads, *rows)]
    return "\n".join([lines[0], rule, *lines[1:]])


def picture(out: Path, name: str, caption: str) -> str:
    """A picture of the folder `out`, if it is there."""
    return f"![{caption}]({out.name}/{name})" if (out / name).exists() else ""


def with_interval(score: dict[str, Any], form: str = ".3g") -> str:
    """A score: the corrected value if there is one, and its interval."""
    value = score["value"] if score["corrected"] is None else score["corrected"]
    if score["interval"] is None:
        return format(value, form)
    low, high = score["interval"]
    return f"{value:{form}} ({low:{form}} to {high:{form}})"


def mean_interval(values: Sequence[float], form: str = ".0f") -> str:
    """Mean over seeds with its 95 % interval (Student's t)."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return format(mean, form)
    half = t_quantile(0.95, len(values) - 1) * float(np.std(values, ddof=1)) / len(values) ** 0.5
    return f"{mean:{form}} ({mean - half:{form}} to {mean + half:{form}})"


def share_interval(count: int, n: int) -> str:
    """A share of seeds with its 95 % interval (Clopper and Pearson)."""
    low, high = clopper_pearson(count, n)
    return f"{count} of {n} ({low:.2f} to {high:.2f})"


def sign_test(wins: int, n: int) -> float:
    """Two-sided p-value of `wins` among n pairs if either side were as likely to win."""
    return float(binomtest(wins, n).pvalue)
