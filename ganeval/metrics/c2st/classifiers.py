"""Classifiers that try to tell real from fake: what they are given, and those for features."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.errors import MissingExtraError
from ganeval.lazy import Tensor, torch
from ganeval.metrics.c2st.logistic import EXACT, ROUGH, logistic_logits, standardised
from ganeval.registry import Registry
from ganeval.statistics import seeded


@dataclass(frozen=True, eq=False)
class Task:
    """Images of both sides, and r splits of them.

    Args:
        rows: [n, d] float64 features, or the pixels of images.
        real: [n, r] bool; the same in every column but for permutations.
        held_out: [n, r] bool.
        seed: of whatever is random in a classifier.
        iterations: for those that are trained step by step; None is their own default.
        shape: (c, h, w) of the images that the rows are, for those that look at pixels.
        done: called with the number of repeats that have been trained.
        rough: whether an approximate order of the logits is enough, as for permutations.
    """

    rows: Tensor
    real: np.ndarray
    held_out: np.ndarray
    seed: int = 0
    iterations: int | None = None
    shape: tuple[int, int, int] | None = None
    done: Callable[[int], None] = lambda repeats: None
    rough: bool = False

    def weights(self) -> np.ndarray:
        """[n, r] 0 for held-out images; both sides weigh the same, as if they were of equal n."""
        train = ~self.held_out
        reals, fakes = (self.real & train).sum(0), (~self.real & train).sum(0)
        half = (reals + fakes) / 2
        with np.errstate(divide="ignore"):
            return np.where(train, np.where(self.real, half / reals, half / fakes), 0.0)

    def standardised(self, repeat: int) -> Tensor:
        """[n, d] float64: mean 0 and deviation 1 over this repeat's training images."""
        train = torch.from_numpy(~self.held_out[:, repeat]).to(self.rows.device)
        return standardised(self.rows, self.rows[train])


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What a classifier made of all images in every repeat.

    Args:
        logits: [n, r]; above 0 says real.
        probabilistic: whether they are log-odds, so that a log-loss means something.
        curves: learning curves by name, each [r, steps]; `iterations` [steps].
    """

    logits: np.ndarray
    probabilistic: bool = True
    curves: dict[str, list[Any]] | None = None


@dataclass(frozen=True)
class Classifier:
    """One entry of CLASSIFIERS.

    Args:
        fit: trains in every repeat of a task.
        pixels: whether it looks at images, not at features.
        refits: whether it is cheap enough to be trained again for each of many permutations.
    """

    fit: Callable[[Task], Verdicts]
    pixels: bool = False
    refits: bool = False


CLASSIFIERS: Registry[Classifier] = Registry("classifier")


def logistic(task: Task) -> Verdicts:
    """Logistic regression on standardised features, with a weak penalty, to convergence."""
    device = task.rows.device
    real = torch.from_numpy(np.ascontiguousarray(task.real)).to(device)
    weights = torch.from_numpy(task.weights()).to(device)
    tolerance = ROUGH if task.rough else EXACT
    logits = logistic_logits(task.rows, real, weights, tolerance=tolerance)
    task.done(logits.shape[1])
    return Verdicts(to_numpy(logits))


def nearest(task: Task) -> Verdicts:
    """The share of reals among the √n nearest training images, each side weighing the same.

    Source: Lopez-Paz & Oquab 2017, arXiv:1610.06545.
    """
    n, repeats = task.held_out.shape
    logits = np.empty((n, repeats))
    for repeat in range(repeats):
        x = task.standardised(repeat)
        weights = torch.from_numpy(task.weights()[:, repeat]).to(x.device)
        real = torch.from_numpy(task.real[:, repeat]).to(x.device)
        train = torch.from_numpy(np.flatnonzero(~task.held_out[:, repeat])).to(x.device)
        k = max(1, round(len(train) ** 0.5))
        votes = []
        for start in range(0, n, 1024):
            distances = torch.cdist(x[start : start + 1024], x[train])
            # An image is no witness for itself.
            itself = torch.arange(start, min(start + 1024, n), device=x.device)[:, None] == train
            near = train[distances.masked_fill(itself, torch.inf).topk(k, largest=False).indices]
            w = weights[near]
            votes.append(((w * real[near]).sum(1) + 0.5) / (w.sum(1) + 1))
        logits[:, repeat] = to_numpy(torch.cat(votes).logit())
        task.done(1)
    return Verdicts(logits)


def xgboost(task: Task, *, keep: list[Any] | None = None) -> Verdicts:
    """Boosted trees of depth 3; the trained model of each repeat is added to `keep`."""
    rows = to_numpy(task.rows)
    n, repeats = task.held_out.shape
    logits = np.empty((n, repeats))
    for repeat in range(repeats):
        model = _boosted_trees(task, repeat)
        logits[:, repeat] = model.predict(rows, output_margin=True)
        if keep is not None:
            keep.append(model)
        task.done(1)
    return Verdicts(logits)


def _boosted_trees(task: Task, repeat: int) -> Any:
    """The trained XGBClassifier of one repeat; its margins above 0 say real.

    Source: Chen & Guestrin 2016, arXiv:1603.02754.
    """
    try:
        from xgboost import XGBClassifier
    except ImportError:
        raise MissingExtraError(
            "xgboost", extra="explain", purpose="classifier 'xgboost'"
        ) from None

    train = ~task.held_out[:, repeat]
    model = XGBClassifier(
        n_estimators=task.iterations or 100,
        max_depth=3,
        learning_rate=0.1,
        subsample=0.8,
        tree_method="hist",
        random_state=int(seeded("xgboost", task.seed, repeat).integers(2**31)),
    )
    weights = task.weights()[train, repeat]
    return model.fit(to_numpy(task.rows)[train], task.real[train, repeat], sample_weight=weights)


CLASSIFIERS.add("logistic", Classifier(logistic, refits=True))
CLASSIFIERS.add("knn", Classifier(nearest))
CLASSIFIERS.add("xgboost", Classifier(xgboost))
