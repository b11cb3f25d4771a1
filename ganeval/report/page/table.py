"""The table of scores: for the page, and as text."""

import base64
import math
from typing import Any

from ganeval.commands import SCORES
from ganeval.errors import InputError
from ganeval.metrics import METRICS
from ganeval.report.page.scores import ARROWS, Scores, digits, estimate_of
from ganeval.report.text import csv_table, latex_table, markdown_table
from ganeval.suites import REALS

FORMATS = ("html", "md", "csv", "tex")
"""A whole page, or its table of scores."""


def report_text(scores: Scores, format: str) -> str:
    """The table of scores as `md`, `csv` or `tex`."""
    if format == "csv":
        return csv_table(_numbers(scores))
    heads = ["model", *(f"{METRICS[m].label} {ARROWS[METRICS[m].better]}" for m in scores.metrics)]
    rows = []
    for model in scores.rows:
        cells = []
        for metric in scores.metrics:
            cell = _cell(scores, model, metric, [])
            mark = f" {cell['mark']}" if cell["mark"] else ""
            interval = f" ({cell['interval']})" if cell["interval"] else ""
            cells.append(f"{cell['text']}{interval}{mark}")
        rows.append([model, *cells])
    if format == "md":
        return markdown_table(heads, rows)
    if format == "tex":
        arrows = {"↓": r"$\downarrow$", "↑": r"$\uparrow$"}
        text = latex_table(heads, rows)
        for arrow, command in arrows.items():
            text = text.replace(arrow, command)
        return text
    raise InputError(f"unknown format {format!r}; wanted {', '.join(FORMATS)}")


def table(scores: Scores) -> dict[str, Any]:
    """Heads, rows, notes and CSV for the page."""
    notes: list[str] = []
    rows = [
        {
            "name": model,
            "reals": model == REALS,
            "cells": [_cell(scores, model, metric, notes) for metric in scores.metrics],
        }
        for model in scores.rows
    ]
    text = (
        f"Estimates with {100 * scores.first.level:g} % intervals; ↓ lower is better, ↑ higher is "
        "better. A model is marked best only where the comparison supports it; “as good” marks "
        "those that cannot be told from the best."
    )
    if REALS in scores.rows:
        text += f" The row {REALS} scores one half of the reals against the other, as a reference."
    encoded = base64.b64encode(csv_table(_numbers(scores)).encode()).decode()
    return {
        "heads": [
            {
                "label": METRICS[metric].label,
                "arrow": ARROWS[METRICS[metric].better],
                "summary": SCORES[METRICS[metric].command],
            }
            for metric in scores.metrics
        ],
        "rows": rows,
        "notes": notes,
        "text": text,
        "csv": f"data:text/csv;charset=utf-8;base64,{encoded}",
    }


def _cell(scores: Scores, model: str, metric: str, notes: list[str]) -> dict[str, Any]:
    """One cell; warnings that it has are numbered in `notes`."""
    if (score := scores.by.get((model, metric))) is None:
        return {"text": "", "interval": "", "mark": "", "sort": "", "notes": []}
    said = list(score.warnings)
    if reason := score.details.get("no_interval"):
        said.append(f"no interval: {reason}")
    for text in said:
        if text not in notes:
            notes.append(text)
    value = estimate_of(score)
    plain = score.corrected is None and any(
        scores.by[key].corrected is not None for key in scores.by if key[1] == metric
    )
    return {
        "text": (digits(value) if math.isfinite(value) else "undefined") + " (plain)" * plain,
        "interval": "" if score.interval is None else " to ".join(map(digits, score.interval)),
        "mark": scores.mark(model, metric),
        "sort": repr(value) if math.isfinite(value) else "",
        "notes": [notes.index(text) + 1 for text in said],
    }


def _numbers(scores: Scores) -> list[list[object]]:
    """A line per score."""
    heads = ["model", "metric", "value", "corrected", "low", "high", "level", "std_error"]
    rows: list[list[object]] = [[*heads, "n_real", "n_fake", "n_groups", "p_value", "mark"]]
    for (model, metric), score in scores.by.items():
        low, high = score.interval or ("", "")
        blank = [
            "" if x is None else x
            for x in (score.corrected, low, high, score.level, score.std_error)
        ]
        counts = ["" if x is None else x for x in (score.n_real, score.n_fake, score.n_groups)]
        p = score.details.get("p_value", "")
        rows.append([model, metric, score.value, *blank, *counts, p, scores.mark(model, metric)])
    return rows
