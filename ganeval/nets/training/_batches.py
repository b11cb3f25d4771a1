"""Prepares batches of training images for the net."""

import numpy as np
import torch
from torch import Tensor

from ganeval.nets._prepare import prepare
from ganeval.nets.training._augment import Augmentation, intensities, take
from ganeval.nets.training._data import TrainingData


class Batches:
    """Batches of a data set that are ready for the net, with or without augmentation."""

    def __init__(
        self, data: TrainingData, *, mean: Tensor, std: Tensor, device: torch.device
    ) -> None:
        self.data, self.mean, self.std, self.device = data, mean, std, device

    def plain(self, index: np.ndarray) -> Tensor:
        """Returns normalised images without augmentation."""
        return self._finish(self.data.images[index])

    def changed(self, index: np.ndarray, how: Augmentation, rng: np.random.Generator) -> Tensor:
        """Returns normalised images with augmentation."""
        images = take(self.data.images, index, how, rng)
        gain, offset = intensities(len(index), images.shape[1], how, rng)
        gains, offsets = (torch.from_numpy(a).to(self.device) for a in (gain, offset))
        return self._finish(images, gain=gains) + offsets

    def _finish(self, images: np.ndarray, *, gain: Tensor | None = None) -> Tensor:
        x: Tensor
        if self.data.prepared:
            x = torch.from_numpy(images).to(self.device)
        else:
            x = prepare(list(images), card=self.data.card, device=self.device)
        if gain is not None:
            x = x * gain
        return ((x - self.mean) / self.std).contiguous(memory_format=torch.channels_last)
