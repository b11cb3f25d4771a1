"""Finds weights files, checks them against the card's hash, and reads them without unpickling."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from ganeval.errors import NetError
from ganeval.files import whole
from ganeval.lazy import Tensor, torch
from ganeval.nets._base import Card

TRAINING_HASHES = "training_hashes"
"""Extra tensor of a weights file: sorted uint64 hashes of the training images, as int64."""


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checked_weights(card: Card) -> Path:
    """Returns the weights file of `card`.

    Raises:
        NetError: the file is missing, or its SHA-256 is not the card's.
    """
    if card.weights is None or card.sha256 is None:
        raise NetError(
            f"net {card.name!r} names no weights file with its SHA-256; its card is broken, "
            "get it again"
        )
    path = None if card.folder is None else card.folder / card.weights
    if path is None or not path.is_file():
        where = "" if path is None else f" at {path}"
        raise NetError(
            f"the weights of net {card.name!r} are missing{where}; put {card.weights} beside its "
            "card, or name the file with --weights PATH"
        )
    if (found := sha256_of(path)) != card.sha256:
        raise NetError(
            f"{path} has SHA-256 {found} but the card of net {card.name!r} says {card.sha256}; "
            "the file was changed or damaged, get the net again"
        )
    return path


def read_weights(card: Card) -> dict[str, Tensor]:
    """Reads the tensors of the safetensors file of `card`.

    Raises:
        NetError: the file is missing, changed, or no safetensors file.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = checked_weights(card)
    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise NetError(f"{path} is not a safetensors file ({error}); get the net again") from None
    tensors.pop(TRAINING_HASHES, None)
    return tensors


def read_torch_file(path: Path, *, wanted: str) -> dict[str, Any]:
    """Reads a dict of plain tensors and numbers from `torch.save`; nothing else is unpickled.

    Raises:
        NetError: the file holds anything else; `wanted` describes the right file.
    """
    import pickle
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about foreign pickles, which the error covers
            state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:120]
        raise NetError(f"{path} is not {wanted} ({reason})") from None
    if not isinstance(state, dict):
        raise NetError(f"{path} holds a {type(state).__name__} and is not {wanted}")
    return state


def training_hashes(card: Card) -> np.ndarray | None:
    """Returns the first 64 bits of each training image's hash, sorted [n] uint64, or None.

    Compare them with the first column of `Batch.hashes` to find images that were trained on.
    """
    from safetensors import SafetensorError, safe_open

    if "n_images" not in card.training or not (card.weights or "").endswith(".safetensors"):
        return None
    path = checked_weights(card)
    try:
        with safe_open(path, framework="np") as file:
            if TRAINING_HASHES not in file.keys():
                return None
            return np.asarray(file.get_tensor(TRAINING_HASHES)).view(np.uint64)
    except SafetensorError as error:
        raise NetError(f"{path} is not a safetensors file ({error}); get the net again") from None


def write_card(path: Path, card: Card) -> None:
    """Writes a card atomically."""
    with whole(path) as beside:
        beside.write_text(card.to_json(), encoding="utf-8")
