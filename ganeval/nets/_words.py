"""Named features in plain words: what a person calls them, and what they are measured in."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

Kind: TypeAlias = Literal["plain", "length", "area", "level", "amplitude", "count", "share"]
"""What a feature is measured in: `length` and `area` in pixels; `level`, a brightness, and
`amplitude`, a difference of two, from black (0) to white (1); `share` of pixels, light or images;
`count` of things; `plain` for figures without a unit, such as correlations."""

LOG = "log_"
"""Features whose name begins so, after the channel, are sign(x) log(1 + |x|)."""


class Words(NamedTuple):
    """One feature in plain words."""

    name: str
    """`{0}` and `{1}` stand for the names of its channels."""
    kind: Kind = "plain"
    channels: tuple[int, ...] = ()
    """Those it is about; none for the shape of an object."""
    less: str = "lower"
    more: str = "higher"
    """What images of a smaller and of a larger value are."""


def plain_values(names: Sequence[str], rows: np.ndarray) -> np.ndarray:
    """[n, d] float64 features with their logarithms undone."""
    values = rows.astype(np.float64)
    logs = [LOG in name for name in names]
    values[:, logs] = np.sign(values[:, logs]) * np.expm1(np.abs(values[:, logs]))
    return values
