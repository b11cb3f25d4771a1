"""Neural classifiers of the two-sample test: a fixed number of steps, a fresh net per repeat.

A number of steps that does not depend on n deliberately weakens the classifier: one trained to
the end tells every generator's pictures from real ones, and the score says nothing.
"""

import copy
import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ganeval.arrays import exact_float32, to_numpy
from ganeval.errors import InputError
from ganeval.lazy import Tensor, torch
from ganeval.metrics._classifiers import CLASSIFIERS, Classifier, Task, Verdicts
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
    """Trains `net` in place, j repeats at once where it has so many; returns learning curves.

    The net takes [j, b, …] and gives [j, b]; repeats never touch each other.
    """
    from torch.nn.functional import softplus

    steps = recipe.iterations
    optimizer = torch.optim.AdamW(
        net.parameters(), lr=recipe.lr, betas=recipe.betas, weight_decay=recipe.weight_decay
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
    """Draws batches of j repeats, each by a generator of its own, so that company moves nothing."""

    def __init__(self, rows: Tensor, task: Task, repeats: "list[int]", shared: bool) -> None:
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


def mlp(task: Task) -> Verdicts:
    """Two hidden layers of 64; all repeats train together, as one stack of small nets."""
    recipe = Recipe(task.iterations or 200, weight_decay=0.01)
    repeats = list(range(task.held_out.shape[1]))
    rows = torch.stack([task.standardised(r) for r in repeats])
    seeds = [int(seeded("mlp", task.seed, r).integers(2**62)) for r in repeats]
    with torch.enable_grad(), torch.inference_mode(False):
        net = _stack(rows.shape[2], seeds).to(rows.device)
        batches = Batches(rows, task, repeats, shared=False)
        curves = train(net, batches, recipe, seed=(task.seed,))
    task.done(len(repeats))
    return Verdicts(batches.scores(net), curves=curves)


def _stack(width: int, seeds: list[int]) -> "torch.nn.Module":
    """[j, b, d] to [j, b]: one small net per seed."""
    sizes = (width, 64, 64, 1)

    class Stack(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            generators = [torch.Generator().manual_seed(seed) for seed in seeds]
            self.layers = torch.nn.ParameterList()
            for n_in, n_out in itertools.pairwise(sizes):
                # PyTorch's own law for a linear layer
                bound = n_in**-0.5
                for shape in ((n_in, n_out), (1, n_out)):
                    draws = [
                        torch.rand(shape, generator=g, dtype=torch.float64) for g in generators
                    ]
                    self.layers.append((2 * torch.stack(draws) - 1) * bound)

        def forward(self, x: Tensor) -> Tensor:
            for i in range(0, len(self.layers), 2):
                x = torch.baddbmm(self.layers[i + 1], x, self.layers[i])
                x = x.relu() if i + 2 < len(self.layers) else x
            return x.squeeze(2)

    return Stack()


Build = Callable[[tuple[int, ...]], "torch.nn.Module"]


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
            net = _single(build(tuple(rows.shape[1:]))).to(rows.device)
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
    """The same training whatever precision the caller trains with."""
    before = torch.get_default_dtype()
    try:
        torch.set_default_dtype(torch.float32)
        with exact_float32(), torch.autocast(device_type, enabled=False):
            yield
    finally:
        torch.set_default_dtype(before)


def _single(module: "torch.nn.Module") -> "torch.nn.Module":
    """A module for [1, b, …] of one for [b, …]."""

    class Single(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module = module

        def forward(self, x: Tensor) -> Tensor:
            y: Tensor = self.module(x[0])
            if y.numel() != len(x[0]):
                raise InputError(
                    f"the classifier gives {tuple(y.shape)} for {len(x[0])} images; wanted one "
                    "number per image"
                )
            return y.reshape(1, -1)

    return Single()


def user_module(given: Any) -> Build:
    """What makes a fresh net for each repeat, of a module or of a function that makes one."""
    if not isinstance(given, torch.nn.Module):
        return lambda shape: given()

    def fresh(shape: tuple[int, ...]) -> torch.nn.Module:
        net = copy.deepcopy(given)
        for name, part in net.named_modules():
            if next(part.parameters(recurse=False), None) is None:
                continue
            if not hasattr(part, "reset_parameters"):
                raise InputError(
                    f"part {name or 'itself'!r} of the classifier cannot be initialised afresh "
                    "(no reset_parameters); give a function that makes the net"
                )
            part.reset_parameters()
        return net

    return fresh


def dcgan(shape: tuple[int, ...], *, batch_norm: bool = True, width: int = 64) -> Any:
    """DCGAN's discriminator for any size: halved until at most 4 pixels are left, then one number.

    Source: Radford et al. 2016, arXiv:1511.06434.
    """
    from torch import nn

    channels, height, breadth = _image_shape(shape)
    layers: list[nn.Module] = []
    out = width
    while min(height, breadth) > 4 or not layers:
        layers.append(nn.Conv2d(channels, out, 4, 2, 1, bias=not batch_norm))
        layers += [nn.BatchNorm2d(out)] * batch_norm + [nn.LeakyReLU(0.2)]
        channels, out, height, breadth = out, 2 * out, height // 2, breadth // 2
    layers.append(nn.Conv2d(channels, 1, (height, breadth), bias=not batch_norm))
    net = nn.Sequential(*layers)
    for part in net:
        if isinstance(part, nn.Conv2d):
            nn.init.normal_(part.weight, 0.0, 0.02)
        elif isinstance(part, nn.BatchNorm2d):
            nn.init.normal_(part.weight, 1.0, 0.02)
    return net


def _image_shape(shape: tuple[int, ...]) -> tuple[int, int, int]:
    channels, height, breadth = shape
    if min(height, breadth) < 4:
        raise InputError(
            f"images of {height} x {breadth} pixels are too small for a convolutional classifier, "
            "which wants 4 x 4 at least; use classifier='logistic'"
        )
    return channels, height, breadth


def conv(task: Task) -> Verdicts:
    """A small convolutional net sized to the images."""
    return one_by_one(task, lambda shape: dcgan(shape, width=32), Recipe(300, lr=1e-3))


def dcgan_test(task: Task) -> Verdicts:
    """The thesis' classifier: DCGAN's discriminator, 300 steps of 64 + 64 images."""
    return one_by_one(task, dcgan, Recipe(300, lr=2e-4, betas=(0.5, 0.999)))


def critic(task: Task) -> Verdicts:
    """A Wasserstein critic with gradient penalty: no batch norm."""
    recipe = Recipe(300, lr=2e-4, betas=(0.5, 0.999), loss="critic")
    return one_by_one(task, lambda shape: dcgan(shape, batch_norm=False), recipe)


CLASSIFIERS.add("mlp", Classifier(mlp))
CLASSIFIERS.add("conv", Classifier(conv, pixels=True))
CLASSIFIERS.add("dcgan", Classifier(dcgan_test, pixels=True))
CLASSIFIERS.add("critic", Classifier(critic, pixels=True))
