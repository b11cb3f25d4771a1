"""Everything that ganeval raises on purpose.

GanevalError                the base: every message says what came, what was wanted, what to do
├── InputError              the data or the arguments do not fit (also a ValueError)
│   ├── ImageError          one image cannot be read, or is not like the others
│   └── NetError            a feature net is unknown, broken or does not fit the images
├── MissingExtraError       an optional package is needed (also an ImportError)
└── RankError               another rank of the process group failed

The command line prints any of them as one line and ends with exit code 2.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ganeval.wording import for_command_line, for_python

_ON_COMMAND_LINE = ContextVar("on_command_line", default=False)


@contextmanager
def on_command_line() -> Iterator[None]:
    """Inside, messages name options as one types them; outside, as keywords of Python too."""
    token = _ON_COMMAND_LINE.set(True)
    try:
        yield
    finally:
        _ON_COMMAND_LINE.reset(token)


class GanevalError(Exception):
    """Base of all errors that ganeval raises on purpose."""

    def __str__(self) -> str:
        text = super().__str__()
        return for_command_line(text) if _ON_COMMAND_LINE.get() else for_python(text)


class InputError(GanevalError, ValueError):
    """The data or the arguments cannot be used as they are."""


class ImageError(InputError):
    """One image cannot be read or does not fit; `id` names it.

    Args:
        id: the image's id within its source, or its path.
        problem: what came, what was wanted and what to do, without the id.
    """

    def __init__(self, id: str, problem: str) -> None:
        super().__init__(f"{id} {problem}")
        self.id = id
        self.problem = problem

    def __reduce__(self) -> tuple[type["ImageError"], tuple[str, str]]:
        return (ImageError, (self.id, self.problem))  # for pickling in decoding processes


class NetError(InputError):
    """A feature net is unknown, its files are broken, or it does not take these images."""


class MissingExtraError(GanevalError, ImportError):
    """An optional package is missing; the message names the extra that installs it."""

    def __init__(self, package: str, *, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs {package}, which is not installed; pip install 'ganeval[{extra}]'"
        )
        self._given = functools.partial(MissingExtraError, package, extra=extra, purpose=purpose)

    def __reduce__(self) -> tuple[Callable[[], "MissingExtraError"], tuple[()]]:
        return (self._given, ())  # for pickling in decoding processes


class RankError(GanevalError):
    """Another rank of the process group failed; that rank raises the error itself."""


MOST_LETTERS = 80
"""Of a value that a message repeats."""


def cut(value: object) -> str:
    """`value` as text for a message, cut where it is long."""
    text = str(value)
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"
