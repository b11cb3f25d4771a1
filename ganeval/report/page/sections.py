"""The charts of the page, in sections."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from ganeval.errors import InputError
from ganeval.metrics import METRICS
from ganeval.report.page import charts, pictures
from ganeval.report.page.maps import map_of
from ganeval.report.page.pictures import Images
from ganeval.report.page.scores import Scores
from ganeval.report.page.section import Chart, Section
from ganeval.suites import ClassMatrix, best_of_steps, matrix

_MOST_CLASSES = 64

_MATRIX = (
    "KID of each class of a model (rows) from each class of the reals (columns), with similar "
    "classes beside each other. The diagonal should be darkest. Grey is zero or less: no "
    "difference is visible."
)


def sections(scores: Scores, images: Images | None, *, map: str = "pca") -> list[Section]:
    """All charts that these scores and images allow."""
    found = []
    if scores.steps:
        found.append(_over_training(scores))
    plots = [
        Chart(
            charts.intervals(scores, metric),
            f"{METRICS[metric].label} of every model",
            METRICS[metric].label,
        )
        for metric in scores.metrics
    ]
    found.append(
        Section(
            "intervals",
            "Intervals",
            "Dots are estimates, bars their intervals.",
            charts=tuple(plots),
        )
    )
    if drawn := charts.repeats(scores):
        found.append(_classifiers(scores, Chart(drawn, "AUC of classifiers")))
    if per_class := _per_class(scores):
        found.append(
            Section(
                "classes",
                "Class by class",
                "Each class of the fakes against that class of the reals; the worst are on top.",
                charts=per_class,
            )
        )
    if confusion := _confusion(scores):
        found.append(
            Section(
                "obedience",
                "Do fakes show what they were asked for?",
                "Rows are the classes that were asked for, columns those that a classifier sees, "
                "which was trained on reals.",
                charts=confusion,
            )
        )
    if images is not None:
        found += _from_features(scores, images, map=map)
    return found


def _over_training(scores: Scores) -> Section:
    plots = []
    said = []
    for metric in scores.metrics:
        try:
            by_step = {scores.steps[m]: e for m, e in scores.estimates(metric).items()}
            chosen = best_of_steps(by_step, metric=metric, level=scores.first.level)
            alike = {chosen.best, *chosen.not_distinguishable}
            said.append(chosen.verdict)
        except InputError:
            alike = set()
        names = [model for model, step in scores.steps.items() if step in alike]
        label = METRICS[metric].label
        plots.append(
            Chart(charts.over_steps(scores, metric, names), f"{label} over training", label)
        )
    return Section("training", "Over training", " ".join(said[:1]), charts=tuple(plots))


def _classifiers(scores: Scores, aucs: Chart) -> Section:
    """The AUC of every model and, of classifiers that are nets, how they learned."""
    text = (
        "A classifier was trained several times, on different splits of the images: the line is "
        "the median AUC on held-out images, the bar goes from the first to the last decile. At "
        "0.5 it guesses."
    )
    curves = [
        Chart(drawn, f"Learning curves for {model}", f"Learning curves: {model}")
        for model in scores.models
        if (score := scores.by.get((model, "c2st"))) and (drawn := charts.learning(model, score))
    ]
    if curves:
        text += (
            " Where the loss on held-out images still falls at the end, more iterations would tell "
            "the two apart better; where it rises, the classifier has begun to memorise."
        )
    return Section("c2st", "Can a classifier tell them apart?", text, charts=(aucs, *curves))


def _per_class(scores: Scores) -> tuple[Chart, ...]:
    plots = []
    for metric in scores.metrics:
        values = []
        for model in scores.models:
            score = scores.by.get((model, metric))
            classes = None if score is None else score.details.get("classes")
            if isinstance(classes, dict):
                for name, found in classes.items():
                    if isinstance(found, dict) and isinstance(found.get("value"), int | float):
                        n = found.get("n_fake")
                        values.append(
                            {
                                "model": model,
                                "class": name,
                                "value": found["value"],
                                "n": f"{n} fakes",
                            }
                        )
        if values and len({row["class"] for row in values}) > 1:
            label = METRICS[metric].label
            plots.append(
                Chart(
                    charts.by_class(values, label, METRICS[metric].better),
                    f"{label} of every class",
                    label,
                )
            )
    return tuple(plots)


def _confusion(scores: Scores) -> tuple[Chart, ...]:
    """What fakes of each class are taken for, where `obedience` was asked."""
    plots = []
    for model in scores.models:
        score = scores.by.get((model, "obedience"))
        found: Any = {} if score is None else score.details.get("classes", {})
        try:
            names = list(found)
            shares = np.array([[found[a]["taken_for"].get(b, 0) for b in names] for a in names])
            shares = shares.astype(np.float64)
            np.fill_diagonal(shares, [found[name]["value"] for name in names])
        except (AttributeError, KeyError, TypeError, ValueError):  # of another version, or forged
            continue
        if not 2 <= len(names) <= _MOST_CLASSES:
            continue
        drawn = charts.heat_map(
            names, shares, rows="asked for", columns="taken for", label="share", limits=(0, 1)
        )
        plots.append(Chart(drawn, f"Obedience of {model}", model))
    return tuple(plots)


def _from_features(scores: Scores, images: Images, *, map: str) -> list[Section]:
    found = []
    models = images.shown(scores)
    real = images.real.features
    if real.labels is not None and 2 <= len(set(real.labels)) <= _MOST_CLASSES:
        tables = {}
        for model in models:
            with suppress(InputError):  # too few images, other classes
                tables[model] = matrix(real, images.models[model].features, metric="kid")
        if tables and len({table.classes for table in tables.values()}) == 1:
            found.append(
                Section(
                    "matrix",
                    "Every class against every class",
                    _MATRIX,
                    charts=_matrices(tables),
                )
            )
    sets = [("real", real), *((name, images.models[name].features) for name in models)]
    placed = map_of(sets, map)
    drawn = charts.plane(placed.points, placed.axes)
    found.append(
        Section(
            "map", "Map of the images", placed.text, charts=(Chart(drawn, "Map of the images"),)
        )
    )
    return found


def _matrices(tables: Mapping[str, ClassMatrix]) -> tuple[Chart, ...]:
    """Heat maps of all models with one order of classes and one scale."""
    values = np.array([table.values for table in tables.values()])
    order = pictures.alike(values.mean(0))
    positive = np.log10(values[values > 0])
    limits = (float(positive.min()), float(positive.max())) if positive.size else None
    plots = []
    for model, table in tables.items():
        drawn = charts.heat_map(
            [table.classes[i] for i in order],
            table.values[np.ix_(order, order)],
            rows=model,
            columns="real",
            label="KID",
            limits=limits,
            log=True,
        )
        plots.append(Chart(drawn, f"Classes of {model} against classes of the reals", model))
    return tuple(plots)
