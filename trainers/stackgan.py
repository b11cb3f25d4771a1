"""StackGAN++: from text to pictures of three sizes, each size with its own discriminator.

Source: Zhang et al. 2018, arXiv:1710.10916. A class number here is the number of a caption.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from ganeval.errors import InputError
from trainers._base import System
from trainers.batches import Batch, Texts
from trainers.losses import LOSSES, gan_d, gan_g
from trainers.nets import NETS
from trainers.nets.stackgan import CODE, Augmenter, Generator, TextDiscriminator

KL_WEIGHT = 2.0
"""Weight of the divergence of a text's code distribution from the standard normal one."""


@dataclass(frozen=True)
class Pyramid(Batch):
    """Pictures [n, c, h, w] with copies at a quarter and at half of the size.

    Args:
        smaller: the copies, smallest first.
        law: mean and log variance of each text's code distribution; None for real pictures.
    """

    smaller: tuple[Tensor, ...]
    law: tuple[Tensor, Tensor] | None = None

    def detach(self) -> "Pyramid":
        """Returns the pictures without gradients."""
        return Pyramid(self.x.detach(), self.y, tuple(x.detach() for x in self.smaller))

    @property
    def scales(self) -> tuple[Tensor, ...]:
        """Pictures of all sizes, smallest first."""
        return (*self.smaller, self.x)


class StackGan(System):
    """Discriminators with a convolution over features and text together, as published."""

    projection = False
    _vectors: Tensor | None = None
    """[number of captions, 1024], loaded when first needed."""

    def nets(self) -> tuple[nn.Module, nn.Module]:
        """Augmenter and generator; three discriminators."""
        task, shape = self.task, self.task.data.shape
        if task.data.texts is None:
            raise InputError("it needs captions; use data like 'synthlin6-captions'")
        if task.loss is not LOSSES["gan"] or task.build is not NETS["stackgan"]:
            raise InputError(
                "it has only one loss and its own nets; use loss 'gan' and nets 'stackgan'"
            )
        if len(shape) != 3 or shape[1] != shape[2]:
            raise InputError(f"it needs square pictures; these are {shape}")
        if round(64 * task.width) < 4:
            raise InputError(f"width is {task.width:g}; its narrowest layers need 1/16 at least")
        size, channels = shape[1], shape[0]
        generator = Generator(task.noise, size, channels, task.width)
        discriminators = (
            TextDiscriminator(s, channels, task.width, projection=self.projection)
            for s in (size // 4, size // 2, size)
        )
        g = nn.ModuleDict({"augment": Augmenter(), "draw": generator})
        return g, nn.ModuleList(discriminators)

    @property
    def texts(self) -> Texts:
        """Captions of the data."""
        assert self.task.data.texts is not None
        return self.task.data.texts()

    @property
    def subjects(self) -> tuple[str, ...]:
        """Class that each caption describes."""
        return self.texts.subjects

    @property
    def noise(self) -> int:
        """Random numbers of the generator, and those that draw a code for its text."""
        return self.task.noise + CODE

    def draw(self, n: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draws noise and captions; captions are as frequent as among the training images."""
        z = torch.randn(n, self.noise, generator=rng, device=rng.device)
        images = torch.randint(len(self._drawn), (n,), generator=rng, device=rng.device)
        return z, self._drawn.to(rng.device)[images]

    def spread(self, n: int) -> np.ndarray:
        """[n] captions of training images, evenly spaced over all."""
        captions: np.ndarray = self.texts.drawn[np.arange(n) * len(self.texts.drawn) // n]
        return captions

    def real(self, batch: Batch) -> Pyramid:
        """The same pictures at all sizes."""
        size = batch.x.shape[-1]
        smaller = (
            interpolate(batch.x, size=s, mode="bilinear", antialias=True)
            for s in (size // 4, size // 2)
        )
        return Pyramid(batch.x, batch.y, tuple(smaller))

    def generate(self, z: Tensor, y: Tensor) -> Pyramid:
        """Fakes from noise and a code drawn for each caption."""
        mean, log_variance = self._law(y)
        noise, chance = z[:, : self.task.noise], z[:, self.task.noise :]
        code = mean + chance * (log_variance / 2).exp()
        *smaller, x = self._part("draw")(code, noise)
        return Pyramid(x, y, tuple(smaller), (mean, log_variance))

    def d_loss(self, real: Batch, fake: Batch, rng: torch.Generator) -> Tensor:
        """Loss of real pictures with their own and a wrong text, and of fakes; all sizes.

        A picture counts as real twice: with its own text, and with the one from `wrong`.
        """
        assert isinstance(real, Pyramid) and isinstance(fake, Pyramid)
        with torch.no_grad():
            own, wrong, drawn = (self._law(y)[0] for y in (real.y, self.wrong(real.y), fake.y))
        total = real.x.new_zeros(())
        for d, x, x_fake in zip(self._discriminators(), real.scales, fake.scales, strict=True):
            is_real, fits, misfits = d(x, own, wrong)
            fake_real, fake_fits = d(x_fake, drawn)
            total = total + gan_d(fits, misfits) + gan_g(-fake_fits)
            total = total + gan_g(is_real) + gan_d(is_real, fake_real)
        return total

    def wrong(self, y: Tensor) -> Tensor:
        """[n] caption of the next picture, or of the one after it if both show the same."""
        subjects = self._subjects.to(y.device)
        one, two = y.roll(-1), y.roll(-2)
        return torch.where(subjects[one] == subjects[y], two, one)

    def g_loss(self, fake: Batch) -> Tensor:
        """Loss for looking unreal or not fitting the text, at all sizes, plus KL of the codes."""
        assert isinstance(fake, Pyramid) and fake.law is not None
        mean, log_variance = fake.law
        total = KL_WEIGHT * divergence(mean, log_variance)
        if self.projection:
            mean = mean.detach()
        for d, x in zip(self._discriminators(), fake.scales, strict=True):
            is_real, fits = d(x, mean)
            total = total + gan_g(fits) + gan_g(is_real)
        return total

    def _law(self, y: Tensor) -> tuple[Tensor, Tensor]:
        if self._vectors is None or self._vectors.device != y.device:
            self._vectors = torch.from_numpy(self.texts.vectors).to(y.device)
        mean, log_variance = self._part("augment")(self._vectors[y])
        return mean, log_variance

    @cached_property
    def _drawn(self) -> Tensor:
        """[training images] caption of each."""
        return torch.from_numpy(self.texts.drawn)

    @cached_property
    def _subjects(self) -> Tensor:
        """[number of captions] class that each describes, as a number."""
        return torch.from_numpy(np.unique(self.subjects, return_inverse=True)[1])

    def _part(self, name: str) -> nn.Module:
        assert isinstance(self.g, nn.ModuleDict)
        return self.g[name]

    def _discriminators(self) -> nn.ModuleList:
        assert isinstance(self.d, nn.ModuleList)
        return self.d


class ProjectionStackGan(StackGan):
    """An inner product scores whether a picture fits its text: the thesis' variant.

    The code distributions learn through the generator, not from the inner product: its fakes fit
    badly at first, so codes would become 0, which avoids that loss, and stay 0.
    """

    projection = True


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Kullback-Leibler divergence from N(0, 1) in nats: mean over codes and their elements."""
    return -(1 + log_variance - mean.square() - log_variance.exp()).mean() / 2
