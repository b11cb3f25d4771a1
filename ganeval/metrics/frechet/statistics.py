"""Statistics of features that keep what an interval of the Fréchet distance needs."""

from typing import Any, overload

import numpy as np

from ganeval.distributed import Ranks
from ganeval.errors import InputError
from ganeval.features import Features, share_features
from ganeval.metrics.spine import likeness_of
from ganeval.moments import Moments, Origin
from ganeval.shared import Team
from ganeval.statistics import MIN_UNITS, assign_blocks, balanced_labels, blocks_of_classes

MOST_BLOCKS = 100
"""Enough for a standard error that is off by 7 %."""

MOST_NUMBERS = 2**23
"""In all blocks of a file: 64 MB of float64."""


@overload
def statistics_of(features: Features, *, seed: int = 0) -> Moments: ...


@overload
def statistics_of(
    features: Features | None, *, seed: int = 0, process_group: Any
) -> Moments | None: ...


def statistics_of(
    features: Features | None, *, seed: int = 0, process_group: Any = None
) -> Moments | None:
    """Moments of features in blocks, whose scatter gives the interval; to be saved and merged.

    The blocks are independent parts of the images that are alike: whole groups where there are
    groups, and with their share of every class where class sizes were chosen. There are up to 100,
    and fewer for many features, so that intervals differ slightly from those of the images; and
    blocks do not tell of heavy tails. Images that follow each other and are alike, though no groups
    were declared, are one block, which has no interval.

    Args:
        features: of one side.
        seed: of the assignment to blocks.
        process_group: a `torch.distributed` group: the features are this rank's share (None where
            it has none), and every rank calls. Sums over rows meet on rank 0, which gets the
            statistics of all; others get None.

    Raises:
        InputError: no rank has features.
    """
    if process_group is not None:
        return _of_ranks(features, Ranks(process_group), seed)
    if features is None:
        raise InputError("there are no features; give those of one side")
    labels = balanced_labels(features.labels)
    d = features.features.shape[1]
    most = max(MIN_UNITS, min(MOST_BLOCKS, MOST_NUMBERS // d**2))
    blocks = assign_blocks(
        features.ids,
        labels=labels,
        groups=features.groups,
        n_blocks=min(most, blocks_of_classes(labels) or most),
        seed=seed,
        salt=features.fingerprint,
    )
    groups = None
    if features.groups is not None:
        groups = {name: int(b) for name, b in zip(features.groups, blocks, strict=True)}
    warnings = tuple(features.warnings)
    if (alike := likeness_of(features)) is not None:
        blocks = np.zeros_like(blocks)
        text = alike.in_words("images", labelled=features.labels is not None)
        warnings += (f"{text}; and save the statistics again",)
    origin = Origin(
        name=features.name,
        parts=(features.fingerprint,) if features.fingerprint else (),
        groups=groups,
        protocol=features.protocol,
        warnings=warnings,
    )
    return Moments.of(features.features, blocks, n_blocks=int(blocks.max()) + 1, origin=origin)


def _of_ranks(features: Features | None, ranks: Ranks, seed: int) -> Moments | None:
    team = Team(ranks)
    whole = share_features(lambda: features, team, role="features")
    found: Moments | None = None

    def sums() -> bytes:
        nonlocal found
        if whole is None:
            raise InputError("no rank has features; give each its share")
        found = statistics_of(whole, seed=seed)
        return b""

    if ranks.rank == 0:
        team.lead(sums)
    else:
        team.follow()
    return found
