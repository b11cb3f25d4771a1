"""A conditioning of your own: a subclass of `System` that overrides what differs.

    python examples/add_own_conditioning.py

Here the label shifts the noise of the generator and reaches the discriminator by projection.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from trainers.batches import Batch
from trainers.checkpoint import Run
from trainers.conditioning import MiyatoProjection
from trainers.loop import train
from trainers.nets import Discriminator
from trainers.nets.projected import Projected
from trainers.recipes import RECIPES
from trainers.systems import CONDITIONINGS


class ShiftedNoise(MiyatoProjection):
    """Each class shifts the noise by a learned vector."""

    def nets(self) -> tuple[nn.Module, nn.Module]:
        """The generator takes only noise, and has a table of shifts."""
        g, d = self.task.build(self.task.plan())
        assert isinstance(d, Discriminator)
        shifts = nn.Embedding(self.task.n_classes, self.task.noise)
        both = nn.ModuleDict({"shifts": shifts, "net": g})
        return both, Projected(d, self.task.n_classes, unconditional=True)

    def generate(self, z: Tensor, y: Tensor) -> Batch:
        """Fakes from noise shifted by class."""
        return Batch(self.g["net"](z + self.g["shifts"](y)), y)  # type: ignore[index]


CONDITIONINGS.add("shifted-noise", ShiftedNoise)
recipe = replace(RECIPES["toy-cgan"], conditioning="shifted-noise", steps=60, width=0.1)
with tempfile.TemporaryDirectory() as folder:
    scores = train(Run("shifted", recipe), Path(folder) / "run", device=torch.device("cpu"))
print(scores)
