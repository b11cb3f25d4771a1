"""How much nearer an image is to one training image than to others that are near.

The distance to the nearest training image, over the mean distance to the next nearest: small for a
copy wherever it lies, and unmoved by how dense the training images are there. Where rows are
pixels, the nearest is looked for among all flips and small shifts of an image, and distances are
those of images with mean 0 and deviation 1, so that brightness and contrast do not matter. Shifts
go by half pixels: one by whole pixels of a larger image lies between the pixels of the grid.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ganeval.arrays import Array, exact_float32, to_float64, to_numpy
from ganeval.lazy import Tensor, torch
from ganeval.metrics.pairs import nearest

OTHERS = 49
"""Near training images beside the nearest, as Carlini et al. take."""

SHIFT = 2
"""Pixels, of a grid of at most 32, by which an image may be shifted along either side."""

FLIPS: tuple[tuple[int, ...], ...] = ((), (-1,), (-2,), (-2, -1))

_GLANCE = 8
"""Cells along a side of the grid on which candidates are looked for; one pixel hardly shows."""

_CHUNK = 4
"""Queries at once: all their shifts stay in the cache."""

_DIGITS = 5
"""Of a ratio; float32 keeps more, so that copies of one image tie."""


class Likeness(NamedTuple):
    """Of each query: the ratio [q], small for a copy, and the nearest training image's row [q]."""

    ratios: np.ndarray
    rows: np.ndarray


def of_features(queries: Array, train: Array) -> Likeness:
    """By Euclidean distance, of rows [q, d] and different training images [n, d]."""
    found = nearest(queries, train, min(1 + OTHERS, len(train)))
    distances = to_numpy(found.squared) ** 0.5
    return Likeness(_ratios(distances), to_numpy(found.rows)[:, 0])


def of_pixels(queries: Array, train: Array, shape: tuple[int, int, int]) -> Likeness:
    """By the pixels of images (c, h, w), under flips, shifts and changes of intensity."""
    with torch.no_grad(), exact_float32():
        x, y = (_level(_smooth(to_float64(rows).reshape(-1, *shape))) for rows in (queries, train))
        y = y.to(x.device)
        candidates = torch.cat(list(_candidates(x, y)))
        pixels = _normal(y.flatten(1))
        distances, rows = [], []
        parts = (torch.split(side, _CHUNK) for side in (x, candidates))
        for some, of_some in zip(*parts, strict=True):
            moved = torch.stack([one.flatten(1) for one in _moved(some)], dim=1)
            moved = _normal(moved)  # [b, t, d]
            alike = (moved @ pixels[of_some].transpose(1, 2)).amax(1)  # [b, k]
            alike, order = alike.sort(dim=1, descending=True, stable=True)
            distances.append(to_numpy((2 - 2 * alike).clamp(min=0).sqrt()))
            rows.append(to_numpy(of_some.gather(1, order[:, :1])[:, 0]))
        return Likeness(_ratios(np.concatenate(distances)), np.concatenate(rows))


def _candidates(x: Tensor, y: Tensor) -> Iterator[Tensor]:
    """[b, k] training images that an image resembles on a coarse grid, flipped or shifted."""
    k = min(1 + OTHERS, len(y))
    coarse = _normal(_coarse(y).flatten(1))
    for some in torch.split(x, 512):
        alike = torch.full((len(some), len(y)), -2.0, device=x.device)
        for moved in _moved(some, halves=2 * SHIFT):
            glance = _normal(_coarse(moved).flatten(1))
            alike = torch.maximum(alike, glance @ coarse.T)
        yield alike.topk(k, dim=1).indices.sort(dim=1).values


def _smooth(images: Tensor) -> Tensor:
    """Means over 3 x 3 pixels, which noise and shifts by half a pixel hardly change."""
    wide = torch.nn.functional.pad(images, (1,) * 4, mode="replicate")
    return torch.nn.functional.avg_pool2d(wide, 3, stride=1)


def _coarse(images: Tensor) -> Tensor:
    h, w = images.shape[2:]
    size = (min(h, _GLANCE), min(w, _GLANCE))
    return torch.nn.functional.adaptive_avg_pool2d(images, size)


def _moved(images: Tensor, halves: int = 1) -> Iterator[Tensor]:
    """Every flip and shift of images [b, c, h, w], whose edges are repeated.

    Args:
        images: to move.
        halves: half pixels from one shift to the next.
    """
    h, w = images.shape[2:]
    fine = torch.nn.functional.pad(images, (SHIFT,) * 4, mode="replicate")
    fine = _with_means_between(_with_means_between(fine, 2), 3)
    shifts = range(0, 4 * SHIFT + 1, halves)
    for flip in FLIPS:
        turned = fine.flip(flip)
        for i in shifts:
            for j in shifts:
                yield turned[:, :, i : i + 2 * h : 2, j : j + 2 * w : 2]


def _with_means_between(images: Tensor, axis: int) -> Tensor:
    """The means of neighbours between them: 2 n - 1 along an axis of n."""
    n = images.shape[axis]
    means = (images.narrow(axis, 0, n - 1) + images.narrow(axis, 1, n - 1)) / 2
    pairs = torch.stack([images.narrow(axis, 0, n - 1), means], axis + 1).flatten(axis, axis + 1)
    return torch.cat([pairs, images.narrow(axis, n - 1, 1)], axis)


def _level(images: Tensor) -> Tensor:
    """Every image of mean 0 and deviation 1, in single precision; 0 if it has one value."""
    return _normal(images.flatten(1)).mul(images[0].numel() ** 0.5).float().view_as(images)


def _normal(rows: Tensor) -> Tensor:
    """[..., d] of mean 0 and length 1; 0 for an image of one value."""
    centred = rows - rows.mean(-1, keepdim=True)
    length = centred.norm(dim=-1, keepdim=True)
    unit: Tensor = centred / length.clamp(min=1e-12)
    return unit


def _ratios(distances: np.ndarray) -> np.ndarray:
    """[q] from ascending distances [q, k]; 1 where all are 0."""
    others = distances[:, 1:].mean(1) if distances.shape[1] > 1 else np.ones(len(distances))
    ratios = np.where(others > 0, distances[:, 0] / np.where(others > 0, others, 1.0), 1.0)
    return np.asarray(np.round(ratios, _DIGITS))
