"""AuthPct: how many generated images are no near-copies of a training image."""

from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from ganeval.arrays import Array, to_numpy
from ganeval.errors import InputError
from ganeval.metrics.copies.training_side import distinct, take_three
from ganeval.metrics.pairs import nearest
from ganeval.metrics.spine import (
    METRICS,
    SEED,
    SHARE,
    Metric,
    Score,
    check_level,
    over_ranks,
    scored,
)
from ganeval.statistics import Estimate, Part, judged_share


@over_ranks
def authpct(
    real: Any,
    fake: Any,
    *,
    train: Annotated[Any, "The generator's training images."],
    feature_net: Any = None,
    level: Annotated[float, "Coverage of the interval.", SHARE] = 0.95,
    seed: Annotated[int, "Accepted for uniformity; unused.", SEED] = 0,
    process_group: Any = None,
) -> Score:
    """Share of authentic fakes (AuthPct), in per cent: those that are no near-copies.

    A fake is authentic if it is farther from its nearest training image than that one is from
    its own nearest neighbour among the training images, whose copies of each other count once. By
    this rule new images count as copies too, about half of them in 4 dimensions and a fifth in 64:
    read it beside `details["real"]`, the same share of held-out reals.

    Args:
        real: images that the generator has not seen, Features, rows [n, d], or a path to them.
        fake: the generated side, in any of these forms.
        train: what the generator was trained on, in any of these forms; at least 2 images.
        feature_net: for images; see `extract`.
        level: coverage of the interval.
        seed: accepted for uniformity; unused.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score between 0 and 100, higher is better. The interval reflects which fakes were sampled;
        the training images are what they are.

    Raises:
        InputError: under 2 (different training) images on a side, NaN, sides that do not fit
            together, or reals that are all training images.

    Example:
        >>> ganeval.authpct("held_out/", "fake/", train="train/", feature_net="lin41").value

    Source: Alaa et al. 2022, arXiv:2102.08921.
    """
    check_level(level)
    sides = take_three(real, fake, train, feature_net, metric="authpct")
    trained = distinct(sides.train.rows)
    if len(trained) < 2:
        raise InputError(
            f"all {sides.train.n} images of train are copies of one; authpct needs at least 2 "
            "that differ"
        )
    own = nearest(trained, None, 1).squared[:, 0]

    def authentic(rows: Array) -> np.ndarray:
        found = nearest(rows, trained, 1)
        reach = own.to(found.rows.device)[found.rows[:, 0]]
        return to_numpy(found.squared[:, 0] > reach)

    # Fakes are judged by the training images alone, so it does not matter whether they are reals.
    pair = replace(sides.pair, odd=replace(sides.pair.odd, dependence=None))
    judgements = authentic(pair.fake.rows)
    share = float(judgements.mean())
    sampling = pair.fake.sampling
    found = Estimate(
        100 * share,
        parts=(Part(100 * (judgements - share), sampling),),
        scale="share",
        judged=judged_share(judgements, sampling).times(100),
        limits=(0.0, 100.0),
        details={
            "real": float(100 * authentic(pair.sides[0].rows).mean()),
            "exact_copies": int(sides.copied.sum()),
            "n_train": sides.train.n,
        },
    )
    return scored(
        "authpct",
        pair,
        found,
        level=level,
        seed=seed,
        options={"train": sides.train.fingerprint},
        compare_reals=False,
        at_this_n=False,
    )


def _notes(score: Score) -> list[str]:
    """The reals' score, below which fakes are nearer to the training images than new images are."""
    copies = score.details["exact_copies"]
    return [
        f"held-out reals: {score.details['real']:.4g}",
        f"{copies} of {score.n_fake} fakes are exact copies of training images",
    ]


METRICS.add(
    "authpct",
    Metric(
        name="authpct",
        command="authpct",
        label="AuthPct",
        function=authpct,
        better="higher",
        symmetric=False,
        needs_train=True,
        judges_quality=False,
        notices_missing_modes=False,
        notes=_notes,
    ),
)
