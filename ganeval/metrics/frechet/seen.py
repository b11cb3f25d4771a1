"""One side of a Fréchet distance: influences, and what the scatter of images adds to it."""

from dataclasses import dataclass

import numpy as np

from ganeval.lazy import Tensor, torch
from ganeval.metrics.frechet.frame import Frame
from ganeval.metrics.frechet.shared_images import images_of
from ganeval.metrics.frechet.tails import Tail
from ganeval.metrics.spine import Side


@dataclass(frozen=True, eq=False)
class Seen:
    """What a side's choice of images does to the distance.

    Args:
        influence: [n] of each image (of each block, for statistics).
        mean_cov: [d, d] covariance of the side's mean.
        cov_bias: what the bias of its covariance, which independence would not have, adds.
        curvature: Σ W ∘ A² for the deviations A of its covariance, expected.
        tail: of the features; None for statistics, which do not tell.
    """

    influence: np.ndarray
    mean_cov: Tensor
    cov_bias: float
    curvature: float
    tail: Tail | None = None

    @classmethod
    def of(cls, side: Side, frame: Frame, to_z: Tensor, gap: Tensor) -> "Seen":
        """Of a side, whose mean less the other's is `gap`."""
        mean, cov = side.total.mean, side.total.cov
        n, tail = float(side.n or 0), None
        if side.rows is None:
            influence, mean_cov, bend = _of_blocks(side, frame, to_z, gap)
        else:
            sampling = side.sampling
            images = images_of(side.rows, mean, to_z, sampling)
            influence, fourth = images.influences(frame, gap, float(cov.trace()))
            tail = images.tail(influence)
            if sampling.groups is not None:
                bend = images.bend_of_groups(frame.w)
            else:
                bend = images.bend(frame.w, fourth)
            if sampling.groups is None and sampling.classes is None:
                return cls(influence, cov / n, 0.0, bend / n**2, tail)
            mean_cov = images.mean_cov()
        # E S = C + (C − n Cov(mean)) / (n − 1), which is C for independent images.
        excess = cov - n * mean_cov
        in_z = ((to_z @ excess) * to_z).sum(1)
        cov_bias = float(excess.trace() - frame.c @ in_z) / (n - 1)
        return cls(influence, mean_cov, cov_bias, bend / n**2, tail)


@dataclass(frozen=True, eq=False)
class Both:
    """What groups that are on both sides (the same plates) add twice."""

    mean_cov: Tensor
    curvature: float


def shared_groups(real: Side, fake: Side, frame: Frame) -> Both | None:
    """Of two sides: deviations of a group move both sides alike, and partly cancel."""
    if any(side.rows is None or side.sampling.groups is None for side in (real, fake)):
        return None
    first, second = (
        images_of(side.rows, side.total.mean, to_z, side.sampling)
        for side, to_z in ((real, frame.to_first), (fake, frame.to_second))
    )
    here, there = (dict(images.groups()) for images in (first, second))
    shared = [(here[name], there[name]) for name in sorted(here.keys() & there.keys())]
    if not shared:
        return None
    scale = 1 / (len(real.rows) * len(fake.rows))
    a = torch.stack([first.sum_of_deviations(rows) for rows, _ in shared])
    b = torch.stack([second.sum_of_deviations(rows) for _, rows in shared])
    cross = a.T @ b * scale
    return Both(cross + cross.T, first.bend_with(second, frame.w, shared) * scale)


def _of_blocks(
    side: Side, frame: Frame, to_z: Tensor, gap: Tensor
) -> tuple[np.ndarray, Tensor, float]:
    """(influences [n], covariance of the mean, bend) from block sums, each block a unit.

    The images of a block are not known one by one: each has the mean influence of the block.
    """
    assert side.moments is not None
    n = float(side.n or 0)
    trace = float(side.total.cov.trace())
    weight = float(side.sampling.weights[0])
    one = torch.eye(len(frame.c), dtype=to_z.dtype, device=to_z.device)
    pulls, sums, bend = [], [], 0.0
    for size, total, outer in side.moments.around_mean():
        in_z = to_z @ outer @ to_z.T
        pull = 2 * total @ gap + outer.trace() - size * trace - (in_z.diagonal() - size) @ frame.c
        pulls.append(float(pull) / max(size, 1))
        sums.append(total * weight)
        bend += float((frame.w * (in_z - size * (n - 1) / n * one).square()).sum()) * weight**2
    stacked = torch.stack(sums)
    influence = np.repeat(np.array(pulls), side.moments.block_sizes)
    return influence, stacked.T @ stacked / n**2, bend
