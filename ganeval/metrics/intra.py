"""Distances within classes: does each class of the fakes look like that class of the reals?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np

from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.metrics._blocks import no_spread, pair_blocks, too_few_blocks
from ganeval.metrics.frechet import JACKKNIFE_MAX_DIM
from ganeval.metrics.spine import (
    METRICS,
    Metric,
    Score,
    check_level,
    check_pair,
    describe,
    examine,
    n_groups,
    over_ranks,
    take_features,
    warnings_of,
    width,
)
from ganeval.statistics import N_BLOCKS, jackknife

PER_FEATURE = 1.5
"""Images per feature that FID asks of every class: of fewer, its value is mostly bias."""

FEW_CLASSES = 10
"""With more classes errors average out and the bias that is left does not: with 40 of 1.5 images
per feature a nominal 95 % interval covers 91 %. So images per feature grow with √classes."""


@over_ranks
def intra_fid(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    interval: Annotated[bool, "Correct for finite n, with an interval."] = True,
    level: Annotated[float, "Coverage of the interval."] = 0.95,
    seed: Annotated[int, "Of the jackknife's blocks."] = 0,
    process_group: Any = None,
) -> Score:
    """Mean over classes of the Fréchet distance within each (intra-FID), and each class's own.

    A conditional generator that mixes up its classes, or lacks variety within them, may have a
    good FID; it has a bad intra-FID. How frequent classes are does not matter.

    Args:
        real: images with labels, Features with labels, or a path to either.
        fake: likewise, of the same classes.
        feature_net: for images; see `extract`.
        interval: False computes the plain values alone, 20 times faster.
        level: coverage of the interval.
        seed: of the blocks, which hold their share of every class.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score in squared feature units, lower is better, 0 is best; `corrected` and `interval` as
        those of `fid`, by a jackknife that leaves out a block of every class at once.
        More than 10 classes need more images each for an interval, by √(classes / 10).
        `details["classes"]` has each class's `value`, `corrected`, `n_real` and `n_fake`.

    Raises:
        InputError: no labels, a class on one side only, a class with fewer than 1.5 images per
            feature on a side (`intra_kid` takes fewer), NaN, or sides that do not fit together.

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
    level: Annotated[float, "Coverage of the interval."] = 0.95,
    seed: Annotated[int, "Of the jackknife's blocks."] = 0,
    process_group: Any = None,
) -> Score:
    """Mean over classes of the kernel distance within each (intra-KID), and each class's own.

    As `intra_fid`, for classes of few images: it is unbiased from 2 images on.

    Args:
        real: images with labels, Features with labels, or a path to either.
        fake: likewise, of the same classes.
        feature_net: for images; see `extract`.
        interval: by the jackknife, around `value`; around `corrected` where images have groups.
        level: coverage of the interval.
        seed: of the blocks, which hold their share of every class.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score, lower is better, about 0 is best. `details["classes"]` has each class's `value`,
        `n_real` and `n_fake`. No interval where a class has under 4 images on a side.

    Raises:
        InputError: no labels, a class on one side only or with one image on a side, NaN, or sides
            that do not fit together.

    Source: Miyato & Koyama 2018, arXiv:1802.05637; Bińkowski et al. 2018, arXiv:1801.01401.
    """
    return _intra("kid", real, fake, feature_net, interval, level, seed)


def _intra(
    base: str, real: Any, fake: Any, feature_net: Any, interval: bool, level: float, seed: int
) -> Score:
    check_level(level)
    name = f"intra_{base}"
    sides = (
        take_features(real, feature_net, role="real", metric=name),
        take_features(fake, feature_net, role="fake", metric=name),
    )
    check_pair(*sides)
    warnings = warnings_of(*sides)
    classes = _classes(*sides, metric=name)
    dependence = next(filter(None, (examine(c.real, c.fake)[1] for c in classes)), None)
    _check_sizes(classes, metric=name, d=width(sides[0]))
    metric = METRICS[base]
    values = [metric.function(c.real, c.fake, interval=False).value for c in classes]
    value = float(np.mean(values))
    per_class: dict[str, dict[str, Any]] = {
        c.label: {"value": own, "n_real": len(c.real), "n_fake": len(c.fake)}
        for c, own in zip(classes, values, strict=True)
    }
    details: dict[str, Any] = {"classes": per_class}
    corrected, std_error, limits = None, None, None
    if interval and dependence:
        details["no_interval"] = dependence
    elif interval:
        most = min(min(len(c.real), len(c.fake)) for c in classes)
        blocks = pair_blocks(*sides, seed=seed, n_blocks=min(N_BLOCKS, most), by_class=True)
        g = 1 + int(max(part.max() for part in blocks))
        if reason := _no_interval(base, sides, classes, blocks, g):
            details["no_interval"] = reason
        else:
            assert metric.blockwise is not None
            left_out = np.array(
                [
                    metric.blockwise(c.real, c.fake, blocks[0][c.reals], blocks[1][c.fakes], g)[1]
                    for c in classes
                ]
            )
            shares = [np.bincount(part, minlength=g) for part in blocks]
            sure = jackknife(value, left_out.mean(0), *shares)
            if base == "fid" or n_groups(*sides) is not None:
                corrected = sure.estimate
                for own, left, entry in zip(values, left_out, per_class.values(), strict=True):
                    entry["corrected"] = jackknife(own, left, *shares).estimate
            if same := no_spread(value, sure.std_error):
                details["no_interval"] = same
            else:
                centre = value if corrected is None else corrected
                std_error = sure.std_error
                limits = replace(sure, estimate=centre).interval(level)
            details |= {"method": "delete-group jackknife within classes", "blocks": g}
    described = describe(
        name,
        real=sides[0],
        fake=sides[1],
        options={},
        seed=seed,
        at_this_n=base == "fid" and corrected is None,
    )
    return Score(
        metric=name,
        value=value,
        corrected=corrected,
        interval=limits,
        level=level,
        std_error=std_error,
        better="lower",
        n_real=len(sides[0]),
        n_fake=len(sides[1]),
        n_groups=n_groups(*sides),
        details=details,
        # Frequencies of classes do not matter here.
        warnings=tuple(text for text in warnings if "class frequencies differ" not in text),
        protocol=described.protocol,
        protocol_id=described.protocol_id,
    )


@dataclass(frozen=True, eq=False)
class _Class:
    """One class of both sides: its images, and where among all they are."""

    label: str
    reals: np.ndarray
    fakes: np.ndarray
    real: Features
    fake: Features


def _classes(real: Features, fake: Features, *, metric: str) -> list[_Class]:
    """By name; both sides have labels, and the same classes."""
    for role, side in (("real", real), ("fake", fake)):
        if side.labels is None:
            raise InputError(
                f"{role} has no labels, and {metric} compares within classes; sort the images "
                "into class folders, or give --label-by (label_by)"
            )
    here, there = np.array(real.labels), np.array(fake.labels)
    if odd := sorted(set(here.tolist()) ^ set(there.tolist())):
        role = "real" if odd[0] in here else "fake"
        more = f" (and {len(odd) - 1} more)" if len(odd) > 1 else ""
        raise InputError(
            f"class {odd[0]}{more} is in {role} only, and {metric} wants every class on both "
            "sides; give both the same classes"
        )
    found = []
    for label in sorted(set(here.tolist())):
        reals, fakes = np.flatnonzero(here == label), np.flatnonzero(there == label)
        found.append(_Class(label, reals, fakes, real.take(reals), fake.take(fakes)))
    return found


def _check_sizes(classes: Sequence[_Class], *, metric: str, d: int) -> None:
    least, wanted, advice = 2, "", "use more images"
    if metric == "intra_fid":
        least = max(least, math.ceil(PER_FEATURE * d))
        wanted = f" ({PER_FEATURE:g} per feature, of {d})"
        advice = "take intra_kid, a net with fewer features, or more images"
    few = [c for c in classes if min(len(c.real), len(c.fake)) < least]
    if few:
        raise InputError(
            f"{metric} needs at least {least} images per class and side{wanted}; {few[0].label} "
            f"has {len(few[0].real)} real and {len(few[0].fake)} fake, one of {len(few)} too small "
            f"of {len(classes)} classes; {advice}"
        )


def _no_interval(
    base: str,
    sides: tuple[Features, Features],
    classes: Sequence[_Class],
    blocks: tuple[np.ndarray, np.ndarray],
    g: int,
) -> str | None:
    grouped = n_groups(*sides) is not None
    if few := too_few_blocks(g, grouped=grouped):
        return few
    d = width(sides[0])
    if base == "fid" and d > JACKKNIFE_MAX_DIM:
        return f"{d} features, of {JACKKNIFE_MAX_DIM} that the jackknife takes at most"
    wanted = PER_FEATURE * max(1.0, (len(classes) / FEW_CLASSES) ** 0.5)
    for c in classes:
        if base == "fid" and min(len(c.real), len(c.fake)) < wanted * d:
            return (
                f"{min(len(c.real), len(c.fake))} images of class {c.label}, of {wanted:.3g} per "
                f"feature that an interval over {len(classes)} classes needs"
            )
        for part in (blocks[0][c.reals], blocks[1][c.fakes]):
            sizes = np.bincount(part, minlength=g)
            if grouped and not sizes.all():
                return f"class {c.label} is missing from some groups"
            if sizes.sum() - sizes.max() <= (d if base == "fid" else 1):
                return f"too few images of class {c.label} once a block is left out"
    return None


def _notes(score: Score) -> list[str]:
    """A line per class."""
    rows = []
    for label, own in score.details["classes"].items():
        more = "" if own.get("corrected") is None else f"corrected {own['corrected']:.4g}, "
        counts = f"n = {own['n_real']} / {own['n_fake']}"
        rows.append(f"{label}: {own['value']:.4g}  ({more}{counts})")
    return rows


for _function, _label in ((intra_fid, "intra-FID"), (intra_kid, "intra-KID")):
    METRICS.add(
        _function.__name__,
        Metric(
            name=_function.__name__,
            command=_label.lower(),
            label=_label,
            function=_function,
            better="lower",
            symmetric=True,
            ideal=0.0,
            scale_power=2.0 if _function is intra_fid else None,
            shift_invariant=_function is intra_fid,
            needs_labels=True,
            notes=_notes,
        ),
    )
