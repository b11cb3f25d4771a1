"""Memorisation with an error rate: which fakes are copies of training images?"""

import math
import os
from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from ganeval.arrays import Array
from ganeval.errors import InputError
from ganeval.features import Features, is_feature_file
from ganeval.images import is_feature_array
from ganeval.metrics.copies.likeness import Likeness, of_features, of_pixels
from ganeval.metrics.copies.training_side import ThreeSides, distinct_rows, take_three
from ganeval.metrics.spine import (
    METRICS,
    SEED,
    SHARE,
    Metric,
    Score,
    check_level,
    over_ranks,
    scored,
    taken,
)
from ganeval.statistics import Estimate, Part, judged_share

PIXELS = "pixels:32"
"""The net whose rows can be flipped and shifted."""

FINE = 32
"""Pixels along a side of its grid, at most."""

FALSE_DISCOVERIES = 0.1
"""Expected share of new images in the list of copies, at most."""


@over_ranks
def memorization(
    real: Any,
    fake: Any,
    *,
    train: Annotated[Any, "The generator's training images."],
    feature_net: Any = None,
    false_positive_rate: Annotated[
        float, "Share of new images that may be taken for copies.", SHARE
    ] = 0.01,
    level: Annotated[float, "Coverage of the interval.", SHARE] = 0.95,
    seed: Annotated[int, "Accepted for uniformity; unused.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Share of fakes that are copies of training images, in per cent, at a known error rate.

    Each fake gets a p-value: the share of held-out reals, and itself, that are at least as close to
    a training image as it is. Close means: the distance to the nearest training image over the mean
    distance to the next 49. By pixels (the default for images) the nearest is looked for among all
    flips and shifts by up to 2 of 32 pixels (in half pixels), at any brightness and contrast; by a
    feature net it is what the net makes of it.

    A fake is suspect if its p-value is at most `false_positive_rate`, which is the share of new
    images that would be. `details["copies"]` lists fakes that stand out among all: at most a tenth
    of them are expected to be new images (Benjamini and Hochberg). For c copies among m fakes to
    get there, it takes some 10 m / c held-out reals.

    Where reals have groups (patients, plates), a real counts as a share of its group: the p-value
    then is that of an image of a new group. Give held-out groups that are not in `train`.

    Args:
        real: images that the generator has not seen, Features, rows [n, d], or a path to them.
        fake: the generated side, in any of these forms.
        train: what the generator was trained on, in any of these forms; at least 3 images.
        feature_net: for images; None compares their pixels, net `pixels:32`.
        false_positive_rate: of a single fake.
        level: coverage of the interval.
        seed: accepted for uniformity; unused.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score between 0 and 100, lower is better; without copying it is about 100 times
        `false_positive_rate`. The interval reflects which fakes were sampled, given the training
        images and the held-out reals. `details` has the `p_values` [m], the `nearest` training
        image of each fake, the lists of `suspects` and `copies`, and `p_value`: the chance of at
        least so many suspects among new images.

    Raises:
        InputError: under 2 images on a side, NaN, sides that do not fit together, reals that are
            all training images, or fewer than 1 / rate - 1 held-out images, or groups, with which
            no p-value can be that small.

    Example:
        >>> ganeval.memorization("held_out/", "fake/", train="train/").details["copies"]

    Source: ratio: Carlini et al. 2023, arXiv:2301.13188; p-values: Bates et al. 2023,
    doi:10.1214/22-AOS2244; groups: Dunn, Wasserman & Ramdas 2023,
    doi:10.1080/01621459.2022.2060112.
    """
    from scipy.stats import false_discovery_control

    check_level(level)
    net = feature_net if feature_net is not None or _are_rows(real, fake, train) else PIXELS
    sides = take_three(real, fake, train, net, metric="memorization")
    _check_enough(sides, false_positive_rate)
    first = distinct_rows(sides.train.rows)
    of_real, of_fake = (_likeness(side.rows, sides, first) for side in sides.pair.sides)
    p = conformal_p_values(of_fake.ratios, of_real.ratios, sides.pair.sides[0].sampling.unit)
    judgements = p <= false_positive_rate
    share = float(judgements.mean())
    sampling = sides.pair.fake.sampling
    details = {
        **_p_value(judgements, sides, false_positive_rate),
        "exact_copies": int(sides.copied.sum()),
        "suspects": np.flatnonzero(judgements).tolist(),
        "copies": np.flatnonzero(false_discovery_control(p) <= FALSE_DISCOVERIES).tolist(),
        "p_values": [round(float(value), 6) for value in p],
        "nearest": first[of_fake.rows].tolist(),
        "n_train": sides.train.n,
    }
    found = Estimate(
        100 * share,
        parts=(Part(100 * (judgements - share), sampling),),
        scale="share",
        judged=judged_share(judgements, sampling).times(100),
        limits=(0.0, 100.0),
        details=details,
    )
    return scored(
        "memorization",
        replace(sides.pair, odd=replace(sides.pair.odd, dependence=None)),
        found,
        level=level,
        seed=seed,
        options={
            "train": sides.train.fingerprint,
            "false_positive_rate": false_positive_rate,
        },
        at_this_n=False,
    )


def _check_enough(sides: ThreeSides, rate: float) -> None:
    """Raises InputError where no fake could be suspect, whatever it is."""
    reals, exact = sides.pair.sides[0].sampling, int(sides.copied.sum())
    least = 1 / (1 + reals.n_units)
    if least > rate:
        what = "images" if reals.groups is None else "groups"
        known = (
            f"{exact} fakes are exact copies of training images; as to others, " if exact else ""
        )
        raise InputError(
            f"{known}{reals.n_units} held-out {what} allow no p-value below {least:.2g}, so no "
            f"fake could be told as a copy: give at least {math.ceil(1 / rate) - 1}, or a "
            f"false_positive_rate of {math.ceil(1000 * least) / 1000:g}"
        )


def conformal_p_values(fake: np.ndarray, real: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """[m] share of the reals' units, and the fake itself, whose ratios are as small or smaller.

    Args:
        fake: [m].
        real: [n].
        unit: [n] numbers of the reals' units, from 0; each counts as one, as the mean of its
            images.
    """
    order = np.argsort(real, kind="stable")
    weights = 1 / np.bincount(unit)[unit[order]]
    below = np.concatenate([[0.0], np.cumsum(weights)])
    reached = below[np.searchsorted(real[order], fake, side="right")]
    return np.asarray((1 + reached) / (1 + unit.max() + 1))


def _p_value(judgements: np.ndarray, sides: ThreeSides, rate: float) -> dict[str, Any]:
    """The chance of so many copies if fakes were new images, as reals are: negative hypergeometric.

    The k-th closest real is the limit; of the k − 1 + x closest of all images, x must be fakes.
    """
    from scipy.stats import hypergeom

    if sides.pair.n_groups is not None:
        return {"p_value": None, "no_p_value": "images of a group are alike"}
    n, m, x = sides.pair.sides[0].n or 0, len(judgements), int(judgements.sum())
    k = int(rate * (n + 1) + 1e-9)
    return {"p_value": float(hypergeom.sf(x - 1, n + m, m, k - 1 + x)) if k and x else 1.0}


def _likeness(rows: Array, sides: ThreeSides, first: np.ndarray) -> Likeness:
    """Of images to the training images in these rows, as the net's rows allow."""
    known, trained = sides.train.protocol, taken(sides.train.rows, first)
    if (known.get("net") or {}).get("name") != PIXELS:
        return of_features(rows, trained)
    ((height, width),) = known["preprocessing"]["sizes"]
    channels = known["preprocessing"]["channels"]
    return of_pixels(rows, trained, (channels, min(height, FINE), min(width, FINE)))


def _are_rows(*data: Any) -> bool:
    return any(
        isinstance(side, Features)
        or is_feature_array(side)
        or (isinstance(side, str | os.PathLike) and is_feature_file(side))
        for side in data
    )


def _notes(score: Score) -> list[str]:
    """The p-value, and the fakes that stand out."""
    found = score.details
    test = (
        f"no p: {found['no_p_value']}"
        if found["p_value"] is None
        else f"p = {found['p_value']:.3g}"
    )
    expected = 100 * score.protocol["options"]["false_positive_rate"]
    return [
        f"new images would give {expected:g} %; {test} (one-sided: more copies than that)",
        f"{len(found['copies'])} of {score.n_fake} fakes stand out as copies, at most "
        f"{100 * FALSE_DISCOVERIES:g} % of these by chance; "
        f"{found['exact_copies']} are exact copies",
    ]


METRICS.add(
    "memorization",
    Metric(
        name="memorization",
        command="memorization",
        label="Memorization (%)",
        function=memorization,
        better="lower",
        symmetric=False,
        needs_train=True,
        judges_quality=False,
        notices_missing_modes=False,
        min_images=99,
        net_for=lambda options, net: PIXELS if net is None else net,
        notes=_notes,
    ),
)
