"""A feature net without weights: named measurements of the one object in each image.

The object is the largest connected piece above Otsu's threshold of the sum of the channels (or of
one channel), with its holes filled. A constant image has no object and gives zeros; `extract`
warns of the number of such images. The numerics are in `_measure`.

Sizes are in pixels or, with a pixel size, in micrometres:

| feature | meaning |
|---|---|
| `log_area` | pixels of the object |
| `log_length`, `log_width` | extent along the long axis; mean width of its middle third |
| `eccentricity` | eccentricity of the ellipse with the same second moments |
| `bending` | height of the object's arc over its length; 0 is straight |
| `ch0.mean`, `.spread`, `.q05` … `.q95` | mean, deviation, quantiles of values from 0 to 1 |
| `ch0.log_skewness` | third standardised moment |
| `ch0.texture_1` … `_3` | root mean square of detail: below sigma 1, 1 to 2, and 2 to 4 pixels |
| `ch0.log_spots` | number of local maxima of the middle band that exceed its noise |
| `ch0.axial_1` … `_5` | mean value from the middle (1) to the ends (5) of the long axis |
| `ch0.asymmetry` | difference of the two halves along that axis, divided by their sum |
| `ch0.edge_1` … `_4` | mean value from the rim (1) to the innermost pixels (4) |
| `ch0_ch1.pearson` | correlation inside the object |
| `ch0_ch1.manders_ch0`, `…_ch1` | share of that channel's bright part where both are bright |
| `ch0_ch1.log_offset` | distance between their outlines; in `morphology:offsets` only |

Bright means above Otsu's threshold of the channel inside the object. The scales of texture and
the bins are in pixels for every pixel size.

A cell has no preferred end, so both ends are averaged, and turning or mirroring an image changes
only rounding. The long axis of a round object is arbitrary.

A distance such as FID adds squared differences over all features, so an area in pixels would
dominate it. The features without a bound (area, length, width, spots, skewness) are therefore
given as sign(x) log(1 + |x|), in which differences are relative; all others are shares,
correlations or values in a range of 1. Nothing is learned from the data, and zero remains zero.
`measurements` returns the plain figures.
"""

from dataclasses import replace
from itertools import combinations

import numpy as np

from ganeval.arrays import Array, Float, Float32, to_numpy
from ganeval.errors import InputError, MissingExtraError, NetError
from ganeval.lazy import Tensor, torch
from ganeval.nets._base import Card, Function, NetOutput
from ganeval.nets._measure import (
    AXIAL_BINS,
    CHANNEL,
    EDGE_BINS,
    QUANTILES,
    SHAPE,
    SIGMAS,
    measure,
)
from ganeval.nets._morphology_words import feature_words as _words
from ganeval.nets._offsets import outline_offsets
from ganeval.nets._words import LOG as _LOG
from ganeval.nets._words import Words, plain_values

_UNBOUNDED = {"area", "length", "width", "skewness", "spots", "offset"}

CARD = Card(
    name="morphology",
    architecture="morphology",
    channels=None,
    options={
        "mask_channel": None,
        "pixel_size": None,
        "axial_bins": AXIAL_BINS,
        "edge_bins": EDGE_BINS,
        "quantiles": list(QUANTILES),
        "sigmas": list(SIGMAS),
    },
    licence="none needed",
    source="measurements of the largest object above Otsu's threshold of the channel sum, or of "
    "--mask-channel: 5 of its shape, 22 per channel, 3 per pair of channels; sizes in pixels, or "
    "micrometres with --pixel-size; features named log_x are sign(x) log(1 + |x|)",
)


WITH_OFFSETS = replace(
    CARD,
    name="morphology:offsets",
    options={**CARD.options, "offsets": True},
    source=f"{CARD.source}; and the distance between the outlines of each two channels, for "
    "channels that are out of register",
)

CARDS = (CARD, WITH_OFFSETS)


def is_suggested(card: Card) -> bool:
    """Whether the net is the plain one; the other serves `explain`."""
    return not card.options.get("offsets")


def morphology_card(*, mask_channel: int | None = None, pixel_size: float | None = None) -> Card:
    """The card of `morphology` with your own settings, for use as `feature_net`.

    Args:
        mask_channel: channel, counted from 0, whose threshold outlines the object; by default the
            sum of all channels does.
        pixel_size: micrometres per pixel; without it, sizes are in pixels.
    """
    return with_settings(CARD, mask_channel=mask_channel, pixel_size=pixel_size)


def with_settings(
    card: Card, *, mask_channel: int | None = None, pixel_size: float | None = None
) -> Card:
    """The card with the settings that are not None; they enter its fingerprint."""
    options = dict(card.options)
    if mask_channel is not None:
        if mask_channel < 0:
            raise InputError(f"mask channel is {mask_channel}; count channels from 0")
        options["mask_channel"] = int(mask_channel)
    if pixel_size is not None:
        if not 1e-6 <= pixel_size <= 1e6:
            raise InputError(
                f"pixel size is {pixel_size:g}; wanted micrometres per pixel, from 1e-6 to 1e6"
            )
        options["pixel_size"] = float(pixel_size)
    return replace(card, options=options)


def feature_names(card: Card, channels: int) -> tuple[str, ...]:
    """Names of the columns for images of this many channels."""
    names = [("", name) for name in SHAPE]
    names += [(f"ch{c}.", name) for c in range(channels) for name in CHANNEL]
    for a, b in combinations(range(channels), 2):
        names += [
            (f"ch{a}_ch{b}.", name) for name in ("pearson", f"manders_ch{a}", f"manders_ch{b}")
        ]
    if card.options.get("offsets"):
        names += [(f"ch{a}_ch{b}.", "offset") for a, b in combinations(range(channels), 2)]
    return tuple(f"{where}{_LOG * (name in _UNBOUNDED)}{name}" for where, name in names)


def feature_words(card: Card, channels: int) -> tuple[Words, ...]:
    """The columns in plain words."""
    return _words(channels, offsets=bool(card.options.get("offsets")))


def measurements(features: Float[Array, "n d"]) -> dict[str, np.ndarray]:
    """Plain measurements [n] by name (`area`, `length`, …), with the logarithms undone.

    Args:
        features: rows that the net `morphology` computed.

    Raises:
        InputError: no number of channels gives this number of columns.
    """
    rows = to_numpy(features).astype(np.float64)
    names: tuple[str, ...] = ()
    channels = 0
    while len(names) < rows.shape[1]:
        channels += 1
        names = feature_names(CARD, channels)
    if len(names) != rows.shape[1]:
        raise InputError(
            f"got {rows.shape[1]} features per image, which net 'morphology' never gives; "
            "extract them with --feature-net morphology"
        )
    plain = plain_values(names, rows)
    return {name.replace(_LOG, ""): x for name, x in zip(names, plain.T, strict=True)}


def warnings_about(card: Card, features: Float[np.ndarray, "n d"]) -> list[str]:
    """A warning that counts the images without an object, whose rows are zeros."""
    if not (n_empty := int((features == 0).all(1).sum())):
        return []
    return [
        f"{n_empty} of {len(features)} images have no object (every pixel is the same) and count "
        "as rows of zeros; leave them out if they are not meant"
    ]


def build(card: Card, *, device: "torch.device | str") -> Function:
    """Makes a net that returns features [n, 5 + 22 c + 3 c (c - 1) / 2], computed on the CPU.

    `feature_names` names them. An image with NaN or Inf gives a row of NaN, which every metric
    refuses.

    Raises:
        NetError: the card's settings are not numbers.
        MissingExtraError: scikit-image is not installed.
    """
    try:
        import skimage  # noqa: F401
    except ImportError:
        raise MissingExtraError(
            "scikit-image", extra="morphology", purpose=f"net {card.name!r}"
        ) from None
    _settings(card)  # wrong settings fail before images are read

    def net(images: Tensor) -> NetOutput:
        features = torch.from_numpy(measure_images(card, images.cpu().numpy()))
        return NetOutput(features.to(images.device), None)

    return net


def measure_images(
    card: Card, images: Float32[np.ndarray, "n c h w"]
) -> Float32[np.ndarray, "n d"]:
    """Features of images; each row depends only on its own image."""
    mask_channel, pixel_size = _settings(card)
    channels = images.shape[1]
    if mask_channel is not None and mask_channel >= channels:
        raise NetError(
            f"mask channel is {mask_channel} but images have {channels} "
            f"channel{'s' * (channels != 1)}; count channels from 0, after --channels"
        )
    names = feature_names(card, channels)
    logarithmic = np.array([_LOG in name for name in names])
    features = np.zeros((len(images), len(names)), np.float32)
    for row, image in zip(features, images, strict=True):
        if not np.isfinite(image).all():
            row[:] = np.nan
            continue
        figures = measure(image, mask_channel=mask_channel, pixel_size=pixel_size)
        if figures is not None:
            if card.options.get("offsets"):
                offsets = pixel_size * outline_offsets(image, mask_channel=mask_channel)
                figures = np.concatenate([figures, offsets])
            logs = np.sign(figures) * np.log1p(np.abs(figures))
            row[:] = np.where(logarithmic, logs, figures)
    return features


def _settings(card: Card) -> tuple[int | None, float]:
    """Mask channel and pixel size (1 if there is none) of a card, which may come from a file."""
    channel, size = (card.options.get(name) for name in ("mask_channel", "pixel_size"))
    if not (channel is None or isinstance(channel, int)) or not (
        size is None or isinstance(size, int | float)
    ):
        raise NetError(
            f"net {card.name!r} has mask_channel {channel!r} and pixel_size {size!r}; "
            "wanted numbers or null; correct the card"
        )
    with_settings(card, mask_channel=channel, pixel_size=size)
    return channel, 1.0 if size is None else float(size)
