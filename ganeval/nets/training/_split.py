"""Chooses the held-out images: whole groups, and a similar share of every class."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Split:
    """Positions of the training and held-out images, both in ascending order."""

    train: np.ndarray
    held_out: np.ndarray
    notes: tuple[str, ...] = ()


def hold_out(
    labels: np.ndarray,
    groups: tuple[str, ...] | None,
    *,
    classes: tuple[str, ...],
    fraction: float,
    seed: int,
) -> Split:
    """Splits the images with a seed, so that every class keeps training images.

    Images of a group (a plate, a slide, a cell line) resemble each other beyond their class, so
    a group stays on one side. A class that has a single group is trained on and cannot be
    checked. If no group can be held out, the split is by image, and a note says that the figures
    flatter the net.

    Args:
        labels: class positions [n]; each class has at least 2 images.
        groups: group names [n], or None if the images are independent.
        classes: class names, for the notes.
        fraction: fraction of each class to hold out, 0 to 1; at least one image of each class.
        seed: seed of the shuffle.
    """
    rng = np.random.default_rng([seed, 0])
    if groups is None:
        return _by_image(labels, fraction=fraction, rng=rng)
    names, group_of = np.unique(groups, return_inverse=True)
    table = np.zeros((len(names), len(classes)), np.int64)
    np.add.at(table, (group_of, labels), 1)
    n_groups = (table > 0).sum(axis=0)
    chosen = _choose_groups(table, fraction=fraction, rng=rng)
    if not chosen:
        note = (
            "every group has all images of some class, so the held-out images come from groups "
            "trained on: the held-out figures flatter the net"
        )
        return _by_image(labels, fraction=fraction, rng=rng, notes=(note,))
    lone = [classes[k] for k in np.flatnonzero(n_groups == 1)]
    held = np.isin(group_of, chosen)
    notes = []
    if lone:
        shown = ", ".join(lone[:5]) + (", ..." if len(lone) > 5 else "")
        notes.append(
            f"{len(lone)} of {len(classes)} classes sit in one group ({shown}): they cannot be "
            "held out, and the net may have learned the group instead"
        )
    return Split(np.flatnonzero(~held), np.flatnonzero(held), tuple(notes))


def _by_image(
    labels: np.ndarray, *, fraction: float, rng: np.random.Generator, notes: tuple[str, ...] = ()
) -> Split:
    held = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        of_class = rng.permutation(np.flatnonzero(labels == label))
        n_held = min(max(1, round(fraction * len(of_class))), len(of_class) - 1)
        held[of_class[:n_held]] = True
    return Split(np.flatnonzero(~held), np.flatnonzero(held), notes)


def _choose_groups(table: np.ndarray, *, fraction: float, rng: np.random.Generator) -> list[int]:
    """Chooses rows of `table` (image counts per group and class) until each class has its share.

    Groups that contain a class without held-out images come first, then groups that bring the
    classes nearer to their shares; in both cases, the group that brings them nearest is chosen.
    The last group of a class is never chosen.
    """
    totals = table.sum(axis=0)
    want = np.maximum(1.0, fraction * totals)
    have = np.zeros_like(totals)
    left: list[int] = rng.permutation(len(table)).tolist()
    chosen: list[int] = []
    while True:
        options = []
        for group in left:
            images = table[group]
            if ((have + images >= totals) & (images > 0)).any():
                continue
            n_new = int(((have == 0) & (images > 0)).sum())
            nearer = float(((np.abs(have - want) - np.abs(have + images - want)) / want).sum())
            if n_new > 0 or nearer > 0:
                options.append((n_new > 0, nearer, group))
        if not options:
            return chosen
        best = max(options, key=lambda option: option[:2])[2]
        chosen.append(best)
        left.remove(best)
        have += table[best]
