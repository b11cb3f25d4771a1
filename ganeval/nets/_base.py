"""Defines a feature net: a function, and a card that describes its input and its origin."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from string import hexdigits
from typing import NamedTuple, Protocol, TypeAlias, TypeVar, runtime_checkable

from ganeval.errors import NetError
from ganeval.lazy import Tensor
from ganeval.schema import decode, fit

T = TypeVar("T")

DTYPES = ("uint8", "uint16", "float32")
"""Dtypes of images."""


@dataclass(frozen=True)
class Card:
    """Everything about a feature net except its weights; on disk, it is strict JSON.

    The card's `fingerprint` enters every score's protocol.
    """

    name: str
    architecture: str
    """Name of the module that builds the net: `trunk`, `inception`, `pixels`, …"""
    channels: int | None
    """Channels per image; None means any number."""
    empty_channels: tuple[int, ...] = ()
    """Further channels of the domain's files that are always 0. They are dropped; an image in which
    one is not 0 is refused."""
    input_size: tuple[int, int] | None = None
    """(height, width) in pixels; None means any size that all images share."""
    resize: str = "none"
    """Name in RESIZERS of the rule that resizes to `input_size`; `none` refuses other sizes."""
    dtype: str | None = None
    """Dtype of the training images: `uint8`, `uint16` or `float32`."""
    value_range: tuple[tuple[float, float], ...] | None = None
    """The range declared in training: one (low, high) for all channels, or one per channel.
    It applies to images of the same dtype unless the user declares another."""
    dim: int | None = None
    """Features per image; None if the number depends on the images."""
    classes: tuple[str, ...] | None = None
    """Class names in the order of the logits; None if the net does not classify."""
    options: Mapping[str, object] = field(default_factory=dict)
    """Settings of the architecture (widths, normalisation), as JSON."""
    training: Mapping[str, object] = field(default_factory=dict)
    """The data, their number and hash, seed, steps and software, for readers of a paper."""
    validation: Mapping[str, object] = field(default_factory=dict)
    """Figures on held-out images, such as accuracy, per_class_accuracy, confusion, ece and n."""
    licence: str = "unknown"
    source: str = ""
    """Paper, URL or command that the weights come from."""
    weights: str | None = None
    """File name of the weights in the card's folder; None for a net without weights."""
    sha256: str | None = None
    """SHA-256 of the weights file."""
    folder: Path | None = field(default=None, compare=False, repr=False)
    """Folder of the card and its weights; it is not written to the file."""
    code: str | None = field(default=None, compare=False, repr=False)
    """Hash of the code of a net of another package; it is not written to the file."""

    @classmethod
    def from_json(cls, text: str, *, path: Path) -> "Card":
        """Parses a card.

        Raises:
            NetError: the card is broken; the message names `path` and the wrong field.
        """
        try:
            data = decode(text)
        except ValueError as error:
            raise NetError(f"{path} is not a net's card: {error}; get the net again") from None
        return cls.from_dict(data, path=path)

    @classmethod
    def from_dict(cls, data: object, *, path: Path) -> "Card":
        """Makes a card from parsed JSON; see `from_json`."""
        if not isinstance(data, dict):
            raise NetError(f"{path} is not a net's card: expected an object of fields")
        if unknown := sorted(data.keys() - _CHECKS.keys()):
            raise NetError(f"{path} has unknown fields {', '.join(unknown)}; update ganeval")
        if missing := sorted({"name", "architecture", "channels"} - data.keys()):
            raise NetError(
                f"{path} is not a net's card: {', '.join(missing)} missing; get the net again"
            )
        for name, value in data.items():
            sound, wanted = _CHECKS[name]
            if not sound(value):
                shown = json.dumps(value)
                shown = shown if len(shown) <= 60 else shown[:57] + "..."
                raise NetError(f"{path} has {name} {shown}, wanted {wanted}; correct the card")
        data = dict(data)
        for name in ("input_size", "classes", "empty_channels"):
            if data.get(name) is not None:
                data[name] = tuple(data[name])
        if data.get("value_range") is not None:
            data["value_range"] = tuple(tuple(map(float, pair)) for pair in data["value_range"])
        return cls(**data, folder=path.parent)

    def to_dict(self) -> dict[str, object]:
        """Returns the fields that the file holds."""
        data = asdict(self)
        del data["folder"], data["code"]
        return data

    def to_json(self) -> str:
        """Returns strict JSON, indented for readers."""
        return json.dumps(self.to_dict(), indent=1, allow_nan=False) + "\n"


FEATURE_FIELDS = (
    "architecture",
    "channels",
    "empty_channels",
    "input_size",
    "resize",
    "dtype",
    "value_range",
    "options",
    "sha256",
)
"""Fields of a card that affect the features of its net."""


def fingerprint(card: Card) -> str:
    """SHA-256 over the fields of `card` that affect its features.

    Features of nets with the same fingerprint are comparable. The name, the figures and the
    licence have no effect on it, so a renamed net is still the same net.
    """
    data = card.to_dict()
    parts = {name: data[name] for name in FEATURE_FIELDS}
    if card.code is not None:
        parts["code"] = card.code
    text = json.dumps(parts, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def options_of(card: Card, form: type[T]) -> T:
    """The settings of an architecture as `form` has them; a card may come from a file.

    Raises:
        NetError: one is missing or of another type.
    """
    try:
        return fit(dict(card.options), form, at="options")
    except ValueError as error:
        raise NetError(
            f"the card of net {card.name!r} is not one of {card.architecture!r} ({error}); get the "
            "net again"
        ) from None


def _is_int(value: object, *, least: int = 1) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < 1 << 31


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_file_name(value: object) -> bool:
    """Whether the value is a name without folders; a card must not point to files elsewhere."""
    return isinstance(value, str) and value not in ("", ".", "..") and not {*value} & {*"/\\:\0"}


def _is_range(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(
            isinstance(pair, list)
            and len(pair) == 2
            and all(map(_is_number, pair))
            and pair[0] < pair[1]
            for pair in value
        )
    )


def _optional(check: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or check(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


_CHECKS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "name": (lambda v: isinstance(v, str) and v.isprintable() and 0 < len(v) < 200, "a name"),
    "architecture": (_is_text, "a name"),
    "channels": (_optional(_is_int), "a number of channels or null"),
    "empty_channels": (
        lambda v: isinstance(v, list) and all(_is_int(c, least=0) for c in v),
        "a list of positions from 0",
    ),
    "input_size": (
        _optional(lambda v: isinstance(v, list) and len(v) == 2 and all(map(_is_int, v))),
        "[height, width] in pixels or null",
    ),
    "resize": (_is_text, "a name"),
    "dtype": (_optional(lambda v: v in DTYPES), f"one of {', '.join(DTYPES)} or null"),
    "value_range": (_optional(_is_range), "[[low, high], ...] with low < high or null"),
    "dim": (_optional(_is_int), "a number of features or null"),
    "classes": (
        _optional(lambda v: isinstance(v, list) and len(v) > 1 and all(map(_is_text, v))),
        "a list of two or more names or null",
    ),
    "options": (_is_object, "an object"),
    "training": (_is_object, "an object"),
    "validation": (_is_object, "an object"),
    "licence": (_is_text, "text"),
    "source": (_is_text, "text"),
    "weights": (_optional(_is_file_name), "a file name without folders or null"),
    "sha256": (
        _optional(lambda v: isinstance(v, str) and len(v) == 64 and not {*v} - {*hexdigits}),
        "64 hexadecimal digits or null",
    ),
}


class NetOutput(NamedTuple):
    """Features [n, d] float32 and, if the net classifies, logits [n, k]."""

    features: Tensor
    logits: Tensor | None


Function: TypeAlias = Callable[[Tensor], NetOutput]
"""A net without its card; it maps images [n, c, h, w] in [0, 1] to NetOutput."""


@runtime_checkable
class FeatureNet(Protocol):
    """Maps images [n, c, h, w] float32, their declared range mapped to [0, 1], to NetOutput.

    The function is pure: it runs in evaluation mode without gradients and does not change global
    state. It normalises the images itself; `prepare` has checked and resized them for `card`.
    """

    card: Card

    def __call__(self, images: Tensor) -> NetOutput:
        """Embeds a batch on the device of the net."""
        ...
