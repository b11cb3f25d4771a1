"""Reals, and a generator that gets better with every step."""

import pytest
import torch
from torch import nn

import ganeval


class Blobs(nn.Module):
    """Draws [n, 1, 28, 28] in [-1, 1]; the larger its one parameter, the nearer to the reals."""

    def __init__(self):
        super().__init__()
        self.power = nn.Parameter(torch.tensor(1.5))
        self.noise = nn.Dropout(0.5)  # must be off while it is scored

    def sample(self, n):
        drawn = torch.rand(n, 1, 28, 28) ** self.power * 2 - 1
        return self.noise(drawn)


def blobs(n, *, power=3.0, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(n, 1, 28, 28, generator=generator) ** power * 2 - 1


@pytest.fixture(scope="session")
def digits():
    """[256, 1, 28, 28] in [-1, 1]."""
    return blobs(256)


@pytest.fixture(scope="session")
def real(digits):
    """The same as rows of features, so that no test embeds them again."""
    source = ganeval.open_images(digits, value_range=(-1, 1))
    return ganeval.extract(source, feature_net="mnist")


@pytest.fixture
def generator():
    return Blobs()


@pytest.fixture(scope="session")
def history(real):
    """The scores of three steps of a run."""
    from ganeval.integrations.sampling import SampleScorer

    generator = Blobs()
    scorer = SampleScorer(
        real, generator.sample, feature_net="mnist", value_range=(-1, 1), n=128,
        modules=[generator],
    )  # fmt: skip
    for step in (100, 200, 300):
        with torch.no_grad():
            generator.power.fill_(1 + step / 200)
        scorer(step)
    return scorer.history
