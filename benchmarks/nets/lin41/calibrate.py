"""How the numbers of the simulator were found: Gauss-Newton on what `morphology` measures.

    GANEVAL_DATA=/path/to/data python benchmarks/nets/lin41/calibrate.py [law | proteins]

compares simulated cells with cells 0 to 2 of each protein by the means (and, for the law, the
spreads) of the features of net `morphology`. `law` moves the microscope, Bgs4 and factors common
to all proteins; `proteins` moves each protein's own parts, held back by a prior, since three cells
are not to be believed. Both print new numbers, which a person rounds and writes into
ganeval/datasets/synthlin; without an argument nothing is fitted and the distance is printed.
Shapes of cells (width, ends, slant) were set by hand, by the widths of real outlines near their
ends. Nothing but these averages goes from real cells into the simulator.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from inspect import getclosurevars
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[2])]

from check import embed, real_cells, tell_apart  # noqa: E402

from ganeval.datasets import LIN41  # noqa: E402
from ganeval.datasets.synthlin import LIN, PROTEINS, Microscope, Protein, parts  # noqa: E402
from ganeval.datasets.synthlin.microscope import Optics  # noqa: E402
from ganeval.datasets.synthlin.parts import Part  # noqa: E402
from ganeval.datasets.synthlin.proteins import BGS4  # noqa: E402
from ganeval.datasets.synthlin.simulate import simulate  # noqa: E402

SIMULATION = sys.modules["ganeval.datasets.synthlin.simulate"]

LAW = {
    "blur": 0.07, "blur_spread": 0.05, "grain": 0.01, "grain_spread": 0.08, "specked": 0.1,
    "level_spread": 0.05, "exposure": 0.1, "exposure_spread": 0.05, "odd_exposure": 0.08,
    "top": 0.006, "least_top": 0.08, "knee": 0.03, "edge": 0.2, "edge_spread": 0.15, "slant": 0.04,
    "crosstalk": 0.03,
}  # fmt: skip
"""Fields of the microscope, with the size of a plausible change."""
FACTORS = {
    "level": 0.35, "size": 0.2, "width": 0.25, "reach": 0.3, "nucleus": 0.12, "mottle": 0.4,
    "fall": 0.4, "n": 0.3, "extra": 0.3, "depth": 0.2, "focus": 0.2, "grain": 0.3,
    "girth": 0.03,
}  # fmt: skip
"""Likewise of a protein's numbers, in logarithms; `nucleus` is added to."""
BOUNDS = {"nucleus": (-0.45, 0.6), "mottle": (0.01, 0.25), "fall": (0.1, 2.0)}
SHRINK = 0.5
"""How far correlations between features are believed."""

Law = tuple[Microscope, Protein]
Change = dict[tuple[int, str], float]
"""By (number of the part, or -1 for the optics; name), in plausible changes."""


def main() -> None:
    """Fits, and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=("law", "proteins"))
    parser.add_argument("--n", type=int, default=32, help="simulated cells per protein")
    parser.add_argument("--steps", type=int, default=2)
    options = parser.parse_args()
    images, labels = real_cells(Path(os.environ["GANEVAL_DATA"]) / "lin41_sample", [0, 1, 2])
    real = morphology(images)
    if options.what is None:
        cells = np.concatenate([simulate(p, 60, seed=77, part="model").images for p in LIN41])
        print(tell_apart(cells, images, labels))
    elif options.what == "law":
        fit_law(real, max(options.n // 4, 4), options.steps)
    else:
        within = within_classes(real, labels)
        for number, name in enumerate(LIN41):
            fit_protein(name, real[labels == number].mean(0), within, options)


def morphology(images: np.ndarray) -> np.ndarray:
    """[n, d] features of images [n, 2, 48, 80]."""
    return embed(images, "morphology").features.astype(float)


def fit_law(real: np.ndarray, n: int, steps: int) -> None:
    """Means and logarithms of spreads over all cells, against microscope and Bgs4."""
    root = whitener(np.cov(real.T), 1 / len(real) + 1 / (n * len(LIN41)))
    spread_error = 0.2

    def describe(x: np.ndarray) -> np.ndarray:
        """What should be equal, in standard errors."""
        return np.concatenate([root @ x.mean(0), np.log(x.std(0) + 1e-3) / spread_error])

    steps_of_bgs4 = plausible(BGS4)
    names: list[tuple[int, str]] = [(-2, name) for name in LAW] + list(steps_of_bgs4)
    target = describe(real)

    def distance(change: Change, seed: int) -> np.ndarray:
        microscope = moved(change)
        with standing_for("Bgs4", changed(BGS4, change)):
            cells = [simulate(p, n, seed=seed, part="model", microscope=microscope) for p in LIN41]
        return target - describe(morphology(np.concatenate([c.images for c in cells])))

    change = gauss_newton(distance, names, steps, prior=10.0)
    print({name: round(float(getattr(moved(change), name)), 3) for name in LAW})
    print(described(changed(BGS4, change)))


def fit_protein(
    name: str, target: np.ndarray, within: np.ndarray, options: argparse.Namespace
) -> None:
    """Means of one protein's three cells, against its own numbers."""
    root = whitener(within, 1 / 3 + 1 / options.n)
    protein = PROTEINS[name]

    def distance(change: Change, seed: int) -> np.ndarray:
        with standing_for(name, changed(protein, change)):
            cells = simulate(name, options.n, seed=seed, part="model").images
        return root @ (target - morphology(cells).mean(0))

    change = gauss_newton(distance, list(plausible(protein)), options.steps, prior=1.0)
    print(described(changed(protein, change)), flush=True)


def gauss_newton(
    distance: Callable[[Change, int], np.ndarray],
    names: list[tuple[int, str]],
    steps: int,
    *,
    prior: float,
) -> Change:
    """The change of least squares; the same seed within a step makes its derivatives smooth."""
    change = dict.fromkeys(names, 0.0)
    for step in range(steps):
        seed = 11 + step

        def cost(tried: Change, seed: int = seed) -> float:
            return float((distance(tried, seed) ** 2).sum()) + prior * sum(
                value**2 for value in tried.values()
            )

        here = distance(change, seed)
        slopes = np.stack(
            [(distance(change | {k: change[k] + 0.6}, seed) - here) / 0.6 for k in names], axis=1
        )
        now = np.array([change[k] for k in names])
        move = -np.linalg.solve(
            slopes.T @ slopes + prior * np.eye(len(names)), slopes.T @ here + prior * now
        )
        tried = [
            {k: change[k] + share * v for k, v in zip(names, move.clip(-1.5, 1.5), strict=True)}
            for share in (0.0, 0.25, 0.5, 1.0)
        ]
        change = min(tried, key=cost)
    return change


def whitener(covariance: np.ndarray, error: float) -> np.ndarray:
    """A root of the inverse covariance of a mean, with correlations believed in part."""
    spread = np.sqrt(np.diag(covariance)) + 1e-3
    shrunk = (1 - SHRINK) * covariance + SHRINK * np.diag(spread**2)
    root: np.ndarray = np.linalg.cholesky(np.linalg.inv(shrunk * error)).T
    return root


def within_classes(real: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """[d, d] covariance of cells of one protein, of three cells each."""
    residuals = [real[labels == i] - real[labels == i].mean(0) for i in range(len(LIN41))]
    stacked = np.concatenate(residuals)
    covariance: np.ndarray = stacked.T @ stacked / (2 * len(LIN41))
    return covariance


def numbers_of(part: Part) -> dict[str, float]:
    """The arguments that a part was made with, but for its level."""
    found = getclosurevars(part.draw).nonlocals
    return {k: v for k, v in found.items() if isinstance(v, int | float)}


def plausible(protein: Protein) -> Iterator[tuple[int, str]]:
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
        make = getattr(parts, part.name.replace(" ", "_"))
        made.append(make(numbers.pop("level"), **numbers))
    optics = {
        name: _moved(name, getattr(protein.optics, name), value)
        for (j, name), value in change.items()
        if j == -1
    }
    return replace(protein, parts=tuple(made), optics=replace(protein.optics, **optics))


def _moved(name: str, number: float, value: float) -> float:
    step = value * FACTORS[name]
    new = number + step if name == "nucleus" else number * float(np.exp(step))
    return float(np.clip(new, *BOUNDS.get(name, (-np.inf, np.inf))))


def moved(change: Change) -> Microscope:
    """LIN's microscope with its numbers moved."""
    new = {
        name: getattr(LIN, name) + LAW[name] * value
        for (j, name), value in change.items()
        if j == -2
    }
    least = {name: max(value, 0.01) for name, value in new.items() if name != "edge"}
    return replace(LIN, **(new | least))


@contextmanager
def standing_for(name: str, protein: Protein) -> Iterator[None]:
    """Another protein of that name, for a while."""
    own = BGS4 if name == "Bgs4" else PROTEINS[name]
    try:
        _put(name, protein)
        yield
    finally:
        _put(name, own)


def _put(name: str, protein: Protein) -> None:
    if name == "Bgs4":
        SIMULATION.BGS4 = protein  # type: ignore[attr-defined]
    else:
        PROTEINS[name] = protein


def described(protein: Protein) -> str:
    """One line of an entry."""
    shown = []
    for part in protein.parts:
        numbers = ", ".join(f"{k}={v:.2f}" for k, v in numbers_of(part).items())
        shown.append(f"{part.name.replace(' ', '_')}({part.level:.2f}, {numbers})")
    optics = ", ".join(f"{f.name}={getattr(protein.optics, f.name):.3f}" for f in fields(Optics))
    return f"{protein.name}: {', '.join(shown)}; {optics}"


if __name__ == "__main__":
    main()
