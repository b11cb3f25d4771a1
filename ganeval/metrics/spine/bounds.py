"""Bounds of a metric's options, written beside their types: `Annotated[int, "help", COUNT]`."""

import functools
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any, NamedTuple, get_args, get_type_hints

from ganeval.errors import InputError, cut


class Bounds(NamedTuple):
    """Smallest and largest value; `inside` leaves out the ends themselves."""

    least: float
    most: float
    inside: bool = False

    def hold(self, value: float) -> bool:
        """Whether the value is within; NaN is not."""
        if self.inside:
            return self.least < value < self.most
        return self.least <= value <= self.most

    def __str__(self) -> str:
        between = "a number between" if self.inside else "a number from"
        word = "and" if self.inside else "to"
        return f"{between} {self.least:.10g} {word} {self.most:.10g}"


COUNT = Bounds(1, 10**6)
"""Of repetitions, neighbours, steps, lines."""
COUNT_OR_NONE = Bounds(0, 10**6)
SHARE = Bounds(0, 1, inside=True)
WIDTH = Bounds(1e-30, 1e30)
"""Of kernels: squared distances in units of it can be cubed, for a third cumulant."""
SEED = Bounds(0, 2**32 - 1)
"""What NumPy's generators take."""


def check_bounds(function: Callable[..., Any], given: Mapping[str, Any]) -> None:
    """Raises InputError where a keyword argument is no number, or one out of its bounds.

    None stands for a default.
    """
    for name, (kind, bounds) in _bounds_of(function).items():
        value: Any = given.get(name)
        if value is None:
            continue
        if not isinstance(value, kind) or isinstance(value, bool) or not bounds.hold(float(value)):
            whole = " that is whole" if kind is Integral else ""
            raise InputError(f"{name} is {cut(repr(value))}; wanted {bounds}{whole}")


@functools.cache
def _bounds_of(function: Callable[..., Any]) -> dict[str, tuple[Any, Bounds]]:
    """The kind of number that each bounded argument is, and its bounds."""
    found: dict[str, tuple[Any, Bounds]] = {}
    for name, hint in get_type_hints(function, include_extras=True).items():
        kind, *extras = get_args(hint) or (hint,)
        for part in extras:
            if isinstance(part, Bounds):
                found[name] = (Real if float in (kind, *get_args(kind)) else Integral), part
    return found
