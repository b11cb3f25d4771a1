"""Fields of recipes, with the number of parameters of each net."""

from dataclasses import asdict
from typing import Any

import torch

from trainers.loop import assemble
from trainers.recipes import RECIPES


def described_recipe(name: str) -> dict[str, Any]:
    """Returns every field of a recipe, and its nets' parameter counts."""
    recipe = RECIPES[name]
    with torch.device("meta"):
        system = assemble(recipe)
    nets = {
        side: sum(p.numel() for p in getattr(system, net).parameters())
        for side, net in (("generator", "g"), ("discriminator", "d"))
    }
    return {"name": name, **asdict(recipe), "parameters": nets}
