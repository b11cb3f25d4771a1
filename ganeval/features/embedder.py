"""A callable that turns batches of images into rows of features, for any engine that maps batches.

Ray Data's `map_batches`, Dask's `map_partitions`, Spark's `mapPartitions`, an array of Slurm jobs:
each has its own way to send a callable to many processes, and all of them take this one.
`Features.from_batches` makes features of the rows, in whatever order and pieces they come back.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ganeval.arrays import is_array
from ganeval.errors import InputError
from ganeval.features.batches import to_batch
from ganeval.features.embed import embed
from ganeval.images import ImageSource, ValueRange, open_images
from ganeval.nets import (
    Card,
    FeatureNet,
    check_precision,
    choose_device,
    in_precision,
    load_card,
    load_net,
    resized,
)

_IMAGES, _IDS = ("image", "bytes"), ("id", "path")


@dataclass(frozen=True, eq=False)
class Embedder:
    """Maps batches of images to rows of features; picklable, and bound to no engine.

    A batch is a dictionary of columns: `image` (arrays [h, w, c], all at once or one by one) or
    `bytes` (encoded pictures), `id` or `path` (which name each image, once in the whole set), and
    `label` and `group` if they are known. With a `source` it is `position` alone: which of the
    source's images.

    What comes back is a dictionary of arrays with a row for each image: `id`, `features` [n, d]
    float32, `hashes` [n, 2], `logits` if the net classifies, `label` and `group` where they were
    given, and `about`, a text in the first row that says how they were made. It depends on the
    images alone, so a batch that is computed twice gives the same rows.

    Args:
        feature_net: name, card or path to one, FeatureNet or torch.nn.Module, loaded once in each
            process.
        source: from `open_images`, where batches name images by `position`.
        device: where the net runs; the first GPU where there is one.
        batch_size: images at once through the net.
        precision: as for `extract`.
        each_channel: as for `extract`.
        resize: as for `extract`.
        weights: as for `extract`.
        value_range: as for `open_images`; of batches without `source`.
        layout: as for `open_images`; of batches without `source`.
        name: of the set of images, in messages.

    Raises:
        InputError: on a call, a batch that lacks a column, or images that do not fit the net.

    Example:
        >>> embedder = ganeval.Embedder("lin41", value_range=(0, 1))
        >>> rows = ray.data.read_images("fake/", include_paths=True).map_batches(embedder)
        >>> fake = ganeval.Features.from_batches(rows.iter_batches())
    """

    feature_net: Any
    source: ImageSource | None = None
    device: str | None = None
    batch_size: int = 64
    precision: str = "fp32"
    each_channel: bool = False
    resize: tuple[int, int] | None = None
    weights: str | os.PathLike[str] | None = None
    value_range: tuple[float, float] | ValueRange | None = None
    layout: str | None = None
    name: str = "images"

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Rows for one batch of images."""
        images = self._images(batch)
        found = embed(
            images,
            self._net,
            device=choose_device(self.device),
            batch_size=self.batch_size,
            precision=self.precision,
        )
        return to_batch(found)

    def _images(self, batch: Mapping[str, Any]) -> ImageSource:
        if self.source is not None:
            if "position" not in batch:
                raise InputError(
                    f"a batch has columns {', '.join(batch) or 'none'}; with a source it names "
                    "images by position"
                )
            return self.source.select(sorted(map(int, batch["position"])))
        kind = next((name for name in _IMAGES if name in batch), None)
        named = next((name for name in _IDS if name in batch), None)
        if kind is None or named is None:
            raise InputError(
                f"a batch has columns {', '.join(batch) or 'none'}; wanted image or bytes, and id "
                "or path, which names each image"
            )
        given = batch[kind]
        images = open_images(
            given if is_array(given) and given.dtype != object else list(given),
            layout=self.layout,
            batched=None if is_array(given) and given.dtype != object else False,
            value_range=self.value_range,
        )
        texts = {
            name: tuple(map(_text, batch[name]))
            for name in (named, "label", "group")
            if name in batch
        }
        return replace(
            images,
            name=self.name,
            ids=texts[named],
            labels=texts.get("label"),
            groups=texts.get("group"),
        )

    @cached_property
    def _net(self) -> FeatureNet:
        net, device = self.feature_net, choose_device(self.device)
        if isinstance(net, str | os.PathLike):
            weights = None if self.weights is None else str(self.weights)
            return _kept_net(
                str(net), weights, self.each_channel, self.resize, device, self.precision
            )
        if isinstance(net, Card):
            net = load_card(net, each_channel=self.each_channel)
            return _loaded(net, self.resize, device, self.precision)
        if self.resize is not None:
            raise InputError("resize is for a net by name or card; resize the images for your own")
        return in_precision(
            load_net(net, device=device, each_channel=self.each_channel), self.precision
        )

    def __getstate__(self) -> dict[str, Any]:
        """All but the loaded net, which every process loads itself."""
        return {name: value for name, value in vars(self).items() if name != "_net"}


@lru_cache(maxsize=2)
def _kept_net(
    name: str,
    weights: str | None,
    each_channel: bool,
    resize: tuple[int, int] | None,
    device: str,
    precision: str,
) -> FeatureNet:
    """A net that the process loads once, though engines send it the callable with every task."""
    file = None if weights is None else Path(weights)
    card = load_card(
        Path(name) if os.path.exists(name) else name, weights=file, each_channel=each_channel
    )
    return _loaded(card, resize, device, precision)


def _loaded(card: Card, resize: tuple[int, int] | None, device: str, precision: str) -> FeatureNet:
    check_precision(precision)
    if resize is not None:
        card = resized(card, resize)
    return in_precision(load_net(card, device=device), precision)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
