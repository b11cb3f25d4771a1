"""The training loop: deterministic, resumable after every epoch."""

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
from ganeval.nets._progress import TrainingProgress
from ganeval.nets._weights import read_torch_file
from ganeval.nets.training._augment import Augmentation
from ganeval.nets.training._objectives import Objective
from ganeval.nets.training._split import Split
from ganeval.nets.trunk import Trunk, channels_last

WARM_UP = 0.15
"""Part of the steps over which the learning rate rises; it falls as a cosine afterwards."""


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
    """What came of it; the trunk has the weights of the best epoch."""

    trunk: Trunk
    history: list[dict[str, float]]
    best_epoch: int
    resumed_from: int
    """Epochs that an earlier run had done."""


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
    """Trains `trunk` in place for `objective`: AdamW, one cycle of the learning rate.

    All randomness of an epoch follows from the seed and the epoch's number, so a run that goes
    on from `checkpoint` ends with the weights of one that was never interrupted.
    """
    model = objective.model.to(device)
    channels_last(trunk)
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": schedule.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ],
        lr=schedule.learning_rate,
        fused=True,
    )
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
    resumed_from = len(history)
    with _deterministic():
        for epoch in range(len(history) + 1, schedule.epochs + 1):
            if len(history) - state["best_epoch"] >= schedule.patience:
                break
            rng = np.random.default_rng([schedule.seed, epoch])
            order = rng.permutation(split.train)
            model.train()
            for i, index in enumerate(np.array_split(order, per_epoch)):
                step = (epoch - 1) * per_epoch + i
                rate = schedule.learning_rate * _one_cycle(step / steps)
                for group in optimizer.param_groups:
                    group["lr"] = rate
                optimizer.zero_grad(set_to_none=True)
                torch.autograd.backward(objective.loss(index, augmentation, rng))
                optimizer.step()
                if progress is not None:
                    last = history[-1] if history else {}
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
    return Fitted(trunk, history, state["best_epoch"], resumed_from)


def _one_cycle(t: float) -> float:
    if t < WARM_UP:
        return 0.05 + 0.95 * t / WARM_UP
    return 0.5 * (1 + math.cos(math.pi * (t - WARM_UP) / (1 - WARM_UP)))


@contextmanager
def _deterministic() -> Iterator[None]:
    """Makes cuDNN choose the same algorithms in every run; its settings are put back."""
    cudnn = torch.backends.cudnn
    before = (cudnn.deterministic, cudnn.benchmark)
    cudnn.deterministic, cudnn.benchmark = True, False
    try:
        yield
    finally:
        cudnn.deterministic, cudnn.benchmark = before


def _save(path: Path, state: dict[str, Any]) -> None:
    with whole(path) as beside:  # a killed run leaves the checkpoint before or the one after
        torch.save(state, beside)


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
