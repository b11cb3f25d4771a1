"""Parts of a protein's pattern; each part draws its light [48, 80] in one cell.

The functions below make a part from a `level`, its typical brightness, where 1 is about the
brightest that a picture shows. The light of a protein is the sum of its parts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ganeval.datasets.synthlin.cells import Cell

Light: TypeAlias = np.ndarray
"""[48, 80] float32, 0 or more."""

Draw: TypeAlias = Callable[[Cell, np.random.Generator], Light]


@dataclass(frozen=True)
class Part:
    """One component of a pattern."""

    name: str
    level: float
    draw: Draw
    """Draws the light at level 1."""


def diffuse(level: float, *, nucleus: float = 0.0, mottle: float = 0.05, fall: float = 1.4) -> Part:
    """Light throughout the cytoplasm; `nucleus` -1 removes and +1 doubles it in the nucleus.

    `mottle` is the contrast of lighter and darker clouds, like those of organelles, and `fall`
    how steeply the light falls to the sides: 1 is a round cell's thickness.
    """

    def draw(cell: Cell, rng: np.random.Generator) -> Light:
        light = cell.thickness**fall
        size = 3.6 if len(cell.nuclei) == 1 else 3.0
        for at in cell.nuclei:
            where, blob = cell.spot(at, 0, size)
            light[where] *= 1 + np.float32(nucleus) * blob
        if mottle:
            light = light * np.maximum(1 + mottle * cell.clouds, 0)
        return light

    return Part("diffuse", level, draw)


def nuclei(level: float, *, size: float = 3.2) -> Part:
    """The nucleus, or both nuclei of a dividing cell."""

    def draw(cell: Cell, rng: np.random.Generator) -> Light:
        across = rng.normal(0, 0.7)
        light = _dark(cell)
        for at in cell.nuclei:
            where, blob = cell.spot(at, across, size)
            light[where] += blob
        return light

    return Part("nuclei", level, draw)


def tips(level: float, *, reach: float = 3.0, least: float = 0.1) -> Part:
    """A cap on each growing end that fades over `reach` pixels; other ends get `least` of it."""

    def draw(cell: Cell, rng: np.random.Generator) -> Light:
        light = _dark(cell)
        for side, growth, aside in zip((-1, 1), cell.growth, cell.aside, strict=True):
            strength = np.float32(max(growth, least) * rng.lognormal(0, 0.12))
            far = cell.length / 2 - side * cell.along  # from the end, along the axis
            off = cell.across - np.float32(aside)
            distance = np.maximum(far, 0) / reach + (off / (0.55 * cell.width)) ** 2
            light += strength * np.exp(-0.7 * distance * np.sqrt(distance)) * (cell.depth > -1)
        return light.astype(np.float32)

    return Part("tips", level, draw)


def tip_dots(level: float, n: float, *, size: float = 1.0) -> Part:
    """Spots on the outline near the ends, more at growing ends."""

    def draw(cell: Cell, rng: np.random.Generator) -> Light:
        places = []
        for _ in range(rng.poisson(n)):
            left = rng.uniform() < (cell.growth[0] + 0.2) / (sum(cell.growth) + 0.4)
            along = (-1 if left else 1) * (cell.length / 2 - abs(rng.normal(1.0, 2.5)))
            places.append((along, (-1, 1)[rng.integers(2)] * rng.uniform(0.2, 0.9)))
        return _spots(cell, rng, places, size)

    return Part("tip dots", level, draw)


def septum(level: float, *, width: float = 1.6, ring: float = 0.0) -> Part:
    """A band across the middle of a dividing cell; `ring` 1 shows its edges only."""

    def draw(cell: Cell, rng: np.random.Generator) -> Light:
        if not cell.dividing:
            return _dark(cell)
        place = cell.along - cell.septum_at - np.float32(cell.tilt) * cell.across
        band = np.exp(-0.5 * (place / width) ** 2)
        edge = np.clip(1 - ring * (1 - cell.from_axis**4), 0, 1)
        closed = np.clip((cell.depth > 0.3) * (0.4 + 0.6 * cell.septum), 0, 1)
        bright = np.float32(rng.lognormal(0, 0.2))
        light: Light = (band * edge * closed * bright).astype(np.float32)
        return light

    return Part("septum", level, draw)


def patches(level: float, n: float, *, size: float = 1.1, polar: float = 0.7) -> Part:
    """Spots on the surface, a share `polar` of them where the cell grows or divides."""

    def draw(cell: Cell, rng: np.random.Generator) -> Light:
        places = []
        sites = [
            (-cell.length / 2 + 3, 4.0, cell.growth[0]),
            (cell.length / 2 - 3, 4.0, cell.growth[1]),
            (cell.septum_at, 1.8, 2.5 * cell.septum),
        ]
        shares = np.cumsum([weight + 0.05 for *_, weight in sites])  # `rng.choice` is slow
        shares /= shares[-1]
        for _ in range(rng.poisson(n * cell.length / 56)):
            if rng.uniform() < polar:
                at, spread, _ = sites[np.searchsorted(shares, rng.random(), side="right")]
                along = rng.normal(at, spread)
            else:
                along = rng.uniform(-0.48, 0.48) * cell.length
            places.append((along, np.sin(rng.uniform(-np.pi / 2, np.pi / 2)) * 0.92))
        return _spots(cell, rng, places, size)

    return Part("patches", level, draw)


def microtubules(level: float, n: float = 3, *, reach: float = 0.75, size: float = 0.9) -> Part:
    """Bundles along the axis, at least one; a dividing cell has a spindle or two asters instead."""

    def draw(cell: Cell, rng: np.random.Generator) -> Light:
        light = _dark(cell)
        for start, end, place in _bundles(cell, rng, n, reach):
            light = np.maximum(light, rng.uniform(0.6, 1) * _line(cell, start, end, place, size))
        return light

    return Part("microtubules", level, draw)


def plus_ends(level: float, n: float = 6, *, size: float = 1.0, stretch: float = 1.6) -> Part:
    """Short comets along the microtubules, most at their ends."""

    def draw(cell: Cell, rng: np.random.Generator) -> Light:
        places = []
        for _ in range(rng.poisson(n)):
            along = rng.uniform(-0.42, 0.42) * cell.length
            places.append((along, rng.uniform(-0.75, 0.75)))
        return _spots(cell, rng, places, size, stretch=stretch)

    return Part("plus ends", level, draw)


def pole_spots(level: float, *, size: float = 1.4, extra: float = 0.0) -> Part:
    """The spindle pole body of each nucleus, and on average `extra` spots near it."""

    def draw(cell: Cell, rng: np.random.Generator) -> Light:
        places = []
        for at in cell.nuclei:
            for _ in range(1 + rng.poisson(extra)):
                places.append((at + rng.normal(0, 3), rng.normal(0, 0.35)))
        return _spots(cell, rng, places, size)

    return Part("pole spots", level, draw)


def reticulum(level: float, n: float = 12, *, size: float = 2.0) -> Part:
    """Blotches in the cytoplasm, like those of endoplasmic reticulum and vacuoles."""

    def draw(cell: Cell, rng: np.random.Generator) -> Light:
        places = [
            (rng.uniform(-0.4, 0.4) * cell.length, rng.uniform(-0.55, 0.55))
            for _ in range(rng.poisson(n * cell.length / 56))
        ]
        light: Light = np.minimum(_spots(cell, rng, places, size, stretch=1.3), 1.4)
        return light

    return Part("reticulum", level, draw)


def membrane(level: float, *, depth: float = 1.0) -> Part:
    """The outline of the cell."""

    def draw(cell: Cell, rng: np.random.Generator) -> Light:
        rim = np.exp(-0.5 * ((cell.depth - 2.2) / depth) ** 2)
        return rim.astype(np.float32)

    return Part("membrane", level, draw)


def medial_nodes(level: float, n: float = 8, *, size: float = 1.0, width: float = 4.0) -> Part:
    """Spots on the surface around the middle of a cell before it divides."""

    def draw(cell: Cell, rng: np.random.Generator) -> Light:
        places = [
            (rng.normal(cell.septum_at, width), rng.uniform(-0.9, 0.9))
            for _ in range(rng.poisson(n))
        ]
        return _spots(cell, rng, places, size)

    return Part("medial nodes", level, draw)


def _dark(cell: Cell) -> Light:
    return np.zeros(cell.depth.shape, np.float32)


def _spots(
    cell: Cell,
    rng: np.random.Generator,
    places: Sequence[tuple[float, float]],
    size: float,
    *,
    stretch: float = 1.0,
) -> Light:
    """Spots at (along, across as a share of the half width), of varying brightness."""
    light = _dark(cell)
    for along, share in places:
        across = share * cell.outline_at(along)
        bright = min(rng.lognormal(-0.15, 0.4), 1.6)
        where, blob = cell.spot(along, across, size * rng.uniform(0.8, 1.25), stretch)
        light[where] += np.float32(bright) * blob
    return light


def _bundles(
    cell: Cell, rng: np.random.Generator, n: float, reach: float
) -> list[tuple[float, float, float]]:
    """(start, end, place across) of each bundle."""
    if len(cell.nuclei) == 2:
        if not cell.dividing:  # the spindle
            return [(*cell.nuclei, rng.normal(0, 0.1))]
        asters = []
        for at in (*cell.nuclei, cell.septum_at, cell.septum_at):
            half = rng.uniform(0.08, 0.2) * cell.length
            asters.append((at - half, at + half, rng.uniform(-0.6, 0.6)))
        return asters
    found = []
    for place in np.linspace(-0.6, 0.6, rng.poisson(max(n - 1, 0)) + 1) + rng.normal(0, 0.1):
        middle, half = rng.normal(0, 0.08) * cell.length, rng.uniform(0.4, 1) * reach / 2
        found.append((middle - half * cell.length, middle + half * cell.length, float(place)))
    return found


def _line(cell: Cell, start: float, end: float, place: float, size: float) -> Light:
    across = cell.across - np.float32(place) * cell.radius
    beyond = np.maximum(np.maximum(start - cell.along, cell.along - end), 0)
    light: Light = np.exp(-0.5 * (across**2 + beyond**2) / np.float32(size**2))
    return light
