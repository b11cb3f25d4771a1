"""Precision, recall, density and coverage: which images lie near those of the other side."""

import functools
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple

import numpy as np

from ganeval.errors import InputError
from ganeval.metrics.pairs import in_blocks, mean_of_blocks
from ganeval.metrics.prdc.left_out import LeftOut, Rule, left_out, plain_values
from ganeval.metrics.spine import (
    COUNT,
    METRICS,
    SEED,
    SHARE,
    Metric,
    Pair,
    Score,
    Side,
    check_level,
    here,
    scored,
    sums_over_ranks,
)
from ganeval.statistics import Estimate, Part, judged_mean, judged_share

_SOURCES = {
    "precision": Rule(3, closed=True),
    "recall": Rule(3, closed=True),
    "density": Rule(5, closed=False),
    "coverage": Rule(5, closed=False),
}
"""k and ball of the code that came with the papers."""

DOUBLED = {"precision": 0.8, "recall": 0.8, "density": 0.8, "coverage": 1.0}
"""The part of the excess that is taken off.

All of it is right on average; but it is an estimate, and with all of it taken off intervals of few
images cover too little. For coverage the excess is so large that all of it has to go, or intervals
are far too wide.
"""

LEAST_NEAR = 20
"""Fakes in any real's ball below which a few counts decide density."""


class PRDC(NamedTuple):
    """Four scores, of which higher is better."""

    precision: Score
    recall: Score
    density: Score
    coverage: Score


@sums_over_ranks
def prdc(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    k: Annotated[
        int | None, "Neighbours of all four. (default: 3; 5 for density and coverage)", COUNT
    ] = None,
    ball: Annotated[
        str | None,
        "The k-th neighbour itself is inside (closed) or outside (open). (default: closed; open "
        "for density and coverage)",
    ] = None,
    blocks: Annotated[
        int | None, "Means over this many disjoint blocks: a cost that grows with n, not n².", COUNT
    ] = None,
    interval: Annotated[bool, "With intervals."] = True,
    level: Annotated[float, "Coverage of the intervals.", SHARE] = 0.95,
    seed: Annotated[int, "Of the blocks.", SEED] = 0,
    process_group: Any = None,
) -> PRDC:
    """Precision, recall, density and coverage of generated images, by k nearest neighbours.

    Around each image lies a ball that reaches to its k-th nearest on its own side. Precision is
    the share of fakes in some real's ball, recall that of reals in some fake's ball. Density
    counts the reals' balls that a fake is in, over k; coverage is the share of reals with a fake
    in their ball. Precision and density judge single fakes, recall and coverage their variety.

    Distances are exact in float64: copies lie at distance 0, and ties are ties. All four depend on
    the numbers of images, and an interval is for the mean score of samples of these sizes. It
    reflects which images were sampled, not a new training run, and comes from leaving every image
    out in turn.

    Args:
        real: images, Features, rows [n, d], or a path to any of them.
        fake: the generated side, in any of these forms, [m, e] with e = d.
        feature_net: for images; see `extract`.
        k: neighbours, for all four; None takes 3 for precision and recall and 5 for density and
            coverage, as published. The `prdc` package has one k.
        ball: `closed` (≤) as in the code of Kynkäänniemi et al. and in torch-fidelity, or `open`
            (<) as in the `prdc` package; it matters where distances are equal, above all for
            copies. None takes closed for precision and recall, open for density and coverage.
        blocks: for very many images: means of the scores of disjoint random blocks of both sides,
            with the standard errors of these means. All four depend on the number of images, so
            they are those of n / blocks images a side; with blocks of a fixed size (1,000 images,
            say) cost grows with n.
        interval: False computes the values alone.
        level: coverage of the intervals.
        seed: of the blocks.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same scores. See `extract`.

    Returns:
        PRDC, four Scores. The reals themselves as fakes get 1; new images of their distribution
        get less in precision, recall and coverage, by an amount that depends on n: compare at
        equal n only. Density is 1 on average for them and may exceed 1. Where under 5 images are of
        the rarer kind (inside or outside), the interval of a share takes 3 images for one, which
        is wide. Density has no interval where under 20 fakes are in any ball, and none of the four
        has one where the sides share images or where a side has only k + 1.

    Raises:
        InputError: k or fewer images on a side, NaN, or sides that do not fit together.

    Example:
        >>> ganeval.prdc("real/", "fake/", feature_net="lin41").coverage

    Source: Kynkäänniemi et al. 2019, arXiv:1904.06991; Naeem et al. 2020, arXiv:2002.09797.
    """
    check_level(level)
    rules = {name: _rule(k, ball, own) for name, own in _SOURCES.items()}
    pair = Pair.take(real, fake, feature_net, metric="prdc", interval=interval)
    chosen: dict[str, Any] = {}
    if blocks is not None:
        chosen = {"blocks": blocks}
        found = _in_blocks(*pair.sides, rules, blocks, seed)
    else:
        found = _estimates(*pair.sides, rules, interval=interval and not pair.odd.dependence)
    n, m = (len(side.rows) for side in pair.sides)
    unequal = [] if n == m else [_unequal(n, m)]
    return PRDC(
        *(
            scored(
                name,
                pair,
                found[name],
                level=level,
                seed=seed,
                interval=interval,
                options=_options(rules[name]) | chosen,
                warnings=unequal if name != "density" else (),
                at_this_n=True,
            )
            for name in _SOURCES
        )
    )


def _rule(k: int | None, ball: str | None, own: Rule) -> Rule:
    if k is not None and k < 1:
        raise InputError(f"k is {k}; wanted at least 1 neighbour")
    if ball not in (None, "open", "closed"):
        raise InputError(f"ball is {ball!r}; wanted open or closed")
    return Rule(k or own.k, own.closed if ball is None else ball == "closed")


def _options(rule: Rule) -> dict[str, Any]:
    return {"k": rule.k, "ball": "closed" if rule.closed else "open"}


def _estimates(
    real: Side, fake: Side, rules: Mapping[str, Rule], *, interval: bool = True
) -> dict[str, Estimate]:
    """The scores that `rules` names, with influences."""
    largest = {
        role: max((rule.k for name, rule in rules.items() if _has_balls(name) == role), default=0)
        for role in ("real", "fake")
    }
    for side, (role, k_max) in zip((real, fake), largest.items(), strict=True):
        if len(side.rows) <= k_max:
            raise InputError(
                f"prdc with k = {k_max} needs at least {k_max + 1} images per side; {role} has "
                f"{len(side.rows)}; use more images, or a smaller k"
            )
    if not interval:
        values = plain_values(real.rows, fake.rows, rules)
        return {
            name: Estimate(value, details=_options(rules[name])) for name, value in values.items()
        }
    units = tuple(None if side.groups is None else side.sampling.unit for side in (real, fake))
    found = left_out(real.rows, fake.rows, rules, (units[0], units[1]))
    return {name: _estimate(name, found[name], real, fake, rules[name]) for name in rules}


def _in_blocks(
    real: Side, fake: Side, rules: Mapping[str, Rule], blocks: int, seed: int
) -> dict[str, Estimate]:
    """The means over disjoint blocks."""

    def scores(of_real: np.ndarray, of_fake: np.ndarray) -> np.ndarray:
        x, y = (here(side.rows, rows) for side, rows in ((real, of_real), (fake, of_fake)))
        values = plain_values(x, y, rules)
        return np.array([values[name] for name in rules])

    least = max(rule.k for rule in rules.values()) + 1
    values = in_blocks(real, fake, blocks, scores, seed=seed, least=least)
    return {
        name: mean_of_blocks(values[:, i], (0.0, np.inf if name == "density" else 1.0))
        for i, name in enumerate(rules)
    }


def _has_balls(name: str) -> str:
    return "fake" if name == "recall" else "real"


def _estimate(name: str, found: LeftOut, real: Side, fake: Side, rule: Rule) -> Estimate:
    """One of the four, with the influence of every image."""
    of_reals = name in ("recall", "coverage")
    judged = judged_mean if name == "density" else judged_share
    excess = tuple(DOUBLED[name] * twice for twice in found.excess)
    return Estimate(
        found.value,
        parts=tuple(
            Part((len(without) - 1) * (without.mean() - without), side.sampling)
            for without, side in ((found.without_real, real), (found.without_fake, fake))
        ),
        scale="plain" if name == "density" else "share",
        judged=judged(
            found.judgements,
            (real if of_reals else fake).sampling,
            excess=excess,
            judges_reals=of_reals,
        ),
        limits=(0.0, np.inf if name == "density" else 1.0),
        reason=_no_interval(name, found, rule),
        details=_options(rule),
    )


def _no_interval(name: str, found: LeftOut, rule: Rule) -> str | None:
    """Where simulations show that an interval would cover too rarely, or cannot be computed."""
    balls = found.without_fake if name == "recall" else found.without_real
    if len(balls) < rule.k + 2:
        return (
            f"{len(balls)} images with balls, and leaving one out takes {rule.k + 2} for "
            f"k = {rule.k}"
        )
    near = int((found.judgements > 0).sum())
    if name == "density" and near < LEAST_NEAR:
        return f"{near} fakes are in any real's ball, of {LEAST_NEAR} that an interval needs"
    return None


def _unequal(n: int, m: int) -> str:
    return (
        f"{n} real and {m} fake images: balls shrink as their side grows, which moves precision, "
        "recall and coverage differently; use equal numbers"
    )


def _part(name: str) -> Callable[..., Score]:
    """One of the four as a function of its own."""

    @functools.wraps(prdc)
    def part(*given: Any, **options: Any) -> Score:
        score: Score = getattr(prdc(*given, **options), name)
        return score

    return part


def _alone(name: str) -> Callable[[Side, Side], Estimate]:
    """The estimate of one of the four, by default options."""

    def estimate(real: Side, fake: Side) -> Estimate:
        return _estimates(real, fake, {name: _SOURCES[name]})[name]

    return estimate


for _name in _SOURCES:
    METRICS.add(
        _name,
        Metric(
            name=_name,
            command="prdc",
            label=_name.capitalize(),
            function=_part(_name),
            estimate=_alone(_name),
            better="higher",
            symmetric=False,
            ideal=1.0,
            scale_power=0.0,
            shift_invariant=True,
            min_images=6,
            notices_missing_modes=_name in ("recall", "coverage"),
            together=prdc,
        ),
    )
