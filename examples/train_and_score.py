"""Train a small GAN on 25 Gaussians, draw from it, and score what it draws.

python examples/train_and_score.py
"""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

import ganeval
from trainers.chance import stream
from trainers.checkpoint import Run, load
from trainers.loop import start, train
from trainers.recipes import RECIPES
from trainers.sampling import samples

recipe = replace(RECIPES["toy-wgan-gp"], steps=150, d_steps=3, lr=1e-3, width=0.1)
with tempfile.TemporaryDirectory() as folder:
    run, out = Run("toy", recipe), Path(folder)
    train(run, out, device=torch.device("cpu"))
    state = start(run, torch.device("cpu"))
    real, _ = ganeval.datasets.gaussians.GRID.draw(2000, stream(0, "real"))
    for name in ("step-0.pt", "last.pt"):
        state.restore(load(out / name))
        fake = np.concatenate(list(samples(state.system, state.steady, np.zeros(2000), seed=0)))
        print(f"step {state.step}:", ganeval.fid(real, fake.astype(float)))
