"""Image towers of open_clip by name, `openclip:MODEL/WEIGHTS`, such as CLIP's own.

Weights are safetensors, fetched from the Hugging Face hub or given by path; nothing is unpickled.
"""

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
from ganeval.nets._weights import read_weights, sha256_of, write_card

PREFIX = "openclip:"
FILE = "open_clip_model.safetensors"
EXTRA = "openclip"

CLIP = Card(
    name="clip",
    architecture="openclip",
    channels=3,
    input_size=(224, 224),
    resize="clean",
    dtype="uint8",
    dim=768,
    options={
        "model": "ViT-L-14",
        "quick_gelu": True,
        "hub": "timm/vit_large_patch14_clip_224.openai",
        "mean": [0.48145466, 0.4578275, 0.40821073],
        "std": [0.26862954, 0.26130258, 0.27577711],
    },
    training={"data": "400 million images with captions, by OpenAI in 2021"},
    licence="MIT",
    source="ViT-L/14 of Radford et al. 2021, arXiv:2103.00020; projected image embedding",
    weights=FILE,
)

CARDS = (
    CLIP,
    replace(
        CLIP,
        name="clip:cmmd",
        input_size=(336, 336),
        resize="square-pillow-bicubic",
        options={
            **CLIP.options,
            "model": "ViT-L-14-336",
            "hub": "timm/vit_large_patch14_clip_336.openai",
            "unit_length": True,
        },
        source="ViT-L/14 at 336 pixels of Radford et al. 2021, arXiv:2103.00020; resized, and "
        "scaled to length 1, as by CMMD: Jayasumana et al. 2024, arXiv:2401.09603",
    ),
)
_NAMED = {card.name: card for card in CARDS}

DOWNLOADS = (
    Download("clip", "clip 1.7 GB"),
    Download("clip:cmmd", "clip:cmmd 1.7 GB"),
    Download(
        f"{PREFIX}MODEL/WEIGHTS", "a model of open_clip", f"{PREFIX}ViT-B-32/laion2b_s34b_b79k"
    ),
)


def find_card(name: str) -> Card | None:
    """The card of `openclip:MODEL/WEIGHTS`: the fetched one, or one from open_clip's own tables.

    Raises:
        NetError: open_clip has no such model, or no such weights of it.
        MissingExtraError: open_clip is not installed, and the card was not fetched.
    """
    if not name.startswith(PREFIX):
        return None
    if (path := _home(name) / "card.json").is_file():
        return Card.from_json(path.read_text(encoding="utf-8"), path=path)
    model, _, tag = name.removeprefix(PREFIX).partition("/")
    open_clip = _open_clip(name)
    config = open_clip.get_model_config(model) if model in open_clip.list_models() else None
    if config is None:
        close = difflib.get_close_matches(model, open_clip.list_models(), n=3)
        hint = f"did you mean {', '.join(close)}? " if close else ""
        raise NetError(f"open_clip has no model {model!r}; {hint}open_clip.list_models() has all")
    known = open_clip.get_pretrained_cfg(model, tag)
    if not known:
        tags = ", ".join(open_clip.list_pretrained_tags_by_model(model)) or "none"
        raise NetError(
            f"open_clip has no weights {tag!r} of {model}; wanted {PREFIX}{model}/WEIGHTS with one "
            f"of {tags}"
        )
    side = config["vision_cfg"].get("image_size", 224)
    size = (side, side) if isinstance(side, int) else (int(side[0]), int(side[1]))
    bicubic = known.get("interpolation", "bicubic") == "bicubic"
    return Card(
        name=name,
        architecture="openclip",
        channels=3,
        input_size=size,
        resize="clean" if bicubic else "bilinear-antialias",
        dtype="uint8",
        dim=int(config["embed_dim"]),
        options={
            "model": model,
            "quick_gelu": bool(known.get("quick_gelu") or config.get("quick_gelu")),
            "hub": str(known.get("hf_hub") or "").strip("/"),
            "mean": list(known.get("mean") or open_clip.OPENAI_DATASET_MEAN),
            "std": list(known.get("std") or open_clip.OPENAI_DATASET_STD),
        },
        source=f"open_clip model {model}, weights {tag}; resized to all of the input size, no crop",
        weights=FILE,
    )


def with_weights(card: Card, path: Path | None) -> Card:
    """The card for the weights in `path`, or for the fetched ones if there are any."""
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
    """Downloads the weights of `clip` or `openclip:MODEL/WEIGHTS` into the user's nets folder.

    Returns:
        The weights file, or None if `name` is another net.

    Raises:
        NetError: there is no connection, or the weights are not safetensors on the hub.
        MissingExtraError: open_clip is not installed.
    """
    card = _NAMED.get(name) or find_card(name)
    if card is None:
        return None
    folder = _home(name)
    if (folder / "card.json").is_file() and (folder / FILE).is_file():
        return folder / FILE
    _open_clip(name)
    if not card.options.get("hub"):
        raise NetError(
            f"the weights of net {name!r} are on no hub; name a file with --weights PATH"
        )
    found = download(str(card.options["hub"]), FILE, folder, extra=EXTRA)
    write_card(folder / "card.json", replace(card, sha256=sha256_of(found)))
    return found


def build(card: Card, *, device: "torch.device | str") -> Function:
    """Makes a net that returns the projected embedding [n, d] of images.

    Raises:
        NetError: the weights are missing, changed, or of another model.
        MissingExtraError: open_clip is not installed.
    """
    if card.folder is None or card.sha256 is None:
        raise NetError(
            f"net {card.name!r} needs its weights, and they are not on this machine; run "
            f"ganeval nets fetch {card.name}, or name a .safetensors file with --weights PATH, or "
            "choose another net: --feature-net NAME (ganeval nets list)"
        )
    options = options_of(card, _Options)
    visual = _visual(card, options, read_weights(card))
    visual.to(device).float().eval().requires_grad_(False)
    mean, std = (
        torch.tensor(numbers, dtype=torch.float32, device=device).view(-1, 1, 1)
        for numbers in (options["mean"], options["std"])
    )

    def net(images: Tensor) -> NetOutput:
        features = visual((images - mean) / std)
        if options.get("unit_length"):
            features = features / torch.linalg.vector_norm(features, dim=1, keepdim=True)
        return NetOutput(features, None)

    return net


class _Options(TypedDict):
    """Settings in the card; mean and std are of the values in [0, 1], by channel."""

    model: str
    quick_gelu: bool
    mean: tuple[float, ...]
    std: tuple[float, ...]
    unit_length: NotRequired[bool]


def _visual(card: Card, options: _Options, weights: dict[str, Tensor]) -> Any:
    """The image tower; a file may hold it alone, under names that begin with `visual.`."""
    open_clip = _open_clip(card.name)
    with torch.random.fork_rng(devices=[]):  # it draws weights before it gets ours
        visual = open_clip.create_model(
            options["model"], pretrained=None, force_quick_gelu=options["quick_gelu"]
        ).visual
    prefix = "visual."
    tower = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
    try:
        visual.load_state_dict(tower)
    except RuntimeError as error:
        problem = " ".join(str(error).split())[:200]
        raise NetError(
            f"{card.weights} does not hold the weights of open_clip's {options['model']} "
            f"({problem}); give the {FILE} of {card.options.get('hub')}"
        ) from None
    return visual


def _home(name: str) -> Path:
    return nets_home() / "openclip" / name.removeprefix(PREFIX).replace("/", "--").replace(":", "-")


def _open_clip(name: str) -> Any:
    try:
        return importlib.import_module("open_clip")
    except ImportError:
        raise MissingExtraError(
            "open_clip_torch", extra=EXTRA, purpose=f"feature net {name!r}"
        ) from None
