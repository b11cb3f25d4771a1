"""The real images nearest to each fake, and a test of memorisation if training images are known."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganeval.errors import InputError
from ganeval.features import Features, as_features, extract, is_feature_file
from ganeval.images import ImageSource, is_feature_array
from ganeval.metrics import Closeness, closeness, nearest_images

PIXEL_NET = "pixels:32"
"""The feature net for distances between pixels."""

RATIO = 0.5
"""A near-copy is closer to an image than this share of that one's distance to its nearest other."""

UNKNOWN_TRAINING = (
    "this says nothing about memorisation, since the reals are not known to be what the model was "
    "trained on"
)
"""Without training images, whoever counts near-copies says this too."""


@dataclass(frozen=True, eq=False)
class Neighbors:
    """The images nearest to each of m fakes.

    Args:
        closeness: the nearest images in the space of the feature net, and how near they are.
        pixel_rows: [m, k] int64, positions of the nearest images by their pixels, on a 32 x 32
            grid; None where a side is features without images, or has other channels.
        pixel_distances: [m, k] float64, root mean square difference of values from 0 to 1.
        has_train: whether the generator's training images were searched instead of the reals.
        ratio: a fake with a closeness below it is a near-copy.
    """

    closeness: Closeness
    pixel_rows: np.ndarray | None
    pixel_distances: np.ndarray | None
    has_train: bool
    ratio: float

    @property
    def near_copy(self) -> np.ndarray:
        """[m] whether a fake is a near-copy or an exact copy."""
        return np.asarray(self.closeness.copied | (self.closeness.values < self.ratio))

    @property
    def order(self) -> np.ndarray:
        """[m] positions of the fakes: exact copies first, then the closest."""
        return np.lexsort((self.closeness.values, ~self.closeness.copied))

    @property
    def expected(self) -> float:
        """The share of near-copies among reals, by the same rule; see `Closeness.of_reals`."""
        return float((self.closeness.of_reals < self.ratio).mean())

    @property
    def p_value(self) -> float | None:
        """The chance of at least this many near-copies if fakes were new images, as reals are.

        Fisher's exact test, one-sided. None without training images, where it would mean nothing,
        and with groups, since images of a group are not independent.
        """
        grouped = any(s.groups is not None for s in (self.closeness.real, self.closeness.fake))
        if grouped or not self.has_train:
            return None
        from scipy.stats import hypergeom

        m, n = len(self.near_copy), len(self.closeness.of_reals)
        near = int(self.near_copy.sum())
        all_near = near + round(n * self.expected)
        return float(hypergeom.sf(near - 1, m + n, all_near, m))

    @property
    def summary(self) -> tuple[str, ...]:
        """Sentences for a reader; about memorisation only if the training images are known."""
        m, near = len(self.near_copy), int(self.near_copy.sum())
        of = "training images" if self.has_train else "reals"
        lines = [
            f"{int(self.closeness.copied.sum())} of {m} fakes are exact copies of {of}",
            f"{near} of {m} fakes ({100 * near / m:.3g} %) are near-copies: closer to one of the "
            f"{of} than {self.ratio:g} of that one's distance to its nearest other",
        ]
        expected, p = f"{100 * self.expected:.3g} %", self.p_value
        if self.has_train:
            n = len(self.closeness.of_reals)
            line = f"of {n} held-out reals {expected} are as close"
            if p is not None:
                line += f"; p = {p:.2g} for as many near-copies without memorisation"
            lines.append(line)
        else:
            lines.append(
                f"of the reals {expected} are as close to another one; {UNKNOWN_TRAINING}: for "
                "that, give --train"
            )
        return tuple(lines)


def neighbors(
    real: Any,
    fake: Any,
    *,
    train: Any = None,
    feature_net: Any = None,
    k: int = 5,
    ratio: float = RATIO,
) -> Neighbors:
    """The k real images nearest to each fake, in the space of a feature net and in pixels.

    Args:
        real: images, Features, rows [n, d], or a path to any of them; where `train` is given,
            images that the generator has not seen.
        fake: the generated side, in any of these forms, [m, e] with e = d.
        train: what the generator was trained on, in any of these forms. If given, these images
            are searched, and the reals show how close new images come to them.
        feature_net: for images; see `extract`.
        k: neighbours of each fake.
        ratio: a near-copy is closer to an image than this share of that image's distance to its
            nearest other.

    Raises:
        InputError: fewer than k images or 3 different ones to search, reals that are all training
            images, NaN, or sides that do not fit together.
    """
    given = {"real": real, "fake": fake} | ({} if train is None else {"train": train})
    features = {role: as_features(data, feature_net) for role, data in given.items()}
    pixels = {}
    if all(map(has_images, given.values())):
        pixels = {role: extract(data, PIXEL_NET) for role, data in given.items()}
    return neighbors_of(features, pixels, k=k, ratio=ratio)


def neighbors_of(
    features: Mapping[str, Features],
    pixels: Mapping[str, Features],
    *,
    k: int = 5,
    ratio: float = RATIO,
) -> Neighbors:
    """The same as `neighbors`, for features that are already extracted.

    Args:
        features: those of `real` and `fake`, and of `train` where it is given.
        pixels: the features of the same images from PIXEL_NET; empty where there are none.
        k: neighbours of each fake.
        ratio: as in `neighbors`.
    """
    if not 0 < ratio <= 1:
        raise InputError(f"ratio is {ratio:g}; wanted a share above 0, at most 1, such as {RATIO}")
    train = features.get("train")
    found = closeness(features["real"], features["fake"], train, k=k)
    rows = distances = None
    searched = pixels.get("real" if train is None else "train")
    if searched is not None and searched.features.shape[1] == pixels["fake"].features.shape[1]:
        rows, distances = nearest_images(pixels["fake"], searched, k)
        distances = distances / searched.features.shape[1] ** 0.5
    return Neighbors(found, rows, distances, train is not None, ratio)


def has_images(data: Any) -> bool:
    """Whether `data` is images rather than features of images."""
    if isinstance(data, ImageSource):
        return True
    if isinstance(data, str | os.PathLike):
        return not is_feature_file(data)
    return not isinstance(data, Features) and not is_feature_array(data)
