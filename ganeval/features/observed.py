"""What the pixels of one side really span, beside the range that was declared for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ganeval.images import Pixels, ValueRange
from ganeval.images.value_range import INTEGERS

SLACK = 1e-3
"""Share of the range by which a value may lie outside and still counts as inside: rounding."""

WARN, REFUSE = 0.01, 0.5
"""Shares of values outside the range that are worth a warning, and that refute the range."""

FEW = 1e-3
"""Share of values that say nothing of the range: hot pixels, debris, noise around 0."""

NEGATIVE = 0.2
"""Share of a range that lies below 0, from which some values are expected there."""

DEPTHS = (10, 12, 14)
"""Bits of cameras whose images are kept in uint16."""

_USUAL = (1, 255, *(2**bits - 1 for bits in DEPTHS), 65535)
"""Usual ends of ranges that begin at 0."""


@dataclass
class Observed:
    """Extremes of each channel, and how many values lie outside the range."""

    low: np.ndarray = field(default_factory=lambda: np.array(np.inf))
    """[c] smallest values, once there is an image."""
    high: np.ndarray = field(default_factory=lambda: np.array(-np.inf))
    """[c] largest values."""
    values: int = 0
    outside: int = 0
    far: int = 0
    """Values that lie outside by more than the width of the range."""
    below: int = 0
    """Values below 0, where the range begins there."""
    within: dict[int, int] = field(default_factory=dict)
    """Of uint16: the largest value that each of DEPTHS holds."""
    beyond: dict[int, int] = field(default_factory=dict)
    """Of uint16: how many values each of DEPTHS does not hold."""
    constant: int = 0
    """Images of which every channel has one value."""

    def add(self, image: Pixels, ranges: ValueRange) -> None:
        """Counts one image [c, h, w]; `ranges` has a pair for all channels or one for each."""
        low, high = image.min((1, 2)), image.max((1, 2))
        self.constant += int((low == high).all())
        self.low, self.high = np.fmin(self.low, low), np.fmax(self.high, high)
        self.values += image.size
        bottom, top = np.array(ranges, np.float64).T
        width = top - bottom
        self.outside += _outside(image, bottom - SLACK * width, top + SLACK * width, low, high)
        self.far += _outside(image, bottom - width, top + width, low, high)
        signed = (bottom < 0) & (low < 0)
        self.below += int(np.count_nonzero(image[signed] < 0)) if signed.any() else 0
        if image.dtype == np.uint16:
            self._add_depths(image, int(high.max()))

    def _add_depths(self, image: Pixels, most: int) -> None:
        """Counts an image of uint16 for each depth of a camera."""
        for bits in DEPTHS:
            top, largest, more = 2**bits - 1, most, 0
            if most > top:
                inside = image <= top
                largest = int(image.max(where=inside, initial=0))
                more = image.size - int(np.count_nonzero(inside))
            self.within[bits] = max(self.within.get(bits, 0), largest)
            self.beyond[bits] = self.beyond.get(bits, 0) + more

    @property
    def span(self) -> tuple[float, float]:
        """Smallest and largest value of all channels."""
        return float(self.low.min()), float(self.high.max())

    def refuted(self, ranges: ValueRange) -> str | None:
        """Why the range cannot be that of these images, or None.

        Most values lie outside, or more than a few lie outside by more than the range is wide.
        """
        if self.outside <= REFUSE * self.values and self.far <= WARN * self.values:
            return None
        return (
            f"{_percent(self.outside, self.values)} of the values lie outside the range "
            f"{_text(ranges)} and would not be clipped: they span {_text([self.span])}; declare "
            f"their own, such as --value-range {_usual(self.span)}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Strict JSON, for a protocol."""
        pairs = np.stack([self.low, self.high], axis=1).astype(float).tolist()
        counts = {"values": self.values, "outside": self.outside, "below": self.below}
        depths = [[bits, self.within[bits], self.beyond[bits]] for bits in self.within]
        return {"range": pairs, **counts, **({"depths": depths} if depths else {})}


def range_warnings(protocol: Mapping[str, Any]) -> list[str]:
    """What the values of one side, as its protocol tells them, say about the range."""
    found = _of(protocol)
    if found is None:
        return []
    (least, most), ranges, observed, images = found
    low, high = min(pair[0] for pair in ranges), max(pair[1] for pair in ranges)
    told = f"values span {_text([(least, most)])}"
    is_camera = images.get("dtype") == "uint16"
    depth = _depth(most) if is_camera else None
    if most - least < (high - low) / 8 and most > least:
        if most <= 1 and images.get("dtype") in INTEGERS:
            return [f"{told} of {_text(ranges)}: save masks of 0 and 1 as booleans or 0 and 255"]
        say = "LOW:HIGH" if depth is None else f"0:{2**depth - 1}"
        return [
            f"{told}, under an eighth of their range {_text(ranges)}; if that is not meant, "
            f"declare --value-range {say} (value_range)"
        ]
    if observed["outside"] > WARN * observed["values"]:
        return [
            f"{_percent(observed['outside'], observed['values'])} of the values lie outside the "
            f"range {_text(ranges)} and are not clipped: they span {_text([(least, most)])}; is "
            "the range right? --value-range LOW:HIGH (value_range) declares another"
        ]
    if (text := _unsigned(ranges, observed, (least, most))) is not None:
        return [text]
    if not is_camera or high != 65535:
        return []
    if depth is not None and most > 0.95 * (2**depth - 1):
        return [
            f"{told} of {_text(ranges)}, as images of {depth} bits do; if they are, declare "
            f"--value-range 0:{2**depth - 1} (value_range)"
        ]
    return _but_for_a_few(ranges, observed, told)


def _unsigned(
    ranges: Sequence[Sequence[float]], observed: Mapping[str, Any], span: Sequence[float]
) -> str | None:
    """A question, where the range begins well below 0 and the values do not."""
    low, high = min(pair[0] for pair in ranges), max(pair[1] for pair in ranges)
    below = observed.get("below")
    if below is None or -low < NEGATIVE * (high - low) or below > FEW * observed["values"]:
        return None
    few = "no value" if below == 0 else f"only {_percent(below, observed['values'])} of the values"
    return (
        f"declared {_text(ranges)}, but {few} is below 0 (they span {_text([span])}): if the "
        f"values are 0 to {high:g}, declare --value-range 0:{high:g} (value_range)"
    )


def _but_for_a_few(
    ranges: Sequence[Sequence[float]], observed: Mapping[str, Any], told: str
) -> list[str]:
    """What all values but a few of uint16 say, such as a hot pixel among images of 12 bits."""
    low, high = ranges[0]
    for bits, largest, more in observed.get("depths") or ():
        if 0 < more <= FEW * observed["values"] and (
            largest < (high - low) / 8 or largest > 0.95 * (2**bits - 1)
        ):
            return [
                f"{told} of {_text(ranges)}, but all of them except "
                f"{_percent(more, observed['values'])} reach {largest} only, as images of {bits} "
                f"bits do; if they are, declare --value-range 0:{2**bits - 1} (value_range)"
            ]
    return []


def ranges_differ(real: Mapping[str, Any], fake: Mapping[str, Any]) -> str | None:
    """A question, where one side fills 1/2, 1/4, … of its range and the other all; or None."""
    spans = []
    for protocol in (real, fake):
        if (found := _of(protocol)) is None:
            return None
        span, ranges, observed, _ = found
        bottom, top = np.array(ranges).T
        low, high = (np.array(observed["range"]).T - bottom) / (top - bottom)
        spans.append((float(low.min()), float(high.max()), f"{_text([span])} of {_text(ranges)}"))
    (low, high, of_real), (low2, high2, of_fake) = spans
    told = (
        f"real spans {of_real} and fake {of_fake}: was the same range declared for different "
        "values? Each side may have its own: --real-range, --fake-range (value_range)"
    )
    if abs(low - low2) > 0.4 and abs(max(low, low2) - 0.5) < 0.02:
        return told  # one side is in the upper half: values from 0, and a range of both signs
    if min(high, high2) <= 0:
        return None
    doublings = float(np.log2(max(high, high2) / min(high, high2)))
    return told if round(doublings) >= 1 and abs(doublings - round(doublings)) < 0.03 else None


def _of(
    protocol: Mapping[str, Any],
) -> tuple[tuple[float, float], list[list[float]], Mapping[str, Any], Mapping[str, Any]] | None:
    """Span, ranges, `observed` and `images` of a protocol; None where it does not know them."""
    observed, images = protocol.get("observed"), protocol.get("images") or {}
    if not observed or not images.get("value_range"):
        return None
    lows, highs = zip(*observed["range"], strict=True)
    return (min(lows), max(highs)), images["value_range"], observed, images


def _depth(most: float) -> int | None:
    """The fewest bits of a camera that hold the largest value."""
    return next((bits for bits in DEPTHS if most <= 2**bits - 1), None)


def _outside(
    image: Pixels, bottom: np.ndarray, top: np.ndarray, low: np.ndarray, high: np.ndarray
) -> int:
    """How many values [c, h, w], of these extremes [c], lie outside (bottom, top), [1] or [c]."""
    if not ((low < bottom).any() or (high > top).any()):
        return 0
    bottom, top = bottom[:, None, None], top[:, None, None]
    return int(np.count_nonzero((image < bottom) | (image > top)))


def _usual(span: tuple[float, float]) -> str:
    """The range that people would declare for values of this span."""
    low, high = span
    if low < 0:
        return "-1:1" if low >= -1 and high <= 1 else _text([span])
    return f"0:{next((end for end in _USUAL if end / 16 < high <= end), high):g}"


def _text(ranges: Sequence[Sequence[float]]) -> str:
    """`0:1`, or `0:1, 0:4095` for ranges that differ from channel to channel."""
    return ", ".join(dict.fromkeys(f"{low:g}:{high:g}" for low, high in ranges))


def _percent(some: int, of: int) -> str:
    return f"{100 * some / of:.3g} %"
