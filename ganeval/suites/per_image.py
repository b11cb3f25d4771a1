"""One line per image: what it does to the scores, and how near it is to the reals."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ganeval.arrays import to_numpy
from ganeval.errors import InputError
from ganeval.metrics import METRICS, Score
from ganeval.metrics.pairs import nearest, realism
from ganeval.metrics.spine import Pair, Side
from ganeval.statistics import Estimate

LEAST_REALS = 4
"""Reals that realism needs: a ball reaches to the third neighbour."""


def per_image(
    scores: Score | Sequence[Score], real: Any, fake: Any, *, feature_net: Any = None
) -> list[dict[str, Any]]:
    """What each image adds to the scores, and where each lies among the reals.

    Args:
        scores: of these very images, one or several.
        real: the reals that were scored, in any form that metrics take; None for a score of the
            fakes alone.
        fake: the fakes, likewise.
        feature_net: for images; see `extract`.

    Returns:
        A row for each real, then for each fake, with the keys

        - `side`, `image` (its id), and `label` and `group` where there are any;
        - `nearest_real` (its id; for a real, another one) and `distance`, in feature units;
        - `realism` of a fake: from 1 on it lies in the ball around some real, infinite for a copy;
        - `<metric>_influence`: by how much the image moves the score, to first order: about the
            score less what it would be without the image, and 0 over a side;
        - `<metric>`, where the score is a mean of judgements of images: that of this image, such
            as whether it lies near a real (precision) or is taken for its class (obedience).

        A value that does not exist is None.

    Raises:
        InputError: statistics instead of images, or other images than those of the scores.

    Example:
        >>> score = ganeval.fid(real, fake)
        >>> rows = ganeval.per_image(score, real, fake)
        >>> worst = sorted(rows, key=lambda row: -(row["fid_influence"] or 0))

    Source of realism: Kynkäänniemi et al. 2019, arXiv:1904.06991.
    """
    scores = [scores] if isinstance(scores, Score) else list(scores)
    if not scores:
        raise InputError("no score was given; give one, such as ganeval.fid(real, fake)")
    alone = all(METRICS[score.metric].one_sided for score in scores)
    pair = Pair.take(real, fake, feature_net, metric="per_image", one_sided=alone)
    counts = None if pair.real is None else len(pair.real.rows), len(pair.fake.rows)
    for score in scores:
        scored = score.n_real if counts[0] is not None else None, score.n_fake
        if scored != counts:
            raise InputError(
                f"{score.metric} is of {scored[0]} reals and {scored[1]} fakes, but {counts[0]} "
                f"and {counts[1]} were given; give the images that were scored"
            )
    sides = [side for side in (pair.real, pair.fake) if side is not None]
    columns = [_columns(side, pair.real, scores) for side in sides]
    names = list(dict.fromkeys(name for found in columns for name in found))
    return [
        {name: found[name][i] if name in found else None for name in names}
        for side, found in zip(sides, columns, strict=True)
        for i in range(len(side.rows))
    ]


def _columns(side: Side, real: Side | None, scores: Sequence[Score]) -> dict[str, Sequence[Any]]:
    """Of one side, each column of the table by its name."""
    n, features = len(side.rows), side.features
    assert features is not None
    found: dict[str, Sequence[Any]] = {"side": [side.role] * n, "image": features.ids}
    if side.labels is not None:
        found["label"] = side.labels
    if side.groups is not None:
        found["group"] = side.groups
    if real is not None:
        found |= _near(side, real)
    for score in scores:
        if score.estimate is not None:
            for name, values in _of_score(score.metric, score.estimate, side):
                if len(values) == n:  # a metric may leave images aside, as those for a bandwidth
                    found[name] = values.tolist()
    return found


def _near(side: Side, real: Side) -> dict[str, Sequence[Any]]:
    """The nearest real and its distance; of fakes, their realism."""
    assert real.features is not None
    itself = side is real
    near = nearest(side.rows, None if itself else real.rows, 1)
    found: dict[str, Sequence[Any]] = {
        "nearest_real": [real.features.ids[i] for i in to_numpy(near.rows)[:, 0]],
        "distance": np.sqrt(to_numpy(near.squared)[:, 0]).tolist(),
    }
    if not itself and len(real.rows) >= LEAST_REALS:
        found["realism"] = realism(real.rows, side.rows).tolist()
    return found


def _of_score(metric: str, estimate: Estimate, side: Side) -> Iterator[tuple[str, np.ndarray]]:
    """Name and values of what an estimate says of each image of a side."""
    role = side.role == "fake"
    parts = estimate.parts
    if parts and (role or len(parts) > 1):
        influence = parts[-1 if role else 0].influence
        yield f"{metric}_influence", (influence - influence.mean()) / len(influence)
    if (judged := estimate.judged) is not None and judged.judges_reals != role:
        yield metric, judged.own[0].influence + estimate.value
