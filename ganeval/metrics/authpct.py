"""AuthPct: how many generated images are no near-copies of a training image."""

from typing import Annotated, Any

from ganeval.arrays import Array
from ganeval.errors import InputError
from ganeval.metrics.pairs import nearest
from ganeval.metrics.spine import (
    METRICS,
    Metric,
    Score,
    check_level,
    describe,
    distinct,
    n_groups,
    over_ranks,
    take_three,
)


@over_ranks
def authpct(
    real: Any,
    fake: Any,
    *,
    train: Annotated[Any, "The generator's training images."],
    feature_net: Any = None,
    level: Annotated[float, "Coverage of the interval, which there is none of yet."] = 0.95,
    seed: Annotated[int, "Moves nothing."] = 0,
    process_group: Any = None,
) -> Score:
    """Share of authentic fakes (AuthPct), in per cent: those that are no near-copies.

    A fake is authentic if it is farther from its nearest training image than that one is from
    its own nearest neighbour among the training images, whose copies of each other count once. By
    this rule new images count as copies too, about half of them in 4 dimensions and a fifth in 64:
    read it beside `details["real"]`, the same share of held-out reals.

    Args:
        real: images that the generator has not seen, Features, rows [n, d], or a path to them.
        fake: likewise.
        train: likewise, what it was trained on; at least 2 images.
        feature_net: for images; see `extract`.
        level: of no use as long as there is no interval.
        seed: likewise.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score between 0 and 100, higher is better.

    Raises:
        InputError: under 2 (different training) images on a side, NaN, sides that do not fit
            together, or reals that are all training images.

    Source: Alaa et al. 2022, arXiv:2102.08921.
    """
    check_level(level)
    sides = take_three(real, fake, train, feature_net, metric="authpct")
    trained = distinct(sides.train.features)
    if len(trained) < 2:
        raise InputError(
            f"all {len(sides.train)} images of train are copies of one; authpct needs at least 2 "
            "that differ"
        )
    own = nearest(trained, None, 1).squared[:, 0]

    def authentic(rows: Array) -> float:
        found = nearest(rows, trained, 1)
        reach = own.to(found.rows.device)[found.rows[:, 0]]
        return float(100 * (found.squared[:, 0] > reach).double().mean())

    described = describe(
        "authpct",
        real=sides.real,
        fake=sides.fake,
        options={"train": sides.train.fingerprint},
        seed=seed,
        compare_reals=False,
    )
    return Score(
        metric="authpct",
        value=authentic(sides.fake.features),
        corrected=None,
        interval=None,
        level=level,
        std_error=None,
        better="higher",
        n_real=len(sides.real),
        n_fake=len(sides.fake),
        n_groups=n_groups(sides.real, sides.fake),
        details={
            "real": authentic(sides.real.features),
            "exact_copies": int(sides.copied.sum()),
            "n_train": len(sides.train),
            "no_interval": "not calibrated",
        },
        warnings=sides.warnings,
        protocol=described.protocol,
        protocol_id=described.protocol_id,
    )


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
    ),
)
