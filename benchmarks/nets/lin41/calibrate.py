"""How the numbers of the simulator were found: Gauss-Newton on what `morphology` measures.

    GANEVAL_DATA=/path/to/data python -m benchmarks.nets.lin41.calibrate [WHAT]

compares simulated cells with cells 0 to 2 of each protein by the means (and, for the microscope,
the spreads) of the features of net `morphology`. WHAT is `microscope`, `proteins` or `doubt`:
`microscope` moves what is common to all proteins, Bgs4 included; `proteins` moves each protein's
own parts, held back by a prior, since three cells are not to be believed. Both
print new numbers, which a person rounds and writes into ganeval/datasets/synthlin. `doubt` writes
doubt.json, what the three cells leave open around the present numbers; without an argument nothing
is fitted and the distance is printed.
Shapes of cells (width, ends, slant) were set by hand, by the widths of real outlines near their
ends. Nothing but these averages goes from real cells into the simulator.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.nets.lin41.check import embed, real_cells, tell_apart
from benchmarks.nets.lin41.strains import Change, Doubt, Name, changed, described, plausible, write
from ganeval.datasets import LIN41
from ganeval.datasets.synthlin import LIN, PROTEINS, Microscope, Protein
from ganeval.datasets.synthlin.proteins import BGS4
from ganeval.datasets.synthlin.simulate import simulate

HERE = Path(__file__).resolve().parent

DOUBT = HERE / "doubt.json"
SIMULATION = sys.modules["ganeval.datasets.synthlin.simulate"]

OPTICS = {
    "blur": 0.07, "blur_spread": 0.05, "grain": 0.01, "grain_spread": 0.08, "specked": 0.1,
    "level_spread": 0.05, "exposure": 0.1, "exposure_spread": 0.05, "odd_exposure": 0.08,
    "top": 0.006, "least_top": 0.08, "knee": 0.03, "edge": 0.2, "edge_spread": 0.15, "slant": 0.04,
    "crosstalk": 0.03,
}  # fmt: skip
"""Fields of the microscope, with the size of a plausible change."""
SHRINK = 0.5
"""How far correlations between features are believed."""
PRIOR = 1.0
"""Weight of the prior on a protein's changes: they are plausible ones."""

Misfit = Callable[[Change, int], np.ndarray]
"""Of a change and a seed: [d] differences in standard errors."""


def main() -> None:
    """Fits, and prints or writes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=("microscope", "proteins", "doubt"))
    parser.add_argument("--n", type=int, default=32, help="simulated cells per protein")
    parser.add_argument("--steps", type=int, default=2)
    options = parser.parse_args()
    images, labels = real_cells([0, 1, 2])
    real = morphology(images)
    if options.what is None:
        cells = np.concatenate([simulate(p, 60, seed=77, part="model").images for p in LIN41])
        print(tell_apart(cells, images, labels))
    elif options.what == "microscope":
        fit_microscope(real, max(options.n // 4, 4), options.steps)
    else:
        within = within_classes(real, labels)
        doubts = {}
        for number, name in enumerate(LIN41):
            protein = PROTEINS[name]
            distance = misfit(protein, real[labels == number].mean(0), within, 3, options.n)
            if options.what == "proteins":
                change = gauss_newton(
                    distance, list(plausible(protein)), options.steps, prior=PRIOR
                )
                print(described(changed(protein, change)), flush=True)
            else:
                start = dict.fromkeys(plausible(protein), 0.0)
                doubts[name] = doubt_about(distance, start, prior=PRIOR)
        if doubts:
            write(DOUBT, doubts)


def morphology(images: np.ndarray) -> np.ndarray:
    """[n, d] features of images [n, 2, 48, 80]."""
    return embed(images, "morphology").features.astype(float)


def fit_microscope(real: np.ndarray, n: int, steps: int) -> None:
    """Means and logarithms of spreads over all cells, against microscope and Bgs4."""
    root = whitener(np.cov(real.T), 1 / len(real) + 1 / (n * len(LIN41)))
    spread_error = 0.2

    def describe(x: np.ndarray) -> np.ndarray:
        """What should be equal, in standard errors."""
        return np.concatenate([root @ x.mean(0), np.log(x.std(0) + 1e-3) / spread_error])

    names = [*((-2, name) for name in OPTICS), *plausible(BGS4)]
    target = describe(real)

    def distance(change: Change, seed: int) -> np.ndarray:
        microscope = moved(change)
        with bgs4_is(changed(BGS4, change)):
            cells = [simulate(p, n, seed=seed, part="model", microscope=microscope) for p in LIN41]
        return target - describe(morphology(np.concatenate([c.images for c in cells])))

    change = gauss_newton(distance, names, steps, prior=10.0)
    print({name: round(float(getattr(moved(change), name)), 3) for name in OPTICS})
    print(described(changed(BGS4, change)))


def misfit(protein: Protein, target: np.ndarray, within: np.ndarray, n_real: int, n: int) -> Misfit:
    """Of the means of one protein's `n_real` cells, in standard errors, as its numbers move."""
    root = whitener(within, 1 / n_real + 1 / n)

    def distance(change: Change, seed: int) -> np.ndarray:
        cells = simulate(changed(protein, change), n, seed=seed, part="model").images
        distance: np.ndarray = root @ (target - morphology(cells).mean(0))
        return distance

    return distance


def gauss_newton(distance: Misfit, names: Sequence[Name], steps: int, *, prior: float) -> Change:
    """The change of least squares; the same seed within a step makes its derivatives smooth."""
    change = dict.fromkeys(names, 0.0)
    for seed in range(11, 11 + steps):

        def cost(tried: Change, seed: int = seed) -> float:
            return float((distance(tried, seed) ** 2).sum()) + prior * sum(
                value**2 for value in tried.values()
            )

        here, slopes = linearised(distance, change, seed)
        now = np.array(list(change.values()))
        move = -np.linalg.solve(
            slopes.T @ slopes + prior * np.eye(len(names)), slopes.T @ here + prior * now
        )
        tried = [
            {k: change[k] + share * v for k, v in zip(names, move.clip(-1.5, 1.5), strict=True)}
            for share in (0.0, 0.25, 0.5, 1.0)
        ]
        change = min(tried, key=cost)
    return change


def doubt_about(distance: Misfit, change: Change, *, prior: float) -> Doubt:
    """What the misfit leaves open around a change, were it linear there."""
    _, slopes = linearised(distance, change, seed=7)
    precision = slopes.T @ slopes + prior * np.eye(len(change))
    root = np.linalg.cholesky(np.linalg.inv(precision))
    return Doubt(tuple(change), np.array(list(change.values())), root)


def linearised(distance: Misfit, change: Change, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The misfit [d], and its slope [d, k] along each number."""
    here = distance(change, seed)
    slopes = [(distance(change | {k: v + 0.6}, seed) - here) / 0.6 for k, v in change.items()]
    return here, np.stack(slopes, axis=1)


def whitener(covariance: np.ndarray, error: float) -> np.ndarray:
    """A root of the inverse covariance of a mean, with correlations believed in part."""
    spread = np.sqrt(np.diag(covariance)) + 1e-3
    shrunk = (1 - SHRINK) * covariance + SHRINK * np.diag(spread**2)
    root: np.ndarray = np.linalg.cholesky(np.linalg.inv(shrunk * error)).T
    return root


def within_classes(real: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """[d, d] covariance of cells of one protein."""
    residuals = [real[labels == i] - real[labels == i].mean(0) for i in range(len(LIN41))]
    stacked = np.concatenate(residuals)
    covariance: np.ndarray = stacked.T @ stacked / (len(real) - len(LIN41))
    return covariance


def moved(change: Change) -> Microscope:
    """LIN's microscope with its numbers moved."""
    new = {
        name: getattr(LIN, name) + OPTICS[name] * value
        for (j, name), value in change.items()
        if j == -2
    }
    least = {name: max(value, 0.01) for name, value in new.items() if name != "edge"}
    return replace(LIN, **(new | least))


@contextmanager
def bgs4_is(protein: Protein) -> Iterator[None]:
    """Another red channel, for a while."""
    try:
        SIMULATION.BGS4 = protein  # type: ignore[attr-defined]
        yield
    finally:
        SIMULATION.BGS4 = BGS4  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
