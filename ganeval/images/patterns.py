"""Users' regular expressions, bounded in time."""

import math
import re
import time
import warnings
from typing import Any

from ganeval.errors import InputError, cut

SECONDS = 10.0
"""Time for all searches with one pattern; an ordinary one takes microseconds per path."""


MOST_LETTERS = 1000
"""Of one expression."""
MOST_COPIES = 1_000_000
"""The product of all repeats such as {3}: so often a repeat of repeats is written out."""

_COUNT = re.compile(r"\{(\d*)(?:,(\d*))?\}")


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

        if len(text) > MOST_LETTERS or _copies(text) > MOST_COPIES:
            raise InputError(
                f"{option} {cut(text)!r} is too large; wanted at most {MOST_LETTERS} letters, and "
                f"repeats such as {{3}} whose product is at most {MOST_COPIES}"
            )
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

    def find(self, path: str, *, optional: bool = False) -> tuple[int, int] | None:
        """Start and end of what the group matches in the path, or None; InputError if too slow.

        If `optional`, a group that takes no part in a match stands for the empty text.
        """
        began = time.monotonic()
        try:
            match = self._compiled.search(path, timeout=max(self._left, 1e-3))
        except TimeoutError:
            raise InputError(
                f"{self.option} {self.text!r} takes more than {SECONDS:g} s on the paths, the last "
                f"of them {path}; avoid repeats of repeats such as (a+)+"
            ) from None
        self._left -= time.monotonic() - began
        if match is None:
            return None
        if match.start(self._group) < 0:
            return (match.start(), match.start()) if optional else None
        start, end = match.span(self._group)
        return start, end


def _copies(text: str) -> int:
    """The product of all repeats in an expression, as if each stood in the next."""
    counts = (max(int(count or 0) for count in match.groups()) for match in _COUNT.finditer(text))
    return math.prod(max(count, 1) for count in counts)
