"""Features of two tables are matched by the names of their columns."""

from collections.abc import Iterable
from dataclasses import replace

from ganeval.arrays import is_tensor
from ganeval.errors import InputError
from ganeval.metrics.spine.side import Side
from ganeval.shared import SharedRows


def in_order_of(first: Side, second: Side, *, role: str = "real") -> Side:
    """The second side with its columns in the order of the first's.

    A side without names of columns is taken by position.

    Args:
        first: what messages call `role`.
        second: the side to put in order.
        role: for messages.

    Raises:
        InputError: both have names, and one has some that the other lacks.
    """
    if first.features is None or second.features is None:
        return second
    wanted, found = first.features.columns, second.features.columns
    if wanted is None or found is None or wanted == found:
        return second
    if set(wanted) != set(found):
        only = [_listed(names) for names in (set(wanted) - set(found), set(found) - set(wanted))]
        raise InputError(
            f"{role} and {second.role} have different columns: only {role} has {only[0]}, only "
            f"{second.role} has {only[1]}; give both the same features"
        )
    place = {name: at for at, name in enumerate(found)}
    order = [place[name] for name in wanted]
    rows = second.rows
    if isinstance(rows, SharedRows):
        rows = rows.with_columns(order)
    else:
        rows = rows[:, order] if is_tensor(rows) else rows.take(order, axis=1)
    features = replace(second.features, features=rows, columns=wanted)
    return replace(second, features=features, known={})


def _listed(names: Iterable[str], *, limit: int = 5) -> str:
    shown = sorted(names)
    return ", ".join([*shown[:limit], *(["..."] if len(shown) > limit else [])]) or "none"
