"""What the classifier of a two-sample test looks at: permutation importance of groups of features.

The boosted trees of `c2st(..., classifier="xgboost")` are trained in the same repeats on the same
images. Then the values of a group of features change places among the held-out images, those of
one image together, and the AUC falls by what the trees knew from this group and from no other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.lazy import torch
from ganeval.metrics.c2st.classifiers import CLASSIFIERS, boosted_trees
from ganeval.metrics.c2st.trial import Counter, Trial
from ganeval.metrics.c2st.verdicts import area_under_curve
from ganeval.metrics.spine import Pair, pair_units
from ganeval.statistics import seeded

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
    test_size: float = 0.5,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Importance:
    """Permutation importance of groups of columns, held out, over the repeats of a test.

    Args:
        pair: real and generated features.
        groups: columns of each group; they may overlap.
        repeats: splits, those of `c2st` with this seed.
        test_size: share held out.
        seed: as that of `c2st`.
        progress: called with (repeats done, repeats).

    Source: Breiman 2001, doi:10.1023/A:1010933404324; groups, Gregorutti et al. 2015,
    doi:10.1016/j.csda.2015.04.002.
    """
    units = pair_units(pair)
    trial = Trial(CLASSIFIERS["xgboost"], None, repeats, test_size, seed, None)
    joined = np.concatenate([to_numpy(side.rows).astype(np.float64) for side in pair.sides])
    task = trial.task(torch.from_numpy(joined), units, Counter(None, repeats))
    rows = to_numpy(task.rows)
    found = np.zeros((2, len(groups), repeats))
    for repeat in range(repeats):
        model = boosted_trees(task, repeat)
        held_out = np.flatnonzero(task.held_out[:, repeat])
        test, real = rows[held_out], task.real[held_out, repeat]
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
    return Importance(-found[0], found[1])


def _quality(margins: np.ndarray, real: np.ndarray) -> np.ndarray:
    """[2, k] AUC and log-loss of margins [m, k]."""
    margins = margins.astype(np.float64)
    sides = np.repeat(real[:, None], margins.shape[1], axis=1)
    areas = area_under_curve(margins, sides, np.ones_like(sides))
    losses = np.logaddexp(0, np.where(sides, -margins, margins))
    return np.stack([areas, (losses[real].mean(0) + losses[~real].mean(0)) / 2])
