"""Tables of scores and comparisons, in plain text."""

import io
from collections.abc import Sequence, Set
from typing import Any

from ganeval.metrics import METRICS, Score
from ganeval.printable import printable
from ganeval.suites import Comparison

WIDTH = 80
"""Columns of a terminal."""


def scores_table(scores: Sequence[Score]) -> list[str]:
    """A line per model, a column per metric: the estimate with its interval, or the plain value.

    Metrics that do not fit beside each other are in tables below each other.
    """
    models = list(dict.fromkeys(str(score.details["model"]) for score in scores))
    metrics = list(dict.fromkeys(score.metric for score in scores))
    found = {(str(score.details["model"]), score.metric): score for score in scores}
    corrected = {score.metric for score in scores if score.corrected is not None}
    arrows = {"lower": "↓", "higher": "↑"}

    def table(some: Sequence[str]) -> list[str]:
        rows = []
        for model in models:
            cells = [found.get((model, metric)) for metric in some]
            rows.append([model, *("" if of is None else _cell(of, corrected) for of in cells)])
        heads = [f"{METRICS[name].label} {arrows[METRICS[name].better]}" for name in some]
        return plain_table(["", *heads], rows)

    lines: list[str] = []
    while metrics:
        fitting = [n for n in range(2, len(metrics) + 1) if _width(table(metrics[:n])) <= WIDTH]
        n = max(fitting, default=1)
        lines += table(metrics[:n])
        metrics = metrics[n:]
    return lines


def _width(lines: Sequence[str]) -> int:
    return max(map(len, lines))


def comparison_table(found: Comparison) -> list[str]:
    """A line per model: its estimate, and how far it is from the best."""
    from_best = {d.other: d for d in found.differences if d.model == found.best}
    rows = []
    for model in found.models:
        row = [model.model, _with_interval(model.estimate, model.interval)]
        if (gap := from_best.get(model.model)) is not None:
            low, high = gap.interval
            row += [_with_interval(-gap.estimate, (-high, -low)), f"{gap.p_value:.3g}"]
        else:
            row += ["", ""]
        rows.append(row)
    label = METRICS[found.metric].label
    percent = f"{100 * found.level:g} % CI"
    heads = ["", f"{label} ({percent})", f"difference to {found.best} ({percent})", "p"]
    if found.obedience:
        heads.append("obedience (reals)")
        shares = {one.model: f"{one.share:.3g} ({one.reals:.3g})" for one in found.obedience}
        rows = [[*row, shares[row[0]]] for row in rows]
    return plain_table(heads, rows)


def _cell(score: Score, corrected: Set[str]) -> str:
    """The estimate; marked where it is the plain one in a column of corrected ones."""
    if score.corrected is not None:
        return _with_interval(score.corrected, score.interval)
    return _with_interval(score.value, score.interval) + " plain" * (score.metric in corrected)


def _with_interval(estimate: float, interval: tuple[float, float] | None) -> str:
    if interval is None:
        return f"{estimate:.3g}"
    low, high = interval
    return f"{estimate:.3g} ({low:.3g} to {high:.3g})"


def plain_table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Lines of a table whose columns line up; no cell is broken in two."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, head in enumerate(heads):
        table.add_column(Text(printable(head)), justify="left" if i == 0 else "right")
    for row in rows:
        table.add_row(*(Text(printable(str(cell))) for cell in row))
    out = io.StringIO()
    Console(file=out, width=10_000).print(table)
    return [line.rstrip() for line in out.getvalue().split("\n") if line.strip()]
