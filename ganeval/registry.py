"""Registries: entries by name."""

import difflib
from collections.abc import Iterator
from typing import Generic, TypeVar

from ganeval.errors import InputError

T = TypeVar("T")


class Registry(Generic[T]):
    """Maps names to entries; refuses duplicates, and lists known names if one is unknown."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._entries: dict[str, T] = {}

    def add(self, name: str, entry: T) -> None:
        """Adds `entry`, or raises InputError if `name` is taken."""
        if name in self._entries:
            raise InputError(f"{self._kind} {name!r} is already registered; choose another name")
        self._entries[name] = entry

    def __getitem__(self, name: str) -> T:
        try:
            return self._entries[name]
        except (KeyError, TypeError):  # a list is nobody's name
            close = difflib.get_close_matches(str(name), self._entries, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise InputError(
                f"unknown {self._kind} {name!r}; {hint}known: {', '.join(self)}"
            ) from None

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries))

    def __len__(self) -> int:
        return len(self._entries)
