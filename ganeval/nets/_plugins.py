"""Nets of other packages, which their entry points of group `ganeval.nets` name."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ganeval.errors import NetError
from ganeval.lazy import torch
from ganeval.nets._base import Card, Function

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINTS = "ganeval.nets"
PLUGIN = "plugin:"
"""An architecture of this prefix is an entry point."""


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


def _entry_points() -> "dict[str, EntryPoint]":
    from importlib.metadata import entry_points  # slow to import

    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}
