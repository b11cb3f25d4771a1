"""Faults planted on purpose, by name and strength, which a metric should find."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ganeval.datasets.synthlin.cells import Cell, draw_cell
from ganeval.errors import InputError
from ganeval.registry import Registry

CellChange = Callable[[Cell, float, np.random.Generator], Cell]


@dataclass(frozen=True)
class Defect:
    """One kind of fault; strength 0 changes no bit.

    Args:
        words: meaning of the strength.
        strength: typical strength, which is easy to find.
        most: largest strength that makes sense.
        cell: changes a cell for both channels.
        protein_cell: changes a cell for the protein's channel only.
        pixels: changes the picture [2, 48, 80] uint8.
        copies: strength is the share of cells that are copies of training cells.
    """

    words: str
    strength: float
    most: float = 1.0
    cell: CellChange | None = None
    protein_cell: CellChange | None = None
    pixels: Callable[[np.ndarray, float], np.ndarray] | None = None
    copies: bool = False


def _shorter(cell: Cell, strength: float, rng: np.random.Generator) -> Cell:
    return replace(cell, length=cell.length * (1 - strength))


def _no_division(cell: Cell, strength: float, rng: np.random.Generator) -> Cell:
    if rng.uniform() < strength:
        while cell.dividing:
            cell = draw_cell(rng)
    return cell


def _no_septum(cell: Cell, strength: float, rng: np.random.Generator) -> Cell:
    return replace(cell, septum=0.0) if rng.uniform() < strength else cell


def _shifted(pixels: np.ndarray, strength: float) -> np.ndarray:
    by, moved = round(strength), pixels.copy()
    if by:
        moved[1] = 0
        moved[1, :, by:] = pixels[1, :, :-by]
    return moved


def _blurred(pixels: np.ndarray, strength: float) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    soft = gaussian_filter(pixels.astype(np.float32), (0, strength, strength))
    rounded: np.ndarray = np.rint(soft).astype(np.uint8)
    return rounded


DEFECTS: Registry[Defect] = Registry("defect")
"""All faults by name."""


def defect_of(name: str, strength: float | None) -> tuple[Defect, float]:
    """An entry of DEFECTS with its strength, the typical one for None, or InputError."""
    defect = DEFECTS[name]
    amount = defect.strength if strength is None else strength
    if not 0 <= amount <= defect.most:
        raise InputError(
            f"the strength of {name} is {amount:g}; it is the {defect.words}, from 0 to "
            f"{defect.most:g}"
        )
    return defect, amount


for _name, _defect in {
    "none": Defect("nothing: a perfect model", 0.0, 0.0),
    "shorter": Defect("share of their length that cells lack", 0.1, 0.5, cell=_shorter),
    "no_septum": Defect(
        "share of cells whose protein is not at the septum", 0.8, protein_cell=_no_septum
    ),
    "shifted": Defect("pixels between the channels", 2.0, 40.0, pixels=_shifted),
    "blurred": Defect("standard deviation of the blur in pixels", 1.0, 20.0, pixels=_blurred),
    "no_division": Defect("share of dividing cells that are never drawn", 0.8, cell=_no_division),
    "memorised": Defect("share of cells that are copies of training cells", 0.5, copies=True),
}.items():
    DEFECTS.add(_name, _defect)
