"""Does a net carry farther if it is trained on what real cells leave open? Held-out cells tell.

    GANEVAL_DATA=/path/to/data python -m benchmarks.nets.lin41.crossvalidate [--doubts 0,1,2]

fits every protein once more to two of its cells 0 to 2, from the mean of its family and not from
its own entry (but for Cki2, which has no family, and for nine parts that no other of theirs has),
trains a small net on cells simulated so, and shows it the third: 123 cells in three folds.
Appends a line per fold and factor on the doubt to results.jsonl, and skips what it has. The check
cells are not looked at. (The microscope, common to all proteins, is the one that was fitted to all
calibration cells.)
"""

import argparse
import functools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.harness import run_cells
from benchmarks.nets._report import machine
from benchmarks.nets.lin41.calibrate import (
    PRIOR,
    doubt_about,
    gauss_newton,
    misfit,
    morphology,
    within_classes,
)
from benchmarks.nets.lin41.check import accuracies, embed, real_cells
from benchmarks.nets.lin41.strains import (
    FACTORS,
    Doubt,
    numbers_of,
    plausible,
    read,
    remade,
    write,
)
from benchmarks.nets.lin41.train import STRAIN, of_strains, train
from ganeval.datasets import LIN41
from ganeval.datasets.synthlin import PROTEINS, Protein
from ganeval.nets._find import CARD_FILE

HERE = Path(__file__).resolve().parent

BUILT = HERE.parents[2] / "build" / "nets"
"""Fits and nets, which are not made twice."""

CELLS = (0, 1, 2)
PER_CLASS, EPOCHS, SIMULATED = 300, 4, 24


@dataclass(frozen=True)
class Fold:
    """A third of the calibration cells, held out, and the factor on the doubt."""

    what: str
    held_out: int
    doubt: float


def main() -> None:
    """Fits, trains and tests what the results lack."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--doubts", default="0,1,2", help="factors, separated by commas")
    parser.add_argument("--results", type=Path, default=HERE / "results.jsonl")
    options = parser.parse_args()
    scales = [float(text) for text in options.doubts.split(",")]
    folds = [Fold("cross-validated", k, scale) for k in CELLS for scale in scales]
    for row in run_cells(measure, folds, options.results):
        print(row, flush=True)


def measure(fold: Fold) -> dict[str, Any]:
    """The line of one fold."""
    cells, labels = real_cells([fold.held_out])
    seen = embed(cells, str(small_net(fold.held_out, fold.doubt)))
    assert seen.logits is not None
    logs = torch.log_softmax(torch.from_numpy(seen.logits), 1).numpy()
    likelihood = round(float(logs[np.arange(len(labels)), labels].mean()), 3)
    return {
        **accuracies(seen.logits, labels),
        "log_likelihood": likelihood,
        "machine": machine(1),
    }


@functools.cache
def fitted(held_out: int) -> dict[str, Doubt]:
    """Each protein's numbers as the two other cells have them; kept in a file once found."""
    kept = BUILT / f"lin41-fold{held_out}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        write(kept, _fit(held_out))
    return read(kept)


def _fit(held_out: int) -> dict[str, Doubt]:
    images, labels = real_cells([k for k in CELLS if k != held_out])
    real = morphology(images)
    within = within_classes(real, labels)
    doubts = {}
    for number, name in enumerate(LIN41):
        protein = of_its_family(name)
        distance = misfit(protein, real[labels == number].mean(0), within, 2, SIMULATED)
        change = gauss_newton(distance, list(plausible(protein)), 2, prior=PRIOR)
        doubts[name] = doubt_about(distance, change, prior=PRIOR)
    return doubts


def of_its_family(name: str) -> Protein:
    """An entry with the mean numbers of the others of its family, where they have such parts."""
    own = PROTEINS[name]
    others = [p for p in PROTEINS.values() if p.family == own.family and p.name != name]
    if not others:
        return own
    parts = []
    for part in own.parts:
        alike = [next((p for p in other.parts if p.name == part.name), None) for other in others]
        numbers = [{"level": p.level, **numbers_of(p)} for p in alike if p is not None]
        mean = {k: _mean(k, [n[k] for n in numbers]) for k in numbers[0]} if numbers else {}
        parts.append(remade(part, {"level": part.level, **numbers_of(part)} | mean))
    optics = {
        k: _mean(k, [getattr(p.optics, k) for p in others]) for k in ("focus", "grain", "girth")
    }
    return replace(own, parts=tuple(parts), optics=replace(own.optics, **optics))


def _mean(name: str, values: list[float]) -> float:
    """Geometric, but of what may be negative."""
    if name in FACTORS and name != "nucleus":
        return float(np.exp(np.log(np.maximum(values, 1e-3)).mean()))
    return float(np.mean(values))


def small_net(held_out: int, scale: float, *, each: int = STRAIN) -> Path:
    """Folder of a small net that never saw these cells; trained if it is not there."""
    out = BUILT / f"lin41-fold{held_out}-doubt{scale:g}-each{each}"
    if not (out / CARD_FILE).exists():
        train(
            simulated(held_out, scale, each=each),
            name="fold",
            out=out,
            epochs=EPOCHS,
            widths=(16, 32, 64, 128),
            jitter=0.25,
            device="cpu",
            data_name="SynthLIN, fitted to two cells of each protein",
            licence="not shipped",
        )
    return out


@functools.lru_cache(maxsize=1)
def simulated(held_out: int, scale: float, *, each: int = STRAIN) -> np.ndarray:
    """Cells [41 * PER_CLASS, 2, 48, 80] to train on, `each` of each strain."""
    doubts = fitted(held_out)
    return np.concatenate(
        [
            of_strains(of_its_family(name), doubts[name], PER_CLASS, scale, each=each)
            for name in LIN41
        ]
    )


if __name__ == "__main__":
    main()
