"""Maps of the images: two numbers each, so that images with like features are near each other."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.optional import require

MOST_IMAGES = 400
"""Of each set; more would hide each other."""

_NEIGHBOURS = 15
"""UMAP's own default: small numbers show details, large ones the whole."""


@dataclass(frozen=True)
class Map:
    """Places of the images of each set [n, 2], what the axes are, and how to read it."""

    points: list[tuple[str, np.ndarray]]
    axes: tuple[str, str]
    text: str


def map_of(sets: Sequence[tuple[str, Features]], kind: str) -> Map:
    """The map of some sets, the reals first.

    Raises:
        InputError: a kind that is not in MAPS, or UMAP of fewer than four images.
        MissingExtraError: UMAP is not installed.
    """
    check_map(kind)
    rows = []
    for name, found in sets:
        few = np.sort(np.random.default_rng(0).permutation(len(found))[:MOST_IMAGES])
        rows.append((name, to_numpy(found.features)[few].astype(np.float64)))
    return MAPS[kind](rows)


def check_map(kind: str) -> None:
    """Raises InputError for a kind that there is not, MissingExtraError for one not installed."""
    if kind not in MAPS:
        raise InputError(f"there is no map {kind!r}; wanted {' or '.join(MAPS)}")
    if kind == "umap":
        require("umap", extra="umap", purpose="a map by UMAP")


_Rows = list[tuple[str, np.ndarray]]


def _principal(rows: _Rows) -> Map:
    """On the first two principal axes of the first set."""
    first = rows[0][1]
    _, _, axes = np.linalg.svd(first - first.mean(0), full_matrices=False)
    axes = axes[:2] * np.where(axes[:2].sum(1, keepdims=True) < 0, -1, 1)  # alike on any machine
    return Map(
        [(name, (found - first.mean(0)) @ axes.T) for name, found in rows],
        ("first principal component of the reals", "second"),
        "Each dot is an image, placed by the two directions in which the features of the reals "
        "vary most. Where reals have no fakes among them, something is missing.",
    )


def _umap(rows: _Rows) -> Map:
    """By UMAP of all sets together. Source: McInnes et al. 2018, arXiv:1802.03426."""
    every = np.concatenate([found for _, found in rows])
    if len(every) < 4:
        raise InputError(f"a map by UMAP needs 4 images; there are {len(every)}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of TensorFlow, which it misses, and of few images
        import umap

        placed = umap.UMAP(
            n_neighbors=min(_NEIGHBOURS, len(every) - 1), init="pca", random_state=0, n_jobs=1
        ).fit_transform(every)
    ends = np.cumsum([len(found) for _, found in rows])[:-1]
    return Map(
        [(name, part) for (name, _), part in zip(rows, np.split(placed, ends), strict=True)],
        ("UMAP, first axis", "second"),
        "Each dot is an image, placed by UMAP of the features of all images together: neighbours "
        "are like each other, but distances between groups, and their sizes, mean little. Where "
        "reals have no fakes among them, something is missing.",
    )


MAPS: dict[str, Callable[[_Rows], Map]] = {"pca": _principal, "umap": _umap}
"""Kinds of maps by name."""
