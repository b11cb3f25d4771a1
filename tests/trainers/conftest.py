from dataclasses import replace

import numpy as np
import pytest
import torch

from trainers.batches import Images, Texts
from trainers.data import DATA
from trainers.text import embed

CAPTIONS = tuple(f"a picture of {word}" for word in ("a", "b", "c", "d", "e", "f"))
TEXTS = Texts(CAPTIONS, embed(CAPTIONS), tuple("abcdef"), drawn=np.arange(6))


def pictures(shape, n_classes, n, seed):
    """Images [n, ...] uint8 whose brightness tells their class."""
    rng = torch.Generator().manual_seed(seed)
    y = torch.arange(n) % n_classes
    level = (y + 0.5) / n_classes * 200
    noise = 30 * torch.rand(n, *shape, generator=rng)
    return (level[:, None, None, None] + noise).byte(), y


@pytest.fixture
def small_data(monkeypatch):
    """Every set of images, small and made up: the trainers' own data are not always here."""
    for name in DATA:
        source = DATA[name]
        if len(source.shape) == 3:
            k = len(source.classes) or 6
            x, y = pictures(source.shape, k, 4 * k, 0)
            x_test, y_test = pictures(source.shape, k, 2 * k, 1)

            def load(device, x=x, y=y, k=k, x_test=x_test, y_test=y_test):
                return Images(x, y, k, x_test, y_test)

            texts = source.texts and (lambda: TEXTS)
            monkeypatch.setitem(DATA._entries, name, replace(source, load=load, texts=texts))
