"""Makes a net that embeds images from a card, a function or a torch module."""

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypedDict, cast

from ganeval.errors import GanevalError, NetError
from ganeval.lazy import Tensor, torch
from ganeval.nets._architectures import architecture_of
from ganeval.nets._base import Card, FeatureNet, Function, NetOutput, options_of
from ganeval.nets._find import EACH_CHANNEL, each_channel_card, load_card
from ganeval.nets._own import card_of, failed, own_function


def load_net(
    spec: Any,
    *,
    device: "torch.device | str" = "cpu",
    weights: str | Path | None = None,
    each_channel: bool = False,
) -> FeatureNet:
    """Loads a feature net, ready to embed images that `prepare` made for its card.

    Args:
        spec: what `load_card` takes, or a function of images [n, c, h, w] in [0, 1] that returns
            features [n, d], (features, logits), or either by name, as models of Hugging Face do;
            further axes are flattened. A `torch.nn.Module` is moved to `device`, gets images in
            the dtype of its weights, runs in evaluation mode and is returned to its earlier mode.
        device: where the net computes: `cpu`, `cuda`, `cuda:1`, …
        weights: file to use instead of the card's own.
        each_channel: whether a net of 1 or 3 channels runs on every channel separately; see
            `each_channel_card`.

    Raises:
        NetError: the net is unknown, its weights are missing, or they are not those of its card.
        MissingExtraError: the net needs a package that is not installed.
    """
    if isinstance(spec, str | Path | Card):
        card = load_card(spec, weights=weights, each_channel=each_channel)
        return _Net(card, _from_card(card, device), device, (_again, card, device))
    if isinstance(getattr(spec, "card", None), Card):
        net = cast(FeatureNet, spec)
    else:
        net = _own_net(spec, card_of(spec), device)
    if each_channel and (card := each_channel_card(net.card)) is not net.card:
        inner = cast(_PerChannel, card.options[EACH_CHANNEL])
        recipe = (_again, net, device, each_channel)
        return _Net(card, _over_channels(net, inner), device, recipe)
    return net


def _again(spec: Any, device: "torch.device | str", each_channel: bool = False) -> FeatureNet:
    """Loads a net that was pickled."""
    return load_net(spec, device=device, each_channel=each_channel)


def _own_net(function: Any, card: Card, device: "torch.device | str") -> FeatureNet:
    """The net of a function or module; its card is kept where it is pickled."""
    recipe = (_own_net, function, card, device)
    return _Net(card, own_function(function, card, device), device, recipe)


class _Net:
    """A function with its card; it runs without gradients and without the caller's autocast.

    `recipe` is a function and its arguments that make the net again where it is unpickled.
    """

    def __init__(
        self,
        card: Card,
        function: Function,
        device: "torch.device | str",
        recipe: tuple[Callable[..., FeatureNet], *tuple[Any, ...]],
    ) -> None:
        self.card = card
        self._function = function
        self._device = device
        self._recipe = recipe
        self._rounded = False

    def __call__(self, images: Tensor) -> NetOutput:
        """Returns features [n, d], and logits [n, k] or None, or raises NetError."""
        images = images.to(self._device)
        try:
            with torch.no_grad(), _rounding(images.device.type, self._rounded):
                features, logits = self._function(images)
        except GanevalError:
            raise
        except Exception as error:
            raise failed(self.card.name, images, error) from error
        return NetOutput(features, logits)

    def in_bfloat16(self) -> "_Net":
        """The same net with products of bfloat16; see `in_precision`."""
        net = copy.copy(self)
        net._rounded = True
        return net

    def __reduce__(self) -> tuple[Callable[..., FeatureNet], tuple[Any, ...]]:
        make, *arguments = self._recipe
        if self._rounded:
            return _rounded_again, (make, *arguments)
        return make, tuple(arguments)

    def __repr__(self) -> str:
        return f"<feature net {self.card.name!r}>"


def _rounding(device: str, rounded: bool) -> "torch.autocast":
    """The caller's autocast is left aside; bfloat16 where it was asked for."""
    return torch.autocast(device, dtype=torch.bfloat16 if rounded else None, enabled=rounded)


def _rounded_again(make: Callable[..., "_Net"], *arguments: Any) -> "_Net":
    """Loads a net of bfloat16 that was pickled."""
    return make(*arguments).in_bfloat16()


def _from_card(card: Card, device: "torch.device | str") -> Function:
    if EACH_CHANNEL not in card.options:
        return _build(card, device)
    inner = options_of(card, _EachChannel)["each_channel"]
    return _over_channels(_build(_inner(card, inner), device), inner)


def _build(card: Card, device: "torch.device | str") -> Function:
    return architecture_of(card).build(card, device=device)


MOST_CLASSES = 1_000_000
"""Of a net; a card of more is damaged."""


class _PerChannel(TypedDict):
    """What the net takes and gives that runs on each channel; see `each_channel_card`."""

    channels: Literal[1, 3]
    dim: int | None
    n_classes: int | None


class _EachChannel(TypedDict):
    each_channel: _PerChannel


def _inner(card: Card, inner: _PerChannel) -> Card:
    """The card of the net that runs on each channel; it gets numbers as names of classes."""
    options = {k: v for k, v in card.options.items() if k != EACH_CHANNEL}
    n_classes = inner["n_classes"]
    if n_classes is not None and not 1 < n_classes <= MOST_CLASSES:
        raise NetError(f"net {card.name!r} has {n_classes} classes on each channel; get it again")
    return replace(
        card,
        channels=inner["channels"],
        dim=inner["dim"],
        classes=None if n_classes is None else tuple(str(i) for i in range(n_classes)),
        options=options,
    )


def _over_channels(function: Function, inner: _PerChannel) -> Function:
    repeats = inner["channels"]

    def net(images: Tensor) -> NetOutput:
        parts = [
            function(channel.repeat(1, repeats, 1, 1))[0] for channel in torch.split(images, 1, 1)
        ]
        return NetOutput(torch.cat(parts, 1), None)

    return net
