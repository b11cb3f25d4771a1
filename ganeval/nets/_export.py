"""Exports a net to a folder that can be sent to a colleague."""

import os
from pathlib import Path

from ganeval.errors import NetError
from ganeval.files import check_free, own_folder, remove_leftovers, whole
from ganeval.nets._base import Card
from ganeval.nets._find import CARD_FILE, load_card
from ganeval.nets._weights import checked_weights, weight_bytes


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
        InputError: the folder holds other things than a net.
    """
    card = load_card(name)
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise NetError(f"{folder} is no folder; name another")
    if card.folder is not None and folder.exists() and folder.samefile(card.folder):
        raise NetError(f"{folder} is the net's own folder; name another")
    contents = {folder / CARD_FILE: card.to_json().encode()}
    if card.weights is not None:
        contents = {folder / checked_weights(card).name: weight_bytes(card), **contents}
    check_free(folder, own=[path.name for path in contents])
    with own_folder(folder):
        for path, content in contents.items():
            if os.path.lexists(path) and not overwrite and not _holds(path, content):
                raise NetError(f"{path} exists; name another folder, or replace it with --force")
        remove_leftovers(folder)
        for path, content in contents.items():
            with whole(path) as beside:
                beside.write_bytes(content)
    return folder


def _holds(path: Path, content: bytes) -> bool:
    """Whether a file is there already as it would be written, by a run that was killed say."""
    return path.is_file() and not path.is_symlink() and path.read_bytes() == content
