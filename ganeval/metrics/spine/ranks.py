"""A metric of shares: each rank embeds its own, the first computes, all get the same scores.

Where sums or pairs of rows determine a metric, rows stay on their rank: sums over them travel, or
tiles of them go round. For others all rows meet on the first rank.
"""

import functools
import hashlib
import inspect
import os
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
from ganeval.metrics.spine.score import METRICS, Metric, Score
from ganeval.moments import Moments, is_statistics_file
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
    _APART.add(call)
    return call


_APART: set[Callable[..., Any]] = set()


def rows_stay(metric: Metric) -> bool:
    """Whether a metric's command leaves rows on their rank."""
    return (metric.together or metric.function) in _APART


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
        given |= _same_statistics(ranks, given)
        share = functools.partial(_share, function.__name__, dict(given))
        sides = [n for n in given if n in _SIDES and not isinstance(given[n], Moments)]
        made: list[Score] = []

        def score(found: Mapping[str, Features | None]) -> bytes:
            made.extend(_scored(function, signature, {**given, **found}))
            return _to_lines(made)

        scores = _from_lines(lines_of(ranks, share, sides, score))
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


def _same_statistics(ranks: Ranks, given: Mapping[str, Any]) -> dict[str, Moments]:
    """The sides that are statistics of all images, which every rank gives.

    Raises:
        InputError: on every rank, where ranks give different ones, as of their shares.
    """
    found: dict[str, Moments] = {}

    def digests() -> bytes:
        for role in set(_SIDES) & set(given):
            if isinstance(data := given[role], Moments):
                found[role] = data
            elif isinstance(data, str | os.PathLike) and is_statistics_file(data):
                found[role] = Moments.load(data)
        return "".join(f"{role}:{_digest(found[role])} " for role in sorted(found)).encode()

    told = ranks.gather(digests, everywhere=True)
    if len(set(told)) > 1:
        raise InputError(
            "ranks give different statistics (mu and sigma), or some give none; statistics are of "
            "all images, the same on every rank; those of shares are merged first (Moments.merge)"
        )
    return found


def _digest(moments: Moments) -> str:
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
