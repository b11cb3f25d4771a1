"""What a net is trained for: to classify images or, without classes, to recognise an image."""

from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ganeval.nets._network import Trunk, initialise
from ganeval.nets.training._augment import Augmentation
from ganeval.nets.training._batches import Batches


@runtime_checkable
class Objective(Protocol):
    """A loss for training, and figures that decide when to stop."""

    model: nn.Module
    """What is optimised: the trunk, and any layers that are discarded after training."""

    def loss(self, index: np.ndarray, how: Augmentation, rng: np.random.Generator) -> Tensor:
        """Returns the loss of augmented images, which can be differentiated."""
        ...

    def check(self, index: np.ndarray) -> dict[str, float]:
        """Returns `loss` and other figures of held-out images; leaves the model in evaluation."""
        ...


class Classification:
    """Trains a classifier by cross-entropy."""

    def __init__(self, trunk: Trunk, batches: Batches) -> None:
        self.model: nn.Module = trunk
        self._trunk = trunk
        self._batches = batches
        self._labels = torch.from_numpy(batches.data.labels).to(batches.device)

    def loss(self, index: np.ndarray, how: Augmentation, rng: np.random.Generator) -> Tensor:
        """Returns the mean log-loss in nats."""
        _, logits = self._trunk(self._batches.changed(index, how, rng))
        return F.cross_entropy(logits, self._target(index))

    def check(self, index: np.ndarray) -> dict[str, float]:
        """Returns log-loss and accuracy."""
        _, logits = embed(self._trunk, self._batches, index)
        assert logits is not None
        target = self._target(index).cpu()
        return {
            "loss": float(F.cross_entropy(logits, target)),
            "accuracy": float((logits.argmax(1) == target).double().mean()),
        }

    def _target(self, index: np.ndarray) -> Tensor:
        return self._labels[torch.from_numpy(index).to(self._labels.device)]


METHOD = "VICReg (Bardes, Ponce and LeCun 2022, arXiv:2105.04906)"


class Recognition:
    """Trains by VICReg: two views of an image get the same code, and codes of a batch spread out.

    VICReg needs no other images as negatives and no second network with momentum, so it works
    with batches of a hundred small images and has little to tune. The code comes from an expander
    after the embedding, which is discarded after training; the embedding keeps what the views of
    an image share.
    """

    expanded = 256
    """Width of the code."""

    invariance, variance, covariance = 25.0, 25.0, 1.0
    """Published weights of the three terms."""

    def __init__(self, trunk: Trunk, batches: Batches, generator: torch.Generator) -> None:
        width = trunk.embed.out_features
        with torch.device("meta"):  # the modules' own initialisation would draw global numbers
            expander = nn.Sequential(
                nn.Linear(width, self.expanded, bias=False),
                nn.BatchNorm1d(self.expanded),
                nn.ReLU(),
                nn.Linear(self.expanded, self.expanded),
            )
        expander.to_empty(device="cpu")
        initialise(expander, generator)
        self._trunk, self._expander = trunk, expander.to(batches.device)
        self._batches = batches
        self.model: nn.Module = nn.ModuleList([trunk, expander])

    def loss(self, index: np.ndarray, how: Augmentation, rng: np.random.Generator) -> Tensor:
        """Returns the sum of the three terms for two views of each image."""
        codes = [self._code(self._view(index, how, rng)) for _ in range(2)]
        loss = self.invariance * F.mse_loss(codes[0], codes[1])
        for code in codes:
            centred = code - code.mean(0)
            deviation = torch.sqrt(centred.var(0) + 1e-4)
            loss = loss + self.variance / 2 * F.relu(1 - deviation).mean()
            product = centred.T @ centred / (len(code) - 1)
            off_diagonal = product.square().sum() - product.diagonal().square().sum()
            loss = loss + self.covariance * off_diagonal / code.shape[1]
        return loss

    def check(self, index: np.ndarray) -> dict[str, float]:
        """Returns the loss of held-out images, in the same views at every call."""
        self.model.eval()
        rng = np.random.default_rng(0)
        total = 0.0
        parts = np.array_split(index, max(1, round(len(index) / 256)))
        with torch.no_grad():
            for part in parts:
                if len(part) > 1:
                    total += float(self.loss(part, Augmentation(), rng)) * len(part)
        return {"loss": total / len(index)}

    def _code(self, images: Tensor) -> Tensor:
        embedding, _ = self._trunk(images)
        code: Tensor = self._expander(embedding)
        return code

    def _view(self, index: np.ndarray, how: Augmentation, rng: np.random.Generator) -> Tensor:
        """Augments images as for classes, and also turns, enlarges and adds noise to them."""
        images = self._batches.changed(index, how, rng)
        n = len(index)
        angle, scale = rng.uniform(-0.25, 0.25, n), np.exp(rng.uniform(-0.3, 0.1, n))
        ratio = images.shape[3] / images.shape[2]
        turn = np.zeros((n, 2, 3), np.float32)
        turn[:, 0, 0] = turn[:, 1, 1] = scale * np.cos(angle)
        turn[:, 0, 1] = -scale * np.sin(angle) / ratio
        turn[:, 1, 0] = scale * np.sin(angle) * ratio
        grid = F.affine_grid(
            torch.from_numpy(turn).to(images.device), list(images.shape), align_corners=False
        )
        turned = F.grid_sample(images, grid, padding_mode="border", align_corners=False)
        strength = rng.uniform(0, 0.2, (n, 1, 1, 1)).astype(np.float32)
        noise = rng.standard_normal(tuple(images.shape), np.float32) * strength
        noisy = turned + torch.from_numpy(noise).to(images.device)
        return noisy.contiguous(memory_format=torch.channels_last)


def embed(trunk: Trunk, batches: Batches, index: np.ndarray) -> tuple[Tensor, Tensor | None]:
    """Embeds images without augmentation, and moves the results to the CPU.

    Returns:
        Embeddings [n, dim], and logits [n, k] or None; `trunk` ends in evaluation mode.
    """
    trunk.eval()
    embeddings, logits = [], []
    with torch.no_grad():
        for start in range(0, len(index), 512):
            embedding, scores = trunk(batches.plain(index[start : start + 512]))
            embeddings.append(embedding.cpu())
            if scores is not None:
                logits.append(scores.cpu())
    return torch.cat(embeddings), torch.cat(logits) if logits else None
