"""Bounds of a metric's options, written beside their types: `Annotated[int, "help", COUNT]`."""

import functools
import math
from collections.abc import Callable, Mapping
from numbers import Real
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
        if math.isinf(self.most):
            return f"a finite number above {self.least:g}"
        return f"{between} {self.least:.10g} {word} {self.most:.10g}"


COUNT = Bounds(1, 10**6)
"""Of repetitions, neighbours, steps, lines."""
COUNT_OR_NONE = Bounds(0, 10**6)
SHARE = Bounds(0, 1, inside=True)
POSITIVE = Bounds(0, math.inf, inside=True)
SEED = Bounds(0, 2**32 - 1)
"""What NumPy's generators take."""


def check_bounds(function: Callable[..., Any], given: Mapping[str, Any]) -> None:
    """Raises InputError where a number among the keyword arguments is out of its bounds."""
    for name, bounds in _bounds_of(function).items():
        value = given.get(name)
        if (
            isinstance(value, Real)
            and not isinstance(value, bool)
            and not bounds.hold(float(value))
        ):
            raise InputError(f"{name} is {cut(value)}; wanted {bounds}")


@functools.cache
def _bounds_of(function: Callable[..., Any]) -> dict[str, Bounds]:
    found = {}
    for name, hint in get_type_hints(function, include_extras=True).items():
        for part in get_args(hint)[1:]:
            if isinstance(part, Bounds):
                found[name] = part
    return found
