"""MNIST's and CIFAR-10's held-out images, and features of digits."""

from dataclasses import replace
from functools import cache

import numpy as np
import torch

import ganeval
from benchmarks.thesis.models import DEVICE
from ganeval import Features
from trainers.data import DATA


@cache
def held_out(data: str, n: int) -> tuple[np.ndarray, np.ndarray]:
    """At most n images [n, c, h, w] uint8 that no model has seen, and their classes [n]."""
    return DATA[data].load(DEVICE).held_out(n)


def seen(images: np.ndarray, net: str, labels: np.ndarray, names: tuple[str, ...]) -> Features:
    """Features of images [n, c, h, w] uint8, labelled."""
    found = ganeval.extract(torch.from_numpy(np.ascontiguousarray(images)), net)
    return replace(found, labels=tuple(names[k] for k in labels))
