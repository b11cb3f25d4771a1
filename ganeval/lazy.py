"""torch, loaded when it is first used: a run that finds its answer in the cache never pays for it.

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
        """Stands in for the module of its name."""

        def __getattr__(self, name: str) -> Any:
            """The attribute of the module, all of whose others are then at hand as quickly."""
            module = importlib.import_module(self.__name__)
            vars(self).update(vars(module))
            return getattr(module, name)

    torch = _Later("torch")

if TYPE_CHECKING or "jaxtyping" in sys.modules:  # annotations are checked as shapes are
    from torch import Tensor
else:
    Tensor = Any
