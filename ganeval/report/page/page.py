"""The page: sections in order, filled into a template that escapes every name."""

import os
import shlex
from importlib.resources import files
from typing import Any

from ganeval.bundles import plain_text
from ganeval.files import write_text
from ganeval.metrics import METRICS
from ganeval.printable import printable
from ganeval.report.page import charts, pictures
from ganeval.report.page.audits import audit_sections
from ganeval.report.page.beside import Beside
from ganeval.report.page.explanations import explanation_sections
from ganeval.report.page.maps import check_map
from ganeval.report.page.methods import bibtex, paragraph
from ganeval.report.page.pictures import Images
from ganeval.report.page.scores import Scores
from ganeval.report.page.sections import sections
from ganeval.report.page.table import table
from ganeval.report.page.validity import checks, sets
from ganeval.suites import REALS, Asked, side_of
from ganeval.version import __version__
from ganeval.wording import listed


def write_report(
    scores: Scores,
    path: str | os.PathLike[str],
    *,
    images: Images | None = None,
    beside: Beside | None = None,
    pictures: bool = True,
    map: str = "pca",
    title: str | None = None,
) -> None:
    """Writes one HTML file that needs nothing else.

    Args:
        scores: what it is about.
        path: file to write.
        images: the images behind the scores, for pictures, the class matrix and the map; None
            leaves these out.
        beside: audits of nets and explanations, which have sections of their own.
        pictures: whether explanations show their examples.
        map: how images are placed on the map: `pca`, or `umap` (extra `umap`).
        title: heading of the page.

    Raises:
        InputError: images that are not those of the scores, a picture that cannot be read, or a
            map that there is not.
        MissingExtraError: `umap` is asked for and not installed.
    """
    check_map(map)
    if images is not None:
        images.check(scores)
    write_text(path, _html(scores, images, beside or Beside(), pictures, map, title))


def _html(
    scores: Scores,
    images: Images | None,
    beside: Beside,
    with_pictures: bool,
    map: str,
    title: str | None,
) -> str:
    from jinja2 import Environment
    from markupsafe import Markup

    page = {
        "title": printable(title or _title(scores)),
        "checks": checks(scores, beside.audits),
        "sets": sets(scores),
        "verdicts": _verdicts(scores),
        "table": table(scores),
        "charts": sections(scores, images, map=map),
        "explanations": explanation_sections(beside.explanations, pictures=with_pictures),
        "audits": audit_sections(beside.audits),
        "galleries": [] if images is None else _galleries(scores, images),
        "methods": paragraph(scores),
        "bibtex": bibtex(scores),
        "command": _command(scores),
        "provenance": _provenance(scores),
    }
    text = {
        name: files("ganeval.report.page").joinpath(f"template/page.{name}").read_text("utf-8")
        for name in ("html", "css", "js")
    }
    template = Environment(autoescape=True, trim_blocks=True).from_string(text["html"])
    return template.render(
        page=page, css=Markup(text["css"]), js=Markup(text["js"]), version=__version__
    )


def _title(scores: Scores) -> str:
    few = scores.models if len(scores.models) < 5 else (*scores.models[:3], "others")
    real = side_of(scores.first, "real").get("name")
    return f"{listed(few)} against {plain_text(str(real))}" if real else listed(few)


def _verdicts(scores: Scores) -> list[dict[str, str]]:
    """One text per metric; where there is nothing to compare, how far the one model is."""
    found = []
    for metric, comparison in scores.comparisons.items():
        label = METRICS[metric].label
        if not isinstance(comparison, str):
            found.append({"label": label, "text": comparison.verdict})
        elif len(scores.models) == 1:
            found.append({"label": label, "text": _alone(scores, metric)})
    if not found:
        metric = scores.metrics[0]
        reason = scores.comparisons[metric]
        return [{"label": METRICS[metric].label, "text": f"Models are not compared: {reason}."}]
    return found


def _alone(scores: Scores, metric: str) -> str:
    model = scores.models[0]
    text = f"{charts.said(model, scores.by[model, metric])}."
    if (REALS, metric) in scores.by:
        reference = charts.said("one half of the reals against the other", scores.by[REALS, metric])
        text += f" For reference, {reference}."
    if (p := scores.by[model, metric].details.get("p_value")) is not None:
        text += f" p = {p:.3g} if fakes and reals came from one distribution."
    return text


def _galleries(scores: Scores, images: Images) -> list[dict[str, Any]]:
    models = images.shown(scores)
    found = [
        pictures.samples(images, models),
        pictures.pulling(images, scores, models),
        pictures.nearest(images, models),
    ]
    return [
        {
            "id": f"gallery-{i}",
            "title": gallery.title,
            "text": gallery.text,
            "strips": gallery.strips,
            "views": max(len(image.views) for strip in gallery.strips for image in strip.images),
        }
        for i, gallery in enumerate(found)
        if gallery is not None
    ]


def _command(scores: Scores) -> str:
    """What was typed, a line per command; or, from the protocol, what would give these scores.

    Of absolute paths the last part is shown: the page is to be sent, and they are of this machine.
    """
    typed = dict.fromkeys(Asked.of(score).command for score in scores.by.values())
    if all(typed):
        return "\n".join(printable(plain_text(command)) for command in typed)
    commands = dict.fromkeys(METRICS[metric].command for metric in scores.metrics)
    words = ["ganeval", "evaluate", str(side_of(scores.first, "real").get("name", "REAL"))]
    for model in scores.models:
        score = scores.of(model)
        words.append(f"{model}={side_of(score, 'fake').get('name', 'FAKE')}")
    if net := (scores.first.protocol.get("net") or {}).get("name"):
        words += ["--feature-net", str(net)]
    words += ["--metrics", ",".join(commands), "-o", "scores.jsonl"]
    return printable(" ".join(map(shlex.quote, words)))


def _provenance(scores: Scores) -> list[tuple[str, str]]:
    items = []
    for (model, metric), score in scores.by.items():
        made = score.details.get("provenance") or {}
        where = [str(made[key]) for key in ("device", "processor", "system") if made.get(key)]
        said = "; ".join([f"protocol {score.protocol_id or 'unknown'}", *where])
        items.append((f"{model}: {METRICS[metric].label}", said))
    return items
