"""One pass over a set of images: decode, prepare, embed, and note what a score should know."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from ganeval.arrays import exact_float32, to_numpy
from ganeval.errors import ImageError, InputError
from ganeval.features._base import Features, array_fingerprint
from ganeval.features.folder import Rows
from ganeval.features.observed import Observed
from ganeval.images import Batch, ImageSource, Pixels, ValueRange, iterate
from ganeval.lazy import torch
from ganeval.nets import (
    PRECISIONS,
    Card,
    FeatureNet,
    fingerprint,
    prepare,
    resolve_range,
    training_hashes,
    warnings_about,
)

Progress: TypeAlias = Callable[[int, int], None]
"""Called with (images done, total images) after every batch."""


def embed(
    images: ImageSource,
    net: FeatureNet,
    *,
    device: str,
    batch_size: int,
    num_workers: int = 0,
    precision: str = "fp32",
    progress: Progress | None = None,
    rows: Rows | None = None,
) -> Features:
    """Computes features of all images of a source, in its order; `net` is in `precision`.

    `rows` are collected in memory, or where it says; it may have some of an earlier run.
    """
    one = _Embedding(images, net, device=device, precision=precision, rows=rows or Rows())
    _run([one], batch_size=batch_size, num_workers=num_workers, progress=progress)
    return one.features()


def embed_by_all(
    images: ImageSource,
    nets: Sequence[FeatureNet],
    *,
    device: str,
    batch_size: int,
    num_workers: int = 0,
    precision: str = "fp32",
    progress: Progress | None = None,
) -> list[Features]:
    """Computes features of all images by several nets, from one decoding of each image."""
    all_ = [
        _Embedding(images, net, device=device, precision=precision, rows=Rows()) for net in nets
    ]
    _run(all_, batch_size=batch_size, num_workers=num_workers, progress=progress)
    return [each.features() for each in all_]


class _Embedding:
    """The features of a source by one net, batch by batch."""

    def __init__(
        self, images: ImageSource, net: FeatureNet, *, device: str, precision: str, rows: Rows
    ) -> None:
        self.images, self._net, self._device, self._rows = images, net, device, rows
        state = rows.state or {"done": 0, "failures": [], "seen": None}
        self.start, self._failures = state["done"], [(id, text) for id, text in state["failures"]]
        failed = {id for id, _ in self._failures}
        self._kept = [i for i in range(self.start) if images.ids[i] not in failed]
        self._seen = _Seen.of_state(state["seen"], precision=PRECISIONS[precision])

    @property
    def done(self) -> int:
        """Images that were embedded, or could not be read."""
        return len(self._kept) + len(self._failures)

    def take(self, batch: Batch) -> None:
        """Embeds one batch of the images from `start` on."""
        images, seen, card = self.images, self._seen, self._net.card
        self._failures += batch.failures
        if batch.pixels:
            places = [self.start + i for i in batch.indices]
            ids = [images.ids[i] for i in places]
            size, dtype = seen.size, seen.dtype
            seen.add(batch.pixels, ids)
            prepared = prepare(
                batch.pixels,
                ids=ids,
                card=card,
                value_range=images.value_range,
                size=size,
                dtype=dtype,
                device=self._device,
            )
            seen.observe(batch.pixels, images, card)
            with _exact_arithmetic(prepared.device.type):
                output = self._net(prepared)
            self._rows.add(features=to_numpy(output.features).astype(np.float32, copy=False))
            if output.logits is not None:
                self._rows.add(logits=to_numpy(output.logits).astype(np.float32, copy=False))
            self._rows.add(hashes=batch.hashes)
            self._kept += places
        if self._kept:
            state = {"done": self.done, "failures": self._failures, "seen": seen.state()}
            self._rows.note(state, done=self.done)

    def features(self) -> Features:
        """What all batches gave; InputError where none could be read, or the range is wrong."""
        images, card, kept, seen = self.images, self._net.card, self._kept, self._seen
        if not kept:
            id, problem = self._failures[0]
            raise InputError(
                f"none of {len(images)} images could be read; the first: {id} {problem}"
            )
        if reason := seen.observed.refuted(seen.ranges(images, card)):
            raise InputError(f"{images.name}: {reason}")
        found = self._rows.arrays()
        features, digests = found["features"], found["hashes"]
        return Features(
            features=features,
            ids=tuple(images.ids[i] for i in kept),
            logits=found.get("logits"),
            labels=images.labels and tuple(images.labels[i] for i in kept),
            groups=images.groups and tuple(images.groups[i] for i in kept),
            hashes=digests,
            classes=card.classes,
            name=images.name,
            fingerprint=array_fingerprint(digests),
            protocol=seen.protocol(images, card),
            warnings=(
                *seen.constant(images, card),
                *_empty_planes(images, seen.observed.constant, len(kept)),
                *_skipped(images, self._failures),
                *_seen_in_training(card, digests),
                *warnings_about(card, features),
            ),
        )


def _run(
    embeddings: Sequence[_Embedding],
    *,
    batch_size: int,
    num_workers: int,
    progress: Progress | None,
) -> None:
    """Hands each batch of a source to all embeddings of it, which begin at the same image."""
    first = embeddings[0]
    images, start = first.images, first.start
    rest = images.select(range(start, len(images))) if start else images
    for batch in iterate(rest, batch_size=batch_size, num_workers=num_workers):
        for each in embeddings:
            each.take(batch)
        if progress is not None:
            progress(first.done, len(images))


@dataclass
class _Seen:
    """Properties of the pixels seen so far: shapes, the one dtype, values."""

    shapes: dict[tuple[int, ...], None] = field(default_factory=dict)
    """In the order in which they came."""
    channels: int = 0
    dtype: str | None = None
    precision: str = "float32"
    observed: Observed = field(default_factory=Observed)

    def state(self) -> dict[str, Any]:
        """What `of_state` makes the same of; JSON."""
        observed = {name: _plain(value) for name, value in vars(self.observed).items()}
        return {
            "shapes": [list(shape) for shape in self.shapes],
            "channels": self.channels,
            "dtype": self.dtype,
            "observed": observed,
        }

    @classmethod
    def of_state(cls, state: Mapping[str, Any] | None, *, precision: str) -> "_Seen":
        """As it was when `state` was taken; new without one."""
        if state is None:
            return cls(precision=precision)
        observed = dict(state["observed"])
        for name in ("low", "high"):
            observed[name] = np.array(observed[name], np.float64)
        for name in ("within", "beyond"):
            observed[name] = {int(bits): count for bits, count in observed[name].items()}
        shapes = dict.fromkeys(tuple(shape) for shape in state["shapes"])
        return cls(shapes, state["channels"], state["dtype"], precision, Observed(**observed))

    @property
    def size(self) -> tuple[int, int] | None:
        """Size of the first image, which all must share if the net does not resize."""
        for _, height, width in self.shapes:
            return height, width
        return None

    def add(self, pixels: Sequence[Pixels], ids: Sequence[str]) -> None:
        """Records one batch, or raises ImageError if the number of channels differs."""
        self.channels = self.channels or pixels[0].shape[0]
        for image, id in zip(pixels, ids, strict=True):
            if image.shape[0] != self.channels:
                raise ImageError(
                    id,
                    f"has {image.shape[0]} channels but the images before it have {self.channels}; "
                    "save all of them alike, leave some out by name with --exclude, or select "
                    "channels with --channels",
                )
        self.dtype = self.dtype or str(pixels[0].dtype)
        self.shapes.update(dict.fromkeys(image.shape for image in pixels))

    def observe(self, pixels: Sequence[Pixels], images: ImageSource, card: Card) -> None:
        """Records the values of one batch, in the channels that the net sees."""
        ranges = self.ranges(images, card)
        for image in pixels:
            seen = np.delete(image, card.empty_channels, axis=0) if self.dropped(card) else image
            self.observed.add(seen, ranges)

    def constant(self, images: ImageSource, card: Card) -> list[str]:
        """Warns of channels, as numbered in the files, with one value in all images; not of all."""
        varies = self.observed.low < self.observed.high
        if self.dropped(card) or varies.all() or not varies.any():
            return []
        names = np.array(images.protocol.get("channels") or range(self.channels))
        same, others = (",".join(map(str, names[which])) for which in (~varies, varies))
        what = f"channels {same} have" if "," in same else f"channel {same} has"
        advice = f"; if that is meant, keep to --channels {others} on both sides"
        return [f"{what} one value in all images" + (advice if card.channels is None else "")]

    def protocol(self, images: ImageSource, card: Card) -> dict[str, Any]:
        """`net` and `preprocessing` must agree between real and fake, the rest need not."""
        resized = card.input_size is not None and card.resize != "none"
        sizes = [card.input_size] if resized else sorted({shape[1:] for shape in self.shapes})
        return {
            "net": {"name": card.name, "fingerprint": fingerprint(card), "sha256": card.sha256},
            "preprocessing": {
                "resize": card.resize,
                "sizes": [list(size or ()) for size in sizes],
                "channels": card.channels or self.channels,
                "precision": self.precision,
            },
            "images": {
                **images.protocol,
                **({"empty_channels": list(card.empty_channels)} if self.dropped(card) else {}),
                "dtype": self.dtype,
                "value_range": [list(pair) for pair in self.ranges(images, card)],
            },
            "observed": self.observed.to_dict(),
        }

    def dropped(self, card: Card) -> bool:
        """Whether the files have channels that the net does not see."""
        return card.channels is not None and self.channels != card.channels

    def ranges(self, images: ImageSource, card: Card) -> ValueRange:
        """The values that become 0 and 1."""
        return resolve_range(str(self.dtype), card=card, value_range=images.value_range)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _empty_planes(images: ImageSource, n_empty: int, n_planes: int) -> list[str]:
    """Notes planes of volumes that hold nothing, as at their ends; they count like others."""
    if n_empty == 0 or "planes" not in images.protocol:
        return []
    return [f"{n_empty} of {n_planes} planes have one value everywhere; they count like others"]


def _skipped(images: ImageSource, failures: Sequence[tuple[str, str]]) -> list[str]:
    if not failures:
        return []
    which = "; ".join(f"{id} {problem}" for id, problem in failures[:10])
    more = f"; and {len(failures) - 10} more" if len(failures) > 10 else ""
    return [f"skipped {len(failures)} of {len(images)} images: {which}{more}"]


def _seen_in_training(card: Card, digests: np.ndarray) -> list[str]:
    """Warns of images that the net was trained on, since it flatters them."""
    trained = training_hashes(card)
    n_seen = 0 if trained is None else int(np.isin(digests[:, 0], trained).sum())
    if n_seen == 0:
        return []
    return [
        f"{n_seen} of {len(digests)} images are among the training images of "
        f"net {card.name!r}; score images that the net has not seen"
    ]


@contextlib.contextmanager
def _exact_arithmetic(device_type: str) -> Iterator[None]:
    """Turns off gradients, TF32 and autocast inside the block; restores the caller's settings."""
    cudnn = torch.backends.cudnn
    before = cudnn.deterministic, cudnn.benchmark
    try:
        cudnn.deterministic, cudnn.benchmark = True, False
        with exact_float32(), torch.no_grad(), torch.autocast(device_type, enabled=False):
            yield
    finally:
        cudnn.deterministic, cudnn.benchmark = before
