"""Trained nets, those of `ganeval nets train` and those that ship with ganeval."""

from pathlib import Path
from typing import TypedDict

from ganeval.errors import NetError
from ganeval.lazy import Tensor, torch
from ganeval.nets._base import Card, Function, NetOutput, options_of
from ganeval.nets._weights import read_weights

CARDS = tuple(sorted((Path(__file__).parent / "weights").glob("*.json")))
"""A net ships if its card `weights/NAME.json` and its weights do."""


def build(card: Card, *, device: "torch.device | str") -> Function:
    """Makes a net that returns embeddings [n, dim] and, if it has classes, logits [n, classes].

    Raises:
        NetError: the card is broken, or the weights are missing, changed, or of another net.
    """
    from ganeval.nets._fold import channels_last, fold_batch_norms
    from ganeval.nets._network import Trunk

    options = options_of(card, _Options)
    widths = options["widths"]
    sound = 1 <= len(widths) <= 10 and all(1 <= width <= 4096 for width in widths)
    if not sound or card.channels is None or card.dim is None:
        raise NetError(
            f"net {card.name!r} has architecture 'trunk' but not its channels, dim and "
            "options.widths; its card is broken, get it again"
        )
    mean, std = _normalisation(card, options, device)
    with torch.device("meta"):
        trunk = Trunk(
            channels=card.channels,
            widths=widths,
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
    fold_batch_norms(trunk)
    channels_last(trunk)

    def net(images: Tensor) -> NetOutput:
        embedding, logits = trunk((images - mean) / std)
        return NetOutput(embedding, logits)

    return net


class _Options(TypedDict):
    """Settings in the card; `mean` and `std` are of the values in [0, 1], by channel."""

    widths: tuple[int, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]


def _normalisation(
    card: Card, options: _Options, device: "torch.device | str"
) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation [c, 1, 1] of the training images."""
    mean, std = options["mean"], options["std"]
    if not len(mean) == len(std) == card.channels or min(std) <= 0:
        raise NetError(
            f"net {card.name!r} has options.mean {mean} and options.std {std}, wanted one number "
            f"for each of its {card.channels} channels, of std above 0; its card is broken, get it "
            "again"
        )
    made = [
        torch.tensor(x, dtype=torch.float32, device=device).reshape(-1, 1, 1) for x in (mean, std)
    ]
    return made[0], made[1]
