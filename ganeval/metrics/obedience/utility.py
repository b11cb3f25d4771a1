"""Classification accuracy score: can a classifier that is trained on fakes judge reals?"""

from typing import Annotated, Any

import numpy as np

from ganeval.arrays import Array
from ganeval.metrics.obedience.axes import Axes
from ganeval.metrics.obedience.classifier import Classifier
from ganeval.metrics.obedience.crossfit import cross_fitted, parts_of, share_slope
from ganeval.metrics.obedience.obedience import check_obedience
from ganeval.metrics.spine import (
    METRICS,
    SEED,
    SHARE,
    Metric,
    Pair,
    Score,
    Side,
    check_level,
    over_ranks,
    scored,
)
from ganeval.statistics import Estimate, Part, judged_share


@over_ranks
def utility(
    real: Any,
    fake: Any,
    *,
    feature_net: Any = None,
    interval: Annotated[bool, "With an interval."] = True,
    level: Annotated[float, "Coverage of the interval.", SHARE] = 0.95,
    seed: Annotated[int, "Accepted for uniformity; unused.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Share of reals that a classifier of the fakes takes for their class (CAS, GAN-train).

    It asks whether fakes can stand in for reals: a model that shows the right classes without
    their variety trains a classifier that misses many reals. The classifier is that of `obedience`,
    trained on all fakes.

    Args:
        real: images with labels, Features with labels, or a path to either.
        fake: the generated side, in any of these forms, with the same classes.
        feature_net: for images; see `extract`.
        interval: False computes the value alone.
        level: coverage of the interval.
        seed: accepted for uniformity; unused.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score from 0 to 1, higher is better. The interval is for the mean share at this number of
        fakes, over other reals and other fakes. In `details`: `reals`, the same share by
        classifiers of the reals that have not seen them (four of five parts each), and `back`, the
        share of fakes that these take for their class, which is `obedience`; `classes` has the
        first two for each class. More fakes than reals may well score above `reals`.

    Raises:
        InputError: no labels, one class only, a class on one side only, a class with one real or
            with reals of one group only, NaN, or sides that do not fit together.

    Example:
        >>> ganeval.utility("real/", "fake/", feature_net="lin41").details["reals"]

    Source: Ravuri & Vinyals 2019, arXiv:1905.10887; GAN-train of Shmelkov et al. 2018,
    arXiv:1807.09499.
    """
    check_level(level)
    pair = Pair.take(real, fake, feature_net, metric="utility")
    return scored(
        "utility",
        pair,
        _judged(*pair.sides),
        level=level,
        seed=seed,
        interval=interval,
    )


def _judged(real: Side, fake: Side) -> Estimate:
    """The share of reals that are taken for their class."""
    classes = check_obedience(real, fake, metric="utility")
    k = len(classes.names)
    right, pulls = _trained_on(fake.rows, classes.of_fake, real.rows, classes.of_real, k)
    reals, fakes = cross_fitted(
        real.rows, fake.rows, classes.of_real, classes.of_fake, parts_of(real, classes.of_real)
    )
    sizes = classes.sizes()
    value = float(right.mean())
    per_class = {
        name: {
            "value": float(right[classes.of_real == i].mean()),
            "reals": float(reals.right[classes.of_real == i].mean()),
            "n_real": int(sizes[i, 0]),
            "n_fake": int(sizes[i, 1]),
        }
        for i, name in enumerate(classes.names)
    }
    return Estimate(
        value,
        parts=(Part(right - value, real.sampling), Part(len(pulls) * pulls, fake.sampling)),
        scale="share",
        judged=judged_share(right, real.sampling, excess=(0.0, 0.0), judges_reals=True),
        limits=(0.0, 1.0),
        details={
            "reals": float(reals.right.mean()),
            "back": float(fakes.right.mean()),
            "classes": per_class,
        },
    )


def _trained_on(
    train: Array, of_train: np.ndarray, test: Array, of_test: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """[n] whether test images are taken for their class, and [m] pulls of training images."""
    axes = Axes.of(train)
    fitted = Classifier.fit(axes(train), of_train, k)
    rows = axes(test)
    logits = fitted.logits(rows)
    slope = share_slope(rows, logits, of_test, np.ones(len(rows)))
    return (logits.argmax(1) == of_test).astype(np.float64), fitted.pulls(slope)


def _notes(score: Score) -> list[str]:
    """Reals judged by classifiers of reals, fakes by them, and a line for each class."""
    details = score.details
    lines = [
        f"trained on reals: {details['reals']:.4g} of the reals, {details['back']:.4g} of the fakes"
    ]
    return lines + [
        f"{name}: {own['value']:.4g}  (trained on reals {own['reals']:.4g})"
        for name, own in details["classes"].items()
    ]


METRICS.add(
    "utility",
    Metric(
        name="utility",
        command="utility",
        label="utility (CAS)",
        function=utility,
        estimate=_judged,
        better="higher",
        symmetric=False,
        needs_labels=True,
        judges_quality=False,  # classes that stay apart train as well if they are noisy
        shift_invariant=True,
        scale_power=0.0,
        notes=_notes,
    ),
)
