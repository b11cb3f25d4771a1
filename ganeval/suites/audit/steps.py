"""Faults of models in steps from mild to strong: what such a model makes, and a good one."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ganeval.features import Features
from ganeval.statistics import seeded
from ganeval.suites.audit.alterations import COPY, STEPS, SWAP
from ganeval.suites.audit.halves import Halves, even_sample, joined

SHIFT, MISSING, UNEQUAL, COPIES = "shift", "missing classes", "unequal classes", "copies"

FAULTS = ("blur", "noise", "dimming", SWAP, MISSING, UNEQUAL)
"""What a distance should notice; a small shift it need not, and copies are not distant."""

SHARES = (0.25, 0.5, 1.0)
"""Of the images whose channels are swapped."""

DROPPED = (0.0, 0.25, 0.5)
"""Of the classes that are missing; one at least."""

RATIOS = (2, 4, 8)
"""How many times as many images as the one half of the classes the other half has."""

COPIED = (0.05, 0.1, 0.2)
"""Of the images that are near copies of reals."""


class Step(NamedTuple):
    """One fault at one strength.

    Args:
        strength: as a number.
        words: in words.
        changed: what a model with the fault makes.
        control: what one without it makes, as many images.
    """

    strength: float
    words: str
    changed: Features
    control: Features


def steps_of(halves: Halves, fault: str) -> list[Step]:
    """The fault from mild to strong; none where the images cannot have it."""
    return _MAKERS[fault](halves, fault)


def not_asked(halves: Halves, fault: str) -> str:
    """Why images cannot have a fault that `steps_of` finds no steps of."""
    if fault in (MISSING, UNEQUAL):
        labels = halves.seen.plain.labels
        return "no labels" if labels is None else "a single class"
    if fault == SWAP and halves.seen.plain.protocol["preprocessing"]["channels"] == 1:
        return "a single channel"
    return "it changes no image"


def _altered(halves: Halves, kind: str) -> list[Step]:
    pixels = kind in ("blur", SHIFT)
    return [
        Step(
            each.strength,
            f"{each.strength:g} px" if pixels else _percent(each.strength),
            halves.rows(version, halves.where[1], each.name),
            halves.fake,
        )
        for each, version in halves.seen.versions.items()
        if each.kind == kind
    ]


def _swapped(halves: Halves, fault: str) -> list[Step]:
    version = _version(halves, SWAP)
    if version is None:
        return []
    plain = halves.fake
    swapped = halves.rows(version, halves.where[1], SWAP)
    draws = seeded("audit swap", halves.seed).permutation(len(plain)) / len(plain)
    return [
        Step(
            share,
            _percent(share),
            joined(
                plain.take(np.flatnonzero(draws >= share)),
                swapped.take(np.flatnonzero(draws < share)),
            ),
            plain,
        )
        for share in SHARES
    ]


def _missing(halves: Halves, fault: str) -> list[Step]:
    classes = _classes(halves)
    counts = sorted({max(1, int(share * len(classes))) for share in DROPPED})
    labels = np.asarray(halves.fake.labels)
    return [
        _some(halves, ~np.isin(labels, classes[:k]), k / len(classes), f"{k} of {len(classes)}")
        for k in counts
        if k < len(classes)
    ]


def _unequal(halves: Halves, fault: str) -> list[Step]:
    classes = _classes(halves)
    if len(classes) < 2:
        return []
    labels = np.asarray(halves.fake.labels)
    rare = np.isin(labels, classes[: len(classes) // 2])
    found = []
    for ratio in RATIOS:
        count = round(rare.sum() / ratio)
        keep = ~rare
        keep[even_sample(halves.fake.labels, np.flatnonzero(rare), count, seed=halves.seed)] = True
        found.append(_some(halves, keep, ratio, f"1 : {ratio}"))
    return found


def _copies(halves: Halves, fault: str) -> list[Step]:
    version = _version(halves, COPY)
    if version is None:
        return []
    control = halves.new_and_unseen[0]
    copies = halves.rows(version, halves.where[0], COPY)
    order, rest = (
        seeded("audit copies", halves.seed, i).permutation(len(side))
        for i, side in enumerate((copies, control))
    )
    found = []
    for share in COPIED:
        k = min(max(1, round(share * len(control))), len(copies))
        some = copies.take(order[:k])
        some = replace(some, ids=tuple(f"{COPY}/{id}" for id in some.ids))
        found.append(Step(share, _percent(share), joined(control.take(rest[k:]), some), control))
    return found


def _percent(share: float) -> str:
    return f"{100 * share:g} %"


def _some(halves: Halves, keep: np.ndarray, strength: float, words: str) -> Step:
    """Some of the second half, against as many of all its classes."""
    plain, count = halves.fake, int(keep.sum())
    others = even_sample(plain.labels, np.arange(len(plain)), count, seed=halves.seed)
    return Step(strength, words, plain.take(np.flatnonzero(keep)), plain.take(others))


def _classes(halves: Halves) -> list[str]:
    """All class names, in an order of chance; none without labels."""
    names = sorted(set(halves.seen.plain.labels or ()))
    order = seeded("audit classes", halves.seed).permutation(len(names))
    return [names[i] for i in order]


def _version(halves: Halves, kind: str) -> Features | None:
    return next((of for each, of in halves.seen.versions.items() if each.kind == kind), None)


_MAKERS: dict[str, Callable[[Halves, str], list[Step]]] = {
    **dict.fromkeys(STEPS, _altered),
    SWAP: _swapped,
    MISSING: _missing,
    UNEQUAL: _unequal,
    COPIES: _copies,
}
