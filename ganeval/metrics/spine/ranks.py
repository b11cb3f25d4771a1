"""A metric of shares: each rank embeds its own, the first computes, all get the same scores.

Where sums or pairs of rows determine a metric, rows stay on their rank: sums over them travel, or
tiles of them go round. For others all rows meet on the first rank.
"""

import functools
import hashlib
import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar

from ganeval.arrays import to_numpy
from ganeval.distributed import Ranks
from ganeval.errors import InputError
from ganeval.features import (
    Features,
    as_features,
    gather_features,
    is_empty,
    share_features,
)
from ganeval.metrics.spine.bounds import check_bounds
from ganeval.metrics.spine.keywords import check_keywords
from ganeval.metrics.spine.score import METRICS, Score
from ganeval.moments import Moments, statistics_in
from ganeval.shared import Team

P = ParamSpec("P")
R = TypeVar("R")

_SIDES = ("real", "fake", "train")


def over_ranks(function: Callable[P, R]) -> Callable[P, R]:
    """`function` with numbers within their bounds, and a `process_group` that means something.

    `function` has the parameter, sees it as None only, and returns a Score or a tuple of Scores.
    The features of all ranks meet on the first.
    """
    return _over_ranks(function, _scored_together)


def sums_over_ranks(function: Callable[P, R]) -> Callable[P, R]:
    """As `over_ranks`, but rows of features stay on their rank: `function` takes SharedRows."""
    call = _over_ranks(function, _scored_apart)
    call.rows_stay = True  # type: ignore[attr-defined]
    return call


_Share = Callable[[str], Features | None]
"""This rank's features of one side, by its name."""


def _over_ranks(
    function: Callable[P, R],
    lines_of: Callable[[Ranks, _Share, Iterable[str], Callable[..., bytes]], bytes],
) -> Callable[P, R]:
    signature = inspect.signature(function)
    result: Callable[..., R] = inspect.get_annotations(function)["return"]

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        check_keywords(function.__name__, signature, kwargs)
        check_bounds(function, kwargs)
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = bound.arguments
        group = given.pop("process_group")
        if group is None:
            return function(*args, **kwargs)
        ranks = Ranks(group)
        sides = [name for name in given if name in _SIDES]
        statistics = same_statistics(ranks, {name: given[name] for name in sides})
        given |= statistics
        share = functools.partial(_share, function.__name__, dict(given))
        rows = [name for name in sides if name not in statistics]
        made: list[Score] = []

        def score(found: Mapping[str, Features | None]) -> bytes:
            made.extend(_scored(function, signature, {**given, **found}))
            return _to_lines(made)

        scores = _from_lines(lines_of(ranks, share, rows, score))
        for i, one in enumerate(made):  # influences stay with the rank that made them
            scores[i] = replace(scores[i], estimate=one.estimate)
        return scores[0] if result is Score else result(*scores)  # type: ignore[return-value]

    return call


def _scored_together(
    ranks: Ranks, share: _Share, sides: Iterable[str], score: Callable[..., bytes]
) -> bytes:
    """The scores of features that all meet on the first rank."""
    found = {
        role: gather_features(functools.partial(share, role), ranks, role=role) for role in sides
    }
    return ranks.first(lambda: score(found))


def _scored_apart(
    ranks: Ranks, share: _Share, sides: Iterable[str], score: Callable[..., bytes]
) -> bytes:
    """The scores of features that stay where they are."""
    team = Team(ranks)
    found = {
        role: share_features(functools.partial(share, role), team, role=role) for role in sides
    }
    return team.lead(lambda: score(found)) if ranks.rank == 0 else team.follow()


def _share(metric: str, given: Mapping[str, Any], role: str) -> Features | None:
    """This rank's features of one side."""
    data, net = given[role], given["feature_net"]
    if is_empty(data):
        return None
    if metric in METRICS:
        net = METRICS[metric].net_for(given, net)
    return as_features(data, net)


def same_statistics(ranks: Ranks, given: Mapping[str, Any]) -> dict[str, Moments | None]:
    """The sides that are statistics, which are of all images; None on a rank that gives nothing.

    Args:
        ranks: the processes.
        given: each side's data on this rank.

    Raises:
        InputError: on every rank, where some give other statistics or images, or the first none.
    """
    found: dict[str, Moments | None] = {}

    def own() -> bytes:
        found.update({role: statistics_in(data) for role, data in given.items()})
        return json.dumps([_said(given[role], found[role]) for role in given]).encode()

    told = [json.loads(part) for part in ranks.gather(own, everywhere=True)]
    shared: dict[str, Moments | None] = {}
    for role, says in zip(given, zip(*told, strict=True), strict=True):
        if not {*says} - {"", "rows"}:
            continue
        if {*says} - {"", says[0]} or not says[0]:
            raise InputError(
                f"ranks give different statistics (mu and sigma) of {role}, or some give images; "
                "statistics are of all images, the same on every rank; those of shares are merged "
                "first (Moments.merge)"
            )
        shared[role] = found[role]
    return shared


def _said(data: Any, moments: Moments | None) -> str:
    """What a rank has of a side: nothing, rows, or these statistics."""
    if moments is None:
        return "" if is_empty(data) else "rows"
    known = hashlib.sha256(str(moments.n).encode())
    for numbers in (moments.mean, moments.cov):
        known.update(to_numpy(numbers).tobytes())
    return known.hexdigest()


def _scored(
    function: Callable[..., Any], signature: inspect.Signature, given: dict[str, Any]
) -> Iterable[Score]:
    for role, side in given.items():
        if role in _SIDES and side is None and signature.parameters[role].default is not None:
            raise InputError(f"no rank gave an image of {role}; give each its share")
    scores = function(**given)
    return (scores,) if isinstance(scores, Score) else scores


def _to_lines(scores: Iterable[Score]) -> bytes:
    """Scores as JSON, to be sent to other ranks."""
    return "\n".join(score.to_json() for score in scores).encode()


def _from_lines(lines: bytes) -> list[Score]:
    return [Score.from_json(line) for line in lines.decode().split("\n")]
