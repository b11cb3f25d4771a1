"""From an estimate to a score: what all metrics do alike."""

from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any

from ganeval.errors import InputError, cut
from ganeval.metrics.spine.pair import Pair
from ganeval.metrics.spine.protocol import describe
from ganeval.metrics.spine.score import METRICS, Score
from ganeval.statistics import Estimate


def check_level(level: float) -> None:
    """Raises InputError unless `level` is between 0 and 1."""
    if not isinstance(level, Real) or not 0 < level < 1:
        raise InputError(
            f"level is {cut(repr(level))}; wanted a share between 0 and 1, such as 0.95"
        )


def scored(
    metric: str,
    pair: Pair,
    found: Estimate,
    *,
    level: float,
    seed: int,
    interval: bool = True,
    options: Mapping[str, Any] | None = None,
    warnings: Iterable[str] = (),
    compare_reals: bool = True,
    at_this_n: bool | None = None,
) -> Score:
    """The score of an estimate, with its interval, or why it has none.

    Args:
        metric: entry of METRICS.
        pair: the sides that were scored.
        found: the estimate.
        level: coverage of the interval.
        seed: kept in the protocol.
        interval: whether one was asked for.
        options: those that move the value.
        warnings: of this metric, beside those of the pair.
        compare_reals: whether scores against other reals are other scores.
        at_this_n: whether only scores of as many images are comparable; None where that is so
            for a score without a correction.
    """
    reason = pair.odd.dependence or found.no_interval
    limits = found.interval(level) if interval and reason is None else None
    corrected = found.corrected
    # With groups, the correction of a distance rests on how these vary; too few do not show it,
    # and it would be far below 0.
    too_few = (
        found.scale == "distance" and pair.n_groups is not None and found.spread.reason is not None
    )
    if not interval or pair.odd.dependence or found.too_close or too_few:
        corrected = None
    details = dict(found.details)
    if interval and limits is None:
        details["no_interval"] = reason
    described = describe(
        metric,
        pair,
        options=options or {},
        seed=seed,
        compare_reals=compare_reals,
        at_this_n=corrected is None if at_this_n is None else at_this_n,
    )
    return Score(
        metric=metric,
        value=found.value,
        corrected=corrected,
        interval=limits,
        level=level,
        std_error=None if limits is None else found.spread.std_error,
        better=METRICS[metric].better,
        n_real=None if pair.real is None else pair.real.n,
        n_fake=pair.fake.n,
        n_groups=pair.n_groups,
        details=details,
        warnings=tuple(dict.fromkeys((*pair.odd.warnings, *warnings))),
        protocol=described.protocol,
        protocol_id=described.protocol_id,
        estimate=found if found.parts else None,
    )


def own_score_note(own: Mapping[str, Any]) -> str:
    """In words, the reals' own score beside that of the fakes."""
    corrected = own.get("corrected")
    return f"reals: {own['value']:.4g}" + (
        "" if corrected is None else f" (corrected {corrected:.4g})"
    )
