"""How a label gets into both nets: one subclass of `System` for each way."""

from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from ganeval.errors import InputError
from trainers._base import System
from trainers.batches import Batch
from trainers.nets import Discriminator
from trainers.nets.projected import Projected
from trainers.nets.star import Star


class Concatenation(System):
    """cGAN: a one-hot label is joined to the noise, and to every pixel that D sees.

    Source: Mirza & Osindero 2014, arXiv:1411.1784.
    """

    labelled = True

    def nets(self) -> tuple[nn.Module, nn.Module]:
        """Both nets take the classes as additional inputs."""
        k = self.task.n_classes
        return self.task.build(self.task.plan(extra=k, seen=self.task.data.shape[0] + k))

    def generate(self, z: Tensor, y: Tensor) -> Batch:
        """Fakes from noise and label."""
        return Batch(self.g(torch.cat([z, self._code(y, z)], dim=1)), y)

    def seen(self, batch: Batch) -> Tensor:
        """Image and label; gradient penalties mix both."""
        label = self._code(batch.y, batch.x)
        for size in batch.x.shape[2:]:
            label = label[..., None].expand(*label.shape, size)
        return torch.cat([batch.x, label], dim=1)

    def _code(self, y: Tensor, like: Tensor) -> Tensor:
        return one_hot(y, self.task.n_classes).to(like.dtype)


class Projection(Concatenation):
    """D scores how well an image's features fit the label: <V_y, phi>, as the thesis trained it.

    G takes the label as in cGAN. phi is the trunk's output summed over positions.
    """

    unconditional = False
    """Whether a linear score of phi alone is added."""
    share = 1.0
    """Factor on the sum of both."""

    def nets(self) -> tuple[nn.Module, nn.Module]:
        """The discriminator's head becomes a projection."""
        g, d = self.task.build(self.task.plan(extra=self.task.n_classes))
        assert isinstance(d, Discriminator)
        return g, Projected(d, self.task.n_classes, unconditional=self.unconditional)

    def seen(self, batch: Batch) -> Tensor:
        """The image without its label."""
        return batch.x

    def score(self, seen: Tensor, y: Tensor) -> Tensor:
        """Logits [n] of images and labels."""
        scores: Tensor = self.share * self.d(seen, y)
        return scores


class MiyatoProjection(Projection):
    """The published projection: psi(phi) + <V_y, phi>."""

    unconditional = True


class MeanProjection(MiyatoProjection):
    """The projection in the thesis' text: the mean of the two."""

    share = 0.5


class OneClass(System):
    """One pair of nets per class: separate GANs, trained at the same time."""

    labelled = each = True

    def nets(self) -> tuple[nn.Module, nn.Module]:
        """One unconditional pair per class."""
        pairs = [self.task.build(self.task.plan()) for _ in range(self.task.n_classes)]
        return nn.ModuleList(g for g, _ in pairs), nn.ModuleList(d for _, d in pairs)

    def generate(self, z: Tensor, y: Tensor) -> Batch:
        """Fakes, each from the generator of its class."""
        return Batch(by_class(self.g, z, y), y)

    def score(self, seen: Tensor, y: Tensor) -> Tensor:
        """Logits [n], each from the discriminator of its class."""
        return by_class(self.d, seen, y)

    def d_loss(self, real: Batch, fake: Batch, rng: torch.Generator) -> Tensor:
        """Sum of the classes' losses, which share no parameter."""
        return self.task.n_classes * super().d_loss(real, fake, rng)

    def g_loss(self, fake: Batch) -> Tensor:
        """Sum of the classes' losses."""
        return self.task.n_classes * super().g_loss(fake)


class StarShaped(System):
    """One red tower feeds a green tower per class: all proteins of one cell at once.

    A discriminator per class; losses are averaged over classes. Source: Osokin et al. 2017,
    arXiv:1708.04692.
    """

    labelled = each = True

    def nets(self) -> tuple[nn.Module, nn.Module]:
        """The star, and a discriminator per class."""
        if self.task.data.shared != 1 or self.task.data.shape[0] != 2:
            raise InputError(
                f"star needs images of two channels, the first the same in every class; these have "
                f"{self.task.data.shape[0]}; use data like 'synthlin6'"
            )
        plan = self.task.plan()
        star, _ = self.task.build(plan)
        if not isinstance(star, Star):
            raise InputError("star needs a generator of towers; use nets 'lin-star'")
        alone = replace(plan, n_classes=1)
        return star, nn.ModuleList(self.task.build(alone)[1] for _ in range(plan.n_classes))

    def draw(self, n: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Noise [n, noise] and classes [n_classes * n]: classes share the noise."""
        z = torch.randn(n, self.task.noise, generator=rng, device=rng.device)
        return z, torch.arange(self.task.n_classes, device=rng.device).repeat_interleave(n)

    def generate(self, z: Tensor, y: Tensor) -> Batch:
        """Fakes of every class of each cell, class by class; ignores `y`."""
        x = self.everything(z).transpose(0, 1)
        return Batch(
            x.flatten(0, 1), torch.arange(len(x), device=z.device).repeat_interleave(len(z))
        )

    def everything(self, z: Tensor) -> Tensor:
        """[n, n_classes, 2, h, w]: every class of the same cells."""
        x: Tensor = self.g(z)
        return x

    def pictures(self, z: Tensor, y: Tensor) -> Tensor:
        """Picture of each cell in the class of `y`."""
        return self.everything(z)[torch.arange(len(z)), y]

    def score(self, seen: Tensor, y: Tensor) -> Tensor:
        """Logits [n], each from the discriminator of its class."""
        return by_class(self.d, seen, y)


class Multichannel(System):
    """G draws every class at once, each in its own channels; D sees those of one class only.

    Neither net gets a label. Hidden channels are 0, mid-grey, in real and generated images.
    """

    labelled = True

    def nets(self) -> tuple[nn.Module, nn.Module]:
        """Nets with channels for all classes."""
        if len(self.task.data.shape) < 3:
            raise InputError("multichannel needs images; points have no channels of their own")
        return self.task.build(self.task.plan(channels=len(self._owner())))

    def real(self, batch: Batch) -> Batch:
        """Each image in the channels of its class, grey in all others."""
        n, _, *size = batch.x.shape
        wide = batch.x.new_zeros(n, len(self._owner()), *size)
        wide[:, : self.task.data.shared] = batch.x[:, : self.task.data.shared]
        places = self._places(batch.y)
        wide[torch.arange(n)[:, None], places] = batch.x[:, self.task.data.shared :]
        return Batch(wide, batch.y)

    def generate(self, z: Tensor, y: Tensor) -> Batch:
        """Channels of other classes are set to 0, and get no gradient."""
        owner = self._owner().to(z.device)
        shown = (owner == y[:, None]) | (owner < 0)
        return Batch(self.g(z) * shown[:, :, None, None], y)

    def everything(self, z: Tensor) -> Tensor:
        """[n, n_classes, c, h, w]: every class of the same images."""
        x, shared = self.g(z), self.task.data.shared
        own = x[:, shared:].unflatten(1, (self.task.n_classes, -1))
        common = x[:, None, :shared].expand(-1, self.task.n_classes, -1, -1, -1)
        return torch.cat([common, own], dim=2)

    def pictures(self, z: Tensor, y: Tensor) -> Tensor:
        """Pictures that show each image in the class of `y`."""
        x = self.g(z)
        own = x[torch.arange(len(x), device=x.device)[:, None], self._places(y)]
        return torch.cat([x[:, : self.task.data.shared], own], dim=1)

    def _owner(self) -> Tensor:
        """[channels] class of each channel; -1 for channels that all classes share."""
        shared, own = self.task.data.shared, self.task.data.shape[0] - self.task.data.shared
        classes = torch.arange(self.task.n_classes).repeat_interleave(own)
        return torch.cat([torch.full((shared,), -1), classes])

    def _places(self, y: Tensor) -> Tensor:
        """[n, own] channels of each image's class."""
        own = self.task.data.shape[0] - self.task.data.shared
        return self.task.data.shared + y[:, None] * own + torch.arange(own, device=y.device)


def by_class(nets: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """Passes row i of x through net y[i]; each net sees only its own rows."""
    assert isinstance(nets, nn.ModuleList)
    order = y.argsort(stable=True)
    parts = torch.split(x[order], torch.bincount(y, minlength=len(nets)).tolist())
    found = torch.cat([net(part) for net, part in zip(nets, parts, strict=True) if len(part)])
    return found[order.argsort()]
