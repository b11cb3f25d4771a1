"""Recipes: one entry per model of the thesis, and small ones that train on a laptop."""

import json
from dataclasses import dataclass, fields, replace
from typing import Any

from ganeval.errors import InputError
from ganeval.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that a run depends on except its seed and device; `train --set` changes fields."""

    data: str
    nets: str
    loss: str
    conditioning: str = "none"
    steps: int
    batch_size: int = 64
    d_steps: int = 1
    lr: float = 2e-4
    betas: tuple[float, float] | None = (0.5, 0.999)  # Adam's; None is RMSprop
    noise: int = 100
    width: float = 1.0
    weight: float = 10.0  # factor on the gradient penalty
    ema: float = 0.0  # decay of the mean of the generator's weights; 0: no mean
    judge: str = ""  # feature net of the scores at checkpoints; "" is none
    notes: str = ""  # differences from what was published


_BOUNDS: dict[str, tuple[type, float, float]] = {
    "steps": (int, 1, 1e9), "batch_size": (int, 2, 1e6), "d_steps": (int, 1, 1e4),
    "noise": (int, 1, 1e5), "lr": (float, 1e-12, 1e6), "width": (float, 1e-4, 100),
    "weight": (float, 0, 1e6), "ema": (float, 0, 0.999999),
}  # fmt: skip


def check(recipe: Recipe) -> None:
    """Raises InputError for values that no training could use."""
    for name, (kind, low, high) in _BOUNDS.items():
        value, what = getattr(recipe, name), "whole number" if kind is int else "number"
        fits = isinstance(value, int if kind is int else int | float)
        if not fits or isinstance(value, bool) or not low <= value <= high:
            raise InputError(f"{name} is {value!r}; wanted a {what} from {low:g} to {high:g}")
    for name in ("data", "nets", "loss", "conditioning", "judge", "notes"):
        if not isinstance(getattr(recipe, name), str):
            raise InputError(f"{name} is {getattr(recipe, name)!r}; wanted text")
    betas = recipe.betas
    if betas is not None and not (
        isinstance(betas, tuple)
        and len(betas) == 2
        and all(isinstance(beta, int | float) and 0 <= beta < 1 for beta in betas)
    ):
        raise InputError(
            f"betas is {betas!r}; wanted two numbers from 0 to below 1, or null for RMSprop"
        )


RECIPES: Registry[Recipe] = Registry("recipe")

_TOY = Recipe(
    data="gaussians", nets="toy", loss="gan", steps=6000, batch_size=256, d_steps=10,
    lr=1e-4, betas=(0.5, 0.9), noise=2, weight=0.1,
)  # fmt: skip
_MNIST = Recipe(data="mnist", nets="dcgan", loss="gan", steps=100_000, judge="mnist")
_CIFAR = Recipe(
    data="cifar10",
    nets="cifar",
    loss="sngan",
    steps=100_000,
    lr=1e-4,
    noise=128,
    judge="pixels",
    notes="Power iteration counts as constant (Miyato et al.).",
)
_LIN = Recipe(data="lin6", nets="lin", loss="gan", steps=100_000, judge="lin41")
_OSOKIN = replace(_LIN, data="lin6-flipped")
_TEXT = Recipe(
    data="synthlin6-captions", nets="stackgan", loss="gan", conditioning="stackgan", steps=3000,
    batch_size=24, width=1 / 8, ema=0.999, judge="lin41",
    notes="An eighth of the width, 64 pixels; texts as hashed words; smaller sizes antialiased; "
    "the wrong text is the next picture's, or that after it where both show one protein.",
)  # fmt: skip
_INNER = (
    "Weights of the inner product start at 1/16, since logits begin at 20 otherwise, and it does "
    "not teach the laws of codes, which it drives to 0."
)
_BIRDS = replace(
    _TEXT, data="cub", width=1.0, steps=221_400, judge="",
    notes="Smaller sizes are antialiased; the wrong text is the next picture's, or that after it "
    "where both show one species.",
)  # fmt: skip
_CLIPPED: dict[str, Any] = {"loss": "wgan", "lr": 5e-5, "betas": None, "d_steps": 5}
_SMOOTH: dict[str, Any] = {"loss": "wgan-gp", "d_steps": 5}

for _name, _recipe in {
    # 25 Gaussians: Table 1.
    "toy-gan": replace(_TOY, lr=1e-3),
    "toy-lsgan": replace(_TOY, loss="lsgan"),
    "toy-wgan": replace(
        _TOY, **_CLIPPED,
        notes="The thesis has no such run; rates of Arjovsky et al. 2017.",
    ),
    "toy-wgan-gp": replace(_TOY, loss="wgan-gp"),
    "toy-wgan-gp-100k": replace(_TOY, loss="wgan-gp", steps=100_000),
    "toy-wgan-gp-sharp": replace(
        _TOY, data="gaussians-sharp", loss="wgan-gp", steps=100_000, d_steps=5,
        notes="Gulrajani et al. 2017, but with PyTorch's initial weights.",
    ),
    "toy-cgan": replace(_TOY, data="gaussians-rows", conditioning="concat", lr=1e-3),
    "toy-clsgan": replace(
        _TOY, data="gaussians-rows", conditioning="concat", loss="lsgan",
        notes="No script of it survives; LSGAN's settings.",
    ),
    "toy-cwgan-gp": replace(_TOY, data="gaussians-rows", conditioning="concat", loss="wgan-gp"),
    # Digits.
    "mnist-gan": replace(_MNIST, nets="dcgan-plain"),
    "mnist-lsgan": replace(_MNIST, loss="lsgan", notes="No script of it survives; GAN's settings."),
    "mnist-wgan": replace(
        _MNIST, **_CLIPPED, notes="The thesis has no such run; rates of Arjovsky et al. 2017."
    ),
    "mnist-wgan-gp": replace(_MNIST, nets="mnist-wgan", **_SMOOTH, batch_size=50),
    "mnist-sngan": replace(
        _MNIST, loss="sngan",
        notes="Power iteration counts as constant (Miyato et al.); 64 channels, not 128, and no "
        "biases beside batch norm.",
    ),
    "mnist-sngan-hinge": replace(
        _MNIST, loss="sngan-hinge", d_steps=5, betas=(0.0, 0.9),
        notes="As Miyato et al. 2018: no batch norm in the discriminator.",
    ),
    "mnist-cgan": replace(
        _MNIST, conditioning="concat", steps=40_000, batch_size=128,
        notes="Widths of the author's last version (64 and 64); others were tried.",
    ),
    "mnist-one-class": replace(_MNIST, conditioning="one-class", steps=20_000, width=2.0),
    "mnist-multichannel": replace(
        _MNIST, conditioning="multichannel",
        notes="No biases in the discriminator: batch norm takes them away, but for the last.",
    ),
    "mnist-projection": replace(_MNIST, conditioning="projection"),
    "mnist-projection-miyato": replace(
        _MNIST, conditioning="projection-miyato", loss="sngan-hinge", d_steps=5, betas=(0.0, 0.9),
        notes="Miyato & Koyama 2018 on DCGAN's nets; the generator has the label in its noise.",
    ),
    "mnist-projection-mean": replace(_MNIST, conditioning="projection-mean"),
    # Photographs.
    "cifar-sngan": _CIFAR,
    "cifar-sngan-hinge": replace(
        _CIFAR, loss="sngan-hinge", lr=2e-4, betas=(0.0, 0.9), d_steps=5
    ),
    "cifar-projection": replace(
        _CIFAR, conditioning="projection-miyato",
        notes="Power iteration counts as constant (Miyato et al.); the vectors of the classes have "
        "no bias.",
    ),
    "cifar-multichannel": replace(
        _CIFAR, nets="dcgan", loss="gan", conditioning="multichannel", lr=2e-4, noise=100,
        notes="No biases in the discriminator: batch norm takes them away, but for the last.",
    ),
    # Yeast: LIN's own images; --set data=synthlin6 or synthlin41 takes simulated ones.
    "lin6-gan": replace(_LIN, steps=500_000),
    "lin6-wgan": replace(
        _OSOKIN, **_CLIPPED, steps=500_000,
        notes="Batch norm after the critic's first convolution too, which Osokin et al. had not.",
    ),
    "lin6-wgan-gp": replace(_OSOKIN, **_SMOOTH, lr=1e-4, betas=(0.0, 0.9), steps=500_000),
    "lin6-sngan": replace(
        _LIN, loss="sngan",
        notes="The thesis has no such run of six; no biases, and power iteration is constant.",
    ),
    "lin6-cwgan-gp": replace(_LIN, **_SMOOTH, conditioning="concat"),
    "lin6-one-class": replace(
        _OSOKIN, **_SMOOTH, lr=1e-4, betas=(0.0, 0.9), conditioning="one-class", steps=50_000
    ),
    "lin6-multichannel": replace(_LIN, conditioning="multichannel"),
    "lin6-projection": replace(_LIN, conditioning="projection"),
    "lin6-separable": replace(
        _OSOKIN, **_SMOOTH, nets="lin-separable", lr=1e-4, betas=(0.0, 0.9), steps=500_000
    ),
    "lin6-star": replace(
        _OSOKIN, **_SMOOTH, nets="lin-star", conditioning="star", lr=1e-4, betas=(0.0, 0.9),
        steps=50_000,
    ),
    "lin6-star-gan": replace(
        _OSOKIN, nets="lin-star", conditioning="star", steps=50_000,
        notes="Batch norm after D's first convolution too, which Osokin et al. had not.",
    ),
    "lin41-cgan": replace(_LIN, data="lin41", conditioning="concat"),
    "lin41-multichannel": replace(
        _LIN, data="lin41", conditioning="multichannel", loss="sngan", steps=200_000,
        notes="No biases, and power iteration counts as constant (Miyato et al.).",
    ),
    "lin41-projection": replace(_LIN, data="lin41", conditioning="projection"),
    "lin41-projection-separable": replace(
        _LIN, data="lin41", conditioning="projection", nets="lin-separable",
        notes="The author's first layer let green noise into red; here 50 of 100 are red's.",
    ),
    # Text to yeast.
    "synthlin-stackgan": _TEXT,
    "synthlin-stackgan-projection": replace(
        _TEXT, conditioning="stackgan-projection", notes=f"{_TEXT.notes} {_INNER}"
    ),
    # Text to birds, as published.
    "cub-stackgan": _BIRDS,
    "cub-stackgan-projection": replace(
        _BIRDS, conditioning="stackgan-projection", notes=f"{_BIRDS.notes} {_INNER}"
    ),
}.items():  # fmt: skip
    RECIPES.add(_name, _recipe)


def changed(recipe: Recipe, changes: list[str]) -> Recipe:
    """Applies FIELD=VALUE to a recipe, or raises InputError that lists the fields."""
    kinds = {field.name: field.type for field in fields(Recipe)}
    values: dict[str, Any] = {}
    for change in changes:
        name, equals, text = change.partition("=")
        if name not in kinds or not equals:
            raise InputError(
                f"--set {change} is not a field of a recipe; known: {', '.join(kinds)}"
            )
        try:
            values[name] = text if kinds[name] is str else json.loads(text)
        except (ValueError, RecursionError):
            raise InputError(
                f"--set {change[:80]}: wanted a number, a list [0.5, 0.9] or null"
            ) from None
        if isinstance(values[name], list):
            values[name] = tuple(values[name])
    return replace(recipe, **values)
