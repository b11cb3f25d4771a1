"""SynthLIN: simulated fission-yeast cells in LIN's format, with known truth.

A cell has a shape and a place in its cycle (`cells`). A protein is a sum of parts (`parts`), one
short entry each (`proteins`). The microscope makes pictures of it (`microscope`), with a fault
on request (`defects`).
"""

from ganeval.datasets.synthlin.cells import Cell
from ganeval.datasets.synthlin.defects import DEFECTS, Defect
from ganeval.datasets.synthlin.export import is_written, write_model, write_synthlin
from ganeval.datasets.synthlin.microscope import LIN, Microscope
from ganeval.datasets.synthlin.proteins import PROTEINS, Protein
from ganeval.datasets.synthlin.simulate import Cells, simulate, simulate_all

__all__ = [
    "DEFECTS",
    "LIN",
    "PROTEINS",
    "Cell",
    "Cells",
    "Defect",
    "Microscope",
    "Protein",
    "is_written",
    "simulate",
    "simulate_all",
    "write_model",
    "write_synthlin",
]
