"""Charts as SVG: Vega-Lite draws them when the page is written, so that it needs no library.

Every mark carries its values as a label, which screen readers and the page's own script read out.
Ink is the text's colour, so that one picture serves light and dark pages.
"""

import re
import zlib
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from ganeval.metrics import METRICS, Score
from ganeval.printable import spelled_out
from ganeval.report.page.scores import Scores, digits, estimate_of
from ganeval.suites import REALS

ACCENT = "#1b7f8c"
COLOURS = ("#1b7f8c", "#c2571a", "#6b5fb5", "#4f7d2f", "#b03a6b", "#8a6d1d", "#3d6db5", "#7a4a2b")

_WIDTH = 400

_CONFIG = {
    "background": None,
    "font": "Arial, Helvetica, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "currentColor", "titleColor": "currentColor", "domainColor": "currentColor",
        "tickColor": "currentColor", "gridColor": "#88888833", "labelFontSize": 12,
        "titleFontSize": 12, "titleFontWeight": "normal", "titlePadding": 12, "labelLimit": 220,
        "tickCount": 5, "labelOverlap": True,
    },
    "legend": {
        "labelColor": "currentColor", "titleColor": "currentColor", "labelFontSize": 12,
        "titleFontWeight": "normal", "titleLimit": 0, "labelLimit": 220,
    },
    "range": {"category": list(COLOURS)},
}  # fmt: skip

Spec = dict[str, Any]

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_ON_TOP = {"orient": "top", "labelAngle": -90}


def svg(spec: Spec, label: str) -> str:
    """Draws a Vega-Lite specification."""
    import vl_convert

    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "config": _CONFIG,
        "padding": {"left": 4, "top": 4, "right": 24, "bottom": 4},
        **spec,
    }
    drawn: str = vl_convert.vegalite_to_svg(as_xml(whole))
    own = f"c{zlib.crc32(repr(spec).encode()):08x}-"  # ids of one chart are not another's
    drawn = re.sub(r'( id="|url\(#)', rf"\1{own}", drawn)
    named = f'<svg role="graphics-document" aria-label="{escape(label)}" '
    return drawn.replace("<svg ", named, 1)


def as_xml(spec: Any) -> Any:
    """The specification with letters spelled out that XML has not, at which drawing would abort."""
    if isinstance(spec, str):
        return _NOT_IN_XML.sub(lambda letter: spelled_out(letter[0]), spec)
    if isinstance(spec, dict):
        return {as_xml(key): as_xml(value) for key, value in spec.items()}
    return [as_xml(item) for item in spec] if isinstance(spec, list | tuple) else spec


def intervals(scores: Scores, metric: str) -> str:
    """A row per model: its estimate and interval; the reals' own row last."""
    rows = []
    for model in scores.rows:
        if (score := scores.by.get((model, metric))) is None or not np.isfinite(score.value):
            continue
        low, high = score.interval or (None, None)
        rows.append(
            {
                "model": model,
                "value": estimate_of(score),
                "low": low,
                "high": high,
                "of": "reals" if model == REALS else "model",
                "said": said(model, score),
            }
        )
    y = {"field": "model", "type": "nominal", "sort": None, "title": None}
    label = f"{METRICS[metric].label} ({METRICS[metric].better} is better)"
    x = {"type": "quantitative", "title": label, "scale": {"zero": False, "nice": True}}
    colour = {
        "field": "of",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": ["model", "reals"], "range": [ACCENT, "#888888"]},
    }
    shared = {"y": y, "color": colour, "description": {"field": "said"}}
    return svg(
        {
            "data": {"values": rows},
            "width": _WIDTH,
            "height": {"step": 30},
            "layer": [
                {
                    "transform": [{"filter": "isValid(datum.low)"}],
                    "mark": {
                        "type": "rule",
                        "strokeWidth": 4,
                        "strokeCap": "round",
                        "opacity": 0.55,
                    },
                    "encoding": {**shared, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
                    "encoding": {**shared, "x": {**x, "field": "value"}},
                },
            ],
        },
        f"Intervals of {METRICS[metric].label}",
    )


def over_steps(scores: Scores, metric: str, alike: Sequence[str]) -> str:
    """The score of every checkpoint with its band; those like the best one are filled."""
    rows = []
    for model, step in scores.steps.items():
        if (score := scores.by.get((model, metric))) is None:
            continue
        low, high = score.interval or (None, None)
        shown = "may be the best" if model in alike else "worse" if alike else "not compared"
        rows.append(
            {
                "step": step, "value": estimate_of(score), "low": low, "high": high,
                "shown": shown, "said": f"{said(model, score)}; {shown}",
            }
        )  # fmt: skip
    x = {"field": "step", "type": "quantitative", "title": "training step"}
    y = {"type": "quantitative", "title": METRICS[metric].label, "scale": {"zero": False}}
    filled = {
        "field": "shown",
        "type": "nominal",
        "title": None,
        "scale": {
            "domain": ["may be the best", "worse"] if alike else ["not compared"],
            "range": [ACCENT, "#888888"] if alike else ["#888888"],
        },
    }
    return svg(
        {
            "data": {"values": rows},
            "width": _WIDTH + 60,
            "height": 220,
            "layer": _line_with_band(x, y, colour={"value": ACCENT}, points=filled),
        },
        f"{METRICS[metric].label} over training",
    )


def _line_with_band(x: Spec, y: Spec, *, colour: Spec, points: Spec) -> list[Spec]:
    """Layers of `value` from `low` to `high`; points have a colour of their own and say `said`."""
    at = {"x": x, "y": {**y, "field": "value"}}
    return [
        {
            "mark": {"type": "area", "opacity": 0.2, "aria": False},
            "encoding": {
                "x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour,
            },
        },
        {"mark": {"type": "line", "aria": False}, "encoding": {**at, "color": colour}},
        {
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
            "encoding": {**at, "color": points, "description": {"field": "said"}},
        },
    ]  # fmt: skip


def repeats(scores: Scores, metric: str = "c2st") -> str:
    """C2ST: the median AUC over repeats, with the deciles, beside that of reals against reals."""
    rows = []
    for model in scores.models:
        if (score := scores.by.get((model, metric))) is None:
            continue
        for what, key in (("fakes", "auc"), ("reals, halved", "real_vs_real")):
            found = score.details.get(key)
            if isinstance(found, Mapping) and {"q10", "q50", "q90"} <= found.keys():
                words = f"{model}, {what}: median AUC {digits(found['q50'])}, "
                words += f"deciles {digits(found['q10'])} to {digits(found['q90'])}"
                rows.append(
                    {
                        "model": model, "what": what, "said": words,
                        **{q: found[q] for q in ("q10", "q50", "q90")},
                    }
                )  # fmt: skip
    if not rows:
        return ""
    x = {
        "field": "model",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {"labelAngle": 0},
    }
    y = {"type": "quantitative", "title": "AUC on held-out images", "scale": {"zero": False}}
    shared = {
        "x": x,
        "xOffset": {"field": "what"},
        "color": {
            "field": "what",
            "type": "nominal",
            "title": None,
            "scale": {"domain": ["fakes", "reals, halved"], "range": [ACCENT, "#888888"]},
        },
        "description": {"field": "said"},
    }
    return svg(
        {
            "data": {"values": rows},
            "width": {"step": 34},
            "height": 220,
            "layer": [
                {
                    "mark": {"type": "bar", "opacity": 0.35},
                    "encoding": {**shared, "y": {**y, "field": "q10"}, "y2": {"field": "q90"}},
                },
                {
                    "mark": {"type": "tick", "thickness": 3},
                    "encoding": {**shared, "y": {**y, "field": "q50"}},
                },
                {
                    "mark": {"type": "rule", "strokeDash": [4, 4], "color": "#888888"},
                    "encoding": {"y": {"datum": 0.5}, "description": {"value": "chance: 0.5"}},
                },
            ],
        },
        "AUC of classifiers",
    )


def learning(model: str, score: Score) -> str:
    """C2ST by a net: its loss over training, median and deciles of the repeats; "" without one."""
    curves = score.details.get("learning_curves")
    rows = []
    for what, key in (("held-out images", "held_out_loss"), ("training images", "training_loss")):
        try:
            steps = np.asarray(curves["iterations"], np.float64)  # type: ignore[index]
            losses = np.asarray(curves[key], np.float64).reshape(-1, len(steps))  # type: ignore[index]
            deciles = np.quantile(losses, (0.1, 0.5, 0.9), axis=0).T
        except (IndexError, KeyError, TypeError, ValueError):  # no curves, or forged ones
            return ""
        for step, (q10, q50, q90) in zip(steps, deciles, strict=True):
            words = f"{model}, {what}, iteration {step:g}: median loss {digits(q50)}, "
            words += f"deciles {digits(q10)} to {digits(q90)}"
            rows.append(
                {
                    "step": step, "what": what, "said": words,
                    "low": q10, "value": q50, "high": q90,
                }
            )  # fmt: skip
    x = {"field": "step", "type": "quantitative", "title": "iterations of the classifier"}
    y = {"type": "quantitative", "title": "loss", "scale": {"zero": False}}
    colour = {
        "field": "what",
        "type": "nominal",
        "title": None,
        "scale": {"domain": ["held-out images", "training images"], "range": [ACCENT, "#888888"]},
    }
    return svg(
        {
            "data": {"values": rows},
            "width": _WIDTH,
            "height": 220,
            "layer": _line_with_band(x, y, colour=colour, points=colour),
        },
        f"Learning curves of the classifier: {model}",
    )


def by_class(values: Sequence[Mapping[str, Any]], label: str, better: str) -> str:
    """A dot per class and model, worst on top; `values` have model, class, value and n."""
    rows = [
        {**row, "said": f"{row['class']}, {row['model']}: {digits(row['value'])} ({row['n']})"}
        for row in values
        if np.isfinite(row["value"])
    ]
    totals: dict[str, list[float]] = {}
    for row in rows:
        totals.setdefault(row["class"], []).append(row["value"])
    sign = -1 if better == "lower" else 1
    order = sorted(totals, key=lambda name: sign * float(np.mean(totals[name])))
    return svg(
        {
            "data": {"values": rows},
            "width": _WIDTH,
            "height": {"step": 18},
            "mark": {"type": "point", "filled": True, "size": 80, "opacity": 0.9},
            "encoding": {
                "y": {
                    "field": "class", "type": "nominal", "sort": order, "title": None,
                    "axis": {"grid": True},
                },
                "x": {
                    "field": "value", "type": "quantitative", "title": label,
                    "scale": {"zero": False, "nice": True},
                },
                "color": {"field": "model", "type": "nominal", "sort": None, "title": None},
                "shape": {"field": "model", "type": "nominal", "sort": None, "title": None},
                "description": {"field": "said"},
            },
        },
        f"{label} of every class",
    )  # fmt: skip


def heat_map(
    classes: Sequence[str],
    values: np.ndarray,
    *,
    rows: str,
    columns: str,
    label: str,
    limits: tuple[float, float] | None = None,
    log: bool = False,
) -> str:
    """A square of classes by classes; `log`: colours are log10, and zero or less has its own."""
    cells = []
    for i, row in enumerate(classes):
        for j, column in enumerate(classes):
            value = float(values[i, j])
            shade = (np.log10(value) if value > 0 else None) if log else value
            cells.append(
                {
                    "row": row, "column": column, "shade": None if shade is None else float(shade),
                    "said": f"{row} ({rows}) and {column} ({columns}): {digits(value)}",
                }
            )  # fmt: skip
    side = 26 if len(classes) <= 16 else 13
    scale: Spec = {"scheme": "viridis"} | ({} if limits is None else {"domain": list(limits)})
    axis = {"labelFontSize": 11 if side > 20 else 9}
    place = {"type": "nominal", "sort": list(classes), "axis": axis}
    return svg(
        {
            "data": {"values": cells},
            "width": {"step": side},
            "height": {"step": side},
            "mark": {"type": "rect", "invalid": None},
            "encoding": {
                "y": {**place, "field": "row", "title": rows},
                "x": {**place, "field": "column", "title": columns, "axis": {**axis, **_ON_TOP}},
                "color": {
                    "field": "shade",
                    "type": "quantitative",
                    "title": f"log10 of {label}" if log else label,
                    "scale": scale,
                    "condition": {"test": "!isValid(datum.shade)", "value": "#d9d9d9"},
                },
                "description": {"field": "said"},
            },
        },
        f"{label} of classes, {rows} and {columns}",
    )  # fmt: skip


def plane(points: Sequence[tuple[str, np.ndarray]], title: tuple[str, str]) -> str:
    """A map of images: [n, 2] positions of each named set, drawn in that order."""
    rows = [
        {"set": name, "x": round(float(x), 4), "y": round(float(y), 4)}
        for name, at in points
        for x, y in at
    ]
    colours = ["#999999", *COLOURS][: len(points)]
    blank = {"labels": False, "ticks": False, "grid": False}
    return svg(
        {
            "data": {"values": rows},
            "width": _WIDTH,
            "height": 320,
            "mark": {"type": "circle", "size": 18, "opacity": 0.55, "aria": False},
            "encoding": {
                "x": {"field": "x", "type": "quantitative", "title": title[0], "axis": blank},
                "y": {"field": "y", "type": "quantitative", "title": title[1], "axis": blank},
                "color": {
                    "field": "set",
                    "type": "nominal",
                    "title": None,
                    "sort": None,
                    "scale": {"domain": [name for name, _ in points], "range": colours},
                },
            },
        },
        "Map of the images",
    )


def said(model: str, score: Score) -> str:
    """A score in words, for a label."""
    words = f"{model}: {METRICS[score.metric].label} {digits(estimate_of(score))}"
    if score.interval is not None:
        low, high = score.interval
        words += f" ({100 * score.level:g} % interval {digits(low)} to {digits(high)})"
    return words
