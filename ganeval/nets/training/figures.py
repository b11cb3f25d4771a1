"""Figures of merit of a classifier: accuracy, confusion and calibration."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

BINS = 15


def figures(logits: Tensor, labels: np.ndarray, classes: tuple[str, ...]) -> dict[str, object]:
    """Computes figures of merit on images with known labels, as strict JSON.

    Args:
        logits: logits [n, k].
        labels: class positions [n].
        classes: names of the k classes.

    Returns:
        `n`; `accuracy`; `per_class_accuracy` by name (null for a class without images);
        `confusion`, counts [k, k] with the true class in rows; `log_loss` in nats; and `ece`, the
        expected calibration error. It is the gap between confidence and accuracy of the top
        class, averaged over 15 equal bins of confidence (Guo et al. 2017, arXiv:1706.04599).
    """
    probabilities = logits.double().softmax(1).numpy()
    predicted = probabilities.argmax(1)
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    counts = confusion.sum(axis=1)
    per_class = {
        name: float(confusion[k, k] / counts[k]) if counts[k] else None
        for k, name in enumerate(classes)
    }
    confidence = probabilities.max(1)
    return {
        "n": len(labels),
        "accuracy": float((predicted == labels).mean()),
        "per_class_accuracy": per_class,
        "confusion": confusion.tolist(),
        "log_loss": float(F.cross_entropy(logits.double(), torch.from_numpy(labels))),
        "ece": calibration_error(confidence, predicted == labels),
    }


def calibration_error(confidence: np.ndarray, correct: np.ndarray) -> float:
    """Mean over images of |accuracy - confidence| of their bin; 0 is best and 1 is worst."""
    bins = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    gap = np.bincount(bins, correct - confidence, minlength=BINS)
    return float(np.abs(gap).sum() / len(confidence))


def best_temperature(logits: Tensor, labels: np.ndarray) -> float:
    """The T between 1/20 and 20 for which softmax(logits / T) has the least log-loss.

    The loss is convex in 1 / T, so a golden-section search finds T.
    Source: Guo et al. 2017, arXiv:1706.04599.
    """
    logits, target = logits.double(), torch.from_numpy(labels)

    def loss(log_scale: float) -> float:
        return float(F.cross_entropy(logits * float(np.exp(log_scale)), target))

    low, high = -np.log(20.0), np.log(20.0)
    ratio = (np.sqrt(5.0) - 1) / 2
    while high - low > 1e-4:
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, b) if loss(a) < loss(b) else (a, high)
    return float(np.exp(-(low + high) / 2))
