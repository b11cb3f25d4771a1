"""How good is a generative model of your images? Scores with honest intervals.

Importing this package costs neither torch nor scipy: they come in where they are needed.
"""

import importlib

from ganeval.version import __version__ as __version__

TYPE_CHECKING = False  # type checkers read it as True; `typing` would take longer than all of this
if TYPE_CHECKING:
    from ganeval._public import *  # noqa: F403
else:

    def __getattr__(name):
        """Loads the public names when one is first used: before that, a command handles Ctrl-C."""
        if name.startswith("_") and name != "__all__":
            raise AttributeError(f"module 'ganeval' has no attribute {name!r}")
        public = importlib.import_module("ganeval._public")
        globals().update({known: getattr(public, known) for known in public.__all__})
        globals()["__all__"] = [*public.__all__, "__version__"]
        try:
            return globals()[name]
        except KeyError:
            raise AttributeError(f"module 'ganeval' has no attribute {name!r}") from None

    def __dir__():
        return [*importlib.import_module("ganeval._public").__all__, "__version__"]
