"""Precision, recall, density and coverage: which images lie near those of the other side."""

import functools
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.metrics.pairs import Balls, count_within, nearest
from ganeval.metrics.spine import (
    METRICS,
    Metric,
    Score,
    check_level,
    check_pair,
    describe,
    n_groups,
    over_ranks,
    take_features,
    warnings_of,
)

_SOURCES = {
    "precision": (3, "closed"),
    "recall": (3, "closed"),
    "density": (5, "open"),
    "coverage": (5, "open"),
}
"""k and ball of the code that came with the papers."""


class PRDC(NamedTuple):
    """Four scores, of which higher is better."""

    precision: Score
    recall: Score
    density: Score
    coverage: Score


@over_ranks
def prdc(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    k: Annotated[
        int | None, "Neighbours of all four. (default: 3; 5 for density and coverage)"
    ] = None,
    ball: Annotated[
        str | None,
        "The k-th neighbour itself is inside (closed) or outside (open). (default: closed; open "
        "for density and coverage)",
    ] = None,
    level: Annotated[float, "Coverage of the interval, where there is one."] = 0.95,
    seed: Annotated[int, "Moves nothing here."] = 0,
    process_group: Any = None,
) -> PRDC:
    """Precision, recall, density and coverage of generated images, by k nearest neighbours.

    Around each image lies a ball that reaches to its k-th nearest on its own side. Precision is
    the share of fakes in some real's ball, recall that of reals in some fake's ball. Density
    counts the reals' balls that a fake is in, over k; coverage is the share of reals with a fake
    in their ball. Precision and density judge single fakes, recall and coverage their variety.

    Distances are exact in float64: copies lie at distance 0, and ties are ties.

    Args:
        real: images, Features, rows [n, d], or a path to any of them.
        fake: likewise, [m, e] with e = d.
        feature_net: for images; see `extract`.
        k: neighbours, for all four; None takes 3 for precision and recall and 5 for density and
            coverage, as published. The `prdc` package has one k.
        ball: `closed` (≤) as in the code of Kynkäänniemi et al. and in torch-fidelity, or `open`
            (<) as in the `prdc` package; it matters where distances are equal, above all for
            copies. None takes closed for precision and recall, open for density and coverage.
        level: kept in the scores; they have no interval until one is calibrated.
        seed: kept in the protocol.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same scores. See `extract`.

    Returns:
        PRDC, four Scores. The reals themselves as fakes get 1; new images of their distribution
        get less in precision, recall and coverage, by an amount that depends on n: compare at
        equal n only. Density is 1 on average for them and may exceed 1.

    Raises:
        InputError: k or fewer images on a side, NaN, or sides that do not fit together.

    Source: Kynkäänniemi et al. 2019, arXiv:1904.06991; Naeem et al. 2020, arXiv:2002.09797.
    """
    check_level(level)
    rules = {name: _rule(k, ball, *own) for name, own in _SOURCES.items()}
    sides = (
        take_features(real, feature_net, role="real", metric="prdc"),
        take_features(fake, feature_net, role="fake", metric="prdc"),
    )
    check_pair(*sides)
    needed = {
        "real": max(rules[name][0] for name in ("precision", "density", "coverage")),
        "fake": rules["recall"][0],
    }
    for side, (role, k_max) in zip(sides, needed.items(), strict=True):
        if len(side) <= k_max:
            raise InputError(
                f"prdc with k = {k_max} needs at least {k_max + 1} images per side; {role} has "
                f"{len(side)}; use more images, or a smaller k"
            )
    values = _values(*sides, rules, needed)
    warnings = warnings_of(*sides)
    return PRDC(
        *(
            _score(name, values[name], sides, rules[name], warnings, level, seed)
            for name in _SOURCES
        )
    )


def _rule(k: int | None, ball: str | None, own_k: int, own_ball: str) -> tuple[int, str]:
    if k is not None and k < 1:
        raise InputError(f"k is {k}; wanted at least 1 neighbour")
    if ball not in (None, "open", "closed"):
        raise InputError(f"ball is {ball!r}; wanted open or closed")
    return k or own_k, ball or own_ball


def _values(
    real: Features, fake: Features, rules: dict[str, tuple[int, str]], needed: dict[str, int]
) -> dict[str, float]:
    x, y = real.features, fake.features
    reach = {
        "real": nearest(x, None, needed["real"]).squared,
        "fake": nearest(y, None, needed["fake"]).squared,
    }

    def balls(name: str) -> Balls:
        k, ball = rules[name]
        role = "fake" if name == "recall" else "real"
        squared = reach[role][:, k - 1].to(reach["real"].device)
        return Balls(squared, role == "real", ball == "closed")

    wanted = {rules[name]: balls(name) for name in ("precision", "density", "coverage")}
    *around_reals, around_fakes = count_within(x, y, [*wanted.values(), balls("recall")])
    counts = dict(zip(wanted, around_reals, strict=True))
    k = rules["density"][0]
    return {
        "precision": float((counts[rules["precision"]].of_y > 0).double().mean()),
        "recall": float((around_fakes.of_x > 0).double().mean()),
        "density": int(counts[rules["density"]].of_y.sum()) / (k * len(y)),
        "coverage": float((counts[rules["coverage"]].of_x > 0).double().mean()),
    }


def _score(
    name: str,
    value: float,
    sides: tuple[Features, Features],
    rule: tuple[int, str],
    warnings: list[str],
    level: float,
    seed: int,
) -> Score:
    real, fake = sides
    options = {"k": rule[0], "ball": rule[1]}
    described = describe(name, real=real, fake=fake, options=options, seed=seed, at_this_n=True)
    if len(real) != len(fake) and name != "density":
        warnings = [*warnings, _unequal(len(real), len(fake))]
    return Score(
        metric=name,
        value=value,
        corrected=None,
        interval=None,
        level=level,
        std_error=None,
        better="higher",
        n_real=len(real),
        n_fake=len(fake),
        n_groups=n_groups(real, fake),
        details={**options, "no_interval": "not calibrated"},
        warnings=tuple(warnings),
        protocol=described.protocol,
        protocol_id=described.protocol_id,
    )


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


for _name in _SOURCES:
    METRICS.add(
        _name,
        Metric(
            name=_name,
            command="prdc",
            label=_name.capitalize(),
            function=_part(_name),
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
