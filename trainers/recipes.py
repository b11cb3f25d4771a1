"""What is trained: one entry per model of the thesis, and small ones that learn on a laptop."""

from dataclasses import dataclass, replace

from ganeval.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that a run depends on but its seed and device; a field is an option of `train`."""

    data: str
    nets: str
    loss: str
    conditioning: str = "none"
    steps: int
    batch_size: int = 64
    d_steps: int = 1
    lr: float = 2e-4
    betas: tuple[float, float] | None = (0.5, 0.999)  # of Adam; None is RMSprop
    noise: int = 100
    width: float = 1.0
    weight: float = 10.0  # of the gradient penalty
    ema: float = 0.0  # of the generator's weights; 0 keeps none
    judge: str = ""  # feature net of FID at checkpoints; "" is none
    notes: str = ""


RECIPES: Registry[Recipe] = Registry("recipe")

_TOY = Recipe(
    data="gaussians", nets="toy", loss="gan", steps=6000, batch_size=256, d_steps=10,
    lr=1e-4, betas=(0.5, 0.9), noise=2, weight=0.1,
)  # fmt: skip

for _name, _recipe in {
    # 25 Gaussians: Table 1.
    "toy-gan": replace(_TOY, lr=1e-3),
    "toy-lsgan": replace(_TOY, loss="lsgan"),
    "toy-wgan": replace(_TOY, loss="wgan", lr=5e-5, betas=None, d_steps=5),
    "toy-wgan-gp": replace(_TOY, loss="wgan-gp"),
}.items():
    RECIPES.add(_name, _recipe)
