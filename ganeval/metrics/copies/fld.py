"""Feature likelihood divergence: fidelity, variety and novelty in one number."""

from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from ganeval.arrays import Array, to_float64
from ganeval.errors import InputError
from ganeval.lazy import Tensor, torch
from ganeval.metrics.copies.mixture import fitted
from ganeval.metrics.copies.training_side import ordered, take_three
from ganeval.metrics.spine import (
    METRICS,
    SEED,
    SHARE,
    Metric,
    Score,
    check_level,
    over_ranks,
    scored,
    taken,
)
from ganeval.statistics import Estimate

MOST = 10_000
"""Fakes, and training images, that are used: as many as the published code has fakes."""


@over_ranks
def fld(
    real: Any,
    fake: Any,
    *,
    train: Annotated[Any, "The generator's training images."],
    feature_net: Any = None,
    level: Annotated[float, "Accepted for uniformity; unused.", SHARE] = 0.95,
    seed: Annotated[int, "Accepted for uniformity; unused.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Feature likelihood divergence (FLD): how unlikely unseen reals are under the fakes.

    Around every fake lies a Gaussian, as wide as makes the training images likeliest. The score
    is the negative log-likelihood of held-out reals under this mixture, per feature, less that
    under a mixture around half of the training images, fitted to the other half; times 100. It is
    high for fakes that look wrong or lack variety; and for copies of training images, whose
    Gaussians shrink onto them and say nothing of unseen reals.

    Features are standardised by the held-out reals. Of more than 10,000 fakes or training images
    that many are used. These draws, and that of the half, are random and always the same for the
    same images. Compare the score at equal numbers of fakes.

    Args:
        real: images that the generator has not seen, Features, rows [n, d], or a path to them.
        fake: the generated side, in any of these forms.
        train: what the generator was trained on, in any of these forms; at least 4 images.
        feature_net: for images; see `extract`.
        level: accepted for uniformity; unused.
        seed: accepted for uniformity; unused.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score in hundredths of a nat per feature; lower is better, and 0 is what as many training
        images as fakes would get. It has no interval: every width depends on all training images,
        and no error of such a fit is known to cover. `details["generalisation_gap"]` is the same
        number for held-out reals less that for training images: far above 0 by memorisation.

    Raises:
        InputError: under 2 images on a side, under 4 training images, NaN, sides that do not fit
            together, or reals that are all training images.

    Example:
        >>> ganeval.fld("held_out/", "fake/", train="train/", feature_net="lin41").value

    Source: Jiralerspong et al. 2023, arXiv:2302.04440, and the code that came with it.
    """
    check_level(level)
    sides = take_three(real, fake, train, feature_net, metric="fld")
    if sides.train.n is None or sides.train.n < 4:
        raise InputError(
            f"fld fits one half of train to the other, and train has {sides.train.n} images; "
            "give at least 4"
        )
    held_out, fakes = sides.pair.sides
    return scored(
        "fld",
        replace(sides.pair, odd=replace(sides.pair.odd, dependence=None)),
        _estimate(held_out.rows, fakes.rows, sides.train.rows),
        level=level,
        seed=seed,
        options={"train": sides.train.fingerprint},
        at_this_n=True,
    )


def _estimate(held_out: Array, fakes: Array, trained: Array) -> Estimate:
    with torch.no_grad():
        unseen = to_float64(held_out)
        mean, spread = unseen.mean(0), unseen.std(0)
        spread[spread == 0] = 1.0  # a constant feature keeps its unit

        def standard(rows: Array) -> Tensor:
            return (to_float64(rows).to(mean.device) - mean) / spread

        unseen, centres, seen = standard(unseen), standard(_some(fakes)), standard(_some(trained))
        half = min(len(centres), len(seen) // 2)
        drawn = _draw(len(seen))
        centre, others = drawn[:half], drawn[half:]
        of_fakes, of_train = fitted(centres, seen), fitted(seen[centre], seen[others])
        nats = {
            name: -100 * float(mixture.log_likelihoods(rows).mean()) / unseen.shape[1]
            for name, mixture, rows in (
                ("held_out", of_fakes, unseen),
                ("train", of_fakes, seen),
                ("baseline", of_train, unseen),
            )
        }
    return Estimate(
        nats["held_out"] - nats["baseline"],
        reason="every width is fitted to all training images, and no error of that is known",
        details={
            "generalisation_gap": nats["held_out"] - nats["train"],
            "baseline": nats["baseline"],
            "n_train": len(trained),
        },
    )


def _some(rows: Array) -> Array:
    """At most MOST of the rows, in an order that depends on them alone."""
    rows = ordered(rows)
    return rows if len(rows) <= MOST else taken(rows, np.sort(_draw(len(rows))[:MOST]))


def _draw(n: int) -> np.ndarray:
    """The numbers below n in a random order, always the same."""
    return np.random.default_rng(0).permutation(n)


def _notes(score: Score) -> list[str]:
    """Whether the fakes say more of the training images than of others."""
    gap = score.details["generalisation_gap"]
    return [f"held-out reals less training images: {gap:.4g} (far above 0: memorised)"]


METRICS.add(
    "fld",
    Metric(
        name="fld",
        command="fld",
        label="FLD",
        function=fld,
        better="lower",
        symmetric=False,
        needs_train=True,
        notes=_notes,
    ),
)
