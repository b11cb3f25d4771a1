"""A run on disk: `run.json` says what it is, `last.pt` where it stands, `step-N.pt` what it was."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from ganeval.errors import InputError
from trainers.recipes import Recipe

LAST = "last.pt"
DESCRIPTION = "run.json"


@dataclass(frozen=True)
class Run:
    """What makes two runs the same; with the step, all of its random state."""

    name: str
    recipe: Recipe
    seed: int = 0


def describe(run: Run, folder: Path) -> None:
    """Writes what the run is."""
    _replace(folder / DESCRIPTION, (json.dumps(asdict(run), indent=1) + "\n").encode())


def described(folder: Path) -> Run:
    """The run in a folder, or InputError."""
    path = folder / DESCRIPTION
    if not path.is_file():
        raise InputError(f"{folder} holds no {DESCRIPTION}; give a folder that `train` wrote")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        recipe = dict(found["recipe"])
        if recipe.get("betas") is not None:
            recipe["betas"] = tuple(recipe["betas"])
        return Run(found["name"], Recipe(**recipe), found["seed"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is not what `train` writes ({error}); train anew") from None


def save(path: Path, state: Mapping[str, Any]) -> None:
    """All or nothing: a killed write leaves the old file."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        torch.save(dict(state), beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def load(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Tensors and plain values only; anything else in the file is refused with InputError."""
    if not path.is_file():
        raise InputError(f"there is no checkpoint {path}; `train` writes {LAST} and step-N.pt")
    try:
        state = torch.load(path, map_location=device, weights_only=True)
    except Exception as error:  # torch raises many kinds for a file that is not its own
        reason = str(error).partition("\n")[0]
        raise InputError(f"{path} is not a checkpoint of `train` ({reason})") from None
    if not isinstance(state, dict) or "step" not in state:
        raise InputError(f"{path} is not a checkpoint of `train`; give {LAST} or step-N.pt")
    return state


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    os.replace(beside, path)
