"""Networks of a repository in a local folder that torch.hub could load: `torchhub:FOLDER:ENTRY`.

The repository's own code runs, so name only folders that you trust; nothing is downloaded. An entry
is called with `pretrained=False`, and its weights come by `--weights`, without unpickling. What the
network takes is written into `ganeval.json` in the folder, by entry:

    {"ENTRY": {"channels": 3, "input_size": [224, 224], "mean": [0.5, 0.5, 0.5], "std": [1, 1, 1]}}

Values are mapped to [0, 1] before mean and std; `"standardise": true` instead takes each channel of
each image to mean 0 and standard deviation 1. Further fields: `resize`, `licence`, `source`.
"""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from ganeval.errors import NetError
from ganeval.lazy import Tensor, torch
from ganeval.nets._base import Card, Function, NetOutput, options_of
from ganeval.nets._own import own_function
from ganeval.nets._weights import read_torch_file, read_weights, sha256_of, weight_bytes
from ganeval.schema import decode

PREFIX = "torchhub:"
ABOUT, HUBCONF = "ganeval.json", "hubconf.py"


class _Options(TypedDict):
    """Settings in the card; mean and std are of the values in [0, 1], by channel."""

    code: str
    mean: NotRequired[tuple[float, ...]]
    std: NotRequired[tuple[float, ...]]
    standardise: NotRequired[bool]


_FIELDS = {"channels", "input_size", "resize", "licence", "source", "mean", "std", "standardise"}


def find_card(name: str) -> Card | None:
    """The card of `torchhub:FOLDER:ENTRY`, made from `ganeval.json` of the folder.

    Raises:
        NetError: there is no such folder, or its file does not say what the entry takes.
    """
    if not name.startswith(PREFIX):
        return None
    folder, entry = _parts(name)
    if not (folder / HUBCONF).is_file():
        raise NetError(
            f"{folder} has no {HUBCONF}; wanted {PREFIX}FOLDER:ENTRY with the folder of a "
            "repository that torch.hub loads, on this machine"
        )
    about = _about(folder / ABOUT, entry)
    options = {key: about[key] for key in ("mean", "std", "standardise") if key in about}
    fields: dict[str, Any] = {
        "name": name,
        "architecture": "torchhub",
        "channels": about.get("channels"),
        "input_size": about.get("input_size"),
        "resize": about.get("resize", "bilinear-antialias" if about.get("input_size") else "none"),
        "options": {"code": _hash_of_code(folder), **options},
        "licence": about.get("licence", "unknown"),
        "source": about.get("source", f"{entry} of the repository in {folder}"),
        "weights": f"{entry}.pth",
    }
    return replace(Card.from_dict(fields, path=folder / ABOUT), folder=None)


def with_weights(card: Card, path: Path | None) -> Card:
    """The card for the weights in `path`, whose hash makes scores comparable."""
    if path is None:
        return card
    return replace(card, folder=path.parent, weights=path.name, sha256=sha256_of(path))


def build(card: Card, *, device: "torch.device | str") -> Function:
    """Makes a net of whatever vector the network returns, as for a module of the user's own.

    Raises:
        NetError: the weights are missing or of another network, the entry is not there or takes
            no `pretrained`, or its code changed since the card was made.
    """
    if card.folder is None or card.sha256 is None:
        raise NetError(
            f"net {card.name!r} needs its weights, and a local folder downloads none; name the "
            "file with --weights PATH"
        )
    folder, entry = _parts(card.name)
    options = options_of(card, _Options)
    if _hash_of_code(folder) != options["code"]:
        raise NetError(f"the code in {folder} is not what net {card.name!r} was made of; get it")
    try:
        with torch.random.fork_rng(devices=[]):
            load: Any = torch.hub.load  # it has no types
            network = load(str(folder), entry, source="local", pretrained=False)
    except Exception as error:  # the repository's code can raise anything
        reason = " ".join((str(error) or type(error).__name__).split())[:200]
        raise NetError(
            f"{entry} of {folder} cannot be made without its weights ({reason}); it must be a "
            "function of hubconf.py that takes pretrained=False"
        ) from None
    try:
        network.load_state_dict(_read(card))
    except RuntimeError as error:
        problem = " ".join(str(error).split())[:200]
        raise NetError(
            f"{card.weights} does not hold the weights of {entry} ({problem}); name its own"
        ) from None
    inner = own_function(network.requires_grad_(False), card, device)

    def net(images: Tensor) -> NetOutput:
        return inner(_normalised(images, options))

    return net


def _normalised(images: Tensor, options: _Options) -> Tensor:
    if options.get("standardise"):
        spread = images.std((-2, -1), correction=0, keepdim=True)
        return (images - images.mean((-2, -1), keepdim=True)) / (spread + 1e-7)
    mean, std = (
        images.new_tensor(options.get(key, empty)).view(-1, 1, 1)
        for key, empty in (("mean", (0.0,)), ("std", (1.0,)))
    )
    return (images - mean) / std


def _read(card: Card) -> dict[str, Tensor]:
    if str(card.weights).endswith(".safetensors"):
        return read_weights(card)
    assert card.folder is not None and card.weights is not None
    wanted = f"the weights of {card.name}: a state dict of plain tensors"
    return read_torch_file(card.folder / card.weights, wanted=wanted, data=weight_bytes(card))


def _about(path: Path, entry: str) -> dict[str, Any]:
    """What the file says of one entry, or NetError with what to write."""
    try:
        found = decode(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        found = str(reason)
    about = found.get(entry) if isinstance(found, dict) else None
    if not isinstance(about, dict) or about.keys() - _FIELDS:
        problem = found if isinstance(found, str) else f"nothing of {entry}, or unknown fields"
        raise NetError(
            f"{path} does not say what {entry} takes ({problem}); write it: "
            f'{{"{entry}": {{"channels": 3, "input_size": [224, 224], '
            '"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}}}'
        )
    return dict(about)


def _hash_of_code(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(f"{path.relative_to(folder)} {sha256_of(path)}\n".encode())
    return digest.hexdigest()


def _parts(name: str) -> tuple[Path, str]:
    """(folder, entry)."""
    folder, colon, entry = name.removeprefix(PREFIX).rpartition(":")
    if not colon or not folder or not entry.isidentifier():
        raise NetError(
            f"{name!r} names no entry of a local folder; wanted {PREFIX}FOLDER:ENTRY, as in "
            f"{PREFIX}dinov2:dinov2_vits14"
        )
    return Path(folder).expanduser(), entry
