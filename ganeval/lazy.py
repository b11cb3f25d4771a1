"""torch, imported on first use: a run that finds its answer in the cache never imports it.

Modules write `from ganeval.lazy import Tensor, torch` at their top and use both as if torch had
been imported.
"""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = ["Tensor", "torch"]

if TYPE_CHECKING:
    import torch
else:

    class _Later(ModuleType):
        """Imports the module of its name on first use."""

        def __getattr__(self, name: str) -> Any:
            """Imports the module and copies its attributes, so this runs only once."""
            module = importlib.import_module(self.__name__)
            vars(self).update(vars(module))
            return getattr(module, name)

    torch = _Later("torch")

if TYPE_CHECKING or "jaxtyping" in sys.modules:  # annotations are checked like shapes
    from torch import Tensor
else:
    Tensor = Any
