"""How the numbers in ganeval/datasets/synthlin/proteins.py were found.

    GANEVAL_DATA=/path/to/data python benchmarks/nets/lin41/calibrate.py [--fit]

describes cells by 55 averages (profile along the axis, brightness by depth, texture at three
scales, quantiles, spots, for both channels) and prints how far simulated cells are from real ones,
cells 0 to 2 of each protein, in standard deviations: for all together, and per protein. With
--fit it searches, protein by protein, for brightnesses of the parts, contrasts of the cytoplasm
and optics that bring the protein's averages closer, and prints them; a person rounds them, bounds
what three cells cannot say (mottle to 0.14, fall to 2.4, focus to 0.7 or more) and writes them
into the entries. Nothing but these averages of a class goes from real cells into the simulator.
"""

import argparse
import itertools
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from inspect import getclosurevars
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from scipy import ndimage

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[2])]

from check import real_cells  # noqa: E402

from ganeval.datasets import LIN41  # noqa: E402
from ganeval.datasets.synthlin import PROTEINS, Protein, simulate  # noqa: E402
from ganeval.datasets.synthlin.parts import diffuse  # noqa: E402

PENALTY = 0.15
"""On the square of each change, in thirds of its step: three cells are not to be believed."""


def main() -> None:
    """Prints distances, and the fit where it is wanted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--evaluations", type=int, default=90, help="per protein")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    images, labels = real_cells(Path(os.environ["GANEVAL_DATA"]) / "lin41_sample", [0, 1, 2])
    real = np.array([averages(image) for image in images])
    means = np.array([real[labels == i].mean(0) for i in range(len(LIN41))])
    spread = np.sqrt(np.mean([real[labels == i].var(0, ddof=1) for i in range(len(LIN41))], 0))
    tasks = [
        (protein, means[i], spread + 1e-3, options.evaluations if options.fit else 0)
        for i, protein in enumerate(LIN41)
    ]
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        for line in pool.map(_fitted, tasks):
            print(line, flush=True)


def averages(image: np.ndarray) -> np.ndarray:
    """[55] of one cell [2, 48, 80]; the brighter end of Bgs4 comes first."""
    mask = _mask(image)
    columns = np.nonzero(mask)[1]
    length = np.ptp(columns) + 1.0
    along = (columns - columns.min()) / length
    depth = ndimage.distance_transform_edt(mask)
    found = [length / 80, mask.sum() / length / 30]
    turned = False
    for number, channel in enumerate(image.astype(float) / 254):
        inside, mean = channel[mask], channel[mask].mean()
        bins = [inside[(along >= k / 10) & (along < (k + 1) / 10)].mean() for k in range(10)]
        turned = bins[0] < bins[-1] if number == 0 else turned
        found += bins[::-1] if turned else bins
        for low, high in ((0, 1.5), (1.5, 3), (3, 5), (5, 8), (8, 20)):
            found.append(channel[(depth > low) & (depth <= high)].mean())
        smooth = [channel, *(ndimage.gaussian_filter(channel, s) for s in (1, 2, 4))]
        for fine, coarse in itertools.pairwise(smooth):
            found.append((fine - coarse)[depth > 3].std() / mean)
        found += list(np.quantile(inside, [0.05, 0.25, 0.5, 0.75, 0.9, 0.98]))
        spots = ((smooth[1] - smooth[2]) / mean)[mask]
        found += [float(np.quantile(spots, q)) for q in (0.02, 0.98)]
    found.append(float(np.corrcoef(image[0][mask], image[1][mask])[0, 1]))
    return np.array(found)


def _mask(image: np.ndarray) -> np.ndarray:
    lit = ndimage.binary_opening((image > 0).any(0))
    pieces, n = ndimage.label(lit)
    if n > 1:
        lit = pieces == 1 + np.argmax(ndimage.sum(lit, pieces, range(1, n + 1)))
    return np.asarray(ndimage.binary_fill_holes(lit))


def _fitted(task: tuple[str, np.ndarray, np.ndarray, int]) -> str:
    name, target, spread, evaluations = task
    start = PROTEINS[name]
    steps = {f"level {i}": 0.12 if i == 0 else 0.2 for i in range(len(start.parts))}
    steps |= {"nucleus": 0.08, "mottle": 0.3, "fall": 0.2, "focus": 0.2, "grain": 0.2}
    change, best = dict.fromkeys(steps, 0.0), _distance(start, target, spread)
    first, cost = best, best
    rng = np.random.default_rng(LIN41.index(name))
    for _ in range(evaluations):
        tried = dict(change)
        for key in rng.choice(list(steps), size=rng.integers(1, 4), replace=False):
            tried[key] += rng.normal() * 1.2 * steps[key]
        distance = _distance(_changed(start, tried), target, spread)
        penalty = PENALTY * sum((tried[key] / (3 * step)) ** 2 for key, step in steps.items())
        if distance + penalty < cost:
            change, best, cost = tried, distance, distance + penalty
    if not evaluations:
        return f"{name:6} {first:5.2f}"
    made = _changed(start, change)
    levels = ", ".join(f"{part.name} {part.level:.2f}" for part in made.parts)
    cytoplasm = getclosurevars(made.parts[0].draw).nonlocals
    contrast = ", ".join(f"{key}={cytoplasm[key]:.2f}" for key in ("nucleus", "mottle", "fall"))
    return f"{name:6} {first:5.2f} to {best:5.2f}: {levels}; {contrast}; {made.optics}"


def _changed(protein: Protein, change: dict[str, float]) -> Protein:
    """Levels, mottle, fall, focus and grain by factors; nucleus by a difference."""
    was = getclosurevars(protein.parts[0].draw).nonlocals
    cytoplasm = diffuse(
        protein.parts[0].level * float(np.exp(change["level 0"])),
        nucleus=float(np.clip(was["nucleus"] + change["nucleus"], -0.3, 0.5)),
        mottle=float(np.clip(was["mottle"] * np.exp(change["mottle"]), 0.01, 0.14)),
        fall=float(np.clip(was["fall"] * np.exp(change["fall"]), 0.3, 2.4)),
    )
    others = [
        replace(part, level=part.level * float(np.exp(change[f"level {i}"])))
        for i, part in enumerate(protein.parts)
        if i
    ]
    optics = replace(
        protein.optics,
        focus=float(np.clip(protein.optics.focus * np.exp(change["focus"]), 0.7, 4)),
        grain=float(np.clip(protein.optics.grain * np.exp(change["grain"]), 0.1, 3)),
    )
    return replace(protein, parts=(cytoplasm, *others), optics=optics)


def _distance(protein: Protein, target: np.ndarray, spread: np.ndarray, n: int = 22) -> float:
    """Mean square of the differences, in standard errors, of n simulated cells."""
    kept = PROTEINS[protein.name]
    PROTEINS[protein.name] = protein
    try:
        cells = simulate(protein.name, n, seed=5, part="model").images
    finally:
        PROTEINS[protein.name] = kept
    simulated = np.array([averages(image) for image in cells]).mean(0)
    z = (simulated - target) / (spread * np.sqrt(1 / 3 + 1 / n))
    return float(np.mean(np.minimum(np.abs(z[1:]), 6) ** 2))  # length is chance in three cells


if __name__ == "__main__":
    main()
