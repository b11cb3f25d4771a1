"""CUB's birds with their captions: photographs of many sizes, randomly cropped in every batch."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from ganeval.datasets.cub import Birds, cub
from ganeval.errors import InputError
from ganeval.images import iterate
from trainers.batches import Batch, Source, Texts, places, resized
from trainers.chance import stream
from trainers.folder import PARTS, cub_dir

_WORKERS = 2


def birds(size: int) -> Source:
    """Square crops of `size` pixels, from photographs a fifth larger; texts as published."""

    @cache
    def part(name: Literal["train", "test"]) -> Birds:
        return cub(cub_dir(), part=name)

    @cache
    def texts() -> Texts:
        shapes = {part(name).vectors.shape[1:] for name in PARTS}
        if len(shapes) > 1:
            raise InputError(
                f"CUB's train and test part have vectors of different shapes, {shapes}; unpack "
                "both from one source"
            )
        captions, vectors, subjects = [], [], []
        for found in map(part, PARTS):
            n = found.vectors.shape[1]
            captions += [text for lines in found.captions for text in _exactly(lines, n)]
            vectors.append(found.vectors.reshape(-1, found.vectors.shape[2]))
            assert found.images.labels is not None
            subjects += [label for label in found.images.labels for _ in range(n)]
        drawn = np.arange(len(vectors[0]))
        return Texts(tuple(captions), np.concatenate(vectors), tuple(subjects), drawn)

    def load(device: torch.device) -> Photographs:
        train, test = part("train"), part("test")
        n = train.vectors.shape[1]
        return Photographs(_photographs(train, size), _photographs(test, size), size, n, device)

    return Source((3, size, size), load, texts=texts)


@dataclass(frozen=True, eq=False)
class Photographs:
    """Photographs [3, h, w] uint8; every batch has new random crops, half of them mirrored.

    Args:
        train: training photographs.
        test: held-out photographs.
        size: side of a crop in pixels.
        captions: captions per photograph; a class number is the number of a caption.
        device: device of the batches.
    """

    train: list[Tensor]
    test: list[Tensor]
    size: int
    captions: int
    device: torch.device

    def batch(self, n: int, *, seed: int, number: int, each: bool = False) -> Batch:
        """See Data; each image gets one of its captions at random."""
        order = places(len(self.train), n, seed=seed, number=number).tolist()
        rng = stream(seed, "cuts", number)
        x = torch.stack([self._cut(self.train[i], rng) for i in order]).to(self.device)
        y = torch.tensor([i * self.captions + int(rng.integers(self.captions)) for i in order])
        return Batch(x.float() / 127.5 - 1, y.to(self.device))

    def held_out(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """See Data; crops are always the same, with the first caption of each image."""
        rng = stream(0, "held-out cuts")
        chosen = np.sort(rng.permutation(len(self.test))[:n])
        x = torch.stack([self._cut(self.test[i], rng) for i in chosen])
        return x.numpy(), (len(self.train) + chosen) * self.captions

    def _cut(self, image: Tensor, rng: np.random.Generator) -> Tensor:
        top, left = (int(rng.integers(side - self.size + 1)) for side in image.shape[1:])
        cut = image[:, top : top + self.size, left : left + self.size]
        return cut.flip(2) if rng.uniform() < 0.5 else cut


def _photographs(part: Birds, size: int) -> list[Tensor]:
    """Resizes photographs as published: a shorter side of 304 pixels for crops of 256."""
    found = []
    for batch in iterate(part.images, batch_size=64, num_workers=_WORKERS):
        for pixels in batch.pixels:
            image = torch.from_numpy(pixels)[None]
            factor = int(size * 76 / 64) / min(image.shape[2:])
            height, width = (round(side * factor) for side in image.shape[2:])
            found.append(resized(image, (height, width))[0])
    return found


def _exactly(captions: tuple[str, ...], n: int) -> list[str]:
    """Cuts or pads captions to n, the number of vectors."""
    return [*captions[:n], *[""] * (n - len(captions))]
