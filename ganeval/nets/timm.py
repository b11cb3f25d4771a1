"""Nets of the timm collection, such as DINOv2; their weights are fetched or given by path."""

import difflib
import importlib
from dataclasses import replace
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from ganeval.errors import MissingExtraError, NetError
from ganeval.lazy import Tensor, torch
from ganeval.nets._architectures import Download
from ganeval.nets._base import Card, Function, NetOutput, options_of
from ganeval.nets._home import nets_home
from ganeval.nets._hub import download
from ganeval.nets._timm_cards import FILE, META, TIMM_CARDS
from ganeval.nets._weights import read_weights, sha256_of, write_card

PREFIX = "timm:"

CARDS = TIMM_CARDS
_NAMED = {card.name: card for card in CARDS}

DOWNLOADS = (
    Download("dinov2", "dinov2 1.2 GB"),
    Download("dinov3", "dinov3 1.2 GB"),
    Download("siglip2", "siglip2 1.3 GB"),
    Download(
        f"{PREFIX}MODEL", "a model of timm", f"{PREFIX}vit_base_patch16_224.augreg2_in21k_ft_in1k"
    ),
)


def find_card(name: str) -> Card | None:
    """The card of `timm:MODEL`: the fetched one, or one made from timm's own description.

    Raises:
        NetError: timm has no such model, or the model takes no images of one size.
        MissingExtraError: timm is not installed, and the card was not fetched.
    """
    if not name.startswith(PREFIX):
        return None
    if (path := _home(name) / "card.json").is_file():
        return Card.from_json(path.read_text(encoding="utf-8"), path=path)
    model = name.removeprefix(PREFIX)
    timm = _timm(name)
    known = _known(timm, model)
    if known is None:
        close = difflib.get_close_matches(model, timm.list_models(), n=3)
        hint = f"did you mean {', '.join(close)}? " if close else ""
        raise NetError(
            f"timm has no model {model!r}; {hint}timm.list_models() has the names of all"
        )
    return _card_of(known, name)


def _card_of(known: Any, name: str) -> Card:
    """The card of `timm:MODEL`, made from timm's configuration of the model."""
    model = name.removeprefix(PREFIX)
    channels, *size = known.input_size
    classes = tuple(f"{i:04d}" for i in range(known.num_classes)) if known.num_classes > 1 else None
    card = Card(
        name=name,
        architecture="timm",
        channels=channels,
        input_size=(size[0], size[1]),
        resize="clean" if known.interpolation == "bicubic" else "bilinear-antialias",
        dtype="uint8",
        classes=classes,
        options={
            "model": model,
            "hub": known.hf_hub_id,
            "mean": list(known.mean),
            "std": list(known.std),
        },
        licence=known.license or "unknown",
        source=f"timm model {model}; resized to all of the input size, no crop",
        weights=FILE,
    )
    with torch.device("meta"):
        return replace(card, dim=int(_network(card, name).head_hidden_size))


def with_weights(card: Card, path: Path | None) -> Card:
    """The card for the weights in `path`, or for the fetched ones if there are any.

    The weights may come from anywhere: their hash, which the card holds, makes scores comparable.
    """
    if path is None:
        fetched = _home(card.name) / "card.json"
        if not fetched.is_file():
            return card
        known = Card.from_json(fetched.read_text(encoding="utf-8"), path=fetched)
        return replace(card, folder=known.folder, weights=known.weights, sha256=known.sha256)
    if path.suffix != ".safetensors":
        raise NetError(
            f"{path} is no .safetensors file, and nothing else is read for net {card.name!r}; "
            f"get {FILE} of {card.options.get('hub')} from the Hugging Face hub"
        )
    sha256 = sha256_of(path)
    if sha256 == card.sha256:
        return replace(card, folder=path.parent, weights=path.name)
    source = f"weights given by path, {path.name}; {card.source}"
    return replace(card, folder=path.parent, weights=path.name, sha256=sha256, source=source)


def fetch(name: str) -> Path | None:
    """Downloads the weights of a net of CARDS or `timm:MODEL` into the user's nets folder.

    Nothing is downloaded if they are there. The card next to them keeps their SHA-256.

    Returns:
        The weights file, or None if `name` is another net.

    Raises:
        NetError: there is no connection, or the weights are not on the Hugging Face hub.
        MissingExtraError: timm is not installed.
    """
    card = _NAMED.get(name) or find_card(name)
    if card is None:
        return None
    folder = _home(name)
    if (folder / "card.json").is_file() and (folder / FILE).is_file():
        return folder / FILE
    _timm(name)
    if not card.options.get("hub"):
        raise NetError(
            f"the weights of net {name!r} are on no hub; name a file with --weights PATH"
        )
    found = download(str(card.options["hub"]), FILE, folder, extra="timm")
    write_card(folder / "card.json", replace(card, sha256=sha256_of(found)))
    return found


def build(card: Card, *, device: "torch.device | str") -> Function:
    """Makes a net that returns features [n, d] before the last layer, and logits if there are any.

    The features are pooled in the way of the model.

    Raises:
        NetError: the weights are missing, changed, or of another model.
        MissingExtraError: timm is not installed.
    """
    if card.folder is None or card.sha256 is None:
        raise NetError(
            f"net {card.name!r} needs its weights, and they are not on this machine; run "
            f"ganeval nets fetch {card.name}, or name a .safetensors file with --weights PATH, or "
            "choose another net: --feature-net NAME (ganeval nets list)"
        )
    options = options_of(card, _Options)
    weights = read_weights(card)
    if options.get("position") == META and "pos_embed" in weights:
        weights["pos_embed"] = _as_meta(weights["pos_embed"], card)
    network = _network(card, card.name, weights)
    network.to(device).float().eval().requires_grad_(False)
    mean, std = (
        torch.tensor(numbers, dtype=torch.float32, device=device).view(-1, 1, 1)
        for numbers in (options["mean"], options["std"])
    )

    def net(images: Tensor) -> NetOutput:
        features = network.forward_head(
            network.forward_features((images - mean) / std), pre_logits=True
        )
        logits = None if card.classes is None else network.get_classifier()(features)
        return NetOutput(features, logits)

    return net


class _Options(TypedDict):
    """Settings in the card: of the values in [0, 1], by channel."""

    mean: tuple[float, ...]
    std: tuple[float, ...]
    position: NotRequired[str]
    """META, or timm's own rule where it is missing."""


PATCH = 14
"""Of DINOv2, in pixels."""


def _as_meta(embedding: Tensor, card: Card) -> Tensor:
    """Position embeddings [1, 1 + N², d] for the card's input size, as Meta's code makes them.

    Source: `interpolate_pos_encoding` of the repository facebookresearch/dinov2.
    """
    assert card.input_size is not None
    own, (rows, columns) = embedding[:, :1], (length // PATCH for length in card.input_size)
    n, d = int((embedding.shape[1] - 1) ** 0.5), embedding.shape[2]
    if (n, n) == (rows, columns):
        return embedding
    grid = embedding[:, 1:].float().reshape(1, n, n, d).permute(0, 3, 1, 2)
    resized = torch.nn.functional.interpolate(
        grid, scale_factor=((rows + 0.1) / n, (columns + 0.1) / n), mode="bicubic"
    )
    return torch.cat([own, resized.permute(0, 2, 3, 1).reshape(1, -1, d)], 1)


def _network(card: Card, name: str, weights: dict[str, Tensor] | None = None) -> Any:
    """Makes the model; timm fits the weights, if there are any, to the input size."""
    timm, model = _timm(name), str(card.options.get("model"))
    options: dict[str, Any] = {"num_classes": len(card.classes or ())}
    if (known := _known(timm, model)) is None:
        raise NetError(f"timm {timm.__version__} has no model {model!r}; update timm")
    if known.fixed_input_size and card.input_size is not None:
        options["img_size"] = card.input_size
    if weights is not None:
        options["pretrained_cfg_overlay"] = {"state_dict": weights, "custom_load": False}
    try:
        with torch.random.fork_rng(devices=[]):  # it draws weights before it gets ours
            return timm.create_model(model, pretrained=weights is not None, **options)
    except (RuntimeError, KeyError) as error:
        problem = " ".join(str(error).split())[:200]
        raise NetError(
            f"{card.weights} does not hold the weights of timm's {model} ({problem}); give the "
            f"{FILE} of {card.options.get('hub')}"
        ) from None


def _known(timm: Any, model: str) -> Any:
    """Timm's configuration of a model; None if the name means a model to be downloaded."""
    try:
        known = timm.get_pretrained_cfg(model, allow_unregistered=False)
    except RuntimeError:
        return None
    return known if timm.is_model(model) and not {*model} & {*"/\\:"} else None


def _home(name: str) -> Path:
    """The folder of a net's weights, which the variants of a name (`dinov2:edm2`) share."""
    name = name.partition(":")[0] if name in _NAMED else name.removeprefix(PREFIX)
    return nets_home() / "timm" / name


def _timm(name: str) -> Any:
    try:
        return importlib.import_module("timm")
    except ImportError:
        raise MissingExtraError("timm", extra="timm", purpose=f"feature net {name!r}") from None
