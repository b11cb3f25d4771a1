"""Mean average precision: is the class that a fake was asked for the nearest of all?"""

from typing import Annotated, Any

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.errors import InputError
from ganeval.metrics.retrieval.labels import permuted_labels
from ganeval.metrics.retrieval.precision import Ranked, ranked
from ganeval.metrics.spine import (
    COUNT,
    METRICS,
    SEED,
    SHARE,
    Classes,
    Metric,
    Pair,
    Score,
    Side,
    check_level,
    over_ranks,
    scored,
)
from ganeval.statistics import Estimate, Part, judged_mean, permutation_p_value


@over_ranks
def retrieval(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    control: Annotated[
        str | None, "Class of untreated images, whose mean is subtracted, plate by plate."
    ] = None,
    permutations: Annotated[int, "Of the labels, for the p-value.", COUNT] = 999,
    interval: Annotated[bool, "With an interval."] = True,
    level: Annotated[float, "Coverage of the interval.", SHARE] = 0.95,
    seed: Annotated[int, "Of the permutations.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Mean average precision with which fakes retrieve reals of the class they were asked for.

    As phenotypic profiles are judged: every fake ranks all reals by cosine similarity, and its
    average precision is 1 if those of its class come first, and about their share if the order is
    chance. Features are standardised by the reals and centred on their mean; with a control, by
    the control reals and on their mean, and the controls neither query nor are ranked.

    Args:
        real: images with labels, Features with labels, or a path to either.
        fake: the generated side, in any of these forms, with the same classes.
        feature_net: for images; see `extract`.
        control: a class of the reals, such as DMSO. Images of a group (plate) that has controls
            on their side are centred on these, others on all controls of the reals.
        permutations: of the fakes' labels: within groups, or of whole groups of one class each.
        interval: False computes the value alone.
        level: coverage of the interval.
        seed: of the permutations.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score from 0 to 1, higher is better. The interval is for the mean at this number of reals.
        In `details`: `reals`, the same of reals that rank all others; `chance` and `p_value`, of
        fakes with permuted labels; `top1`, the share of fakes whose nearest real is of their class;
        `profiles_top1`, the share of classes whose mean fake is nearest to the mean real of its own
        class; and `classes`, for each class `value`, the `rank` of its own class among all, by
        those means, and the `nearest` class.

    Raises:
        InputError: no labels, one class only, a class on one side only or with one real, a control
            that the reals lack, NaN, or sides that do not fit together.

    Example:
        >>> ganeval.retrieval("real/", "fake/", feature_net="morphology").details["profiles_top1"]

    Source: Kalinin et al. 2025, A versatile information retrieval framework for evaluating profile
    strength and similarity, Nature Communications.
    """
    check_level(level)
    pair = Pair.take(real, fake, feature_net, metric="retrieval")
    found = _retrieved(*pair.sides, control=control, permutations=permutations, seed=seed)
    return scored(
        "retrieval",
        pair,
        found,
        level=level,
        seed=seed,
        interval=interval,
        options={"control": control},
        at_this_n=False,  # that of the reals moves the value, and they are the same for all models
    )


def _retrieved(
    real: Side, fake: Side, *, control: str | None = None, permutations: int = 999, seed: int = 0
) -> Estimate:
    """The mean average precision."""
    first, second = _profiles(real, fake, control)
    real, fake = _treated(real, control), _treated(fake, control)
    classes = Classes.of(real, fake, metric="retrieval")
    _check_sizes(classes)
    m = np.arange(len(second))
    x, y = _of_length_1(first), _of_length_1(second)
    found = ranked(y, x, classes.of_fake, classes.of_real)
    own = ranked(x, x, classes.of_real, classes.of_real, themselves=True)
    precision = found.of_classes[m, classes.of_fake]
    value = float(precision.mean())
    groups = fake.sampling.groups
    numbers = None if groups is None else np.unique(groups, return_inverse=True)[1]
    nulls = [
        float(found.of_classes[m, labels].mean())
        for labels in permuted_labels(classes.of_fake, numbers, count=permutations, seed=seed)
    ]
    reals = own.of_classes[np.arange(len(x)), classes.of_real]
    details = {
        "reals": float(reals.mean()),
        "chance": float(np.mean(nulls)),
        "p_value": permutation_p_value(value, nulls),
        "permutations": permutations,
        "top1": float((found.nearest == classes.of_fake).mean()),
        **_of_profiles(first, second, classes, precision),
    }
    return _estimate(value, precision, found, (real, fake), details)


def _estimate(
    value: float,
    precision: np.ndarray,
    found: Ranked,
    sides: tuple[Side, Side],
    details: dict[str, Any],
) -> Estimate:
    real, fake = sides
    n = len(found.without)
    return Estimate(
        value,
        parts=(
            Part((1 - n) * found.without, real.sampling),
            Part(precision - value, fake.sampling),
        ),
        judged=judged_mean(precision, fake.sampling, excess=(found.excess, 0.0)),
        limits=(0.0, 1.0),
        details=details,
    )


def _check_sizes(classes: Classes) -> None:
    names, sizes = classes.names, classes.sizes()[:, 0]
    if len(names) < 2:
        raise InputError(
            f"retrieval needs at least 2 classes beside a control; there is {names[0]}; give other "
            "labels"
        )
    if (sizes < 2).any():
        raise InputError(
            f"retrieval needs at least 2 reals of each class; {names[int(sizes.argmin())]} has 1; "
            "give more reals, or labels of fewer classes"
        )


def _treated(side: Side, control: str | None) -> Side:
    """The side without its controls."""
    if control is None or side.labels is None:
        return side
    return side.part(np.flatnonzero(np.array(side.labels) != control))


def _profiles(real: Side, fake: Side, control: str | None) -> tuple[np.ndarray, np.ndarray]:
    """[n, d] and [m, d]: standardised, centred, without controls."""
    x, y = (np.asarray(to_numpy(side.rows), np.float64) for side in (real, fake))
    is_control = [
        np.array([label == control for label in side.labels or [""] * len(rows)])
        for side, rows in ((real, x), (fake, y))
    ]
    base = x
    if control is not None:
        if is_control[0].sum() < 2:
            raise InputError(
                f"control is {control!r}, and {int(is_control[0].sum())} reals have that label; "
                "wanted at least 2; give the name of a class of the reals"
            )
        base = x[is_control[0]]
    mean, scale = base.mean(0), base.std(0)
    # Deviation within rounding of a large mean is no deviation.
    scale[scale <= 1e-12 * np.abs(mean)] = np.inf
    x, y = (x - mean) / scale, (y - mean) / scale
    if control is None:
        return x, y
    return (
        _centred_by_plate(x, real.groups, is_control[0]),
        _centred_by_plate(y, fake.groups, is_control[1]),
    )


def _centred_by_plate(rows: np.ndarray, groups: Any, controls: np.ndarray) -> np.ndarray:
    """Rows without controls, less the mean of the controls of their group, where it has some."""
    moved = rows.copy()
    if groups is not None:
        names = np.asarray(groups)
        for name in np.unique(names[controls]):
            of_group = names == name
            moved[of_group] -= rows[of_group & controls].mean(0)
    return np.asarray(moved[~controls])


def _of_length_1(rows: np.ndarray) -> np.ndarray:
    """Rows over their length; zeros stay."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1.0))


def _of_profiles(
    real: np.ndarray, fake: np.ndarray, classes: Classes, precision: np.ndarray
) -> dict[str, Any]:
    """Ranks of classes by the similarity of their means, and each class's own precision."""
    sizes = classes.sizes()
    means = []
    for rows, of, size in zip(
        (real, fake), (classes.of_real, classes.of_fake), sizes.T, strict=True
    ):
        sums = np.zeros((len(classes.names), rows.shape[1]))
        np.add.at(sums, of, rows)
        means.append(_of_length_1(sums / size[:, None]))
    alike = means[1] @ means[0].T
    ranks = 1 + (alike > np.diag(alike)[:, None]).sum(1)
    values = np.bincount(classes.of_fake, precision) / sizes[:, 1]
    return {
        "profiles_top1": float((ranks == 1).mean()),
        "classes": {
            name: {
                "value": float(values[i]),
                "rank": int(ranks[i]),
                "nearest": classes.names[int(alike[i].argmax())],
                "n_real": int(sizes[i, 0]),
                "n_fake": int(sizes[i, 1]),
            }
            for i, name in enumerate(classes.names)
        },
    }


def _notes(score: Score) -> list[str]:
    """What reals and chance retrieve, and a line for each class."""
    details = score.details
    k = len(details["classes"])
    lines = [
        f"reals: {details['reals']:.4g}; chance: {details['chance']:.4g}, "
        f"p = {details['p_value']:.3g}",
        f"nearest real of the own class: {100 * details['top1']:.3g} % of the fakes; nearest mean: "
        f"{100 * details['profiles_top1']:.3g} % of {k} classes",
    ]
    return lines + [
        f"{name}: {own['value']:.4g}  (rank {own['rank']} of {k}"
        + (")" if own["rank"] == 1 else f", after {own['nearest']})")
        for name, own in details["classes"].items()
    ]


METRICS.add(
    "retrieval",
    Metric(
        name="retrieval",
        command="retrieval",
        label="retrieval mAP",
        function=retrieval,
        estimate=_retrieved,
        better="higher",
        symmetric=False,
        needs_labels=True,
        notices_missing_modes=False,
        shift_invariant=True,
        scale_power=0.0,
        notes=_notes,
    ),
)
