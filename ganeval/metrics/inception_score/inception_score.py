"""Inception Score: how sure a classifier is of each image, and how varied its verdicts are."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from ganeval.arrays import Array, to_float64, to_numpy
from ganeval.errors import InputError
from ganeval.metrics.inception_score.estimate import estimate
from ganeval.metrics.inception_score.logits import logits_of, logits_warning
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
    own_score_note,
    scored,
    sums_over_ranks,
)
from ganeval.shared import Found, Share, each, in_order, work
from ganeval.statistics import Estimate

_CHUNK = 8192


@sums_over_ranks
def inception_score(
    fake: Any,
    *,
    real: Any = None,
    feature_net: Any = None,
    splits: Annotated[int, "Mean over this many splits; torch-fidelity takes 10.", COUNT] = 1,
    split_size: Annotated[
        int | None, "Mean over splits of so many images in their order, as ADM (5000).", COUNT
    ] = None,
    interval: Annotated[bool, "Correct for finite n, with an interval."] = True,
    level: Annotated[float, "Coverage of the interval.", SHARE] = 0.95,
    seed: Annotated[int, "Of the splits.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Inception Score (IS) of generated images: sure and varied verdicts of a classifier.

    exp(H(p̄) − mean H(p)): the entropy of the mean prediction less the mean entropy of the
    predictions, both in nats in `details`. It says nothing about copies of training images, and
    only something about your domain with a classifier of your domain.

    Args:
        fake: images, Features with logits, logits or probabilities [n, k], or a path to any of
            them.
        real: the real side, in any of these forms, for the reals' own score in `details["real"]`,
            with the classifier's accuracy and calibration error where their labels are its
            classes. The fakes come first here, other than in most metrics: if the sides are
            swapped, nothing can notice.
        feature_net: one that classifies; see `extract`.
        splits: more than one gives torch-fidelity's protocol: the mean over random splits, lower
            than the score of all images. It has no interval: the spread over splits in `details`
            is not a standard error.
        split_size: gives guided-diffusion's protocol instead: the mean over splits of so many
            images (5000) in their order, the last of what is left.
        interval: False computes the plain value alone.
        level: coverage of the interval.
        seed: of the splits.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score between 1 and the number of classes, higher is better. `corrected` estimates the
        score at n → ∞; None for fewer images than classes or a single group. The interval asks
        for 2 images per class, and for 6 groups where there are groups.

    Raises:
        InputError: a net that does not classify, under 2 images, more splits than images, NaN, or
            sides that do not fit together.

    Example:
        >>> ganeval.inception_score("fake/", feature_net="inception").corrected

    Source: Salimans et al. 2016, arXiv:1606.03498; why one split: Barratt & Sharma 2018,
    arXiv:1801.01973; correction: the jackknife, Zahl 1977, doi:10.2307/1936227.
    """
    check_level(level)
    if splits < 1:
        raise InputError(f"splits is {splits}; wanted at least 1")
    if splits > 1 and split_size is not None:
        raise InputError(
            f"splits is {splits} and split_size {split_size}; give the number or the size"
        )
    pair = Pair.take(real, fake, feature_net, metric="inception_score", one_sided=True)
    if splits > len(logits_of(pair.fake)):
        raise InputError(f"there are {pair.fake.n} images for {splits} splits; use fewer splits")
    rule = {"splits": splits} if split_size is None else {"split_size": split_size}
    found = estimate(logits_of(pair.fake), pair.fake.sampling, seed=seed, **rule)
    if pair.real is not None:
        own = _own_score(pair.real, rule, seed=seed)
        found = replace(found, details={**found.details, "real": own})
    sides = [pair.fake] if pair.real is None else [pair.fake, pair.real]
    return scored(
        "inception_score",
        pair,
        found,
        options=rule,
        level=level,
        seed=seed,
        interval=interval,
        warnings=filter(None, map(logits_warning, sides)),
        compare_reals=False,
    )


def _estimate(real: Side, fake: Side) -> Estimate:
    """Of the fakes; the reals do not matter."""
    return estimate(logits_of(fake), fake.sampling)


def _own_score(side: Side, rule: Mapping[str, int], *, seed: int) -> dict[str, Any]:
    """The reals' score by the same rule: what a perfect generator would get."""
    found = estimate(logits_of(side), side.sampling, seed=seed, **rule)
    if rule != {"splits": 1}:
        return {"value": found.value}
    entropies = {key: found.details[key] for key in ("log_is", "entropy_of_mean", "mean_entropy")}
    return {"value": found.value, "corrected": found.corrected, **entropies, **_calibration(side)}


def _calibration(real: Side) -> dict[str, Any]:
    """How often the classifier is right on the reals, and how much it is off in saying so."""
    side = real.features
    assert side is not None
    if side.labels is None:
        return {"no_calibration_error": "the reals have no labels"}
    if side.classes is None:
        return {"no_calibration_error": "the names of the classifier's classes are unknown"}
    place = {name: i for i, name in enumerate(side.classes)}
    if odd := sorted(set(side.labels) - place.keys()):
        return {"no_calibration_error": f"the classifier has no class {odd[0]}, as reals have"}
    from ganeval.nets.training.figures import calibration_error

    logits = logits_of(real)
    found = each(logits, _verdicts)
    correct = in_order(logits, found, "verdict") == np.array([place[x] for x in side.labels])
    return {
        "accuracy": float(correct.mean()),
        "calibration_error": calibration_error(in_order(logits, found, "certainty"), correct),
    }


@work
def _verdicts(share: Share) -> Found:
    """Of each image the class that the classifier takes it for, and how sure it is."""
    parts = [to_float64(x).softmax(1).max(1) for x in _tiles(share.rows)]
    certainty, verdict = (
        np.concatenate([to_numpy(part[i]) for part in parts] or [np.zeros(0)]) for i in (0, 1)
    )
    return {"certainty": certainty, "verdict": verdict}


def _tiles(rows: Array) -> Iterator[Array]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]


def _notes(score: Score) -> list[str]:
    """Both entropies, the reals' score, and whether the classifier can be trusted on them."""

    def entropies(of: Mapping[str, Any]) -> str:
        return (
            f"entropy {of['entropy_of_mean']:.4f} nats of the mean prediction, "
            f"{of['mean_entropy']:.4f} of one on average"
        )

    lines = [f"{entropies(score.details)}; {score.details['classes']} classes"]
    if (real := score.details.get("real")) is None:
        return lines
    shown = own_score_note(real)
    if "mean_entropy" not in real:
        return [*lines, shown]
    lines.append(f"{shown}; {entropies(real)}")
    if (error := real.get("calibration_error")) is not None:
        lines.append(
            f"the classifier on the reals: accuracy {real['accuracy']:.4f}, "
            f"calibration error {error:.4f}"
        )
    else:
        lines.append(f"no calibration error: {real['no_calibration_error']}")
    return lines


METRICS.add(
    "inception_score",
    Metric(
        name="inception_score",
        command="is",
        label="IS",
        function=inception_score,
        estimate=_estimate,
        better="higher",
        symmetric=False,
        one_sided=True,
        needs_logits=True,
        notes=_notes,
    ),
)
