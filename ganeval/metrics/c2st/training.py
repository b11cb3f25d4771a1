"""Training of neural classifiers: a fixed number of steps, a fresh net per repeat.

A number of steps that does not depend on n deliberately weakens the classifier: one that is
trained to convergence separates the images of any generator from real ones, which says nothing.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ganeval.arrays import exact_float32, to_numpy
from ganeval.errors import InputError
from ganeval.lazy import Tensor, torch
from ganeval.metrics.c2st.classifiers import Task, Verdicts
from ganeval.metrics.c2st.networks import Build, single
from ganeval.statistics import seeded

CURVE_POINTS = 10
_CHUNK = 512


@dataclass(frozen=True)
class Recipe:
    """How a net is trained.

    Args:
        iterations: steps, where none are given.
        batch_size: images of each side per step.
        lr: of Adam.
        betas: of Adam.
        weight_decay: decoupled.
        loss: logistic, or the gap of a Wasserstein critic with its gradient penalty.
    """

    iterations: int
    batch_size: int = 64
    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.0
    loss: Literal["logistic", "critic"] = "logistic"


PENALTY = 10.0
"""Weight of a critic's gradient penalty: Gulrajani et al. 2017, arXiv:1704.00028."""


def train(
    net: "torch.nn.Module", batches: "Batches", recipe: Recipe, *, seed: tuple[int, ...]
) -> dict[str, list[Any]]:
    """Trains `net` in place, in j repeats at once, and returns learning curves.

    The net takes [j, b, …] and gives [j, b]; repeats never affect each other.
    """
    from torch.nn.functional import softplus

    steps = recipe.iterations
    optimizer = torch.optim.AdamW(
        net.parameters(),
        lr=recipe.lr,
        betas=recipe.betas,
        weight_decay=recipe.weight_decay,
        fused=True,
    )
    at = sorted({math.ceil(steps * i / CURVE_POINTS) for i in range(1, CURVE_POINTS + 1)})
    curves: dict[str, list[Any]] = {"iterations": at, "training_loss": [], "held_out_loss": []}
    running: list[Tensor] = []
    mixing = torch.Generator().manual_seed(int(seeded("mix", *seed).integers(2**62)))
    for step in range(1, steps + 1):
        net.train()
        real, fake = batches.draw(recipe.batch_size)
        # One batch of both: batch norm then sees in training what it will see on held-out images.
        scores = net(torch.cat([real, fake], dim=1))
        b = real.shape[1]
        if recipe.loss == "critic":
            loss = scores[:, b:].mean(1) - scores[:, :b].mean(1)
            penalty = PENALTY * _gradient_penalty(net, real, fake, mixing)
            torch.autograd.backward((loss + penalty).sum())
        else:
            loss = (softplus(-scores[:, :b]).mean(1) + softplus(scores[:, b:]).mean(1)) / 2
            torch.autograd.backward(loss.sum())
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        running.append(loss.detach())
        if step in at:
            curves["training_loss"].append(torch.stack(running).mean(0).tolist())
            curves["held_out_loss"].append(batches.held_out_loss(net, recipe.loss))
            running.clear()
    for name in ("training_loss", "held_out_loss"):
        curves[name] = np.array(curves[name]).T.tolist()
    return curves


def _gradient_penalty(
    net: "torch.nn.Module",
    real: Tensor,
    fake: Tensor,
    mixing: "torch.Generator",
) -> Tensor:
    """[j] mean (|gradient| − 1)² at random points between reals and fakes."""
    shape = (*real.shape[:2], *[1] * (real.dim() - 2))
    share = torch.rand(shape, generator=mixing, dtype=real.dtype).to(real.device)
    between = (share * real + (1 - share) * fake).requires_grad_()
    (gradient,) = torch.autograd.grad(net(between).sum(), between, create_graph=True)
    penalty: Tensor = ((gradient.flatten(2).norm(dim=2) - 1) ** 2).mean(1)
    return penalty


class Batches:
    """Draws batches for j repeats; each has its own generator, so that the others do not matter."""

    def __init__(self, rows: Tensor, task: Task, repeats: list[int], shared: bool) -> None:
        self._rows = rows  # [n, …], or [j, n, d] where each repeat has its own
        self._shared = shared
        self._j = torch.arange(len(repeats), device=rows.device)[:, None]
        self._rngs = [seeded("batches", task.seed, repeat) for repeat in repeats]
        self._train = [
            [np.flatnonzero(side & ~task.held_out[:, r]) for side in _sides(task, r)]
            for r in repeats
        ]
        self._test = [
            [np.flatnonzero(side & task.held_out[:, r]) for side in _sides(task, r)]
            for r in repeats
        ]

    def draw(self, size: int) -> tuple[Tensor, Tensor]:
        """Reals and fakes of each repeat, [j, b, …], with replacement."""
        picks = [
            [pool[rng.integers(len(pool), size=size)] for pool in pools]
            for pools, rng in zip(self._train, self._rngs, strict=True)
        ]
        real, fake = (self._take(np.stack([pick[side] for pick in picks])) for side in (0, 1))
        return real, fake

    def held_out_loss(self, net: "torch.nn.Module", loss: str) -> list[float]:
        """[j] log-loss on held-out images, or the critic's mean on fakes less that on reals."""
        scores = self.scores(net)
        found = []
        for repeat, (reals, fakes) in enumerate(self._test):
            s, t = scores[reals, repeat], scores[fakes, repeat]
            if loss == "critic":
                found.append(float(t.mean() - s.mean()))
            else:
                found.append(float((np.logaddexp(0, -s).mean() + np.logaddexp(0, t).mean()) / 2))
        return found

    def middle(self, scores: np.ndarray) -> np.ndarray:
        """[j] half-way between the mean scores of training reals and fakes."""
        pairs = (
            (scores[reals, j].mean() + scores[fakes, j].mean()) / 2
            for j, (reals, fakes) in enumerate(self._train)
        )
        return np.array(list(pairs))

    def scores(self, net: "torch.nn.Module") -> np.ndarray:
        """[n, j] of all images."""
        net.eval()
        n, parts = self._rows.shape[0 if self._shared else 1], []
        with torch.no_grad():
            for start in range(0, n, _CHUNK):
                picks = np.tile(np.arange(start, min(start + _CHUNK, n)), (len(self._j), 1))
                parts.append(net(self._take(picks)))
        return to_numpy(torch.cat(parts, dim=1).T).astype(np.float64)

    def _take(self, picks: np.ndarray) -> Tensor:
        index = torch.from_numpy(picks).to(self._rows.device)
        return self._rows[index] if self._shared else self._rows[self._j, index]


def _sides(task: Task, repeat: int) -> tuple[np.ndarray, np.ndarray]:
    return task.real[:, repeat], ~task.real[:, repeat]


def one_by_one(task: Task, build: Build, recipe: Recipe) -> Verdicts:
    """A module per repeat, [b, …] to [b] or [b, 1], each trained by itself."""
    n, repeats = task.held_out.shape
    logits, curves = np.empty((n, repeats)), []
    recipe = Recipe(**{**recipe.__dict__, "iterations": task.iterations or recipe.iterations})
    for repeat in range(repeats):
        if task.shape is None:
            rows = task.standardised(repeat).float()
        else:
            rows = (2 * task.rows.float() - 1).reshape(n, *task.shape)
        seed = int(seeded("net", task.seed, repeat).integers(2**31))
        devices = [rows.device] if rows.device.type == "cuda" else []
        with (
            torch.enable_grad(),
            torch.inference_mode(False),
            torch.random.fork_rng(devices),
            _plain_float32(rows.device.type),
        ):
            torch.manual_seed(seed)
            net = single(build(tuple(rows.shape[1:]))).to(rows.device)
            batches = Batches(rows, task, [repeat], shared=True)
            curves.append(train(net, batches, recipe, seed=(task.seed, repeat)))
            scores = batches.scores(net)
        if not np.isfinite(scores).all():
            raise InputError(
                f"the classifier gave NaN or Inf in repeat {repeat + 1}; use fewer iterations, "
                "or a net with normalisation"
            )
        # A critic's scores have no zero of their own.
        middle = batches.middle(scores) if recipe.loss == "critic" else 0.0
        logits[:, repeat] = (scores - middle)[:, 0]
        task.done(1)
    joined = {
        name: curves[0][name] if name == "iterations" else [curve[name][0] for curve in curves]
        for name in curves[0]
    }
    return Verdicts(logits, probabilistic=recipe.loss == "logistic", curves=joined)


@contextmanager
def _plain_float32(device_type: str) -> Iterator[None]:
    """Makes training independent of the precision that the caller trains with."""
    before = torch.get_default_dtype()
    try:
        torch.set_default_dtype(torch.float32)
        with exact_float32(), torch.autocast(device_type, enabled=False):
            yield
    finally:
        torch.set_default_dtype(before)
