"""Finds weights files, checks them against the card's hash, and reads them without unpickling."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
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
    """Returns the weights file of `card`, which had the card's hash when it was read.

    Raises:
        NetError: the file is missing, or its SHA-256 is not the card's.
    """
    path = _weights_path(card)
    _check_hash(card, path, sha256_of(path))
    return path


def weight_bytes(card: Card) -> bytes:
    """The content of the weights file of `card`; what was hashed is what is returned.

    Raises:
        NetError: as `checked_weights`.
    """
    path = _weights_path(card)
    data = path.read_bytes()
    _check_hash(card, path, hashlib.sha256(data).hexdigest())
    return data


def _weights_path(card: Card) -> Path:
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
    return path


def _check_hash(card: Card, path: Path, found: str) -> None:
    if found != card.sha256:
        raise NetError(
            f"{path} has SHA-256 {found} but the card of net {card.name!r} says {card.sha256}; "
            "the file was changed or damaged, get the net again"
        )


def read_weights(card: Card) -> dict[str, Tensor]:
    """Reads the tensors of the safetensors file of `card`.

    Raises:
        NetError: the file is missing, changed, or no safetensors file.
    """
    from safetensors.torch import load

    with _as_safetensors(card):
        tensors = load(weight_bytes(card))
    tensors.pop(TRAINING_HASHES, None)
    return tensors


@contextmanager
def _as_safetensors(card: Card) -> Iterator[None]:
    """Turns errors of a broken file into NetError."""
    from safetensors import SafetensorError

    try:
        yield
    except NetError:
        raise
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError, MemoryError) as error:
        raise NetError(
            f"{card.weights} of net {card.name!r} is not a safetensors file ({error}); get the "
            "net again"
        ) from None


def read_torch_file(path: Path, *, wanted: str, data: bytes | None = None) -> dict[str, Any]:
    """Reads a dict of plain tensors and numbers from `torch.save`; nothing else is unpickled.

    Args:
        path: the file.
        wanted: what the right file is, for messages.
        data: the file's content, if it was read before.

    Raises:
        NetError: the file holds anything else.
    """
    import io
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about foreign pickles, which the error covers
            content = io.BytesIO(path.read_bytes() if data is None else data)
            state = torch.load(content, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a file that is not its own
        reason = (str(error) or type(error).__name__).splitlines()[0][:120]
        raise NetError(f"{path} is not {wanted} ({reason})") from None
    if not isinstance(state, dict):
        raise NetError(f"{path} holds a {type(state).__name__} and is not {wanted}")
    return state


def training_hashes(card: Card) -> np.ndarray | None:
    """Returns the first 64 bits of each training image's hash, sorted [n] uint64, or None.

    Compare them with the first column of `Batch.hashes` to find images that were trained on.
    """
    if "n_images" not in card.training or not (card.weights or "").endswith(".safetensors"):
        return None
    from safetensors import deserialize  # without torch

    with _as_safetensors(card):
        tensors = dict(deserialize(weight_bytes(card)))  # type: ignore[no-untyped-call]
    if (found := tensors.get(TRAINING_HASHES)) is None:
        return None
    if found["dtype"] != "I64" or len(found["shape"]) != 1:
        raise NetError(
            f"{card.weights} of net {card.name!r} has {TRAINING_HASHES} of another form; get the "
            "net again"
        )
    return np.frombuffer(found["data"], "<i8").astype(np.int64).view(np.uint64)


def write_card(path: Path, card: Card) -> None:
    """Writes a card atomically."""
    with whole(path) as beside:
        beside.write_text(card.to_json(), encoding="utf-8")
