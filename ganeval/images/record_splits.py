"""The files of each split of a data set in a folder: as saved, as downloaded, or plain tables."""

import json
import os
from pathlib import Path

from ganeval.errors import InputError
from ganeval.files import regular_file
from ganeval.images.containers import ARROW, RECORDS
from ganeval.images.shards import PART, holds_shards


def splits_in(folder: Path) -> dict[str, list[str]]:
    """Files of each split in a folder, by its name; one nameless split if none is named."""
    if (folder / "dataset_dict.json").is_file():
        inside = sorted(entry for entry in folder.iterdir() if entry.is_dir())
        saved = {entry.name: _saved(entry) for entry in inside}
        return {split: files for split, files in saved.items() if files}
    if (folder / "state.json").is_file() and (files := _saved(folder)):
        return {"": files}
    for place in (folder, folder / "data"):
        if any(holds_shards(place, suffix) for suffix in RECORDS):
            splits: dict[str, list[str]] = {}
            for file in _with_suffix(place, RECORDS):
                match = PART.fullmatch(os.path.basename(file))
                splits.setdefault(match[1] if match else "", []).append(file)
            return splits
    return {}


def _saved(folder: Path) -> list[str]:
    """The files of one split of `save_to_disk`: those that its `state.json` lists, or else all.

    Raises:
        InputError: one that is listed is missing, or lies elsewhere.
    """
    inside = _with_suffix(folder, ARROW)
    try:
        state = json.loads((folder / "state.json").read_bytes())
        listed = [each["filename"] for each in state["_data_files"]]
    except (OSError, KeyError, TypeError, ValueError, RecursionError):
        return inside
    known = {os.path.basename(file): file for file in inside}
    if lacking := [file for file in listed if not isinstance(file, str) or file not in known]:
        raise InputError(
            f"{folder}: state.json lists {len(listed)} files and {lacking[0]!a:.80} is not "
            "in the folder; save or copy the data set again"
        )
    return [known[file] for file in listed]


def _with_suffix(folder: Path, suffixes: str | tuple[str, ...]) -> list[str]:
    names = sorted(os.listdir(folder))
    return [
        str(regular_file(folder / name)) for name in names
        if name.lower().endswith(suffixes) and not name.startswith((".", "cache-"))
    ]  # fmt: skip
