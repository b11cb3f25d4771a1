"""Recipes of `trainers` with what is changed of them: a quarter of the width, and few steps."""

from dataclasses import dataclass, field
from typing import Any

from trainers.recipes import RECIPES


@dataclass(frozen=True)
class Row:
    """A recipe and what is changed of it."""

    recipe: str
    changes: dict[str, Any] = field(default_factory=dict)
    seed: int = 0


def narrow(recipe: str, **changes: Any) -> Row:
    """A quarter of the usual width, which wants four times the step size, and batches of 32."""
    usual = {"width": 0.25, "lr": 4 * RECIPES[recipe].lr, "batch_size": 32}
    return Row(recipe, {**usual, **changes})


ROWS = {
    **{
        name: narrow(name, steps=2000, batch_size=256)
        for name in ("toy-wgan", "toy-cgan", "toy-clsgan", "toy-cwgan-gp")
    },
    "toy-gan-seed-1": Row("toy-gan", {"steps": 400}, seed=1),
    "toy-gan-fixed-points": Row("toy-gan", {"steps": 400, "data": "gaussians-rows"}),
    **{
        name: narrow(name, steps=2000)
        for name in (
            "mnist-lsgan",
            "mnist-sngan",
            "mnist-cgan",
            "mnist-multichannel",
            "mnist-projection",
            "mnist-projection-mean",
        )
    },
    **{
        name: narrow(name, steps=1500)
        for name in (
            "mnist-wgan",
            "mnist-wgan-gp",
            "mnist-sngan-hinge",
            "mnist-projection-miyato",
        )
    },
    "mnist-gan": narrow("mnist-gan", steps=3000),
    "mnist-one-class": narrow("mnist-one-class", steps=1500, batch_size=8),
    **{
        name: narrow(name, steps=1000)
        for name in ("cifar-sngan", "cifar-projection", "cifar-multichannel")
    },
    "cifar-sngan-hinge": narrow("cifar-sngan-hinge", steps=300),
    **{
        name: narrow(name, data="synthlin6", steps=2000)
        for name in ("lin6-gan", "lin6-sngan", "lin6-multichannel", "lin6-projection")
    },
    **{
        name: narrow(name, data="synthlin6-flipped", steps=500)
        for name in ("lin6-wgan", "lin6-wgan-gp", "lin6-separable")
    },
    "lin6-cwgan-gp": narrow("lin6-cwgan-gp", data="synthlin6", steps=500),
    "lin6-one-class": narrow("lin6-one-class", data="synthlin6-flipped", steps=300, batch_size=8),
    "lin6-star": narrow("lin6-star", data="synthlin6-flipped", steps=1000, batch_size=8),
    "lin6-star-gan": narrow("lin6-star-gan", data="synthlin6-flipped", steps=1000, batch_size=8),
    **{
        name: narrow(name, data="synthlin41", steps=5000)
        for name in (
            "lin41-cgan",
            "lin41-multichannel",
            "lin41-projection",
            "lin41-projection-separable",
        )
    },
    "synthlin-stackgan": Row("synthlin-stackgan", {"lr": 1e-3, "ema": 0.99, "steps": 6000}),
    "synthlin-stackgan-projection": Row(
        "synthlin-stackgan-projection", {"lr": 1e-3, "ema": 0.99, "steps": 4000}
    ),
}
"""Whether each learns."""
