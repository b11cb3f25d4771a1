"""Downloads single files from the Hugging Face hub, only when they are asked for."""

import importlib
import shutil
from pathlib import Path
from typing import Any

from ganeval.errors import MissingExtraError, NetError


def download(
    repo: str, file: str, folder: Path, *, extra: str, revision: str | None = None
) -> Path:
    """Downloads one file of a repository into a folder.

    Args:
        repo: OWNER/MODEL.
        file: name of the file in the repository.
        folder: where it goes; it is made.
        extra: the extra that brings the client, for the message.
        revision: commit, tag or branch; the main branch by default.

    Raises:
        NetError: there is no connection, or no such file.
        MissingExtraError: the client is not installed.
    """
    hub = _client(extra, repo)
    asked: dict[str, Any] = {} if revision is None else {"revision": revision}
    try:
        found = hub.hf_hub_download(repo_id=repo, filename=file, local_dir=folder, **asked)
    except (OSError, ValueError) as error:  # the hub's own errors and httpx's are such
        raise NetError(
            f"{file} of {repo} could not be downloaded ({_reason(error)}); download it "
            "elsewhere and name the file with --weights PATH"
        ) from None
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    return Path(found)


def commit_of(repo: str, *, extra: str, revision: str | None = None) -> tuple[str, str]:
    """The commit that a revision names now, and the licence that the repository states.

    Raises:
        NetError: there is no connection, or no such repository.
        MissingExtraError: the client is not installed.
    """
    hub = _client(extra, repo)
    try:
        found = hub.HfApi().model_info(repo, revision=revision)
    except (OSError, ValueError) as error:
        raise NetError(
            f"the hub was not reached for {repo} ({_reason(error)}); download config.json, "
            "preprocessor_config.json and model.safetensors elsewhere, into one folder, and name "
            "the last with --weights PATH"
        ) from None
    return str(found.sha), str((found.card_data or {}).get("license") or "unknown")


def _client(extra: str, repo: str) -> Any:
    try:
        return importlib.import_module("huggingface_hub")
    except ImportError:
        raise MissingExtraError(
            "huggingface_hub", extra=extra, purpose=f"the download of {repo}"
        ) from None


def _reason(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
