"""Exports a net to a folder that can be sent to a colleague."""

import os
from pathlib import Path

from ganeval.errors import NetError
from ganeval.files import whole
from ganeval.nets._base import Card
from ganeval.nets._find import CARD_FILE, load_card
from ganeval.nets._weights import checked_weights, weight_bytes, write_card


def export_net(name: str | Path | Card, folder: str | Path, *, overwrite: bool = False) -> Path:
    """Copies a net's card and weights into a folder that can be sent to a colleague.

    `--feature-net FOLDER` uses it. The hash of the weights is checked here and at every load.

    Args:
        name: of the net, or its card, or the path of that.
        folder: where to write.
        overwrite: whether a net in `folder` may be replaced.

    Returns:
        The folder, which is created if it does not exist.

    Raises:
        NetError: the net is unknown, its weights are missing or changed, or the folder is in use.
    """
    card = load_card(name)
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise NetError(f"{folder} is no folder; name another")
    weights = checked_weights(card) if card.weights is not None else None
    for path in (folder / CARD_FILE, *([] if weights is None else [folder / weights.name])):
        if os.path.lexists(path) and not overwrite:
            raise NetError(f"{path} exists; name another folder, or replace it with --force")
    if card.folder is not None and folder.exists() and folder.samefile(card.folder):
        raise NetError(f"{folder} is the net's own folder; name another")
    folder.mkdir(parents=True, exist_ok=True)
    if weights is not None:
        with whole(folder / weights.name) as beside:
            beside.write_bytes(weight_bytes(card))
    write_card(folder / CARD_FILE, card)
    return folder
