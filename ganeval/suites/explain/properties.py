"""Named properties of two sides, in the units that a reader thinks in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.errors import InputError, cut
from ganeval.features import Features
from ganeval.metrics.spine import hash_rows
from ganeval.nets import (
    Words,
    feature_names,
    feature_words,
    fingerprint,
    load_card,
    morphology_card,
    net_names,
    plain_values,
    with_settings,
)

COPIES = "copies"
"""Key of the property that an image occurs more than once on its side."""


class Unit(NamedTuple):
    """How a net's figure becomes one in a unit: factor · figure + offset."""

    name: str = ""
    factor: float = 1.0
    offset: float = 0.0


_SCALE = re.compile(r"([0-9 to]*[0-9]) px")
_PLACE = re.compile(r"\{(\d)\}")
PERCENT = Unit("%", 100.0)


@dataclass(frozen=True, eq=False)
class Properties:
    """The d properties of n reals and m fakes in which any two images differ.

    Args:
        keys: [d] names of the columns, as the net has them.
        names: [d] what they are called, with the names of channels.
        words: [d] what kind of figure each is.
        units: [d] such as `px`; empty for plain figures.
        real: [n, d] values in these units.
        fake: [m, d].
        channels: names of the channels; none where the properties are of no channels.
        net: name of the feature net; None for a table with names.
    """

    keys: tuple[str, ...]
    names: tuple[str, ...]
    words: tuple[Words, ...]
    units: tuple[str, ...]
    real: np.ndarray
    fake: np.ndarray
    channels: tuple[str, ...]
    net: str | None

    def of_channels(self) -> dict[str, np.ndarray]:
        """Positions of the properties of one channel alone, by its name; none for one channel."""
        found = {
            name: np.array([i for i, words in enumerate(self.words) if words.channels == (c,)])
            for c, name in enumerate(self.channels)
        }
        return (
            {name: columns for name, columns in found.items() if len(columns)}
            if (len(found) > 1)
            else {}
        )


def properties_of(
    real: Features,
    fake: Features,
    *,
    channel_names: Sequence[str] | None = None,
    pixel_size: float | None = None,
) -> Properties:
    """The properties that the features of two sides are.

    Args:
        real: features of a net with named features, or of a table with named columns.
        fake: made in the same way.
        channel_names: one per channel; by default they are numbered.
        pixel_size: micrometres per pixel; without it, lengths are in pixels.

    Raises:
        InputError: features without names, or channel names that do not fit.
    """
    net = (real.protocol.get("net") or {}).get("name")
    sides = [to_numpy(side.features).astype(np.float64) for side in (real, fake)]
    if real.columns is not None:
        if channel_names is not None or pixel_size is not None:
            raise InputError(
                "a table has no channels and no pixels, so --channel-names and --pixel-size do "
                "nothing; leave them out"
            )
        keys, words = real.columns, tuple(Words(name) for name in real.columns)
        units = [Unit()] * len(keys)
        n_channels = 0
    else:
        keys, words, n_channels = _of_net(real, net)
        units = _units(real, words, pixel_size)
        sides = [plain_values(keys, rows) for rows in sides]
    varying = np.flatnonzero(np.ptp(np.concatenate(sides), axis=0) > 0)
    filled = {c for i in varying for c in words[i].channels if len(words[i].channels) == 1}
    channels = _channels(n_channels, filled, channel_names)
    factors, offsets = (np.array(of) for of in zip(*(u[1:] for u in units), strict=True))
    rows = [(factors * side + offsets)[:, varying] for side in sides]
    names = [_named(words[i], channels, pixel_size) for i in varying]
    kinds, unit_names = [words[i] for i in varying], [units[i].name for i in varying]
    found = [keys[i] for i in varying]
    if (copies := _copies(real, fake)) is not None:
        found.append(COPIES)
        names.append("exact copies of another image of the same side")
        kinds.append(Words(names[-1], "share"))
        unit_names.append(PERCENT.name)
        rows = [np.column_stack(both) for both in zip(rows, copies, strict=True)]
    if not found:
        raise InputError(
            "no property differs between any two images of real and fake; give images that are "
            "not all the same"
        )
    return Properties(
        tuple(found), tuple(names), tuple(kinds), tuple(unit_names), rows[0], rows[1], channels, net
    )


def _of_net(features: Features, net: str | None) -> tuple[tuple[str, ...], tuple[Words, ...], int]:
    """Names and words of the columns, and the number of channels."""
    if net is None:
        raise InputError(
            f"{features.name} has features without names, and only what has a name can be "
            "explained; give images, or a table with a name for each column"
        )
    n_channels = int(features.protocol["preprocessing"]["channels"])
    card = load_card(net) if net in net_names() else None
    names = None if card is None else feature_names(card, n_channels)
    words = None if card is None else feature_words(card, n_channels)
    if names is None or words is None or len(names) != features.features.shape[1]:
        raise InputError(
            f"net {cut(net)!r} has no named features, so it cannot say what is wrong; leave "
            "--feature-net out, or take morphology:offsets or texture"
        )
    return names, words, n_channels


def _channels(n: int, varying: set[int], given: Sequence[str] | None) -> tuple[str, ...]:
    """Names of n channels; those that are empty in all images need none."""
    if given is None:
        return tuple("" if n == 1 else f"channel {c}" for c in range(n))
    names = tuple(name.strip() for name in given)
    if len(names) not in (n, len(varying)):
        raise InputError(
            f"--channel-names has {len(names)} name{'s' * (len(names) != 1)} but images have {n} "
            f"channel{'s' * (n != 1)}; give one name for each, in their order"
        )
    if len(set(names)) < len(names) or not all(names):
        raise InputError(
            f"--channel-names is {cut(','.join(names))!r}; give every channel a name of its own"
        )
    if len(names) == n:
        return names
    named = dict(zip(sorted(varying), names, strict=True))
    return tuple(named.get(c, f"channel {c}") for c in range(n))


def _named(words: Words, channels: Sequence[str], pixel_size: float | None) -> str:
    """The name with those of its channels, whatever braces these have, and scales in µm too."""
    name = words.name
    if pixel_size is not None:
        name = _SCALE.sub(lambda scale: f"{scale[0]} ({_in_microns(scale[1], pixel_size)})", name)
    name = _PLACE.sub(lambda place: channels[words.channels[int(place[1])]], name)
    return " ".join(name.split())


def _in_microns(pixels: str, pixel_size: float) -> str:
    """`2 to 4` pixels as `0.2 to 0.4 µm`."""
    ends = (f"{pixel_size * int(end):.3g}" for end in pixels.split(" to "))
    return f"{' to '.join(ends)} µm"


def _units(features: Features, words: Sequence[Words], pixel_size: float | None) -> list[Unit]:
    """The unit of each column."""
    size, unit = _pixel(features, pixel_size)
    images = features.protocol.get("images") or {}
    ranges = images.get("value_range") or [[0.0, 1.0]]
    grey = "" if str(images.get("dtype")).startswith("float") else "grey levels"
    plain = {
        "length": Unit(unit, size),
        "area": Unit(f"{unit}²", size**2),
        "share": PERCENT,
    }
    found = []
    for word in words:
        if word.kind in ("level", "amplitude"):
            low, high = ranges[word.channels[0] if len(ranges) > 1 else 0]
            found.append(Unit(grey, high - low, low if word.kind == "level" else 0.0))
        else:
            found.append(plain.get(word.kind, Unit()))
    return found


def _pixel(features: Features, pixel_size: float | None) -> tuple[float, str]:
    """Size and unit of a pixel's side as it is in the features."""
    morphology_card(pixel_size=pixel_size)  # refuses what is no size
    net, n = features.protocol["net"], features.protocol["preprocessing"]["channels"]
    card = load_card(net["name"])
    measures = card.architecture == "morphology"
    in_pixels = [card, *(with_settings(card, mask_channel=c) for c in range(n * measures))]
    if net["fingerprint"] in map(fingerprint, in_pixels):
        return (1.0, "px") if pixel_size is None else (pixel_size, "µm")
    if pixel_size is not None:
        raise InputError(
            f"{features.name} was measured by net {net['name']!r} with a pixel size of its own, "
            "and --pixel-size would count twice; leave it out"
        )
    return 1.0, "µm" if measures else ""


def _copies(real: Features, fake: Features) -> list[np.ndarray] | None:
    """[n] and [m] 100 for images that occur again on their side; None where that tells nothing."""
    pixels = real.hashes is not None and fake.hashes is not None
    found = []
    for side in (real, fake):
        keys = np.asarray(side.hashes)[:, 0] if pixels else hash_rows(side.features)
        _, of, counts = np.unique(keys, return_inverse=True, return_counts=True)
        found.append(PERCENT.factor * (counts[of] > 1))
    return found if np.ptp(np.concatenate(found)) > 0 else None
