"""Users' regular expressions, bounded in time."""

import re
import time
import warnings
from typing import Any

from ganeval.errors import InputError

SECONDS = 10.0
"""Time for all searches with one pattern; an ordinary one takes microseconds per path."""


class Pattern:
    """A regular expression in the syntax of Python's `re`, whose searches share `SECONDS`.

    The package `regex` runs it, because `re` cannot be stopped: `(a|aa)+$` would take years on a
    path of a hundred letters.

    Args:
        text: the expression, with at least one group.
        option: the option that gave it, for messages.
        name: the group that counts, if the expression has it; otherwise its first group counts.

    Raises:
        InputError: it is not an expression, or has no group.
    """

    def __init__(self, text: str, *, option: str, name: str) -> None:
        import regex  # type: ignore[import-untyped, unused-ignore]

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of sets in sets, which a later Python may have
                groups = re.compile(text).groupindex  # for its syntax and its messages
                self._compiled: Any = regex.compile(text, regex.VERSION0)
        except (re.error, regex.error, RecursionError, OverflowError) as error:
            raise InputError(f"{option} {text!r} is not a regular expression ({error})") from None
        if not self._compiled.groups:
            raise InputError(
                f"{option} {text!r} has no group; put parentheses around the part that counts, as "
                r"in _ch(\d+)"
            )
        self.text, self.option, self._left = text, option, SECONDS
        self._group: str | int = name if name in groups else 1

    def find(self, path: str) -> tuple[int, int] | None:
        """Start and end of what the group matches in the path, or None; InputError if too slow."""
        began = time.monotonic()
        try:
            match = self._compiled.search(path, timeout=max(self._left, 1e-3))
        except TimeoutError:
            raise InputError(
                f"{self.option} {self.text!r} takes more than {SECONDS:g} s on the paths, the last "
                f"of them {path}; avoid repeats of repeats such as (a+)+"
            ) from None
        self._left -= time.monotonic() - began
        if match is None or match.start(self._group) < 0:
            return None
        start, end = match.span(self._group)
        return start, end
