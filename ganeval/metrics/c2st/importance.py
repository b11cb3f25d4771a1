"""What the classifier of a two-sample test looks at: permutation importance of groups of features.

The boosted trees of `c2st(..., classifier="xgboost")` are trained in the same repeats on the same
images. Then the values of a group of features change places among the held-out images, those of
one image together, and the AUC falls by what the trees knew from this group and from no other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.metrics.c2st.c2st import judged
from ganeval.metrics.c2st.classifiers import Classifier, Task, Verdicts, xgboost
from ganeval.metrics.c2st.trial import Trial
from ganeval.metrics.c2st.verdicts import area_under_curve
from ganeval.metrics.spine import Pair, Score
from ganeval.statistics import seeded

TEST_SIZE = 0.5
"""Share held out in each repeat, as by default in `c2st`."""

TIMES = 5
"""How often a group's values change places in each repeat."""


@dataclass(frozen=True, eq=False)
class Importance:
    """What is lost without each of g groups of features.

    Args:
        auc: [g, r] fall of the held-out AUC in each repeat.
        log_loss: [g, r] rise of the held-out log-loss, in nats; each side weighs the same.
    """

    auc: np.ndarray
    log_loss: np.ndarray


def group_importance(
    pair: Pair,
    groups: Sequence[np.ndarray],
    *,
    repeats: int = 10,
    level: float = 0.95,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Score, Importance]:
    """The test by boosted trees, and the permutation importance of groups of columns in it.

    Args:
        pair: real and generated features.
        groups: columns of each group; they may overlap.
        repeats: splits.
        level: coverage of the score's interval.
        seed: of splits, trees and permutations.
        progress: called with (repeats done, repeats).

    Returns:
        The score of `c2st(..., classifier="xgboost")`, without its comparison of the reals with
        themselves; and the importance, held out.

    Source: Breiman 2001, doi:10.1023/A:1010933404324; groups, Gregorutti et al. 2015,
    doi:10.1016/j.csda.2015.04.002.
    """
    models: list[Any] = []
    tasks: list[Task] = []

    def fit(task: Task) -> Verdicts:
        tasks.append(task)
        return xgboost(task, keep=models)

    trial = Trial(Classifier(fit), None, repeats, TEST_SIZE, seed, None)
    score = judged(pair, "xgboost", trial, reference=False, level=level)
    (task,) = tasks
    found = np.zeros((2, len(groups), repeats))
    for repeat, model in enumerate(models):
        held_out = np.flatnonzero(task.held_out[:, repeat])
        test, real = to_numpy(task.rows)[held_out], task.real[held_out, repeat]
        whole = _quality(model.predict(test, output_margin=True)[:, None], real)
        rng = seeded("importance", seed, repeat)
        orders = np.stack([rng.permutation(len(test)) for _ in range(TIMES)])
        for g, columns in enumerate(groups):
            mixed = np.repeat(test[None], TIMES, axis=0)
            mixed[:, :, columns] = test[orders][:, :, columns]
            margins = model.predict(mixed.reshape(-1, test.shape[1]), output_margin=True)
            without = _quality(margins.reshape(TIMES, -1).T, real)
            found[:, g, repeat] = (without - whole).mean(1)
        if progress is not None:
            progress(repeat + 1, repeats)
    return score, Importance(-found[0], found[1])


def _quality(margins: np.ndarray, real: np.ndarray) -> np.ndarray:
    """[2, k] AUC and log-loss of margins [m, k]."""
    margins = margins.astype(np.float64)
    sides = np.repeat(real[:, None], margins.shape[1], axis=1)
    areas = area_under_curve(margins, sides, np.ones_like(sides))
    losses = np.logaddexp(0, np.where(sides, -margins, margins))
    return np.stack([areas, (losses[real].mean(0) + losses[~real].mean(0)) / 2])
