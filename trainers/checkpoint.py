"""A run on disk: `run.json` describes it, `last.pt` is its newest state, `step-N.pt` older ones."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from ganeval.errors import InputError
from ganeval.files import whole, write_text
from ganeval.schema import decode, fit
from trainers.recipes import Recipe, check

LAST = "last.pt"
DESCRIPTION = "run.json"


@dataclass(frozen=True)
class Run:
    """Everything that identifies a run; with the step, also all of its random state."""

    name: str
    recipe: Recipe
    seed: int = 0
    precise: bool = True
    """float32 throughout; otherwise bfloat16 where autocast takes it."""
    checkpoints: tuple[int, ...] | None = None
    """Steps that are kept, shown and scored besides the first and the last; None takes 1, 2 and 5
    times powers of ten from 100 on."""

    def keeps(self, step: int) -> bool:
        """Whether the checkpoint of a step is kept."""
        if step == self.recipe.steps:
            return True
        if self.checkpoints is not None:
            return step in self.checkpoints
        power = 10 ** int(math.log10(max(step, 1)))
        return step >= 100 and step in {power, 2 * power, 5 * power}


def describe(run: Run, folder: Path) -> None:
    """Writes the description of a run."""
    write_text(folder / DESCRIPTION, json.dumps(asdict(run), indent=1) + "\n")


def described(folder: Path) -> Run:
    """Reads the description of a run, or raises InputError."""
    path = folder / DESCRIPTION
    if not path.is_file():
        raise InputError(f"{folder} holds no {DESCRIPTION}; give a folder that `train` wrote")
    try:
        data = decode(path.read_bytes())
        run = fit(data, Run)
        if unknown := (data.keys() | data["recipe"].keys()) - _known(run):
            raise ValueError(f"unknown field {min(unknown)}")
        if not 0 <= run.seed < 1 << 63:
            raise ValueError(f"seed is {run.seed}; wanted 0 or more")
        check(run.recipe)
    except ValueError as error:
        raise InputError(
            f"{path} is not what `train` writes ({error}); train again in another folder"
        ) from None
    return run


def _known(run: Run) -> set[str]:
    """Names of all fields of a description."""
    return {*asdict(run), *asdict(run.recipe)}


def save(path: Path, state: Mapping[str, Any]) -> None:
    """Writes a file completely or not at all: a killed write leaves the old file."""
    with whole(path) as beside, beside.open("wb") as file:  # torch tells a full disk only then
        torch.save(dict(state), file)


def load(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Loads tensors and plain values only; anything else in the file raises InputError."""
    if not path.is_file():
        raise InputError(f"there is no checkpoint {path}; `train` writes {LAST} and step-N.pt")
    try:
        state = torch.load(path, map_location=device, weights_only=True)
    except Exception as error:  # torch raises many kinds for a file that is not its own
        raise InputError(
            f"{path} is not a checkpoint of `train`, or damaged ({type(error).__name__}); give "
            f"another {LAST} or step-N.pt"
        ) from None
    step = state.get("step") if isinstance(state, dict) else None
    if not isinstance(state, dict) or type(step) is not int or not 0 <= step < 1 << 53:
        raise InputError(f"{path} is not a checkpoint of `train`; give {LAST} or step-N.pt")
    return state
