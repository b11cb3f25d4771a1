"""Images in the page: samples, the nearest reals, and the fakes that move the score most."""

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.images import ImageSource
from ganeval.metrics import METRICS
from ganeval.report.page.scores import Scores, digits
from ganeval.report.pixels import coloured, read_pictures, stretch
from ganeval.suites import UNKNOWN_TRAINING, neighbors_of, side_of

MODELS = 6
"""Most models of which a page shows images."""

_SAMPLE, _PULLING, _ROWS, _NEAREST = 12, 8, 6, 4
_SIDE = 112
"""Pixels of a thumbnail's longer side at most."""

_EXACT = 80 * 80
"""Pixels up to which a thumbnail is kept without loss."""


class Pictured(NamedTuple):
    """One set of images and their features, in the same order."""

    source: ImageSource
    features: Features


@dataclass(frozen=True)
class Images:
    """The images behind the scores.

    Args:
        real: the reals.
        models: the fakes of each model, or of some, by its name.
    """

    real: Pictured
    models: Mapping[str, Pictured]

    def shown(self, scores: Scores) -> tuple[str, ...]:
        """The models of which a page shows images, in its order."""
        return tuple(model for model in scores.models if model in self.models)[:MODELS]

    def check(self, scores: Scores) -> None:
        """Raises InputError unless these images, seen by this net, were scored."""
        for name, (_, found) in {"real": self.real, **self.models}.items():
            role = "real" if found is self.real.features else "fake"
            score = scores.first if role == "real" else scores.of(name)
            if side_of(score, role).get("fingerprint") != found.fingerprint:
                raise InputError(
                    f"{found.name} holds other images than those that were scored as {name}; give "
                    "these, with the same options"
                )
            net, seen = score.protocol.get("net") or {}, found.protocol.get("net") or {}
            if net.get("fingerprint") != seen.get("fingerprint"):
                raise InputError(
                    f"the scores are of net {net.get('name')!r} and these features of another; "
                    "name that net, with the same options"
                )


@dataclass(frozen=True)
class Thumbnail:
    """One image: a data URI of all channels in colours, and one of each channel."""

    id: str
    views: tuple[str, ...]
    note: str = ""
    alarm: bool = False


@dataclass(frozen=True)
class Strip:
    """A line of images with a heading."""

    title: str
    images: tuple[Thumbnail, ...]


@dataclass(frozen=True)
class Gallery:
    """Strips under one heading, which share their contrast.

    Args:
        title: of the section.
        text: what is shown.
        strips: lines of images.
    """

    title: str
    text: str
    strips: tuple[Strip, ...]


def samples(images: Images, models: Sequence[str]) -> Gallery:
    """A few images of the reals and of each model, drawn at random, classes in turn."""
    strips = []
    for name, (source, features) in [
        ("real", images.real),
        *((m, images.models[m]) for m in models),
    ]:
        rows = _in_turn(features, _SAMPLE)
        ids = [features.ids[i] for i in rows]
        labels = [features.labels[i] for i in rows] if features.labels else [""] * len(ids)
        strips.append((name, source, [(i, n, False) for i, n in zip(ids, labels, strict=True)]))
    return Gallery(
        "Samples",
        "Images drawn at random. All share one contrast: the darkest value of each channel is "
        "black and the brightest is full colour.",
        _drawn(strips),
    )


def pulling(images: Images, scores: Scores, models: Sequence[str]) -> Gallery | None:
    """Each model's fakes that make the score worse and better most; None without influences."""
    metric = next((name for name in scores.metrics if METRICS[name].estimate is not None), None)
    if metric is None:
        return None
    label, strips = METRICS[metric].label, []
    sign = 1 if METRICS[metric].better == "lower" else -1
    for name in models:
        try:
            estimate = scores.estimate(name, metric)
        except (InputError, KeyError):
            continue
        influence = sign * estimate.parts[-1].influence / len(estimate.parts[-1].influence)
        ids = images.models[name].features.ids
        if len(ids) != len(influence):
            continue
        order = np.argsort(-influence, kind="stable")
        for words, rows in (("worse", order[:_PULLING]), ("better", order[::-1][:_PULLING])):
            strips.append(
                (
                    f"{name}: make {label} {words}",
                    images.models[name].source,
                    [(ids[i], f"{sign * influence[i]:+.2g}", False) for i in rows],
                )
            )
    if not strips:
        return None
    return Gallery(
        f"Fakes that move {label} most",
        f"The number is by how much an image moves {label}: its influence, divided by the number "
        "of fakes.",
        _drawn(strips),
    )


def nearest(images: Images, models: Sequence[str]) -> Gallery:
    """The fakes closest to a real, each followed by its nearest reals."""
    strips, said = [], []
    for name in models:
        found = neighbors_of(
            {"real": images.real.features, "fake": images.models[name].features}, {}
        )
        near = found.closeness
        said.append(f"{name}: {found.summary[0]}; {found.summary[1]}.")
        for i in found.order[:_ROWS]:
            alarm = bool(found.near_copy[i])
            how = "copy" if near.copied[i] else digits(float(near.values[i]))
            reals = [near.searched.ids[j] for j in near.rows[i][:_NEAREST]]
            strips.append(
                (
                    f"{name}: closeness {how}",
                    (images.models[name].source, images.real.source),
                    [(near.fake.ids[i], "fake", alarm), *((id, "real", False) for id in reals)],
                )
            )
    return Gallery(
        "Nearest reals",
        "The fakes that are closest to a real image, each beside its nearest reals by the feature "
        "net. Closeness is the distance to the nearest real, divided by that one's distance to its "
        f"own nearest other: below {found.ratio:g} it is a near-copy. {' '.join(said)} "
        f"{UNKNOWN_TRAINING[0].upper()}{UNKNOWN_TRAINING[1:]}.",
        _drawn(strips),
    )


_Wanted = tuple[str, ImageSource | tuple[ImageSource, ImageSource], list[tuple[str, str, bool]]]


def _drawn(wanted: Iterable[_Wanted]) -> tuple[Strip, ...]:
    """Strips of (title, source, [(id, note, alarm)]); the first of two sources has the first id."""
    read, strips = [], []
    for title, source, items in wanted:
        first, rest = source if isinstance(source, tuple) else (source, source)
        found = [
            read_pictures(first if k == 0 else rest, [id])[id] for k, (id, _, _) in enumerate(items)
        ]
        read += found
        strips.append((title, items, found))
    stretch(read)
    shown = [c for c in range(max(map(len, read))) if any(c < len(x) and x[c].any() for x in read)]
    return tuple(
        Strip(
            title,
            tuple(
                Thumbnail(id, _views(image, shown), note, alarm)
                for (id, note, alarm), image in zip(items, found, strict=True)
            ),
        )
        for title, items, found in strips
    )


def _views(image: np.ndarray, shown: Sequence[int]) -> tuple[str, ...]:
    """All channels together, and where 2 to 8 are not empty, each of them alone."""
    channels = [image[c] for c in shown if c < len(image)] if 2 <= len(shown) <= 8 else []
    return (_uri(coloured(image)), *(_uri(coloured(np.asarray(one)[None])) for one in channels))


def _uri(picture: np.ndarray) -> str:
    """A small WebP as a data URI."""
    from PIL import Image

    drawn = Image.fromarray(np.rint(255 * picture).astype(np.uint8))
    if max(drawn.size) > _SIDE:
        drawn.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    file = io.BytesIO()
    drawn.save(file, "WEBP", lossless=drawn.width * drawn.height <= _EXACT, quality=88, method=4)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"


def _in_turn(features: Features, count: int) -> list[int]:
    """Positions drawn at random, one of each class in turn."""
    shuffled = np.random.default_rng(0).permutation(len(features))
    if features.labels is None:
        return [int(i) for i in shuffled[:count]]
    seen: dict[str, int] = {}
    turns = []
    for i in shuffled:
        label = features.labels[i]
        seen[label] = seen.get(label, 0) + 1
        turns.append((seen[label], label, int(i)))
    return [i for _, _, i in sorted(turns)[:count]]


def alike(values: np.ndarray) -> list[int]:
    """An order of the classes in which those with a small distance [k, k] stand together."""
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    apart = np.sqrt(np.maximum((values + values.T) / 2, 0))
    np.fill_diagonal(apart, 0)
    tree = linkage(squareform(apart, checks=False), "average", optimal_ordering=True)
    return [int(i) for i in leaves_list(tree)]
