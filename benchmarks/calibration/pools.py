"""Worlds of real or simulated pictures: so many that few draws hardly exhaust them."""

import functools
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from benchmarks.calibration.populations import Pool, Sample
from ganeval import extract
from ganeval.datasets import LIN41
from ganeval.datasets.synthlin import simulate

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
"""Where GANEVAL_DATA is by default."""
PER_PROTEIN = 100


@dataclass(frozen=True, eq=False)
class PoolWorld:
    """Both sides are drawn from one pool, without an image that is drawn twice."""

    real: Pool
    fake: Pool
    """The same images in the same order, worse."""
    labelled = False

    def draw_real(self, n: int, rng: np.random.Generator) -> Sample:
        """N reals."""
        taken = rng.choice(len(self.real.rows), size=n, replace=False)
        return Sample(self.real.rows[taken], taken=taken)

    def draw_fake(self, m: int, reals: Sample, rng: np.random.Generator) -> Sample:
        """M fakes of other images."""
        left = np.setdiff1d(np.arange(len(self.fake.rows)), reals.taken)
        return Sample(self.fake.rows[rng.choice(left, size=m, replace=False)])

    def populations(self) -> tuple[Pool, Pool]:
        """Of reals and fakes."""
        return self.real, self.fake


@functools.cache
def digits(of: tuple[str, ...]) -> np.ndarray:
    """[n, 64] features of MNIST's training digits: all of some classes, or a third of all."""
    folder = Path(os.environ.get("GANEVAL_DATA", DATA)) / "mnist"
    features = extract(folder / "train-images-idx3-ubyte.gz", "mnist")
    rows = np.asarray(features.features, np.float64)
    return rows[np.isin(features.labels, of)] if of else rows[::3]


@functools.cache
def yeast(blur: float) -> np.ndarray:
    """[n, 52] features of simulated cells of all proteins, blurred by so many pixels."""
    import torch

    images = cells_of_yeast()
    if blur:
        images = gaussian_filter(images, (0, 0, blur, blur))
    return np.asarray(extract(torch.from_numpy(images), "morphology").features, np.float64)


@functools.cache
def cells_of_yeast() -> np.ndarray:
    """Images [n, 2, 48, 80]."""
    return np.concatenate([simulate(name, PER_PROTEIN, part="test").images for name in LIN41])
