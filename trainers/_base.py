"""What the loop trains: two nets, what they see of the data, and what they minimise."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ganeval.errors import InputError
from trainers.batches import Batch, Source
from trainers.losses import Loss
from trainers.nets import Plan
from trainers.nets._base import Build
from trainers.penalties import clip_weights, gradient_penalty, spectral_norm


@dataclass(frozen=True)
class Task:
    """Everything that a system is made from.

    Args:
        build: builder of the nets.
        loss: losses of both nets.
        data: training data.
        noise: random numbers that go into the generator.
        width: factor on hidden channels.
        weight: weight of the gradient penalty.
    """

    build: Build
    loss: Loss
    data: Source
    noise: int = 100
    width: float = 1.0
    weight: float = 10.0

    @property
    def n_classes(self) -> int:
        """Number of classes; 0 without labels."""
        return len(self.data.classes)

    def plan(self, *, extra: int = 0, channels: int | None = None, seen: int | None = None) -> Plan:
        """Plan of the nets; without arguments, of an unconditional pair."""
        channels = self.data.shape[0] if channels is None else channels
        return Plan(
            noise=self.noise,
            extra=extra,
            channels=channels,
            seen=channels if seen is None else seen,
            n_classes=self.n_classes,
            width=self.width,
            norm=self.loss.norm,
        )


class System(nn.Module):
    """An unconditional system: neither net sees a label. Subclasses override what differs.

    `g` is the generator, `d` the discriminator.
    """

    labelled = False
    """Whether the system needs classes."""
    each = False
    """Whether a batch of n holds n images of every class."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task
        if self.labelled and not task.n_classes:
            raise InputError("this conditioning needs classes, and the data has none; use 'none'")
        self.g, self.d = self.nets()
        if task.loss.spectral:
            spectral_norm(self.d)

    def nets(self) -> tuple[nn.Module, nn.Module]:
        """Generator and discriminator with fresh weights."""
        return self.task.build(self.task.plan())

    @property
    def noise(self) -> int:
        """Random numbers that go into one image."""
        return self.task.noise

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes that can be drawn; empty if the system ignores labels."""
        return self.task.data.classes if self.labelled else ()

    @property
    def subjects(self) -> tuple[str, ...]:
        """Meaning of each class number."""
        return self.classes

    def spread(self, n: int) -> np.ndarray:
        """[n] classes in order, as equal in number as possible."""
        return np.sort(np.arange(n) % max(self.task.n_classes, 1))

    def draw(self, n: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draws noise [n, noise] and uniform classes [n]; with `each`, n of every class."""
        k = self.task.n_classes
        rows = n * k if self.each else n
        z = torch.randn(rows, self.task.noise, generator=rng, device=rng.device)
        if self.each:
            return z, torch.arange(k, device=rng.device).repeat_interleave(n)
        return z, torch.randint(max(k, 1), (n,), generator=rng, device=rng.device)

    def real(self, batch: Batch) -> Batch:
        """Real images in the form that the discriminator takes."""
        return batch

    def generate(self, z: Tensor, y: Tensor) -> Batch:
        """Fakes in the form that the discriminator takes."""
        return Batch(self.g(z), y)

    def pictures(self, z: Tensor, y: Tensor) -> Tensor:
        """[n, c, h, w]: fakes of these classes in the form of the data."""
        return self.generate(z, y).x

    def seen(self, batch: Batch) -> Tensor:
        """Input of the discriminator; gradient penalties mix it."""
        return batch.x

    def score(self, seen: Tensor, y: Tensor) -> Tensor:
        """Logits [n]."""
        scores: Tensor = self.d(seen)
        return scores

    def d_loss(self, real: Batch, fake: Batch, rng: torch.Generator) -> Tensor:
        """Loss of the discriminator; `fake` carries no gradient."""
        loss, seen, seen_fake = self.task.loss, self.seen(real), self.seen(fake)
        total = loss.d(self.score(seen, real.y), self.score(seen_fake, fake.y))
        if loss.penalty:
            total = total + self.task.weight * gradient_penalty(
                lambda between: self.score(between, real.y), seen, seen_fake, rng
            )
        return total

    def g_loss(self, fake: Batch) -> Tensor:
        """Loss of the generator."""
        return self.task.loss.g(self.score(self.seen(fake), fake.y))

    def after_d_step(self) -> None:
        """Clips the critic's weights if the loss requires it."""
        if self.task.loss.clip is not None:
            clip_weights(self.d.parameters(), self.task.loss.clip)
