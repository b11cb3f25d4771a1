"""Class-conditional accuracy: are fakes taken for the class that they were asked to show?"""

from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from ganeval.errors import InputError
from ganeval.metrics.obedience.crossfit import Judgements, cross_fitted, parts_of
from ganeval.metrics.obedience.deficit import p_value_of_deficit
from ganeval.metrics.spine import (
    METRICS,
    SEED,
    SHARE,
    Classes,
    Metric,
    Oddities,
    Pair,
    Score,
    Side,
    check_level,
    over_ranks,
    scored,
)
from ganeval.statistics import Estimate, Part, judged_share

ALARM = 0.01
"""A smaller p-value says that fakes do not show what they were asked for as reals do."""


@over_ranks
def obedience(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    interval: Annotated[bool, "With an interval."] = True,
    level: Annotated[float, "Coverage of the interval.", SHARE] = 0.95,
    seed: Annotated[int, "Accepted for uniformity; unused.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Share of fakes that a classifier of the reals takes for their own class (GAN-test).

    A conditional generator that ignores its label may have a perfect FID, but is taken for the
    class that it was asked for no more often than by chance.

    Logistic regressions (scikit-learn's, C = 1) on standardised features (of more than 256, on
    their first 256 principal axes) are trained on four of five parts of the reals each, with the
    images of a group in one part. Every real is judged by the classifier that has not seen its
    part, every fake by all five: a perfect model scores what the reals score, however good the
    classifiers are.

    Args:
        real: images with labels, Features with labels, or a path to either.
        fake: the generated side, in any of these forms, with the same classes; its labels are what
            was asked for.
        feature_net: for images; see `extract`.
        interval: False computes the value alone.
        level: coverage of the interval.
        seed: accepted for uniformity; unused.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score from 0 to 1, higher is better. The interval is for the mean share at this number of
        reals, over other fakes and other reals, on which classifiers are trained. In `details`:
        `reals`, the same share of the reals, with classes as frequent as among the fakes;
        `p_value`, small where fakes are taken for their class less often than reals (one-sided);
        `classes`, for each class `value`, that of its `reals`, `n_real`, `n_fake`, and for what
        else its fakes are `taken_for`, most often first.

    Raises:
        InputError: no labels, one class only, a class on one side only, a class with one real or
            with reals of one group only, NaN, or sides that do not fit together.

    Example:
        >>> ganeval.obedience("real/", "fake/", feature_net="lin41").details["reals"]

    Source: GAN-test of Shmelkov et al. 2018, arXiv:1807.09499, cross-fitted.
    """
    check_level(level)
    pair = Pair.take(real, fake, feature_net, metric="obedience")
    found = _judged(*pair.sides)
    odd = pair.odd  # frequencies of classes do not matter: those of the reals are weighted
    texts = tuple(text for text in odd.warnings if text != odd.frequencies)
    pair = replace(pair, odd=Oddities(texts, dependence=odd.dependence, same=odd.same))
    said = (disobeys(found.details), _says_nothing(found.details))
    warnings = [text for text in said if text is not None]
    return scored(
        "obedience",
        pair,
        found,
        level=level,
        seed=seed,
        interval=interval,
        warnings=warnings,
        at_this_n=False,  # that of the reals moves the value, and they are the same for all models
    )


def check_obedience(real: Side, fake: Side, *, metric: str = "obedience") -> Classes:
    """The classes of both sides, or InputError where classifiers of the reals cannot be tested."""
    classes = Classes.of(real, fake, metric=metric)
    names, sizes = classes.names, classes.sizes()[:, 0]
    if len(names) < 2:
        raise InputError(
            f"{metric} needs at least 2 classes, but all images are of class {names[0]}; give "
            "other labels"
        )
    if (sizes < 2).any():
        raise InputError(
            f"{metric} needs at least 2 reals of each class, one to learn from and one to test; "
            f"{names[int(sizes.argmin())]} has 1; give more reals, or labels of fewer classes"
        )
    if real.groups is not None:
        pairs = {*zip(classes.of_real.tolist(), real.groups, strict=True)}
        groups = np.bincount([number for number, _ in pairs])
        if (groups < 2).any():
            raise InputError(
                f"{metric} needs reals of at least 2 groups in each class, one to learn from and "
                f"one to test; those of {names[int(groups.argmin())]} are of one group; give more "
                "groups, or labels of fewer classes"
            )
    return classes


def _judged(real: Side, fake: Side) -> Estimate:
    """The share of fakes that are taken for their class."""
    classes = check_obedience(real, fake)
    reals, fakes = cross_fitted(
        real.rows,
        fake.rows,
        classes.of_real,
        classes.of_fake,
        parts_of(real, classes.of_real),
    )
    value = float(fakes.right.mean())
    # Judgements are averages over classifiers that hardly differ: nearly 0 or 1.
    judged = replace(
        judged_share(fakes.right >= 0.5, fake.sampling, excess=(0.0, 0.0)),
        own=(Part(fakes.right - value, fake.sampling),),
    )
    return Estimate(
        value,
        parts=(
            Part(len(fakes.pulls) * fakes.pulls, real.sampling),
            Part(fakes.right - value, fake.sampling),
        ),
        scale="share",
        judged=judged,
        limits=(0.0, 1.0),
        details=_details(real, fake, classes, reals, fakes),
    )


def _details(
    real: Side, fake: Side, classes: Classes, reals: Judgements, fakes: Judgements
) -> dict[str, Any]:
    names, sizes = classes.names, classes.sizes()
    k = len(names)
    own = np.bincount(classes.of_real, reals.right, k) / sizes[:, 0]
    values = np.bincount(classes.of_fake, fakes.right, k) / sizes[:, 1]
    p_value = p_value_of_deficit(
        reals.right,
        fakes.right,
        classes.of_real,
        classes.of_fake,
        pulls=fakes.pulls,
        real_groups=real.sampling.group_names,
        fake_groups=fake.sampling.group_names,
    )
    return {
        "reals": float(own @ sizes[:, 1] / sizes[:, 1].sum()),
        "p_value": p_value,
        "classes": {
            name: {
                "value": float(values[i]),
                "reals": float(own[i]),
                "n_real": int(sizes[i, 0]),
                "n_fake": int(sizes[i, 1]),
                "taken_for": _taken_for(names, fakes.taken[i] / sizes[i, 1], i),
            }
            for i, name in enumerate(names)
        },
    }


def _taken_for(names: tuple[str, ...], shares: np.ndarray, own: int) -> dict[str, float]:
    """The other classes that fakes of a class are taken for, most often first."""
    order = np.argsort(-shares, kind="stable")
    return {names[i]: float(shares[i]) for i in order if i != own and shares[i] > 0}


def disobeys(details: Any) -> str | None:
    """In words, that fakes do not show what they were asked for; None where they do."""
    if details["p_value"] >= ALARM:
        return None
    return (
        "fakes show what they were asked for less often than reals: "
        f"{_shares(details)} (p {_small(details['p_value'])})"
    )


def _says_nothing(details: Any) -> str | None:
    """In words, that reals are not recognized better than by chance; None where they are."""
    sizes = _fakes_of_classes(details)
    n = sum(own["n_real"] for own in details["classes"].values())
    chance = float(sizes.max() / sizes.sum())  # of whoever always names one class
    if details["reals"] > chance + 2 * (chance * (1 - chance) / n) ** 0.5:
        return None
    return (
        f"{100 * details['reals']:.3g} % of the reals are taken for their class, which may be "
        f"chance ({100 * chance:.3g} %), so that a model that ignores it is not found: use another "
        "net or other labels"
    )


def _fakes_of_classes(details: Any) -> np.ndarray:
    """[k] how many."""
    return np.array([own["n_fake"] for own in details["classes"].values()])


def _shares(details: Any) -> str:
    sizes = _fakes_of_classes(details)
    values = np.array([own["value"] for own in details["classes"].values()])
    share = float(values @ sizes / sizes.sum())
    return (
        f"{100 * share:.3g} % are taken for their class, and {100 * details['reals']:.3g} % of "
        "the reals"
    )


def _small(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.2g}"


def _notes(score: Score) -> list[str]:
    """The reals' own share, and a line for each class."""
    details = score.details
    lines = [f"reals: {details['reals']:.4g}; p of fakes below reals: {details['p_value']:.3g}"]
    for name, own in details["classes"].items():
        others = [f"{other} {share:.2g}" for other, share in [*own["taken_for"].items()][:3]]
        text = f"{name}: {own['value']:.4g}  (reals {own['reals']:.4g}"
        lines.append(text + (f"; taken for {', '.join(others)})" if others else ")"))
    return lines


METRICS.add(
    "obedience",
    Metric(
        name="obedience",
        command="obedience",
        label="obedience",
        function=obedience,
        estimate=_judged,
        better="higher",
        symmetric=False,
        needs_labels=True,
        notices_missing_modes=False,
        shift_invariant=True,
        scale_power=0.0,
        notes=_notes,
    ),
)
