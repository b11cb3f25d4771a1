"""Models that tables and figures share: each is trained once, in build/thesis, and resumes.

A model of more steps continues one of fewer: all its random numbers depend on the seed and the step
alone, so it ends with the weights that it would have without the stop.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock

from trainers import checkpoint
from trainers.checkpoint import Run
from trainers.loop import State, earlier_scores, start, train
from trainers.recipes import RECIPES, Recipe, changed
from trainers.sampling import samples

ROOT = Path(__file__).resolve().parents[2] / "build" / "thesis"

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


@dataclass(frozen=True)
class Model:
    """A recipe of `trainers`, its steps and seed, and what is changed of it (FIELD=VALUE)."""

    recipe: str
    steps: int
    changes: tuple[str, ...] = ()
    seed: int = 0

    @property
    def run(self) -> Run:
        """As the trainers describe it."""
        return Run(self.recipe, self._recipe(self.steps), self.seed)

    @property
    def command(self) -> str:
        """What a user would type to train it."""
        options = "".join(f" --set {change}" for change in self.changes)
        return (
            f"python -m trainers train {self.recipe} --seed {self.seed} --steps {self.steps}"
            f"{options}"
        )

    @cached_property
    def folder(self) -> Path:
        """Where it is trained: the same for any number of steps."""
        text = json.dumps([self.recipe, self.changes, self.seed, str(self._recipe(1))])
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        return ROOT / f"{self.recipe}-{self.seed}-{digest}"

    def after(self, steps: int) -> "Model":
        """The same training, stopped after that many steps."""
        return replace(self, steps=steps)

    def train(self) -> None:
        """Trains it, or what is left to train; waits while another process does."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder.with_suffix(".lock")):
            if not self._weights(self.steps).exists():
                self._extend()
                train(self.run, self.folder, device=DEVICE)

    def state(self, step: int | None = None) -> State:
        """The nets after the last step, or at an earlier checkpoint."""
        self.train()
        state = start(self.run, DEVICE)
        state.restore(checkpoint.load(self._weights(self.steps if step is None else step), DEVICE))
        return state

    def checkpoints(self) -> list[int]:
        """Steps that are kept, the initial weights first."""
        self.train()
        found = (int(path.stem.partition("-")[2]) for path in self.folder.glob("step-*.pt"))
        return sorted(step for step in found if step <= self.steps)

    def scores(self) -> list[dict[str, float]]:
        """What the trainers found at each checkpoint."""
        self.train()
        return [row for row in earlier_scores(self.folder) if row["step"] <= self.steps]

    def draw(self, labels: np.ndarray, step: int | None = None, again: int = 0) -> np.ndarray:
        """Images [n, c, h, w] uint8 of these classes [n], or points [n, 2]; others for `again`."""
        state, seed = self.state(step), self.seed + 10_000 * again
        return np.concatenate(list(samples(state.system, state.steady, labels, seed=seed)))

    def _recipe(self, steps: int) -> Recipe:
        recipe = changed(RECIPES[self.recipe], [*self.changes, f"steps={steps}"])
        return replace(recipe, judge="")  # tables and figures have scores of their own

    def _weights(self, step: int) -> Path:
        return self.folder / f"step-{step}.pt"

    def _extend(self) -> None:
        """Tells a finished run of fewer steps that it has more to do."""
        if (self.folder / checkpoint.DESCRIPTION).exists():
            there = checkpoint.described(self.folder)
            if there.recipe.steps < self.steps:
                checkpoint.describe(self.run, self.folder)


def small(recipe: str, steps: int, *changes: str, width: float = 0.25, batch: int = 32) -> Model:
    """A narrow net with four times the step size and small batches."""
    narrow = (f"width={width:g}", f"lr={4 * RECIPES[recipe].lr:g}", f"batch_size={batch}")
    return Model(recipe, steps, (*narrow, *changes))
