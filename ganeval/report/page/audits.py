"""May the nets judge these images? What `ganeval audit` found, as a section."""

from collections.abc import Sequence
from typing import Any

from ganeval.bundles import plain_text
from ganeval.metrics import METRICS
from ganeval.report.page.charts import ACCENT, svg
from ganeval.report.page.scores import digits
from ganeval.report.page.section import Chart, Folded, Section, Table
from ganeval.suites import QUESTIONS, REPLIES, Audit, Enough, NetAudit, primary

_MARKS = {"noticed": ACCENT, "not noticed": "#888888"}
"""Colours of responses."""

_TICKS = (*(-(10**k) for k in range(6, -1, -1)), 0, *(10**k for k in range(7)))


def audit_sections(audits: Sequence[Audit]) -> list[Section]:
    """One per audit."""
    return [_section(audit, f"audit-{i}") for i, audit in enumerate(audits)]


def _section(audit: Audit, id: str) -> Section:
    images = plain_text(audit.images)
    having = [f"{audit.n:,} images"]
    having += [] if audit.classes is None else [f"{audit.classes} classes"]
    having += [] if audit.groups is None else [f"{audit.groups} groups"]
    return Section(
        id,
        "May the net judge?",
        f"Asked of {images} alone ({', '.join(having)}), before any model: half of the images are "
        "the reals, and in the other half faults of models are planted, from mild to strong. The "
        "first four questions decide; the others say what to take care of. "
        "In the charts dots are strengths, from mild to strong, and the dashed line is what chance "
        "does.",
        tables=(_answers(audit.nets), _sizes(audit.nets)),
        charts=tuple(chart for net in audit.nets if (chart := _responses(net))),
        folded=(Folded("Why", tuple(_reasons(audit.nets))),),
    )


def _answers(nets: Sequence[NetAudit]) -> Table:
    given = [{one.question: REPLIES[one.answer] for one in net.verdicts} for net in nets]
    rows = [
        (words, *(of.get(key, "not asked") for of in given)) for key, words in QUESTIONS.items()
    ]
    rows.append(("May it judge these images?", *(net.answer for net in nets)))
    return Table("Answers of the audit", ("Question", *(net.net for net in nets)), tuple(rows))


def _sizes(nets: Sequence[NetAudit]) -> Table:
    """How far each net keeps classes apart, and how many images a distance takes."""
    columns = [_size(net) for net in nets]
    rows = [(name, *(column[name] for column in columns)) for name in columns[0]] if columns else []
    label = "Separation and numbers of images"
    return Table(label, ("What it sees", *(net.net for net in nets)), tuple(rows))


def _size(net: NetAudit) -> dict[str, str]:
    found, enough = net.separation, {one.metric: one for one in net.enough}
    closer, within, between = "not asked", "", ""
    if found is not None:
        closer = _percent(found.auc)
        if found.interval is not None:
            closer += " ({} to {})".format(*map(_percent, found.interval))
        within, between = ("" if x is None else digits(x) for x in (found.within, found.between))
    return {
        "Features of an image": f"{net.features:,}",
        "How often one of the same class is closer": closer,
        "KID within a class": within,
        "KID between classes": between,
        "Images a side that are enough for FID": _images(enough.get("fid")),
        "Images a side that are enough for KID": _images(enough.get("kid")),
    }


def _images(found: Enough | None) -> str:
    """The smallest number, and the half-width that it gives; or why none is known."""
    if found is None or found.n is None:
        return (found.reason if found else None) or "unknown"
    return f"{found.n:,} for ± {digits(found.half_width)}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _reasons(nets: Sequence[NetAudit]) -> list[tuple[str, str]]:
    return [
        (f"{net.net}: {QUESTIONS[one.question]}", f"{REPLIES[one.answer]}: {one.why}.")
        for net in nets
        for one in net.verdicts
        if one.question in QUESTIONS
    ]


def _responses(net: NetAudit) -> Chart | None:
    """How far each fault moves the distance, in what chance does to it; mild to strong."""
    metric = primary(net.responses)
    label = METRICS[metric].label
    rows: list[dict[str, Any]] = []
    for one in net.responses:
        if one.metric != metric or one.floors is None:
            continue
        shown = "noticed" if one.noticed else "not noticed"
        rows.append(
            {
                "fault": one.fault, "floors": one.floors, "shown": shown, "strength": one.strength,
                "said": f"{one.fault}, {one.words}: {label} {one.floors:+.3g} floors, {shown}",
            }
        )  # fmt: skip
    if not rows:
        return None
    faults = list(dict.fromkeys(row["fault"] for row in rows))
    floors = [1.0, *(row["floors"] for row in rows)]
    ends = [min(floors), max(floors)]
    y = {"field": "fault", "type": "nominal", "sort": faults, "title": None}
    axis = {
        "type": "quantitative",
        "title": f"change of {label}, in what chance does to it",
        "scale": {"type": "symlog", "domain": ends, "nice": False},
        "axis": {"values": [tick for tick in _TICKS if ends[0] <= tick <= ends[1]]},
    }
    x = {**axis, "field": "floors"}
    spec = {
        "data": {"values": rows},
        "width": 230,
        "height": {"step": 26},
        "layer": [
            {
                "mark": {"type": "rule", "strokeDash": [4, 4], "color": "#888888"},
                "encoding": {
                    "x": {**axis, "datum": 1},
                    "description": {"value": "what chance does: 1"},
                },
            },
            {
                "mark": {"type": "line", "color": "#888888", "opacity": 0.5, "aria": False},
                "encoding": {
                    "x": x,
                    "y": y,
                    "detail": {"field": "fault"},
                    "order": {"field": "strength"},
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": {
                        "field": "shown",
                        "type": "nominal",
                        "title": None,
                        "legend": {"orient": "bottom"},
                        "scale": {"domain": list(_MARKS), "range": list(_MARKS.values())},
                    },
                    "description": {"field": "said"},
                },
            },
        ],
    }
    return Chart(svg(spec, f"Response of {net.net}"), f"Response of {net.net}", net.net)
