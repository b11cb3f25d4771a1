"""Scores of a checkpoint, computed by ganeval."""

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

import ganeval
from trainers.batches import resized
from trainers.sampling import samples

if TYPE_CHECKING:
    from trainers._base import System
    from trainers.batches import Data, Points
    from trainers.checkpoint import Run

N = 2000
"""Most images of each side; fewer if fewer are held out."""
N_POINTS = 10_000


def judge(system: "System", steady: nn.Module, data: "Data", run: "Run") -> dict[str, float]:
    """Scores against held-out data: points always, images if the recipe names a net.

    Images: corrected FID with its interval; median AUC of the repeated classifier two-sample test;
    and, if the net knows the model's classes, the share of fakes that it assigns to their own
    class among these. Points: the thesis' KDE log-likelihood, its spread over draws, modes
    covered and the share of points near one.
    """
    if len(system.task.data.shape) == 1:
        return _points(system, steady, data, run)
    if not run.recipe.judge:
        return {}
    real, labels = data.held_out(N)
    fake = np.concatenate(list(samples(system, steady, labels, seed=run.seed)))
    seen, drawn = (look(system, x, run.recipe.judge) for x in (real, fake))
    fid = ganeval.fid(seen, drawn)
    scores = {"fid": fid.value}
    if fid.corrected is not None:
        scores["fid_corrected"] = fid.corrected
    if fid.interval is not None:
        scores["fid_low"], scores["fid_high"] = fid.interval
    scores["c2st_auc"] = ganeval.c2st(seen, drawn, permutations=0).value
    known = ganeval.load_net(run.recipe.judge).card.classes or ()
    meant = system.subjects
    if drawn.logits is not None and meant and set(meant) <= set(known):
        names = sorted(set(meant))
        found = drawn.logits[:, [known.index(name) for name in names]].argmax(1)
        scores["accuracy"] = float((np.array(names)[found] == np.array(meant)[labels]).mean())
    return {name: round(float(value), 4) for name, value in scores.items()}


def look(system: "System", images: np.ndarray, net: str) -> ganeval.Features:
    """Features of images [n, c, h, w] uint8, at their size before resizing."""
    x = torch.from_numpy(images)
    if system.task.data.natural is not None:
        x = resized(x, system.task.data.natural)
    return ganeval.extract(x, net)


def _points(system: "System", steady: nn.Module, data: "Data", run: "Run") -> dict[str, float]:
    labels = system.spread(N_POINTS)
    fake = np.concatenate(list(samples(system, steady, labels, seed=run.seed))).astype(np.float64)
    real, _ = data.held_out(N_POINTS)
    grid = points_of(data).grid
    score = ganeval.kde_log_likelihood(
        real, fake, bandwidth=grid.spread, total=True, subsets=10, subset_size=256
    )
    return {
        "log_likelihood": round(score.value, 2),
        "log_likelihood_sd": round(score.details["std_over_subsets"], 2),
        "modes": grid.modes_covered(fake),
        "near": round(grid.share_near(fake), 4),
    }


def points_of(data: "Data") -> "Points":
    """Returns the data, whose type must be points."""
    from trainers.batches import Points

    assert isinstance(data, Points)
    return data
