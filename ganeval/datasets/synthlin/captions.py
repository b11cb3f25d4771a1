"""Captions: one sentence per cell that describes its state, for text-to-image models."""

import numpy as np

from ganeval.datasets.synthlin.cells import Cell
from ganeval.datasets.synthlin.proteins import Protein

SHORT, LONG = 48.0, 62.0
"""Lengths in pixels below which a cell is called short, and above which long."""


def caption(cell: Cell, protein: Protein | None, rng: np.random.Generator) -> str:
    """Caption like "A long yeast cell with a septum; Arp3 is in clustered actin patches"."""
    length = "short" if cell.length < SHORT else "long" if cell.length > LONG else "medium"
    who = str(rng.choice(["fission yeast cell", "yeast cell", "cell"]))
    article = str(rng.choice(["A", "One", "A single"]))
    text = f"{article} {length} {who} {_stage(cell, rng)}"
    if protein is None:
        return f"{text}."
    verb = str(rng.choice(["is", "lies", "glows"]))
    return f"{text}; {protein.name} {verb} {protein.words}."


def _stage(cell: Cell, rng: np.random.Generator) -> str:
    if cell.dividing:
        words = ["with a septum", "that divides", "dividing at a septum"]
    elif len(cell.nuclei) == 2:
        words = ["with two nuclei", "in mitosis"]
    elif cell.bipolar:
        words = ["growing at both ends", "that grows at both ends"]
    else:
        words = ["growing at one end", "that grows at one end"]
    return str(rng.choice(words))
