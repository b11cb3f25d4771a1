"""Nets of other packages, which their entry points of group `ganeval.nets` name."""

import functools
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ganeval.errors import NetError
from ganeval.lazy import torch
from ganeval.nets._base import Card, Function
from ganeval.nets._weights import sha256_of

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINTS = "ganeval.nets"
PLUGIN = "plugin:"
"""An architecture of this prefix is an entry point."""

_CODE = (".py", ".pyd", ".so", ".json", ".toml", ".yaml", ".yml")
"""Modules and their settings; weights have their hash in the card."""


@runtime_checkable
class Plugin(Protocol):
    """What an entry point of group `ganeval.nets` loads to, for instance a module.

    It may also have the optional names of a built-in architecture; see `_architectures`.
    """

    card: Card

    def build(self, card: Card, *, device: "torch.device | str") -> Function:
        """Makes the net on `device`: a function from images in [0, 1] to NetOutput."""
        ...


def plugin_names() -> list[str]:
    """Names of the entry points, sorted."""
    return sorted(_entry_points())


def load_plugin(name: str) -> Plugin:
    """The plugin of this name.

    Raises:
        NetError: its package is gone, or it has no card or no `build`.
    """
    points = _entry_points()
    if name not in points:
        raise NetError(f"feature net {name!r} came from a package that is gone; install it again")
    plugin = points[name].load()
    if not isinstance(getattr(plugin, "card", None), Card) or not callable(
        getattr(plugin, "build", None)
    ):
        raise NetError(
            f"entry point {name!r} of group {ENTRY_POINTS} must load to an object with `card` (a "
            "ganeval.nets.Card) and `build(card, device=...)`; tell its author"
        )
    loaded: Plugin = plugin
    return loaded


def code_hash(name: str) -> str:
    """Hash of the code that a plugin's net is made of: all modules of its top-level package.

    Code that is in no file, such as a notebook's, is the same only within this process.
    """
    from importlib.util import find_spec

    top = _entry_points()[name].module.partition(".")[0]
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):  # a module that was made by hand
        spec = None
    if spec is None:
        return _this_process()
    if spec.submodule_search_locations is None:
        found = [(Path(spec.origin).name, Path(spec.origin))] if spec.origin else []
    else:
        folders = map(Path, spec.submodule_search_locations)
        found = [
            (str(file.relative_to(folder)), file)
            for folder in folders
            for file in sorted(folder.rglob("*"))
            if file.suffix in _CODE and file.is_file()
        ]
    if not found:
        return _this_process()
    lines = [f"{name} {sha256_of(file)}\n" for name, file in found]
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


@functools.cache
def _this_process() -> str:
    """Differs between processes."""
    return os.urandom(32).hex()


def _entry_points() -> "dict[str, EntryPoint]":
    from importlib.metadata import entry_points  # slow to import

    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}
