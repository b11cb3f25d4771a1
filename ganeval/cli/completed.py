"""What a shell completes when TAB is pressed: names of nets, metrics and protocols.

Of names that stand in a row with commas, the last is completed.
"""

from collections.abc import Iterable

from ganeval.commands import SCORES


def nets(incomplete: str) -> list[str]:
    """Names that --feature-net takes."""
    from ganeval.nets import net_names

    return _last(incomplete, net_names())


def fetched_nets(incomplete: str) -> list[str]:
    """Names of nets whose weights can be downloaded."""
    from ganeval.nets import downloads

    return _last(incomplete, (one.name for one in downloads() if one.name.islower()))


def metrics(incomplete: str) -> list[str]:
    """Names of metric commands."""
    return _last(incomplete, SCORES)


def protocols(incomplete: str) -> list[str]:
    """Names that --protocol takes."""
    from ganeval.metrics import PROTOCOLS

    return _last(incomplete, PROTOCOLS)


def _last(incomplete: str, names: Iterable[str]) -> list[str]:
    before, comma, begun = incomplete.rpartition(",")
    named = before.split(",")
    return [f"{before}{comma}{n}" for n in names if n.startswith(begun) and n not in named]
