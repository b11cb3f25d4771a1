"""Locates the user's own files."""

import os
from pathlib import Path


def nets_home() -> Path:
    """Folder of the user's feature nets, with one folder per net; $GANEVAL_HOME moves it."""
    if home := os.environ.get("GANEVAL_HOME"):
        return Path(home) / "nets"
    import platformdirs  # as in `store`, only when it is needed

    return Path(platformdirs.user_data_dir("ganeval")) / "nets"
