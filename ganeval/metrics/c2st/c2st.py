"""Classifier two-sample test: how well a classifier tells generated images from real ones."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from ganeval.arrays import to_float64
from ganeval.errors import InputError
from ganeval.lazy import torch
from ganeval.metrics.c2st.classifiers import CLASSIFIERS
from ganeval.metrics.c2st.interval import held_out_influence, median_area
from ganeval.metrics.c2st.judge import image_shape, judge_of, net_for
from ganeval.metrics.c2st.trial import Counter, Trial
from ganeval.metrics.c2st.verdicts import rank_p_value, rounded, summary
from ganeval.metrics.spine import (
    COUNT,
    COUNT_OR_NONE,
    METRICS,
    SAME_IMAGES,
    SEED,
    SHARE,
    Metric,
    Pair,
    Score,
    check_level,
    halves,
    over_ranks,
    pair_units,
    scored,
)


@over_ranks
def c2st(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    classifier: Annotated[
        Any, f"Who tells them apart: {', '.join(CLASSIFIERS)}; conv, dcgan and critic see pixels."
    ] = "ensemble",
    repeats: Annotated[int, "Splits into a training and a held-out part.", COUNT] = 10,
    test_size: Annotated[float, "Share of the images that is held out.", SHARE] = 0.5,
    iterations: Annotated[
        int | None,
        "Training steps, for those that take steps. (default: the classifier's own)",
        COUNT,
    ] = None,
    permutations: Annotated[
        int,
        "For the p-value of ensemble and logistic; 0 takes the rank test of one split.",
        COUNT_OR_NONE,
    ] = 199,
    level: Annotated[float, "Coverage of the interval.", SHARE] = 0.95,
    seed: Annotated[int, "Of splits, initial weights, batches and permutations.", SEED] = 0,
    progress: Callable[[int, int], None] | None = None,
    process_group: Any = None,
) -> Score:
    """Classifier two-sample test (C2ST): how well a fresh classifier tells fake from real.

    In each repeat a classifier is trained on one part of both sides and judged on the other.
    Whole groups, and images with all their exact copies, stay in one part; sides of different
    size weigh the same.

    The interval is for the median over data sets of this size, and grows with AUC · (1 − AUC) as
    a share's does. Its variance is the larger of two: that of the held-out images, with groups
    summed, and Nadeau and Bengio's, which counts that repeats share images.

    Args:
        real: images, Features, rows [n, d], or a path to any of them; unseen by the generator.
        fake: the generated side, in any of these forms.
        feature_net: for images; see `extract`. Classifiers that look at pixels take none.
        classifier: `ensemble` (sees means, variances and correlations), `logistic` (means only,
            to convergence), `mlp`, `knn`, `xgboost` on features; `conv` (sized to the images),
            `dcgan` (its discriminator: the thesis' test) or `critic` (Wasserstein) on pixels; or,
            from Python, a torch.nn.Module or a function that makes one: [b, c, h, w] (or [b, d],
            of features) to [b] logits. A module is copied and initialised afresh for each repeat.
        repeats: splits; the same seed gives the first of more repeats the same splits.
        test_size: share held out.
        iterations: training steps of neural classifiers, trees of xgboost.
        permutations: how often sides are permuted and all repeats refitted (`ensemble` and
            `logistic` only).
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
        and the learning curves of neural classifiers. There is no interval for one repeat, nor
        for fewer than 12 images, or groups, on a side: `details["no_interval"]` says so.

    Raises:
        InputError: a side with one image or one group, repeats below 1, NaN, sides that do not
            fit together, or a classifier that does not fit the images.

    Example:
        >>> ganeval.c2st("real/", "fake/", feature_net="lin41").details["p_value"]

    Source: Lopez-Paz & Oquab 2017, arXiv:1610.06545; interval: `ganeval.metrics.c2st.interval`;
    p-value: Phipson & Smyth 2010, doi:10.2202/1544-6115.1585.
    """
    check_level(level)
    if permutations < 0:
        raise InputError(f"permutations is {permutations}; wanted 0 or more")
    if iterations is not None and iterations < 1:
        raise InputError(f"iterations is {iterations}; wanted at least 1")
    judge = judge_of(classifier, feature_net, real, fake)
    # Copies are units, and so never on both sides of a split: any number of them is bearable.
    pair = Pair.take(real, fake, judge.feature_net, metric="c2st", bearable=math.inf)
    trial = Trial(judge.classifier, image_shape(pair, judge), repeats, test_size, seed, iterations)
    return judged(
        pair, judge.name, trial, permutations=permutations, level=level, progress=progress
    )


def judged(
    pair: Pair,
    name: str,
    trial: Trial,
    *,
    permutations: int = 0,
    reference: bool = True,
    level: float = 0.95,
    progress: Callable[[int, int], None] | None = None,
) -> Score:
    """The score of a classifier on two sides.

    Args:
        pair: both sides.
        name: of the classifier.
        trial: the classifier, and how sides are split.
        permutations: see `c2st`.
        reference: whether the same is tried with one half of the reals against the other.
        level: coverage of the interval.
        progress: called with (fits done, fits in all).
    """
    units, repeats, seed = pair_units(pair), trial.repeats, trial.seed
    half = halves(pair.sides[0], units, seed=seed) if reference else None
    refits = permutations if trial.judge.refits and not pair.odd.same else 0
    bar = Counter(progress, repeats * (1 + (half is not None) + (refits + 1 if refits else 0)))
    rows = joined_rows(pair)

    verdicts, held_out = trial.run(rows, units, bar), trial.held_out(units)
    measures = summary(verdicts, trial.sides(units), held_out)
    details: dict[str, Any] = {"classifier": name, "repeats": repeats, **measures}
    if pair.odd.same:
        details["p_value"], details["p_value_method"] = 1.0, SAME_IMAGES
    elif refits:
        details["p_value"] = trial.refitted(rows, units, refits, bar)
        details["p_value_method"] = f"{refits} label permutations, all repeats refitted"
        details["permutations"] = refits
    else:
        scores = verdicts.logits[:, 0]
        details["p_value"] = rank_p_value(scores, units, held_out[:, 0], seed=seed)
        details["p_value_method"] = "rank test on the held-out images of the first split"
    if half is not None:
        own = summary(trial.run(rows, half, bar), trial.sides(half), trial.held_out(half))
        details["real_vs_real"] = own["auc"] | {"n": [int(m) for m in half.sizes()]}
    if verdicts.curves is not None:
        details["learning_curves"] = verdicts.curves
    torn = "too few images that are no copies: copies may lie in both parts"
    influence = held_out_influence(rounded(verdicts.logits), units.real, held_out)
    found = median_area(
        np.array(measures["auc"]["values"]),
        units.by_side(influence),
        pair.sides,
        ratio=trial.ratio(units),
    )
    return scored(
        "c2st",
        pair,
        replace(found, details=details),
        level=level,
        seed=seed,
        options={
            "classifier": name,
            "repeats": repeats,
            "test_size": trial.test_size,
            "iterations": trial.iterations,
        },
        warnings=[torn] if units.apart else [],
        at_this_n=True,  # a classifier gets better with more images
    )


def joined_rows(pair: Pair) -> Any:
    """[n + m, d] float64, reals first."""
    real, fake = (to_float64(side.rows) for side in pair.sides)
    return torch.cat([real, fake.to(real.device)])


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
