"""Classifier two-sample test: how well a classifier tells generated images from real ones."""

from collections.abc import Callable
from typing import Annotated, Any

from ganeval.arrays import to_float64
from ganeval.errors import InputError
from ganeval.features import Features, is_feature_file
from ganeval.images import is_feature_array
from ganeval.lazy import torch
from ganeval.metrics._blocks import no_spread
from ganeval.metrics.c2st.classifiers import CLASSIFIERS, Classifier
from ganeval.metrics.c2st.neural import fit_fresh
from ganeval.metrics.c2st.trial import Counter, Trial
from ganeval.metrics.c2st.units import Units, halves, pair_units
from ganeval.metrics.c2st.verdicts import rank_p_value, summary
from ganeval.metrics.spine import (
    METRICS,
    SAME_IMAGES,
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
from ganeval.statistics import (
    MIN_BLOCKS,
    corrected_std_error,
    corrected_t_interval,
)

ALL_PIXELS = "pixels:all"


@over_ranks
def c2st(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    classifier: Annotated[
        Any, f"Who tells them apart: {', '.join(CLASSIFIERS)}; conv, dcgan and critic see pixels."
    ] = "logistic",
    repeats: Annotated[int, "Splits into a training and a held-out part."] = 10,
    test_size: Annotated[float, "Share of the images that is held out."] = 0.5,
    iterations: Annotated[
        int | None, "Training steps, for those that take steps. (default: the classifier's own)"
    ] = None,
    permutations: Annotated[
        int, "For the p-value of logistic; 0 takes the rank test of one split."
    ] = 199,
    level: Annotated[float, "Coverage of the interval."] = 0.95,
    seed: Annotated[int, "Of splits, initial weights, batches and permutations."] = 0,
    progress: Callable[[int, int], None] | None = None,
    process_group: Any = None,
) -> Score:
    """Classifier two-sample test (C2ST): how well a fresh classifier tells fake from real.

    In each repeat a classifier is trained on one part of both sides and judged on the other.
    Whole groups, and images with all their exact copies, stay in one part; sides of different
    size weigh the same.

    Args:
        real: images, Features, rows [n, d], or a path to any of them; unseen by the generator.
        fake: likewise.
        feature_net: for images; see `extract`. Classifiers that look at pixels take none.
        classifier: `logistic` (to convergence), `mlp`, `knn`, `xgboost` on features; `conv`
            (sized to the images), `dcgan` (its discriminator: the thesis' test) or `critic`
            (Wasserstein) on pixels; or, from Python, a torch.nn.Module or a function that makes
            one: [b, c, h, w] (or [b, d], of features) to [b] logits. A module is copied and
            initialised afresh for each repeat.
        repeats: splits; the same seed gives the first of more repeats the same splits.
        test_size: share held out.
        iterations: training steps of neural classifiers, trees of xgboost.
        permutations: labels are dealt anew so often and all repeats refitted (`logistic` only).
        level: coverage of the interval.
        seed: of all that is random.
        progress: called with (fits done, fits in all).
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score whose `value` is the median area under the ROC curve (AUC) on held-out images over
        the repeats: 0.5 when nothing tells fakes from reals, 1 when everything does. `details`
        has AUC, accuracy (of two equally frequent sides) and log-loss in nats (0.693 is chance)
        with their 10, 50 and 90 % quantiles, which are a spread over splits and no interval;
        the p-value and its method; the same test of one half of the reals against the other;
        and the learning curves of neural classifiers. The interval is Nadeau and Bengio's, which
        counts that repeats share images.

    Raises:
        InputError: a side with one image or one group, repeats below 1, NaN, sides that do not
            fit together, or a classifier that does not fit the images.

    Source: Lopez-Paz & Oquab 2017, arXiv:1610.06545; interval: Nadeau & Bengio 2003,
    doi:10.1023/A:1024068626366; p-value: Phipson & Smyth 2010, doi:10.2202/1544-6115.1585.
    """
    check_level(level)
    if permutations < 0:
        raise InputError(f"permutations is {permutations}; wanted 0 or more")
    if iterations is not None and iterations < 1:
        raise InputError(f"iterations is {iterations}; wanted at least 1")
    judge, name, net = _judge(classifier, feature_net, real, fake)
    sides = (
        take_features(real, net, role="real", metric="c2st"),
        take_features(fake, net, role="fake", metric="c2st"),
    )
    check_pair(*sides)
    warnings = warnings_of(*sides)
    same = SAME_IMAGES in warnings
    units = pair_units(*sides)
    trial = Trial(judge, units, _shape(sides, judge, name), repeats, test_size, seed, iterations)
    reference = halves(sides[0], units, seed=seed)
    refits = permutations if judge.refits and not same else 0
    bar = Counter(progress, repeats * (1 + (reference is not None) + (refits + 1 if refits else 0)))
    rows = _joined(sides)

    verdicts = trial.run(rows, units, bar)
    found = summary(verdicts, trial.sides(units), trial.held_out(units))
    value = found["auc"]["q50"]
    details: dict[str, Any] = {
        "classifier": name,
        "repeats": repeats,
        **found,
    }
    if same:
        details["p_value"], details["p_value_method"] = 1.0, SAME_IMAGES
    elif refits:
        details["p_value"] = trial.refitted(rows, units, refits, bar)
        details["p_value_method"] = f"{refits} label permutations, all repeats refitted"
    else:
        scores, held_out = verdicts.logits[:, 0], trial.held_out(units)[:, 0]
        details["p_value"] = rank_p_value(scores, units, held_out, seed=seed)
        details["p_value_method"] = "rank test on the held-out images of the first split"
    if reference is not None:
        own = trial.run(rows, reference, bar)
        judged = summary(own, trial.sides(reference), trial.held_out(reference))
        details["real_vs_real"] = judged["auc"] | {"n": [int(m) for m in reference.sizes()]}
    if verdicts.curves is not None:
        details["learning_curves"] = verdicts.curves
    if units.apart:
        warnings.append("too few images that are no copies: copies may lie in both parts")
    values = found["auc"]["values"]
    ratio = trial.ratio(units)
    std_error, limits = None, None
    if reason := _no_interval(repeats, units, n_groups(*sides), same=same):
        details["no_interval"] = reason
    elif none := no_spread(value, error := corrected_std_error(values, ratio)):
        details["no_interval"] = none
    else:
        std_error = error
        low, high = corrected_t_interval(value, values, ratio, level=level)
        limits = (max(low, 0.0), min(high, 1.0))
    described = describe(
        "c2st",
        real=sides[0],
        fake=sides[1],
        options={
            "classifier": name,
            "repeats": repeats,
            "test_size": test_size,
            "iterations": iterations,
        },
        seed=seed,
        at_this_n=True,  # a classifier gets better with more images
    )
    return Score(
        metric="c2st",
        value=value,
        corrected=None,
        interval=limits,
        level=level,
        std_error=std_error,
        better="lower",
        n_real=len(sides[0]),
        n_fake=len(sides[1]),
        n_groups=n_groups(*sides),
        details=details,
        warnings=tuple(warnings),
        protocol=described.protocol,
        protocol_id=described.protocol_id,
    )


def net_for(classifier: Any, feature_net: Any) -> Any:
    """The feature net that a classifier implies: those that look at pixels take all of them."""
    if not isinstance(classifier, str) or not CLASSIFIERS[classifier].pixels:
        return feature_net
    if feature_net not in (None, ALL_PIXELS):
        raise InputError(
            f"classifier {classifier!r} looks at pixels, but feature net {feature_net!r} was "
            "given; leave out one of the two"
        )
    return ALL_PIXELS


def _judge(classifier: Any, feature_net: Any, *data: Any) -> tuple[Classifier, str, Any]:
    """The classifier, its name, and the feature net."""
    if isinstance(classifier, str):
        net = net_for(classifier, feature_net)
        return CLASSIFIERS[classifier], classifier, net
    if not callable(classifier):
        raise InputError(
            f"classifier is {classifier!r}; give a name ({', '.join(CLASSIFIERS)}), a "
            "torch.nn.Module, or a function that makes one"
        )
    name = getattr(classifier, "__name__", type(classifier).__name__)
    rows = all(
        isinstance(side, Features)
        or is_feature_array(side)
        or (isinstance(side, str) and is_feature_file(side))
        for side in data
    )
    pixels = feature_net == ALL_PIXELS or (feature_net is None and not rows)
    return (
        Classifier(fit_fresh(classifier), pixels=pixels),
        name,
        ALL_PIXELS if pixels else feature_net,
    )


def _shape(
    sides: tuple[Features, Features], judge: Classifier, name: str
) -> tuple[int, int, int] | None:
    """(c, h, w) of the images, for classifiers that look at pixels."""
    if not judge.pixels:
        return None
    made_by = [(side.protocol.get("net") or {}).get("name") for side in sides]
    if made_by != [ALL_PIXELS, ALL_PIXELS]:
        raise InputError(
            f"classifier {name!r} looks at pixels, but features were given; give the images, or "
            "take classifier='logistic'"
        )
    known = sides[0].protocol["preprocessing"]
    ((height, width),) = known["sizes"]
    return known["channels"], height, width


def _joined(sides: tuple[Features, Features]) -> Any:
    """[n + m, d] float64, reals first."""
    real, fake = (to_float64(side.features) for side in sides)
    return torch.cat([real, fake.to(real.device)])


def _no_interval(repeats: int, units: Units, groups: int | None, *, same: bool) -> str | None:
    if same:
        return SAME_IMAGES
    if repeats < 2:
        return "one repeat has no spread"
    if groups is not None and groups < MIN_BLOCKS:
        return f"{groups} group{'s' * (groups != 1)}, of {MIN_BLOCKS} that an interval needs"
    if min(units.count(0), units.count(1)) < 2 * MIN_BLOCKS:
        return "too few images to hold some out"
    return None


def _notes(score: Score) -> list[str]:
    """The p-value, the other measures, and what reals against reals get."""
    found = score.details
    third = "log_loss" if "log_loss" in found else "critic_gap"
    name, unit = ("log-loss", " nats") if third == "log_loss" else ("critic gap", "")
    lines = [
        f"p = {found['p_value']:.3g} ({found['p_value_method']})",
        f"accuracy {found['accuracy']['q50']:.4f}, {name} {found[third]['q50']:.4f}{unit}",
        f"AUC over splits {found['auc']['q10']:.4f} to {found['auc']['q90']:.4f} "
        "(10 to 90 %: a spread, no interval)",
    ]
    if (own := found.get("real_vs_real")) is not None:
        lines.append(
            f"one half of the reals against the other: AUC {own['q50']:.4f} "
            f"({own['q10']:.4f} to {own['q90']:.4f} over splits)"
        )
    return lines


METRICS.add(
    "c2st",
    Metric(
        name="c2st",
        command="c2st",
        label="C2ST AUC",
        function=c2st,
        better="lower",
        symmetric=True,
        ideal=0.5,
        seeded=True,
        net_for=lambda options, net: net_for(options["classifier"], net),
        notes=_notes,
    ),
)
