"""What would make a classifier of simulated cells know real ones better? Held-out cells tell.

    GANEVAL_DATA=/path/to/data python -m benchmarks.nets.lin41.ways

tries each of WAYS on the folds of crossvalidate.py: simulator fitted to two of the cells 0 to 2 of
each protein, the third held out. Appends a line per way and fold to results.jsonl, skips what it
has, and prints a table of all, with differences, paired cell by cell, and their standard errors.
The check cells are not looked at.

A net's doubt, right for simulated cells, is wrong for real ones. So a way is also judged with the
temperature that suits the two cells of each protein that its simulator was fitted to.
"""

import argparse
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.harness import found, lines_of, run_cells
from benchmarks.nets._report import machine
from benchmarks.nets.lin41.calibrate import morphology, whitener, within_classes
from benchmarks.nets.lin41.check import embed, real_cells
from benchmarks.nets.lin41.crossvalidate import CELLS, PER_CLASS, simulated, small_net
from benchmarks.nets.lin41.train import STRAIN
from ganeval.datasets import LIN41
from ganeval.nets.training.figures import best_temperature

HERE = Path(__file__).resolve().parent

DOUBT = 2.0
"""Factor on the doubt, that of the shipped net."""
TURNS = ((1, 1), (1, -1), (-1, 1), (-1, -1))
"""Steps along rows and columns: a cell's four mirror images, itself among them."""

TEN, ONE, SHIPPED = STRAIN, 1, 0
"""Nets, by the cells of each strain that they are trained on; or the shipped net, whose simulator
knows all three cells: only what changes with a way counts of it."""

MEASURED = 100
"""Cells of each protein that the linear classifier knows."""
FIGURES = ("top1", "top5", "log_likelihood", "tempered")

Logs = np.ndarray
"""[n, 41] logarithms of probabilities."""


@dataclass(frozen=True)
class Trial:
    """A way, and the third of the calibration cells that is held out."""

    what: str
    way: str
    held_out: int


def main() -> None:
    """Tries what the results lack, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ways", nargs="*", metavar="WAY", help=f"all, or some of {', '.join(WAYS)}")
    parser.add_argument("--results", type=Path, default=HERE / "results.jsonl")
    options = parser.parse_args()
    trials = [Trial("way", way, k) for k in CELLS for way in options.ways or WAYS]
    for row in run_cells(measure, trials, options.results):
        print({key: row[key] for key in ("way", "held_out", "top1", "top5")}, flush=True)
    show(lines_of(options.results))


def measure(trial: Trial) -> dict[str, Any]:
    """The line of one trial: means over its classifiers, cell by cell."""
    _, labels = real_cells(CELLS)
    out = np.tile(CELLS, len(LIN41)) == trial.held_out
    each: dict[str, list[np.ndarray]] = {}
    way = WAYS[trial.way]
    for logs in way.classifiers(trial.held_out, way.nets):
        temperature = best_temperature(torch.from_numpy(logs[~out]), labels[~out])
        for name, values in judged(logs[out], labels[out], temperature).items():
            each.setdefault(name, []).append(values)
    mean = {name: np.mean(values, axis=0) for name, values in each.items()}
    return {
        **{name: round(float(values.mean()), 3) for name, values in mean.items()},
        "each": {name: np.round(values, 3).tolist() for name, values in mean.items()},
        "machine": machine(1),
    }


def judged(logs: Logs, labels: np.ndarray, temperature: float) -> dict[str, np.ndarray]:
    """Figures [n] of each cell."""
    rank = (logs > logs[np.arange(len(labels)), labels][:, None]).sum(1)
    softened = normal(logs / temperature)
    return {
        "top1": (rank < 1).astype(float),
        "top5": (rank < 5).astype(float),
        "log_likelihood": logs[np.arange(len(labels)), labels],
        "tempered": softened[np.arange(len(labels)), labels],
    }


def single(held_out: int, nets: Sequence[int]) -> list[Logs]:
    """Each net, shown each of the four mirror images: as many classifiers."""
    return [logs for net in nets for logs in _mirror_images(held_out, net)]


def mirrored(held_out: int, nets: Sequence[int]) -> list[Logs]:
    """The mean of all nets' probabilities over the mirror images."""
    return [mixed(single(held_out, nets))]


def linear(held_out: int, nets: Sequence[int]) -> list[Logs]:
    """Discriminant analysis of `morphology` of simulated cells."""
    return [_linear(held_out)]


def both(held_out: int, nets: Sequence[int]) -> list[Logs]:
    """The mirrored nets and the linear classifier: a product of their opinions."""
    (seen,) = mirrored(held_out, nets)
    return [normal((seen + _linear(held_out)) / 2)]


def of_real_cells(held_out: int, nets: Sequence[int]) -> list[Logs]:
    """Discriminant analysis of the two real cells, for comparison: nothing to be shipped."""
    images, labels = real_cells([k for k in CELLS if k != held_out])
    return [discriminant(images, labels)]


@dataclass(frozen=True)
class Way:
    """A classifier, or several to be averaged in the figures."""

    classifiers: Callable[[int, Sequence[int]], list[Logs]]
    """Of the held-out third and the nets."""
    nets: tuple[int, ...] = ()
    against: str | None = None
    """The way to compare it with."""


WAYS = {
    "one net": Way(single, (TEN,)),
    "mirrored": Way(mirrored, (TEN,), "one net"),
    "a strain per cell": Way(single, (ONE,), "one net"),
    "a strain per cell, mirrored": Way(mirrored, (ONE,), "a strain per cell"),
    "both nets, mirrored": Way(mirrored, (TEN, ONE), "a strain per cell, mirrored"),
    "linear": Way(linear, (), "a strain per cell"),
    "a strain per cell, mirrored, and linear": Way(both, (ONE,), "a strain per cell, mirrored"),
    "linear, of two real cells": Way(of_real_cells, (), "a strain per cell"),
    "shipped": Way(single, (SHIPPED,)),
    "shipped, mirrored": Way(mirrored, (SHIPPED,), "shipped"),
}


@functools.cache
def _linear(held_out: int) -> Logs:
    cells = simulated(held_out, DOUBT, each=1).reshape(len(LIN41), PER_CLASS, 2, 48, 80)
    some = cells[:, :MEASURED]
    labels = np.repeat(range(len(LIN41)), MEASURED)
    return discriminant(some.reshape(-1, *some.shape[2:]), labels)


def discriminant(images: np.ndarray, labels: np.ndarray) -> Logs:
    """What a linear discriminant analysis of these images makes of the calibration cells."""
    x, y = morphology(images), morphology(real_cells(CELLS)[0])
    root = whitener(within_classes(x, labels), 1.0)
    means = np.stack([x[labels == number].mean(0) for number in range(len(LIN41))])
    apart = (y[:, None] - means) @ root.T
    return normal(-(apart**2).sum(2) / 2)


@functools.cache
def _mirror_images(held_out: int, each: int) -> list[Logs]:
    cells, _ = real_cells(CELLS)
    net = "lin41" if each == SHIPPED else str(small_net(held_out, DOUBT, each=each))
    seen = []
    for rows, columns in TURNS:
        logits = embed(np.ascontiguousarray(cells[:, :, ::rows, ::columns]), net).logits
        assert logits is not None
        seen.append(normal(logits))
    return seen


def mixed(logs: Sequence[Logs]) -> Logs:
    """The mean of the probabilities."""
    mean: Logs = np.logaddexp.reduce(logs, axis=0) - np.log(len(logs))
    return mean


def normal(logits: np.ndarray) -> Logs:
    """Logarithms of probabilities."""
    return torch.log_softmax(torch.from_numpy(np.asarray(logits, float)), 1).numpy()


def show(rows: Sequence[dict[str, Any]]) -> None:
    """A table of the ways that all folds have: means, and paired differences with their errors."""
    trials = {way: [Trial("way", way, k) for k in CELLS] for way in WAYS}
    having = found([trial for each in trials.values() for trial in each], rows)
    whole = {
        way: {
            name: np.concatenate([having[trial]["each"][name] for trial in mine])
            for name in FIGURES
        }
        for way, mine in trials.items()
        if all(trial in having for trial in mine)
    }
    for way, figures in whole.items():
        base = whole.get(WAYS[way].against or "")
        shown = [f"{values.mean():.3f}" for values in figures.values()]
        if base is not None:
            for i, (name, values) in enumerate(figures.items()):
                change = values - base[name]
                error = change.std(ddof=1) / len(change) ** 0.5
                shown[i] += f" ({change.mean():+.3f} ± {error:.3f})"
        print(f"| {way} | {' | '.join(shown)} |")


if __name__ == "__main__":
    main()
