"""What the scripts here have in common: a test set's figures, and the machine behind them."""

import time
from typing import Any

import numpy as np
import torch

from benchmarks._machine import processor
from ganeval.images import ImageSource, iterate
from ganeval.nets import Card, TrainingProgress, load_net, prepare
from ganeval.nets.training.figures import figures


def evaluate(card: Card, source: ImageSource, *, threads: int) -> dict[str, Any]:
    """Figures of a net on labelled images it has not seen, and how fast it embeds them."""
    torch.set_num_threads(threads)
    net = load_net(card)
    logits, rows, seconds = [], [], 0.0
    for batch in iterate(source, batch_size=256):
        images = prepare(batch.pixels, card=card)
        start = time.process_time()
        output = net(images)
        seconds += time.process_time() - start
        assert output.logits is not None and card.classes is not None
        logits.append(output.logits)
        rows.append(output.features)
    assert source.labels is not None and card.classes is not None
    labels = np.array([card.classes.index(label) for label in source.labels])
    features = torch.cat(rows).numpy()
    return {
        **figures(torch.cat(logits), labels, card.classes),
        "embedded_per_cpu_second": round(len(labels) / seconds),
        "feature_std": [round(float(f(features.std(axis=0))), 3) for f in (np.min, np.max)],
    }


def machine(threads: int) -> dict[str, Any]:
    """The processor and software that figures and times hold for."""
    return {"cpu": processor(), "threads": threads, "torch": torch.__version__}


def show(progress: TrainingProgress) -> None:
    """One line per epoch."""
    if progress.step == 1 or progress.step * progress.epochs % progress.steps == 0:
        loss = "" if progress.loss is None else f"  loss {progress.loss:.4f}"
        accuracy = "" if progress.accuracy is None else f"  accuracy {progress.accuracy:.4f}"
        print(f"epoch {progress.epoch}/{progress.epochs}{loss}{accuracy}", flush=True)
