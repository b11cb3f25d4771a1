"""One classifier tried in every repeat, for the sides as they are or after permutations."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ganeval.lazy import torch
from ganeval.metrics.c2st.classifiers import Classifier, Task, Verdicts
from ganeval.metrics.c2st.verdicts import area_under_curve
from ganeval.metrics.spine import Units
from ganeval.statistics import (
    Permutation,
    permutation_p_value,
    permutations,
    permuted_sides,
    repeated_splits,
)

_FITS = 1000
"""Refits at once: enough to keep matrix products busy, few enough to tell progress."""


@dataclass(frozen=True, eq=False)
class Trial:
    """One classifier and one way of splitting, for any division of images into two sides."""

    judge: Classifier
    shape: tuple[int, int, int] | None
    repeats: int
    test_size: float
    seed: int
    iterations: int | None

    def held_out(self, units: Units) -> np.ndarray:
        """[n, r] bool: the images that are held out in each repeat."""
        return np.asarray(self._splits(units)[units.of])

    def sides(self, units: Units) -> np.ndarray:
        """[n, r] bool."""
        return np.repeat(units.real[:, None], self.repeats, axis=1)

    def ratio(self, units: Units) -> float:
        """Held-out images per training image, of the smaller side, which limits both."""
        side = units.real if units.real.sum() <= (~units.real).sum() else ~units.real
        shares = self.held_out(units)[side].mean(0)
        return float(np.mean(shares / (1 - shares)))

    def run(self, rows: Any, units: Units, bar: "Counter") -> Verdicts:
        """Trains and judges in every repeat."""
        return self.judge.fit(
            self._task(rows, units, self.sides(units), self.held_out(units), bar.add)
        )

    def refitted(self, rows: Any, units: Units, count: int, bar: "Counter") -> float:
        """The p-value of the median AUC among those after permutations of the sides.

        All are fitted in the same way, and so the observed one is fitted again: the test is exact.
        """
        splits = self._splits(units)
        deals = permutations(units.kinds, units.strata, count=count, seed=self.seed)
        everything = [(units.real, splits[units.of]), *(_permuted(units, splits, d) for d in deals)]
        medians: list[float] = []
        at_once = max(1, _FITS // self.repeats)
        for start in range(0, len(everything), at_once):
            some = everything[start : start + at_once]
            real = np.concatenate([np.repeat(r[:, None], self.repeats, 1) for r, _ in some], 1)
            held_out = np.concatenate([h for _, h in some], axis=1)
            task = replace(self._task(rows, units, real, held_out, bar.add), rough=True)
            areas = area_under_curve(self.judge.fit(task).logits, real, held_out)
            medians += np.median(areas.reshape(len(some), self.repeats), axis=1).tolist()
        return permutation_p_value(medians[0], medians[1:])

    def _splits(self, units: Units) -> np.ndarray:
        """[u, r] bool: the units that are held out."""
        return repeated_splits(
            units.kinds,
            units.strata,
            repeats=self.repeats,
            test_size=self.test_size,
            seed=self.seed,
        )

    def _task(
        self,
        rows: Any,
        units: Units,
        real: np.ndarray,
        held_out: np.ndarray,
        done: Callable[[int], None],
    ) -> Task:
        order = torch.from_numpy(units.order).to(rows.device)
        return Task(rows[order], real, held_out, self.seed, self.iterations, self.shape, done)


def _permuted(units: Units, splits: np.ndarray, deal: Permutation) -> tuple[np.ndarray, np.ndarray]:
    """Sides [n] and splits [n, r] of the images after a permutation of their units."""
    real = permuted_sides(units.real, units.of, units.kinds, deal)
    return real, splits[deal.slots][units.of]


class Counter:
    """Counts the fits that are done and reports them to `progress`."""

    def __init__(self, progress: Callable[[int, int], None] | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def add(self, repeats: int) -> None:
        """Counts `repeats` more fits."""
        self._done += repeats
        if self._progress is not None:
            self._progress(self._done, self._total)
