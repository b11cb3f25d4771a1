"""Where the user's own files are kept."""

import os
from pathlib import Path

import platformdirs


def nets_home() -> Path:
    """Folder of the user's feature nets, one folder per net; $GANEVAL_HOME moves it."""
    home = os.environ.get("GANEVAL_HOME")
    return (Path(home) if home else Path(platformdirs.user_data_dir("ganeval"))) / "nets"
