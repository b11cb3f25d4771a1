from dataclasses import replace

import numpy as np
import pytest

from ganeval.images import open_images
from ganeval.nets import train_net


def make_source(images, labels=None, *, groups=None, value_range=None):
    """A source of images [n, c, h, w] in memory."""
    source = open_images(np.asarray(images), layout="NCHW", value_range=value_range)

    def texts(values):
        return None if values is None else tuple(str(v) for v in values)

    return replace(source, labels=texts(labels), groups=texts(groups))


def make_shapes(n=96, *, channels=2, size=(12, 14), dtype=np.uint16, high=4095, seed=0):
    """Noisy images of three classes: where in the image a channel is bright."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    images = rng.uniform(0, 0.3, (n, channels, *size))
    for i, label in enumerate(labels):
        rows = slice(*[(0, size[0] // 2), (size[0] // 2, size[0]), (0, size[0])][label])
        images[i, label % channels, rows, : size[1] // 2] += 0.6
    return (images * high).round().astype(dtype), [f"class{k}" for k in labels]


@pytest.fixture(scope="session")
def sources():
    return make_source


@pytest.fixture(scope="session")
def shapes():
    return make_shapes


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """Card of a small net of two channels, trained for a moment, in a folder of its own."""
    images, labels = make_shapes()
    return train_net(
        make_source(images, labels),
        name="shapes",
        out=tmp_path_factory.mktemp("trained"),
        epochs=12,
        batch_size=16,
        flips=False,
        widths=(8, 16),
        dim=6,
        device="cpu",
    )
