"""Optional packages, imported at first use, and the extras that install them."""

import importlib
import importlib.util
from typing import Any

from ganeval.errors import MissingExtraError


def optional(package: str, *, extra: str, purpose: str) -> Any:
    """Imports a package, or raises MissingExtraError, which says what to install.

    Args:
        package: name to import, such as `h5py`.
        extra: the extra of ganeval that installs it.
        purpose: what needs it, as the subject of a sentence: `reading plate.zarr`.
    """
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{package}.".startswith(f"{error.name}."):
            raise  # the package is there; something that it needs is not
        raise MissingExtraError(error.name, extra=extra, purpose=purpose) from None


def require(package: str, *, extra: str, purpose: str) -> None:
    """Raises MissingExtraError if a package is missing, without the time to import it."""
    if importlib.util.find_spec(package) is None:
        raise MissingExtraError(package, extra=extra, purpose=purpose)
