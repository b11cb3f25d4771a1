"""`explain`: which named properties give the fakes away, how much, and how sure is that?"""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ganeval.features import Features, as_features, is_feature_file
from ganeval.images import ImageSource, is_feature_array, open_images
from ganeval.metrics import check_level, group_importance
from ganeval.metrics.spine import Pair, check_pair, in_order_of, take
from ganeval.statistics import false_discovery
from ganeval.suites.explain.effects import effect_of
from ganeval.suites.explain.explanation import Explanation, Finding
from ganeval.suites.explain.families import families_of
from ganeval.suites.explain.findings import FEWEST, Tested, tested
from ganeval.suites.explain.objects import net_for, shared_pixel_size
from ganeval.suites.explain.properties import Properties, properties_of

MIXTURE = (
    "a property that differs in all images may do so by class frequencies alone; one that differs "
    "within a class does not"
)
"""A warning, where class frequencies differ."""


def explain(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    channel_names: Sequence[str] | None = None,
    pixel_size: float | None = None,
    repeats: int = 10,
    level: float = 0.95,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Explanation:
    """What is wrong with the fakes? Names the visible properties that give them away.

    Properties that rise and fall together in the reals are a family, which is tested as one: for
    other means, other spreads, and for other shares of images beyond a value, as where something
    is rare or missing. The same within each class where both sides have labels. All families and
    the classifier make one list with one rate of false discoveries.

    Args:
        real: images, Features of a net with named features, a table with names, or a path.
        fake: the generated side, in any of these forms.
        feature_net: for images: `morphology:offsets` (the one object in each image), `texture`
            (whole images), or another net with named features; by default the one of these two
            that fits the reals.
        channel_names: one per channel, for the names of properties.
        pixel_size: micrometres per pixel; by default what the files say, else lengths are in
            pixels.
        repeats: splits of the classifier.
        level: 1 less the rate of false discoveries; intervals are widened for having been chosen.
        seed: of permutations and splits.
        progress: called with (steps done, steps).

    Raises:
        InputError: features without names, under two images or groups a side, NaN, or sides that
            do not fit together.
        MissingExtraError: xgboost or scikit-image is not installed.

    Example:
        >>> print(ganeval.explain("real/", "fake/", channel_names=["Bgs4", "protein"]))

    Source: Benjamini & Hochberg 1995, https://www.jstor.org/stable/2346101; weights, Genovese,
    Roeder & Wasserman 2006, doi:10.1093/biomet/93.3.509; intervals, Benjamini & Yekutieli 2005,
    doi:10.1198/016214504000001907.
    """
    check_level(level)
    first, second, declared = _embedded(real, fake, feature_net)
    properties = properties_of(
        first,
        second,
        channel_names=channel_names,
        pixel_size=declared if pixel_size is None else pixel_size,
    )
    reals, fakes = (
        replace(side, features=rows, columns=properties.keys, fingerprint="")
        for side, rows in ((first, properties.real), (second, properties.fake))
    )
    pair = Pair.take(reals, fakes, None, metric="explain", bearable=np.inf)
    families = families_of(properties.real)
    of_channels = properties.of_channels()
    groups = [*families, *of_channels.values()]
    score, found_importance = group_importance(
        pair, groups, repeats=repeats, level=level, seed=seed, progress=progress
    )
    importance = found_importance.auc.mean(1)
    labels = _labels(pair)
    every = [
        tested(
            pair, properties, families, label=label, level=level, lists=1 + len(labels), seed=seed
        )
        for label in (None, *labels)
    ]
    found = [one for one in every if one is not None]
    q_values, shares = _q_values(found, float(score.details["p_value"]))
    n_found = int((q_values <= 1 - level).sum())
    tests: list[Finding] = []
    for i, one in enumerate(found):
        here = slice(1 + i * len(families), 1 + (i + 1) * len(families))
        # What is printed was chosen among all: intervals miss as rarely as tests do.
        chance = min(max(n_found, 1) * float(shares[here][0]), 1.0) * (1 - level)
        of_all = importance[: len(families)] if one.label is None else None
        tests += _findings(one, q_values[here], properties, families, of_all, level=1 - chance)
    channels = dict(zip(of_channels, importance[len(families) :].tolist(), strict=True))
    mixture = [MIXTURE] * (pair.odd.frequencies is not None)
    warnings = tuple(dict.fromkeys((*pair.odd.warnings, *mixture, *_left_out(labels, found))))
    alone = found[0].least / float(shares[0])
    few = None if alone <= 1 - level or any(q_values[1:] <= 1 - level) else _few(pair)
    return Explanation(
        tuple(tests), score, float(q_values[0]), level, properties, channels, warnings, few
    )


def _few(pair: Pair) -> str:
    """How few units there are, and what to do."""
    real, fake = (
        f"{side.n} images" if side.groups is None else f"{len(set(side.groups))} groups"
        for side in pair.sides
    )
    grouped = [side.groups is not None for side in pair.sides]
    more = "groups (plates, patients)" if any(grouped) else "images"
    said = (
        f"{fake} of fakes and {real} of reals are too few to show which property differs: give "
        f"more {more}"
    )
    if all(grouped):
        said += (
            "; images that a model drew independently of each other need no groups: then give "
            "groups to the reals only"
        )
    return said


def _embedded(real: Any, fake: Any, feature_net: Any) -> tuple[Features, Features, float | None]:
    """Features with names of both sides, and micrometres per pixel where files say."""
    opened = [
        as_features(data) if _has_features(data) else open_images(data) for data in (real, fake)
    ]
    sources = [data for data in opened if isinstance(data, ImageSource)]
    if sources and feature_net is None:
        feature_net = net_for(opened)
    size = shared_pixel_size(*sources)
    sides = [
        take(data, feature_net, role=role, metric="explain")
        for role, data in zip(("real", "fake"), opened, strict=True)
    ]
    sides[1] = in_order_of(sides[0], sides[1])
    check_pair(sides[0], sides[1])
    first, second = (side.features for side in sides)
    assert first is not None and second is not None
    return first, second, size


def _has_features(data: Any) -> bool:
    if isinstance(data, ImageSource):
        return False
    if isinstance(data, str | os.PathLike):
        return is_feature_file(data)
    return isinstance(data, Features) or is_feature_array(data)


def _labels(pair: Pair) -> list[str]:
    """Classes of both sides; none where there are fewer than two."""
    real, fake = (side.labels for side in pair.sides)
    if real is None or fake is None:
        return []
    both = sorted(set(real) & set(fake))
    return both if len(set(real) | set(fake)) > 1 else []


def _left_out(labels: Sequence[str], found: Sequence[Tested]) -> list[str]:
    few = [label for label in labels if label not in {one.label for one in found}]
    if not few:
        return []
    return [
        f"{len(few)} of {len(labels)} classes have under {FEWEST} images or 2 groups on a side and "
        f"were not looked at by themselves: {', '.join(few[:5])}{', …' * (len(few) > 5)}"
    ]


def _q_values(found: Sequence[Tested], p_score: float) -> tuple[np.ndarray, np.ndarray]:
    """q-values of all families and of the classifier, and the share of the rate that each test has.

    Classes are many: half of the rate is for all images and the classifier, half for classes.
    """
    p_values = [one.tests.p_values for one in found]
    n_whole, n_classes = len(p_values[0]) + 1, sum(map(len, p_values[1:]))
    flat = np.concatenate([[p_score], *p_values])
    parts = 2 if n_classes else 1
    shares = np.repeat(
        [1 / (parts * n_whole), 1 / (parts * max(n_classes, 1))], [n_whole, n_classes]
    )
    q_values = false_discovery(np.minimum(flat / (shares * len(flat)), 1.0))
    return q_values, shares


def _findings(
    one: Tested,
    q_values: np.ndarray,
    properties: Properties,
    families: Sequence[np.ndarray],
    importance: np.ndarray | None,
    *,
    level: float,
) -> list[Finding]:
    """A finding per family, the most important first; within a class, the largest."""
    found = []
    for f, family in enumerate(families):
        sizes = np.abs(one.tests.sizes[family]).max(1)
        order = np.argsort(-sizes, kind="stable")
        lead, *others = family[order]
        alike = family[order[2 * sizes[order] >= sizes.max()]][1:]
        real, fake = (
            values[rows, lead]
            for values, rows in zip((properties.real, properties.fake), one.rows, strict=True)
        )
        found.append(
            Finding(
                name=properties.names[lead],
                key=properties.keys[lead],
                family=tuple(properties.names[i] for i in others),
                alike=tuple(properties.names[i] for i in alike),
                effect=effect_of((real, fake), one.samplings, one.tests.sizes[lead], level=level),
                words=properties.words[lead],
                unit=properties.units[lead],
                p_value=float(one.tests.p_values[f]),
                q_value=float(q_values[f]),
                size=float(sizes.max()),
                importance=None if importance is None else float(importance[f]),
                label=one.label,
                rows=one.rows,
            )
        )
    return sorted(found, key=lambda f: (-(f.importance or 0.0), -f.size))
