"""`simulate`: cells of one protein; `simulate_all`: every protein of the same cells.

A cell depends only on the seed, the part, the protein and its number, not on how many are drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ganeval.datasets.lin import LIN41
from ganeval.datasets.synthlin.captions import caption
from ganeval.datasets.synthlin.cells import HEIGHT, WIDTH, Cell, draw_cell
from ganeval.datasets.synthlin.defects import Defect, defect_of
from ganeval.datasets.synthlin.microscope import LIN, Microscope, exposure, outline, picture
from ganeval.datasets.synthlin.proteins import BGS4, PROTEINS, Protein
from ganeval.errors import InputError

Part = Literal["train", "test", "model"]

COPIED = 5
"""Training cells per protein that a memorising model repeats."""

_PARTS = {"train": 0, "test": 1, "model": 2}
_ALL = len(LIN41)
"""Class number of cells that all proteins share."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Pictures, and the true state of their cells."""

    images: np.ndarray
    """[n, c, 48, 80] uint8: Bgs4, then the protein (or all 41, in the order of LIN41)."""
    states: tuple[Cell, ...]
    captions: tuple[str, ...]


def simulate(
    protein: str | Protein,
    n: int,
    *,
    seed: int = 0,
    part: Part = "train",
    start: int = 0,
    defect: str = "none",
    strength: float | None = None,
    microscope: Microscope = LIN,
) -> Cells:
    """Draws cells `start` to `start + n` of one protein: [n, 2, 48, 80] uint8, Bgs4 first.

    Args:
        protein: one of LIN41, or your own entry with one of these names.
        n: number of cells.
        seed: seed of all random numbers.
        part: `train`, `test` or `model`: parts share no cell, but have the same distribution.
        start: number of the first cell.
        defect: entry of DEFECTS.
        strength: strength of the defect; None takes its typical one.
        microscope: how pictures are taken.

    Raises:
        InputError: the protein or defect is unknown; the message lists known ones.
    """
    what = _protein(protein)
    fault, amount = defect_of(defect, strength)
    check_seed(seed)
    drawn = [
        _draw_one(what, index, seed, _PARTS[part], fault, amount, microscope)
        for index in range(start, start + n)
    ]
    images = np.stack([image for image, _ in drawn]) if drawn else _empty(2)
    states = tuple(state for _, state in drawn)
    return Cells(images, states, _captions(states, what, seed, start))


def simulate_all(
    n: int, *, seed: int = 0, part: Part = "train", start: int = 0, microscope: Microscope = LIN
) -> Cells:
    """Draws all proteins of the same cells, which no microscope can do: [n, 42, 48, 80] uint8.

    Channel 0 is Bgs4; channel 1 + i is protein i of LIN41. Captions name no protein.
    """
    check_seed(seed)
    images, states = [], []
    for index in range(start, start + n):
        key = (seed, _PARTS[part], _ALL, index)
        rng = np.random.default_rng([*key, 0])
        cell, gain = draw_cell(rng), exposure(rng, microscope)
        mask = outline(cell, rng, microscope)
        patterns = [(BGS4, cell), *((PROTEINS[name], cell) for name in LIN41)]
        images.append(_pictures(patterns, key, gain, mask, microscope))
        states.append(cell)
    made = np.stack(images) if images else _empty(1 + len(LIN41))
    return Cells(made, tuple(states), _captions(tuple(states), None, seed, start))


def _draw_one(
    protein: Protein,
    index: int,
    seed: int,
    part: int,
    defect: Defect,
    strength: float,
    microscope: Microscope,
) -> tuple[np.ndarray, Cell]:
    number = LIN41.index(protein.name)
    fate = np.random.default_rng([seed, part, number, index, 3])  # for the defect only
    if defect.copies and fate.uniform() < strength:
        part, index = _PARTS["train"], int(fate.integers(COPIED))
    key = (seed, part, number, index)
    rng = np.random.default_rng([*key, 0])
    cell, gain = draw_cell(rng, protein.optics.girth), exposure(rng, microscope)
    if defect.cell is not None and strength:
        cell = defect.cell(cell, strength, fate)
    mask, shown = outline(cell, rng, microscope), cell
    if defect.protein_cell is not None and strength:
        shown = defect.protein_cell(cell, strength, fate)
    image = _pictures([(BGS4, cell), (protein, shown)], key, gain, mask, microscope)
    if defect.pixels is not None and strength:
        image = defect.pixels(image, strength)
    return image, cell


def _pictures(
    patterns: Sequence[tuple[Protein, Cell]],
    key: tuple[int, ...],
    gain: float,
    mask: np.ndarray,
    microscope: Microscope,
) -> np.ndarray:
    """[c, 48, 80]: a channel per pattern; the first one's light shines faintly into the others."""
    channels, faint = [], np.zeros((HEIGHT, WIDTH), np.float32)
    for number, (protein, cell) in enumerate(patterns, 1):
        rng = np.random.default_rng((*key, number))
        light = faint.copy()
        for part in protein.parts:
            level = part.level * rng.lognormal(0, microscope.level_spread)
            light += np.float32(level) * part.draw(cell, rng)
        if number == 1:
            faint = np.float32(microscope.crosstalk) * light
        channels.append(
            picture(light, cell, rng, microscope, optics=protein.optics, gain=gain, mask=mask)
        )
    return np.stack(channels)


def _captions(
    states: tuple[Cell, ...], protein: Protein | None, seed: int, start: int
) -> tuple[str, ...]:
    return tuple(
        caption(cell, protein, np.random.default_rng([seed, 4, start + i]))
        for i, cell in enumerate(states)
    )


def check_seed(seed: int) -> None:
    """Raises InputError for a number that cannot seed a generator."""
    if seed < 0:
        raise InputError(f"the seed is {seed}; give 0 or more")


def _protein(given: str | Protein) -> Protein:
    name = given if isinstance(given, str) else given.name
    if name not in PROTEINS:
        raise InputError(f"there is no protein {name!r}; known: {', '.join(LIN41)}")
    return PROTEINS[name] if isinstance(given, str) else given


def _empty(channels: int) -> np.ndarray:
    return np.zeros((0, channels, HEIGHT, WIDTH), np.uint8)
