"""The training loop, which is deterministic and can resume after every epoch."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ganeval.errors import NetError
from ganeval.files import whole
from ganeval.nets._fold import channels_last
from ganeval.nets._network import Trunk
from ganeval.nets._progress import TrainingProgress
from ganeval.nets._weights import read_torch_file
from ganeval.nets.training._augment import Augmentation
from ganeval.nets.training._objectives import Objective
from ganeval.nets.training._split import Split

WARM_UP = 0.15
"""Fraction of the steps in which the learning rate rises; afterwards it falls as a cosine."""


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to learn."""

    epochs: int
    patience: int
    """Epochs without a better held-out loss after which training stops."""
    batch_size: int
    learning_rate: float
    weight_decay: float
    seed: int


@dataclass(frozen=True)
class Fitted:
    """The result of a training; the trunk has the weights of the best epoch."""

    trunk: Trunk
    history: list[dict[str, float]]
    best_epoch: int


def fit(
    trunk: Trunk,
    objective: Objective,
    split: Split,
    *,
    schedule: Schedule,
    augmentation: Augmentation,
    checkpoint: Path,
    recipe: str,
    device: torch.device,
    progress: Callable[[TrainingProgress], None] | None,
) -> Fitted:
    """Trains `trunk` in place for `objective`, with AdamW and one cycle of the learning rate.

    All randomness of an epoch follows from the seed and the epoch's number, so a run that resumes
    from `checkpoint` ends with the same weights as an uninterrupted run.
    """
    model = objective.model.to(device)
    channels_last(trunk)
    optimizer = _optimizer(model, schedule)
    n = len(split.train)  # batches of a single image have no variance to normalise by
    per_epoch = max(1, min(math.ceil(n / schedule.batch_size), n // 2))
    steps = per_epoch * schedule.epochs
    state = _load(checkpoint, recipe=recipe)
    if state is not None:
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
    else:
        state = {"recipe": recipe, "history": [], "best": None, "best_epoch": 0}
    history: list[dict[str, float]] = state["history"]
    with _deterministic():
        for epoch in range(len(history) + 1, schedule.epochs + 1):
            if len(history) - state["best_epoch"] >= schedule.patience:
                break
            rng = np.random.default_rng([schedule.seed, epoch])
            batches = np.array_split(rng.permutation(split.train), per_epoch)
            last = history[-1] if history else {}
            model.train()
            for step, index in enumerate(batches, start=(epoch - 1) * per_epoch):
                rate = schedule.learning_rate * _one_cycle(step / steps)
                _learn(optimizer, objective.loss(index, augmentation, rng), rate=rate)
                if progress is not None:
                    progress(
                        TrainingProgress(
                            epoch=epoch,
                            epochs=schedule.epochs,
                            step=step + 1,
                            steps=steps,
                            loss=last.get("loss"),
                            accuracy=last.get("accuracy"),
                        )
                    )
            history.append(objective.check(split.held_out))
            best = min(range(len(history)), key=lambda e: history[e]["loss"]) + 1
            if best == epoch:
                state["best"] = {k: v.clone() for k, v in trunk.state_dict().items()}
                state["best_epoch"] = epoch
            state |= {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
            _save(checkpoint, state)
    trunk.load_state_dict(state["best"])
    trunk.eval()
    return Fitted(trunk, history, state["best_epoch"])


def _optimizer(model: torch.nn.Module, schedule: Schedule) -> torch.optim.Optimizer:
    """Makes AdamW, which decays matrices and filters only."""
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": schedule.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ],
        lr=schedule.learning_rate,
        fused=True,
    )


def _learn(optimizer: torch.optim.Optimizer, loss: torch.Tensor, *, rate: float) -> None:
    """Takes one step down the gradient of `loss`."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    optimizer.step()


def _one_cycle(t: float) -> float:
    """The learning rate after the fraction `t` of all steps, relative to its peak."""
    if t < WARM_UP:
        return 0.05 + 0.95 * t / WARM_UP
    return 0.5 * (1 + math.cos(math.pi * (t - WARM_UP) / (1 - WARM_UP)))


@contextmanager
def _deterministic() -> Iterator[None]:
    """Makes cuDNN choose the same algorithms in every run, and restores its settings at the end."""
    cudnn = torch.backends.cudnn
    before = (cudnn.deterministic, cudnn.benchmark)
    cudnn.deterministic, cudnn.benchmark = True, False
    try:
        yield
    finally:
        cudnn.deterministic, cudnn.benchmark = before


def _save(path: Path, state: dict[str, Any]) -> None:
    with whole(path) as beside:  # a killed run leaves the old or the new checkpoint
        with beside.open("wb") as file:  # to an open file, so that a full disk is told as one
            torch.save(state, file)


def _load(path: Path, *, recipe: str) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    wanted = "a training to resume; delete it, or start over with --restart"
    state = read_torch_file(path, wanted=wanted)
    if state.get("recipe") != recipe or "model" not in state:
        raise NetError(
            f"{path} is an unfinished training on other data or with other settings; finish it "
            "with those, delete it, or start over with --restart"
        )
    return state
