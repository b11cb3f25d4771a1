"""Trained nets, those of `ganeval nets train` and those that ship with ganeval."""

import math
from pathlib import Path
from typing import cast

from ganeval.errors import NetError
from ganeval.lazy import Tensor, torch
from ganeval.nets._base import Card, Function, NetOutput
from ganeval.nets._weights import read_weights

CARDS = tuple(sorted((Path(__file__).parent / "weights").glob("*.json")))
"""A net ships if its card `weights/NAME.json` and its weights do."""


def build(card: Card, *, device: "torch.device | str") -> Function:
    """Makes a net that returns embeddings [n, dim] and, if it has classes, logits [n, classes].

    Raises:
        NetError: the card is broken, or the weights are missing, changed, or of another net.
    """
    from ganeval.nets._network import Trunk, channels_last

    widths = card.options.get("widths")
    sound = (
        isinstance(widths, list | tuple)
        and 1 <= len(widths) <= 10
        and all(isinstance(w, int) and 1 <= w <= 4096 for w in widths)
    )
    if not sound or card.channels is None or card.dim is None:
        raise NetError(
            f"net {card.name!r} has architecture 'trunk' but not its channels, dim and "
            "options.widths; its card is broken, get it again"
        )
    mean, std = _normalisation(card, device)
    with torch.device("meta"):
        trunk = Trunk(
            channels=card.channels,
            widths=tuple(cast(list[int], widths)),
            dim=card.dim,
            classes=None if card.classes is None else len(card.classes),
        )
    try:
        trunk.load_state_dict(read_weights(card), assign=True)
    except RuntimeError as error:
        problem = str(error).splitlines()[-1].strip()
        raise NetError(
            f"the weights of net {card.name!r} do not fit its card ({problem}); export both again"
        ) from None
    trunk.to(device, torch.float32).eval().requires_grad_(False)
    channels_last(trunk)

    def net(images: Tensor) -> NetOutput:
        embedding, logits = trunk((images - mean) / std)
        return NetOutput(embedding, logits)

    return net


def _normalisation(card: Card, device: "torch.device | str") -> tuple[Tensor, Tensor]:
    """Mean and standard deviation [c, 1, 1] of the values in [0, 1] of the training images."""
    pair = []
    for key, least in (("mean", -math.inf), ("std", 0.0)):
        values = card.options.get(key)
        sound = (
            isinstance(values, list | tuple)
            and len(values) == card.channels
            and all(isinstance(v, int | float) and v > least for v in values)
        )
        if not sound:
            raise NetError(
                f"net {card.name!r} has options.{key} {values!r}, wanted one number for each of "
                f"its {card.channels} channels; its card is broken, get it again"
            )
        numbers = torch.tensor(values, dtype=torch.float32, device=device)
        pair.append(numbers.reshape(-1, 1, 1))
    return pair[0], pair[1]
