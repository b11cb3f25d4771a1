"""A loss of your own: two functions of logits, and a line that registers them.

    python examples/add_own_loss.py

Relativistic: what counts is how much more real the reals look than the fakes
(Jolicoeur-Martineau 2019, arXiv:1807.00734).
"""

import tempfile
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import softplus

from trainers.checkpoint import Run
from trainers.loop import train
from trainers.losses import LOSSES, Loss
from trainers.recipes import RECIPES


def relativistic_d(real: Tensor, fake: Tensor) -> Tensor:
    """Reals should look more real than the average fake."""
    return softplus(fake.mean() - real).mean() + softplus(fake - real.mean()).mean()


def relativistic_g(fake: Tensor) -> Tensor:
    """The generator's side, without the reals."""
    return softplus(-fake).mean()


LOSSES.add("relativistic", Loss(relativistic_d, relativistic_g))
recipe = replace(RECIPES["toy-gan"], loss="relativistic", steps=60, width=0.1)
with tempfile.TemporaryDirectory() as folder:
    scores = train(Run("relativistic", recipe), Path(folder) / "run", device=torch.device("cpu"))
print(scores)
