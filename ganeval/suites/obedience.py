"""Which models show what they were asked for? Asked of every model where both sides have labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.metrics import METRICS, Metric
from ganeval.metrics.obedience import ALARM, check_obedience
from ganeval.metrics.spine import Side
from ganeval.statistics import Sampling, holm

LABELLED_METRICS = ("obedience", "intra-kid")
"""Commands that join the usual ones where both sides have labels."""


@dataclass(frozen=True)
class ModelObedience:
    """Whether a model shows what it was asked for.

    Args:
        model: its name.
        share: of its images that are taken for their class; the mean over training runs.
        reals: the same share of the reals.
        p_value: small where the share is below that of the reals, adjusted for the number of
            models and runs.
        obeys: whether it is not small.
    """

    model: str
    share: float
    reals: float
    p_value: float
    obeys: bool


def labelled_metrics(real: Features, fake: Features) -> tuple[list[Metric], str | None]:
    """The metrics that labels of both sides allow; or why there are none, if both have labels."""
    if real.labels is None or fake.labels is None:
        return [], None
    first, second = Side("real", real, None, Sampling(0)), Side("fake", fake, None, Sampling(0))
    try:
        classes = check_obedience(first, second)
    except InputError as error:
        return [], f"obedience and intra-KID are left out: {error}"
    found = [METRICS["obedience"]]
    if (classes.sizes() >= 2).all():
        found.append(METRICS["intra_kid"])
    return found, None


def judged_models(
    pairs: Mapping[str, tuple[Side, Side]],
) -> tuple[dict[str, Mapping[str, Any]], tuple[str, ...]]:
    """The value and the details of each model's obedience; and a warning where there are none.

    There is neither where a side has no labels.
    """
    estimate = METRICS["obedience"].estimate
    assert estimate is not None
    if any(side.labels is None for pair in pairs.values() for side in pair):
        return {}, ()
    try:
        found = {name: estimate(*pair) for name, pair in pairs.items()}
    except InputError as error:
        return {}, (f"obedience is left out: {error}",)
    return {name: {"value": one.value, **one.details} for name, one in found.items()}, ()


def obedience_of(
    models: Mapping[str, Sequence[Mapping[str, Any]]],
) -> tuple[ModelObedience, ...]:
    """Of each model, from the value and the details of one score for each training run.

    A model whose runs are several does not obey if one of them does not.
    """
    runs = [(name, run) for name, of in models.items() for run in of]
    adjusted = holm([run["p_value"] for _, run in runs])
    least = {name: 1.0 for name in models}
    for (name, _), p_value in zip(runs, adjusted, strict=True):
        least[name] = min(least[name], float(p_value))
    return tuple(
        ModelObedience(
            model=name,
            share=float(np.mean([run["value"] for run in of])),
            reals=float(np.mean([run["reals"] for run in of])),
            p_value=least[name],
            obeys=least[name] >= ALARM,
        )
        for name, of in models.items()
    )


def in_words(models: Sequence[ModelObedience]) -> str:
    """A sentence for each model that does not show what it was asked for, after a blank."""
    place = " and is placed last" if any(model.obeys for model in models) else ""
    return "".join(
        f" {model.model} does not show what it was asked for{place}: {100 * model.share:.3g} % of "
        f"its images are taken for their class, and {100 * model.reals:.3g} % of the reals "
        f"(p {_small(model.p_value)})."
        for model in models
        if not model.obeys
    )


def _small(p_value: float) -> str:
    return "< 0.001" if p_value < 0.001 else f"= {p_value:.2g}"
