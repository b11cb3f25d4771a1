"""Makes a net that embeds images from a card, a function or a torch module."""

import functools
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from ganeval.errors import NetError
from ganeval.lazy import Tensor, torch
from ganeval.nets._architectures import architecture_of
from ganeval.nets._base import Card, FeatureNet, Function, NetOutput
from ganeval.nets._find import EACH_CHANNEL, each_channel_card, load_card


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
            features [n, d] or (features, logits). A `torch.nn.Module` is moved to `device`, runs
            in evaluation mode, and is returned to its earlier mode.
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
        inner = card.options.get(EACH_CHANNEL)
        if inner is None:
            return _Net(card, _build(card, device), device)
        if not isinstance(inner, dict) or inner.get("channels") not in (1, 3):
            raise NetError(f"net {card.name!r} has options.{EACH_CHANNEL} {inner!r}; get it again")
        return _Net(card, _over_channels(_build(_inner(card, inner), device), inner), device)
    if isinstance(getattr(spec, "card", None), Card):
        net = cast(FeatureNet, spec)
    else:
        net = _wrap(spec, device)
    if each_channel and (card := each_channel_card(net.card)) is not net.card:
        inner = cast(dict[str, Any], card.options[EACH_CHANNEL])
        return _Net(card, _over_channels(net, inner), device)
    return net


class _Net:
    """A function with its card; it runs without gradients and without the caller's autocast."""

    def __init__(self, card: Card, function: Function, device: "torch.device | str") -> None:
        self.card = card
        self._function = function
        self._device = device

    def __call__(self, images: Tensor) -> NetOutput:
        """Returns features [n, d], and logits [n, k] or None."""
        images = images.to(self._device)
        with torch.no_grad(), torch.autocast(images.device.type, enabled=False):
            features, logits = self._function(images)
        return NetOutput(features, logits)

    def __repr__(self) -> str:
        return f"<feature net {self.card.name!r}>"


def _build(card: Card, device: "torch.device | str") -> Function:
    return architecture_of(card).build(card, device=device)


def _inner(card: Card, inner: dict[str, Any]) -> Card:
    """The card of the net that runs on each channel; it gets numbers as names of classes."""
    options = {k: v for k, v in card.options.items() if k != EACH_CHANNEL}
    n_classes = inner.get("n_classes")
    return replace(
        card,
        channels=inner.get("channels"),
        dim=inner.get("dim"),
        classes=None if n_classes is None else tuple(str(i) for i in range(n_classes)),
        options=options,
    )


def _over_channels(function: Function, inner: dict[str, Any]) -> Function:
    repeats = inner["channels"]

    def net(images: Tensor) -> NetOutput:
        parts = [
            function(channel.repeat(1, repeats, 1, 1))[0] for channel in torch.split(images, 1, 1)
        ]
        return NetOutput(torch.cat(parts, 1), None)

    return net


def _wrap(function: Any, device: "torch.device | str") -> FeatureNet:
    """Gives a function a card, which holds the hash of the weights if it is a module."""
    if not callable(function):
        raise NetError(
            f"a feature net cannot be a {type(function).__name__}; give a name, a path of a card, "
            "a torch.nn.Module or a function of images"
        )
    module = function if isinstance(function, torch.nn.Module) else None
    name = getattr(function, "__name__", type(function).__name__)
    card = Card(
        name=name,
        architecture="function" if module is None else "module",
        channels=None,
        options={"class": f"{type(function).__module__}.{type(function).__qualname__}"},
        source="given as a Python object",
        sha256=_identity(function) if module is None else _sha256_of_module(module),
    )
    if module is not None:
        module.to(device)

    def net(images: Tensor) -> NetOutput:
        with _evaluation_mode(module):
            out = function(images)
        features, logits = out if isinstance(out, tuple) else (out, None)
        if not isinstance(features, torch.Tensor) or features.shape[:1] != images.shape[:1]:
            shape = tuple(features.shape) if isinstance(features, torch.Tensor) else type(features)
            raise NetError(
                f"feature net {name!r} gave {shape} for {len(images)} images; it must return "
                "features [n, d], or a pair of features and logits [n, k]"
            )
        return NetOutput(features.flatten(1).float(), logits)

    return _Net(card, net, device)


def _identity(function: Any) -> str:
    """A hash that is the same only for the same function object in this process.

    Its code and what it closes over cannot be hashed, so scores of two runs are not comparable.
    """
    return hashlib.sha256(f"{_process()} {id(function)}".encode()).hexdigest()


@functools.cache
def _process() -> str:
    """A random text that differs between processes."""
    return os.urandom(8).hex()


def _sha256_of_module(module: "torch.nn.Module") -> str:
    digest = hashlib.sha256(str(module).encode())
    for key, value in sorted(module.state_dict().items()):
        digest.update(f"{key} {value.dtype} {tuple(value.shape)}".encode())
        digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()


@contextmanager
def _evaluation_mode(module: "torch.nn.Module | None") -> Iterator[None]:
    """Sets the whole module to evaluation mode, and every part back to its own mode at the end."""
    training = [m for m in module.modules() if m.training] if module is not None else []
    try:
        for part in training:
            part.training = False
        yield
    finally:
        for part in training:
            part.training = True
