"""A protein's numbers, moved: by a fit to real cells, or as far as such a fit leaves them open.

Three cells do not settle what a protein looks like. `Doubt` is what they leave open: a normal
distribution of the protein's numbers, in units of plausible changes. A strain is one draw of
it; a net that is trained on many strains learns what it may not rely on. `calibrate.py
doubt` writes doubt.json.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from inspect import getclosurevars
from pathlib import Path

import numpy as np

from ganeval.datasets import LIN41
from ganeval.datasets.synthlin import Protein, parts
from ganeval.datasets.synthlin.microscope import Optics
from ganeval.datasets.synthlin.parts import Part

FACTORS = {
    "level": 0.35, "size": 0.2, "width": 0.25, "reach": 0.3, "nucleus": 0.12, "mottle": 0.4,
    "fall": 0.4, "n": 0.3, "extra": 0.3, "depth": 0.2, "focus": 0.2, "grain": 0.3,
    "girth": 0.03,
}  # fmt: skip
"""A plausible change of each number, in logarithms; `nucleus` is added to."""
BOUNDS = {"nucleus": (-0.45, 0.6), "mottle": (0.01, 0.25), "fall": (0.1, 2.0)}
FARTHEST = 2.5
"""Plausible changes beyond which no strain goes."""

Name = tuple[int, str]
"""Number of the part, or -1 for the optics; name of the number."""
Change = dict[Name, float]
"""In plausible changes."""


@dataclass(frozen=True)
class Doubt:
    """Normal distribution of the changes of a protein's numbers."""

    names: tuple[Name, ...]
    mean: np.ndarray
    """[k]"""
    root: np.ndarray
    """[k, k] lower triangle; `root @ root.T` is the covariance."""

    def strain(self, protein: Protein, number: int, scale: float = 1.0) -> Protein:
        """One draw, the same for the same number; scale 0 is the mean."""
        rng = np.random.default_rng([LIN41.index(protein.name), number])
        drawn = self.mean + scale * (self.root @ rng.standard_normal(len(self.names)))
        moves = drawn.clip(-FARTHEST, FARTHEST).tolist()
        return changed(protein, dict(zip(self.names, moves, strict=True)))


def read(path: Path) -> dict[str, Doubt]:
    """By protein."""
    return {
        name: Doubt(
            tuple((int(part), str(number)) for part, number in given["names"]),
            np.array(given.get("mean", np.zeros(len(given["names"])))),
            np.array(given["root"]),
        )
        for name, given in json.loads(path.read_text()).items()
    }


def write(path: Path, doubts: Mapping[str, Doubt]) -> None:
    """One line per protein; a `mean` of 0 is left out: the protein's entry is that mean."""
    lines = []
    for name, doubt in doubts.items():
        mean = {"mean": np.round(doubt.mean, 3).tolist()} if doubt.mean.any() else {}
        kept = {"names": doubt.names, **mean, "root": np.round(doubt.root, 3).tolist()}
        lines.append(f"{json.dumps(name)}: {json.dumps(kept)}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def numbers_of(part: Part) -> dict[str, float]:
    """The arguments that a part was made with, but for its level."""
    found = getclosurevars(part.draw).nonlocals
    return {k: v for k, v in found.items() if isinstance(v, int | float)}


def plausible(protein: Protein) -> Iterator[Name]:
    """What may move in a protein."""
    for i, part in enumerate(protein.parts):
        yield i, "level"
        yield from ((i, name) for name in numbers_of(part) if name in FACTORS)
    yield from ((-1, "focus"), (-1, "grain"), (-1, "girth"))


def changed(protein: Protein, change: Change) -> Protein:
    """The protein with its numbers moved."""
    made = []
    for i, part in enumerate(protein.parts):
        numbers = {"level": part.level, **numbers_of(part)}
        for (j, name), value in change.items():
            if j == i:
                numbers[name] = _moved(name, numbers[name], value)
        made.append(remade(part, numbers))
    optics = {
        name: _moved(name, getattr(protein.optics, name), value)
        for (j, name), value in change.items()
        if j == -1
    }
    return replace(protein, parts=tuple(made), optics=replace(protein.optics, **optics))


def remade(part: Part, numbers: Mapping[str, float]) -> Part:
    """The same kind of part with other numbers, `level` among them."""
    make = getattr(parts, part.name.replace(" ", "_"))
    made: Part = make(numbers["level"], **{k: v for k, v in numbers.items() if k != "level"})
    return made


def _moved(name: str, number: float, value: float) -> float:
    step = value * FACTORS[name]
    new = number + step if name == "nucleus" else number * float(np.exp(step))
    return float(np.clip(new, *BOUNDS.get(name, (-np.inf, np.inf))))


def described(protein: Protein) -> str:
    """One line of an entry."""
    shown = []
    for part in protein.parts:
        numbers = ", ".join(f"{k}={v:.2f}" for k, v in numbers_of(part).items())
        shown.append(f"{part.name.replace(' ', '_')}({part.level:.2f}, {numbers})")
    optics = ", ".join(f"{f.name}={getattr(protein.optics, f.name):.3f}" for f in fields(Optics))
    return f"{protein.name}: {', '.join(shown)}; {optics}"
