"""Nets of the Hugging Face hub by name, `hf:OWNER/MODEL`, run by transformers.

Only safetensors are read, and no code of a repository is run. A net is fetched once, at the commit
that its revision names then; its card keeps that commit, the whole configuration and the hash of
the weights.
"""

import importlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypedDict

from ganeval.errors import MissingExtraError, NetError
from ganeval.lazy import Tensor, torch
from ganeval.nets._architectures import Download
from ganeval.nets._base import Card, Function, NetOutput, options_of
from ganeval.nets._hf_config import image_part, input_size, per_channel, read_object
from ganeval.nets._home import nets_home
from ganeval.nets._hub import commit_of, download
from ganeval.nets._weights import read_weights, sha256_of, write_card

PREFIX = "hf:"
FILE, CONFIG, PROCESSOR = "model.safetensors", "config.json", "preprocessor_config.json"
EXTRA = "hf"

DOWNLOADS = (
    Download(
        f"{PREFIX}OWNER/MODEL", "a model of the Hugging Face hub", f"{PREFIX}facebook/dinov2-base"
    ),
)

_NAME = re.compile(r"([\w.-]+/[\w.-]+)(?:@([\w.-]+))?")
_BICUBIC = 3
"""Pillow's number of the filter, as processors name it."""


def find_card(name: str) -> Card | None:
    """The card of `hf:OWNER/MODEL` or `hf:OWNER/MODEL@REVISION`, if it was fetched; else a stub.

    Raises:
        NetError: the name has another form.
    """
    if not name.startswith(PREFIX):
        return None
    repo, revision = _parts(name)
    if (path := _home(name) / "card.json").is_file():
        return Card.from_json(path.read_text(encoding="utf-8"), path=path)
    return Card(
        name=name,
        architecture="hugging_face",
        channels=None,
        options={"model": repo, "revision": revision},
        weights=FILE,
    )


def with_weights(card: Card, path: Path | None) -> Card:
    """The card for the weights in `path`, whose folder has the model's two JSON files too.

    Raises:
        NetError: the net was not fetched, or the folder lacks a file or holds an unknown model.
    """
    if "config" in card.options:
        return card if path is None else _replaced(card, path)
    if path is None:
        raise NetError(
            f"net {card.name!r} is not on this machine; run ganeval nets fetch {card.name}, or "
            f"download {CONFIG}, {PROCESSOR} and {FILE} into one folder and name the last with "
            "--weights PATH"
        )
    _check_safe(path, card)
    return _card_of_folder(path, card)


def _card_of_folder(path: Path, card: Card, *, licence: str = "unknown") -> Card:
    """The card of the model whose weights are `path` and whose JSON files lie beside it.

    Images are resized to the whole input size, without the border that processors cut off.
    """
    config, processor = (read_object(path.parent / name, card) for name in (CONFIG, PROCESSOR))
    vision = config.get("vision_config") or config
    size = input_size(processor, path.parent / PROCESSOR)
    channels = int(vision.get("num_channels") or 3)
    normalised = processor.get("do_normalize", True)
    mean, std = (
        per_channel(processor.get(key) if normalised else None, channels, empty)
        for key, empty in (("image_mean", 0.0), ("image_std", 1.0))
    )
    found = replace(
        card,
        channels=channels,
        input_size=size,
        resize="clean" if processor.get("resample") == _BICUBIC else "bilinear-antialias",
        dtype="uint8" if channels == 3 else None,
        options={**card.options, "config": config, "mean": mean, "std": std, "pooled": "pooler"},
        licence=licence,
        source=f"{card.options['model']} of the Hugging Face hub, commit "
        f"{card.options['revision'] or 'unknown'}; resized to all of the input size, no crop",
        weights=path.name,
        sha256=sha256_of(path),
        folder=path.parent,
    )
    network, missing = _network(found, read_weights(found))
    if lacking := [name for name in missing if "pooler" not in name]:
        raise NetError(
            f"{path} lacks {len(lacking)} weights of {config['model_type']}, such as "
            f"{lacking[0]}; give the {FILE} of {card.options['model']}"
        )
    if missing:  # the pooler was not trained
        found = replace(found, options={**found.options, "pooled": "first"})
    with torch.no_grad():
        one = torch.zeros(1, channels, *size)
        return replace(found, dim=int(_features(network, one, found).shape[1]))


def fetch(name: str) -> Path | None:
    """Downloads a model into the user's nets folder, unless it is there.

    Returns:
        The weights file, or None if `name` is another net.

    Raises:
        NetError: there is no connection, no such model or no safetensors, or a model that only
            runs with code of its own.
        MissingExtraError: transformers is not installed.
    """
    if not name.startswith(PREFIX):
        return None
    repo, wanted = _parts(name)
    folder = _home(name)
    if (folder / "card.json").is_file() and (folder / FILE).is_file():
        return folder / FILE
    _transformers(name)
    commit, licence = commit_of(repo, extra=EXTRA, revision=wanted)
    for file in (CONFIG, PROCESSOR, FILE):
        download(repo, file, folder, extra=EXTRA, revision=commit)
    stub = find_card(name)
    assert stub is not None
    stub = replace(stub, options={**stub.options, "revision": commit})
    write_card(folder / "card.json", _card_of_folder(folder / FILE, stub, licence=licence))
    return folder / FILE


def build(card: Card, *, device: "torch.device | str") -> Function:
    """Makes a net that returns one vector [n, d] for each image, pooled in the model's own way.

    CLIP gives its projected embedding, a model without a trained pooler its first token.

    Raises:
        NetError: the weights are missing, changed, or of another model.
        MissingExtraError: transformers is not installed.
    """
    network, _ = _network(card, read_weights(card))
    network.to(device).float().eval().requires_grad_(False)

    def net(images: Tensor) -> NetOutput:
        return NetOutput(_features(network, images, card), None)

    return net


class _Options(TypedDict):
    """Settings in the card; mean and std are of the values in [0, 1], by channel."""

    model: str
    revision: str | None
    config: dict[str, Any]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    pooled: Literal["pooler", "first"]


def _features(network: Any, images: Tensor, card: Card) -> Tensor:
    options = options_of(card, _Options)
    mean, std = (images.new_tensor(options[key]).view(-1, 1, 1) for key in ("mean", "std"))
    out = network(pixel_values=(images - mean) / std)
    if (embedding := getattr(out, "image_embeds", None)) is not None:
        return torch.as_tensor(embedding)
    pooled = getattr(out, "pooler_output", None)
    if options["pooled"] == "pooler" and pooled is not None:
        return torch.as_tensor(pooled).flatten(1)
    return torch.as_tensor(out.last_hidden_state[:, 0])


def _network(card: Card, weights: dict[str, Tensor]) -> tuple[Any, list[str]]:
    """The model with its weights, and the names of those that the file lacks."""
    transformers = _transformers(card.name)
    options = options_of(card, _Options)
    config = dict(options["config"])
    try:
        kind, settings = image_part(config)
        if kind == "clip_vision_model":
            network_class = transformers.CLIPVisionModelWithProjection
            made = transformers.CLIPVisionConfig(**settings)
        else:
            made = transformers.AutoConfig.for_model(kind, **settings)
            network_class = transformers.MODEL_MAPPING[type(made)]
    except (KeyError, TypeError, ValueError) as error:
        own = "it has code of its own, which is never run" if "auto_map" in config else "update it"
        raise NetError(
            f"transformers {transformers.__version__} cannot make net {card.name!r} of type "
            f"{config.get('model_type')!r} ({' '.join(str(error).split())[:120]}); {own}"
        ) from None
    with _quiet(transformers), torch.random.fork_rng(devices=[]):
        try:
            network, info = network_class.from_pretrained(
                None, config=made, state_dict=weights, output_loading_info=True
            )
        except (RuntimeError, KeyError, ValueError) as error:
            problem = " ".join(str(error).split())[:200]
            raise NetError(
                f"{card.weights} does not hold the weights of {options['model']} ({problem}); "
                f"give its {FILE}"
            ) from None
    return network.eval(), sorted(info["missing_keys"])


@contextmanager
def _quiet(transformers: Any) -> Iterator[None]:
    """Without its progress bars and its notes about weights of parts that are not used."""
    log = transformers.logging
    level, bars = log.get_verbosity(), log.is_progress_bar_enabled()
    try:
        log.set_verbosity_error()
        log.disable_progress_bar()
        yield
    finally:
        log.set_verbosity(level)
        if bars:
            log.enable_progress_bar()


def _replaced(card: Card, path: Path) -> Card:
    """The card with other weights of the same model."""
    _check_safe(path, card)
    sha256 = sha256_of(path)
    if sha256 == card.sha256:
        return replace(card, folder=path.parent, weights=path.name)
    source = f"weights given by path, {path.name}; {card.source}"
    return replace(card, folder=path.parent, weights=path.name, sha256=sha256, source=source)


def _check_safe(path: Path, card: Card) -> None:
    if path.suffix != ".safetensors":
        raise NetError(
            f"{path} is no .safetensors file, and nothing else is read for net {card.name!r}; "
            f"get {FILE} of {card.options.get('model')} from the Hugging Face hub"
        )


def _parts(name: str) -> tuple[str, str | None]:
    """(OWNER/MODEL, revision or None)."""
    found = _NAME.fullmatch(name.removeprefix(PREFIX))
    if found is None or ".." in name:
        raise NetError(
            f"{name!r} names no model of the Hugging Face hub; wanted {PREFIX}OWNER/MODEL or "
            f"{PREFIX}OWNER/MODEL@REVISION"
        )
    return found[1], found[2]


def _home(name: str) -> Path:
    return nets_home() / "hf" / name.removeprefix(PREFIX).replace("/", "--")


def _transformers(name: str) -> Any:
    try:
        return importlib.import_module("transformers")
    except ImportError:
        raise MissingExtraError(
            "transformers", extra=EXTRA, purpose=f"feature net {name!r}"
        ) from None
