"""The folder of data that are not simulated."""

import os
from pathlib import Path
from typing import Literal

from ganeval.errors import InputError

PARTS: tuple[Literal["train", "test"], ...] = ("train", "test")
"""Parts of data that come divided: for training, and held out."""


def data_dir() -> Path:
    """The folder GANEVAL_DATA, or InputError."""
    given = os.environ.get("GANEVAL_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        raise InputError(
            f"there is no folder {folder}; set GANEVAL_DATA to a folder with mnist/ (IDX files), "
            "cifar10/ (zips of class folders), birds/ (CUB-200-2011 with captions) or LIN's own "
            "folders"
        )
    return folder


def lin_dir() -> Path:
    """The folder with LIN's own folders: GANEVAL_LIN, or else GANEVAL_DATA."""
    return _given("GANEVAL_LIN") or data_dir()


def cub_dir() -> Path:
    """The folder of CUB and its captions: GANEVAL_CUB, or else `birds` in GANEVAL_DATA."""
    return _given("GANEVAL_CUB") or data_dir() / "birds"


def _given(variable: str) -> Path | None:
    return Path(os.environ[variable]) if os.environ.get(variable) else None
