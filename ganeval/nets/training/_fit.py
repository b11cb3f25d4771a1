"""The training loop: deterministic, resumable after every epoch."""

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ganeval.errors import NetError
from ganeval.nets._prepare import prepare
from ganeval.nets._progress import TrainingProgress
from ganeval.nets._weights import read_torch_file
from ganeval.nets.training._augment import Augmentation, intensities, take
from ganeval.nets.training._data import TrainingData
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


class Batches:
    """Batches of a data set as the net takes them, with or without augmentation."""

    def __init__(
        self, data: TrainingData, *, mean: Tensor, std: Tensor, device: torch.device
    ) -> None:
        self.data, self.mean, self.std, self.device = data, mean, std, device

    def plain(self, index: np.ndarray) -> Tensor:
        """Normalised images, unchanged."""
        return self._finish(self.data.images[index])

    def changed(self, index: np.ndarray, how: Augmentation, rng: np.random.Generator) -> Tensor:
        """Normalised images, augmented."""
        images = take(self.data.images, index, how, rng)
        gain, offset = intensities(len(index), images.shape[1], how, rng)
        gains, offsets = (torch.from_numpy(a).to(self.device) for a in (gain, offset))
        return self._finish(images, gain=gains) + offsets

    def _finish(self, images: np.ndarray, *, gain: Tensor | None = None) -> Tensor:
        x: Tensor
        if self.data.prepared:
            x = torch.from_numpy(images).to(self.device)
        else:
            x = prepare(list(images), card=self.data.card, device=self.device)
        if gain is not None:
            x = x * gain
        return ((x - self.mean) / self.std).contiguous(memory_format=torch.channels_last)


def fit(
    trunk: Trunk,
    batches: Batches,
    split: Split,
    *,
    schedule: Schedule,
    augmentation: Augmentation,
    checkpoint: Path,
    recipe: str,
    progress: Callable[[TrainingProgress], None] | None,
) -> Fitted:
    """Trains `trunk` in place; AdamW, one cycle of the learning rate, cross-entropy.

    All randomness of an epoch follows from the seed and the epoch's number, so a run that goes
    on from `checkpoint` ends with the weights of one that was never interrupted.
    """
    device = batches.device
    trunk.to(device)
    channels_last(trunk)
    decayed = [p for p in trunk.parameters() if p.ndim > 1]
    others = [p for p in trunk.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": schedule.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ],
        lr=schedule.learning_rate,
        fused=True,
    )
    labels = torch.from_numpy(batches.data.labels).to(device)
    n = len(split.train)  # batches of a single image have no variance to normalise by
    per_epoch = max(1, min(math.ceil(n / schedule.batch_size), n // 2))
    steps = per_epoch * schedule.epochs
    state = _load(checkpoint, recipe=recipe)
    if state is not None:
        trunk.load_state_dict(state["trunk"])
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
            trunk.train()
            for i, index in enumerate(np.array_split(order, per_epoch)):
                step = (epoch - 1) * per_epoch + i
                rate = schedule.learning_rate * _one_cycle(step / steps)
                for group in optimizer.param_groups:
                    group["lr"] = rate
                images = batches.changed(index, augmentation, rng)
                optimizer.zero_grad(set_to_none=True)
                _, logits = trunk(images)
                loss = F.cross_entropy(logits, labels[torch.from_numpy(index).to(device)])
                torch.autograd.backward(loss)
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
            held_out = embed(trunk, batches, split.held_out)[1]
            target = labels[torch.from_numpy(split.held_out).to(device)].cpu()
            history.append(
                {
                    "loss": float(F.cross_entropy(held_out, target)),
                    "accuracy": float((held_out.argmax(1) == target).double().mean()),
                }
            )
            best = min(range(len(history)), key=lambda e: history[e]["loss"]) + 1
            if best == epoch:
                state["best"] = {k: v.clone() for k, v in trunk.state_dict().items()}
                state["best_epoch"] = epoch
            state |= {"trunk": trunk.state_dict(), "optimizer": optimizer.state_dict()}
            _save(checkpoint, state)
    trunk.load_state_dict(state["best"])
    trunk.eval()
    return Fitted(trunk, history, state["best_epoch"], resumed_from)


def embed(trunk: Trunk, batches: Batches, index: np.ndarray) -> tuple[Tensor, Tensor]:
    """Embeddings and logits of images as they are, on the CPU; leaves `trunk` in evaluation."""
    trunk.eval()
    parts = []
    with torch.no_grad():
        for start in range(0, len(index), 512):
            outputs = trunk(batches.plain(index[start : start + 512]))
            parts.append([output.cpu() for output in outputs])
    embeddings, logits = (torch.cat(column) for column in zip(*parts, strict=True))
    return embeddings, logits


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
    part = path.with_name(f".{path.name}-{os.getpid()}")
    torch.save(state, part)
    part.replace(path)  # atomic: a killed run leaves the checkpoint before or the one after


def _load(path: Path, *, recipe: str) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    wanted = "a training to resume; delete it, or start over with --restart"
    state = read_torch_file(path, wanted=wanted)
    if state.get("recipe") != recipe:
        raise NetError(
            f"{path} is an unfinished training on other data or with other settings; finish it "
            "with those, delete it, or start over with --restart"
        )
    return state
