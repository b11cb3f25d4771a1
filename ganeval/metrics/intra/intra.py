"""Distances within classes: does each class of the fakes look like that class of the reals?"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np

from ganeval.errors import InputError
from ganeval.metrics.frechet import estimate as frechet_estimate
from ganeval.metrics.intra.unlike import unlike
from ganeval.metrics.pairs import mmd_estimate
from ganeval.metrics.spine import (
    METRICS,
    SEED,
    SHARE,
    Classes,
    Metric,
    Oddities,
    Pair,
    Score,
    Side,
    check_level,
    find_oddities,
    over_ranks,
    scored,
)
from ganeval.statistics import Estimate, Part, sampling_of

PER_FEATURE = 1.5
"""Images per feature that FID asks of every class: with fewer, its value is mostly bias."""


@over_ranks
def intra_fid(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    interval: Annotated[bool, "Correct for finite n, with an interval."] = True,
    level: Annotated[float, "Coverage of the interval.", SHARE] = 0.95,
    seed: Annotated[int, "Of the permutations behind p-values.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Mean over classes of the Fréchet distance within each (intra-FID), and each class's own.

    A conditional generator that mixes up its classes, or lacks variety within them, may have a
    good FID, but it has a bad intra-FID. The frequencies of the classes do not matter.

    Args:
        real: images with labels, Features with labels, or a path to either.
        fake: the generated side, in any of these forms, with the same classes.
        feature_net: for images; see `extract`.
        interval: False computes the plain values alone.
        level: coverage of the interval.
        seed: of the permutations behind p-values.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score in squared feature units; lower is better, 0 is best. `corrected` and `interval` are
        those of `fid`, for the mean of the classes. `details["classes"]` has each class's `value`,
        `corrected`, `n_real` and `n_fake`, the `p_value` that it is that of the reals (a
        permutation test), and the `q_value`: of all classes with one below 0.05, 5 % at most are
        false on average.

    Raises:
        InputError: no labels, a class on one side only, a class with fewer than 1.5 images per
            feature on a side (`intra_kid` takes fewer), NaN, or sides that do not fit together.

    Example:
        >>> ganeval.intra_fid("real/", "fake/", feature_net="lin41").details["classes"]

    Source: Miyato & Koyama 2018, arXiv:1802.05637.
    """
    return _intra("fid", real, fake, feature_net, interval, level, seed)


@over_ranks
def intra_kid(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    interval: Annotated[bool, "With an interval."] = True,
    level: Annotated[float, "Coverage of the interval.", SHARE] = 0.95,
    seed: Annotated[int, "Of the permutations behind p-values.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Mean over classes of the kernel distance within each (intra-KID), and each class's own.

    It asks the same as `intra_fid` and suits classes of few images: it is unbiased from 2 on.

    Args:
        real: images with labels, Features with labels, or a path to either.
        fake: the generated side, in any of these forms, with the same classes.
        feature_net: for images; see `extract`.
        interval: False computes the values alone.
        level: coverage of the interval.
        seed: of the permutations behind p-values.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score; lower is better, about 0 is best. `details["classes"]` has each class's `value`,
        `n_real`, `n_fake`, `p_value` and `q_value` as `intra_fid`, and `corrected` where images
        have groups.

    Raises:
        InputError: no labels, a class on one side only or with one image on a side, NaN, or sides
            that do not fit together.

    Example:
        >>> ganeval.intra_kid("real/", "fake/", feature_net="lin41").details["classes"]

    Source: Miyato & Koyama 2018, arXiv:1802.05637; Bińkowski et al. 2018, arXiv:1801.01401.
    """
    return _intra("kid", real, fake, feature_net, interval, level, seed)


def _intra(
    base: str, real: Any, fake: Any, feature_net: Any, interval: bool, level: float, seed: int
) -> Score:
    check_level(level)
    name = f"intra_{base}"
    pair = Pair.take(real, fake, feature_net, metric=name)
    classes = _classes(*pair.sides, metric=name)
    odd = (find_oddities(c.real, c.fake, whole=False).dependence for c in classes)
    dependence = next(filter(None, (*odd, pair.odd.alike)), None)
    # Frequencies of classes do not matter here.
    warnings = tuple(text for text in pair.odd.warnings if text != pair.odd.frequencies)
    pair = replace(pair, odd=Oddities(warnings, dependence=dependence))
    found = _mean_estimate(*pair.sides, base=base, interval=interval and not dependence)
    if interval and not dependence:
        tested = unlike({c.label: (c.real, c.fake) for c in classes}, seed=seed)
        per_class = {
            label: {**own, **tested.get(label, {})}
            for label, own in found.details["classes"].items()
        }
        found = replace(found, details={**found.details, "classes": per_class})
    unbiased = False if base == "kid" else None
    return scored(name, pair, found, level=level, seed=seed, interval=interval, at_this_n=unbiased)


def _mean_estimate(real: Side, fake: Side, *, base: str, interval: bool = True) -> Estimate:
    """The mean over classes of their estimates; class sizes are fixed."""
    classes = _classes(real, fake, metric=f"intra_{base}")
    _check_sizes(classes, metric=f"intra_{base}", d=real.d)
    found = [
        frechet_estimate(c.real, c.fake, interval=interval)
        if base == "fid"
        else mmd_estimate(c.real, c.fake)
        for c in classes
    ]
    k = len(classes)
    per_class = {
        c.label: {"value": own.value, "n_real": len(c.reals), "n_fake": len(c.fakes)}
        | ({} if own.corrected is None else {"corrected": own.corrected})
        for c, own in zip(classes, found, strict=True)
    }
    reasons = {c.label: own.reason for c, own in zip(classes, found, strict=True) if own.reason}
    reason = next((f"class {label}: {text}" for label, text in reasons.items()), None)
    corrected = None
    if all(own.corrected is not None for own in found):
        corrected = float(np.mean([own.centre for own in found]))
    parts: tuple[Part, ...] = ()
    if all(own.parts for own in found):
        parts = tuple(_joined(side, classes, found, i) for i, side in enumerate((real, fake)))
    return Estimate(
        float(np.mean([own.value for own in found])),
        corrected,
        parts,
        scale="distance",
        second_order=sum(own.second_order for own in found) / k**2,
        widest=max(own.widest for own in found) / k,
        reason=reason,
        details={"classes": per_class},
    )


def _joined(side: Side, classes: Sequence["_Class"], found: Sequence[Estimate], i: int) -> Part:
    """Influences on the mean of all images of a side, from those on each class."""
    assert side.features is not None
    n = len(side.features)
    influence = np.zeros(n)
    for c, own in zip(classes, found, strict=True):
        rows = c.reals if i == 0 else c.fakes
        influence[rows] = own.parts[i].influence * n / (len(rows) * len(classes))
    return Part(influence, sampling_of(n, side.labels, side.groups))


@dataclass(frozen=True, eq=False)
class _Class:
    """One class of both sides: the positions of its images, and the images."""

    label: str
    reals: np.ndarray
    fakes: np.ndarray
    real: Side
    fake: Side


def _classes(real: Side, fake: Side, *, metric: str) -> list[_Class]:
    """The classes of both sides, by name; InputError as of `Classes`."""
    classes = Classes.of(real, fake, metric=metric)
    found = []
    for i, label in enumerate(classes.names):
        reals, fakes = np.flatnonzero(classes.of_real == i), np.flatnonzero(classes.of_fake == i)
        found.append(
            _Class(
                label, reals, fakes, real.part(reals).sampled(None), fake.part(fakes).sampled(None)
            )
        )
    return found


def _check_sizes(classes: Sequence[_Class], *, metric: str, d: int) -> None:
    """Raises InputError for a class with too few images."""
    least, wanted, advice = 2, "", "use more images"
    if metric == "intra_fid":
        least = max(least, math.ceil(PER_FEATURE * d))
        wanted = f" ({PER_FEATURE:g} per feature, of {d})"
        advice = "take intra_kid, a net with fewer features, or more images"
    few = [c for c in classes if min(len(c.reals), len(c.fakes)) < least]
    if few:
        raise InputError(
            f"{metric} needs at least {least} images per class and side{wanted}; {few[0].label} "
            f"has {len(few[0].reals)} real and {len(few[0].fakes)} fake, one of {len(few)} too "
            f"small of {len(classes)} classes; {advice}"
        )


def _notes(score: Score) -> list[str]:
    """A line per class; those that surely differ from the reals' are marked."""
    rows, marked, alpha = [], False, 1 - score.level
    for label, own in score.details["classes"].items():
        more = "" if own.get("corrected") is None else f"corrected {own['corrected']:.4g}, "
        counts = f"n = {own['n_real']} / {own['n_fake']}"
        differs = own.get("q_value", 1.0) < alpha
        marked |= differs
        rows.append(f"{label}: {own['value']:.4g}  ({more}{counts}){' *' * differs}")
    if marked:
        rows.append(
            f"* differs from the reals' class; of all marked, {100 * alpha:.3g} % at most are "
            "false on average (false discovery rate)"
        )
    return rows


for _function, _base, _label, _kind in (
    (intra_fid, "fid", "intra-FID", "Fréchet"),
    (intra_kid, "kid", "intra-KID", "kernel"),
):
    METRICS.add(
        _function.__name__,
        Metric(
            name=_function.__name__,
            command=_label.lower(),
            label=_label,
            function=_function,
            estimate=functools.partial(_mean_estimate, base=_base),
            better="lower",
            symmetric=True,
            ideal=0.0,
            scale_power=2.0 if _function is intra_fid else None,
            shift_invariant=_function is intra_fid,
            needs_labels=True,
            notes=_notes,
        ),
    )
