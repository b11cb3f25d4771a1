"""Exports a net to a folder that can be sent to a colleague."""

import shutil
from pathlib import Path

from ganeval.errors import NetError
from ganeval.nets._base import Card
from ganeval.nets._find import CARD_FILE, load_card
from ganeval.nets._weights import checked_weights, write_card


def export_net(name: str | Path | Card, folder: str | Path) -> Path:
    """Copies a net's card and weights into a folder that can be sent to a colleague.

    `--feature-net FOLDER` uses it. The hash of the weights is checked here and at every load.

    Returns:
        The folder, which is created if it does not exist.

    Raises:
        NetError: the net is unknown, its weights are missing or changed, or the folder is in use.
    """
    card = load_card(name)
    folder = Path(folder)
    if folder.is_file() or (folder / CARD_FILE).exists():
        raise NetError(f"{folder} is a file or holds a feature net already; name another folder")
    weights = checked_weights(card) if card.weights is not None else None
    folder.mkdir(parents=True, exist_ok=True)
    if weights is not None:
        shutil.copyfile(weights, folder / weights.name)
    write_card(folder / CARD_FILE, card)
    return folder
