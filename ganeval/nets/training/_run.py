"""Runs one training, from images in memory to files on disk."""

import hashlib
import json
import os
import platform
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save

from ganeval.errors import NetError
from ganeval.files import remove_leftovers, whole
from ganeval.nets._base import Card
from ganeval.nets._find import CARD_FILE, load_card
from ganeval.nets._network import Trunk, default_widths, make_trunk
from ganeval.nets._progress import TrainingProgress
from ganeval.nets._weights import TRAINING_HASHES, checked_weights, sha256_of, write_card
from ganeval.nets.training._augment import Augmentation
from ganeval.nets.training._batches import Batches
from ganeval.nets.training._data import TrainingData
from ganeval.nets.training._fit import Fitted, Schedule, fit
from ganeval.nets.training._objectives import (
    METHOD,
    Classification,
    Objective,
    Recognition,
    embed,
)
from ganeval.nets.training._split import Split, hold_out
from ganeval.nets.training.figures import best_temperature, figures

WEIGHTS_FILE = "weights.safetensors"
CHECKPOINT_FILE = "checkpoint.pt"


def run(
    data: TrainingData,
    *,
    folder: Path,
    dim: int,
    widths: tuple[int, ...] | None,
    schedule: Schedule,
    augmentation: Augmentation,
    held_out: float,
    device: torch.device,
    resume: bool,
    overwrite: bool,
    licence: str,
    data_name: str,
    progress: Callable[[TrainingProgress], None] | None,
) -> Card:
    """Splits the data, trains, calibrates and writes the net; see `train_net` for the arguments."""
    assert data.card.input_size is not None
    widths = widths or default_widths(data.card.input_size)
    settings: dict[str, object] = {
        **asdict(schedule),
        **asdict(augmentation),
        "held_out": held_out,
        "dim": dim,
        "widths": list(widths),
    }
    recipe = _recipe(data, settings)
    if not overwrite:
        if (done := _finished(folder, recipe=recipe, resume=resume)) is not None:
            return done
        _check_free(folder)
    split = _split(data, held_out=held_out, seed=schedule.seed)
    mean, std = _moments(data, split.train)
    batches = Batches(data, mean=_column(mean, device), std=_column(std, device), device=device)
    trunk, objective = _start(batches, dim=dim, widths=widths, seed=schedule.seed)
    remove_leftovers(folder)
    checkpoint = folder / CHECKPOINT_FILE
    if not resume:
        checkpoint.unlink(missing_ok=True)
    fitted = fit(
        trunk,
        objective,
        split,
        schedule=schedule,
        augmentation=augmentation,
        checkpoint=checkpoint,
        recipe=recipe,
        device=device,
        progress=progress,
    )
    validation = _validate(fitted, batches, split)  # before the weights, which it may calibrate
    hashes = np.sort(data.hashes[split.train])
    sha256 = _write_weights(folder / WEIGHTS_FILE, fitted, hashes)
    card = replace(
        data.card,
        dim=dim,
        classes=data.classes or None,
        options={"widths": list(widths), "mean": mean.tolist(), "std": std.tolist()},
        training={
            "data": data_name,
            **_facts(data, split, hashes),
            "settings": settings,
            "epochs_run": len(fitted.history),
            "best_epoch": fitted.best_epoch,
            "recipe": recipe,
            "software": _software(),
            "device": str(device),
            "notes": [*data.notes, *split.notes, *_leaks(data, split)],
        },
        validation=validation,
        licence=licence,
        source="trained with ganeval nets train",
        weights=WEIGHTS_FILE,
        sha256=sha256,
        folder=folder,
    )
    write_card(folder / CARD_FILE, card)
    checkpoint.unlink(missing_ok=True)
    return card


def _recipe(data: TrainingData, settings: dict[str, object]) -> str:
    """A hash of the data and all settings; the same recipe gives the same net."""
    known = [settings, data.card.to_dict(), data.digest]
    if data.groups is not None:
        pairs = zip(data.hashes, data.groups, strict=True)
        known.append(sorted(f"{h:016x} {group}" for h, group in pairs))
    text = json.dumps(known, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _split(data: TrainingData, *, held_out: float, seed: int) -> Split:
    """Holds out images; without classes, enough for a loss that compares images."""
    if not data.classes:
        held_out = max(held_out, min(0.25, 4 / len(data.labels)))
    classes = data.classes or ("all",)
    return hold_out(data.labels, data.groups, classes=classes, fraction=held_out, seed=seed)


def _start(
    batches: Batches, *, dim: int, widths: tuple[int, ...], seed: int
) -> tuple[Trunk, Objective]:
    """Makes a trunk with random weights, and its objective."""
    data, generator = batches.data, torch.Generator().manual_seed(seed)
    assert data.card.channels is not None
    trunk = make_trunk(
        channels=data.card.channels,
        widths=widths,
        dim=dim,
        classes=len(data.classes) or None,
        generator=generator,
    )
    if data.classes:
        return trunk, Classification(trunk, batches)
    return trunk, Recognition(trunk, batches, generator)


def _column(values: np.ndarray, device: torch.device) -> torch.Tensor:
    """Values [c] of the channels as float32 [c, 1, 1]."""
    return torch.tensor(values.tolist(), dtype=torch.float32, device=device).reshape(-1, 1, 1)


def _facts(data: TrainingData, split: Split, hashes: np.ndarray) -> dict[str, object]:
    """What the card says about the images that the net was trained on."""
    return {
        "method": "cross-entropy of the classes" if data.classes else f"no labels: {METHOD}",
        "data_digest": data.digest,
        "n_images": len(split.train),
        "hashes_digest": hashlib.blake2b(hashes.tobytes(), digest_size=16).hexdigest(),
        "n_groups": None if data.groups is None else len(set(data.groups)),
    }


def _finished(folder: Path, *, recipe: str, resume: bool) -> Card | None:
    """The card if this same training is complete already."""
    if not resume or not (folder / CARD_FILE).exists():
        return None
    card = load_card(folder)
    if card.training.get("recipe") != recipe:
        return None
    checked_weights(card)
    return card


def _check_free(folder: Path) -> None:
    """NetError if another net is there, or weights that are not those of an unfinished training."""
    if os.path.lexists(folder / CARD_FILE):
        raise NetError(
            f"{folder} holds a trained net already, of other data or settings; choose another "
            "--name, or replace it with --force"
        )
    if os.path.lexists(folder / WEIGHTS_FILE) and not (folder / CHECKPOINT_FILE).exists():
        raise NetError(
            f"{folder / WEIGHTS_FILE} exists; choose another --name, or replace it with --force"
        )


def _moments(data: TrainingData, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation [c] of the training images, in units of the value range."""
    total, square, n = 0.0, 0.0, 0
    for start in range(0, len(index), 1024):
        part = data.images[index[start : start + 1024]].astype(np.float64)
        total, square = total + part.sum((0, 2, 3)), square + (part**2).sum((0, 2, 3))
        n += part[:, 0].size
    mean = np.asarray(total) / n
    std = np.sqrt(np.maximum(np.asarray(square) / n - mean**2, 0))
    if not data.prepared:
        assert data.card.value_range is not None
        low, high = np.array(data.card.value_range).T
        mean, std = (mean - low) / (high - low), std / (high - low)
    std = np.where(std < 1e-6, 1.0, std)  # a constant channel carries nothing to amplify
    return mean, std


def _validate(fitted: Fitted, batches: Batches, split: Split) -> dict[str, object]:
    """Figures on the held-out images; a classifier is calibrated in place."""
    if batches.data.classes:
        return _calibrate(fitted, batches, split)
    return {
        "n": len(split.held_out),
        "loss": fitted.history[fitted.best_epoch - 1]["loss"],
        "method": "loss of held-out images, which also chose the epoch; no classes, so no accuracy",
    }


def _calibrate(fitted: Fitted, batches: Batches, split: Split) -> dict[str, object]:
    """Divides the last layer by the best temperature; returns figures before and after."""
    labels = batches.data.labels[split.held_out]
    _, logits = embed(fitted.trunk, batches, split.held_out)
    assert logits is not None and fitted.trunk.head is not None
    before = figures(logits, labels, batches.data.classes)
    temperature = best_temperature(logits, labels)
    with torch.no_grad():
        for parameter in fitted.trunk.head.parameters():
            parameter.div_(temperature)
    after = figures(logits / temperature, labels, batches.data.classes)
    return {
        **after,
        "temperature": temperature,
        "ece_before_temperature": before["ece"],
        "method": "held-out images, which also chose the epoch and the temperature; ece over 15 "
        "bins of the top class",
    }


def _leaks(data: TrainingData, split: Split) -> list[str]:
    same = int(np.isin(data.hashes[split.held_out], data.hashes[split.train]).sum())
    if not same:
        return []
    return [
        f"{same} of {len(split.held_out)} held-out images are also among those trained on, pixel "
        "for pixel: the held-out figures flatter the net; remove duplicates or group them"
    ]


def _write_weights(path: Path, fitted: Fitted, hashes: np.ndarray) -> str:
    """Writes the weights atomically, and returns their SHA-256."""
    tensors = {k: v.cpu().contiguous() for k, v in fitted.trunk.state_dict().items()}
    tensors[TRAINING_HASHES] = torch.from_numpy(hashes.view(np.int64))
    with whole(path) as beside:
        beside.write_bytes(save(tensors))  # save_file makes a file that only its owner can read
    return sha256_of(path)


def _software() -> dict[str, str]:
    from ganeval.version import __version__

    return {
        "ganeval": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }
