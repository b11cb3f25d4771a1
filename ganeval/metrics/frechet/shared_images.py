"""Rows of one side that several processes hold together: the same sums, share by share."""

from typing import Any

import numpy as np

from ganeval.arrays import Array, less, to_float64, to_numpy
from ganeval.lazy import Tensor, torch
from ganeval.metrics.frechet.images import Images, pulls
from ganeval.shared import Found, Share, SharedRows, Work, each, in_order, taken_rows, total, work
from ganeval.statistics import Sampling


def images_of(rows: Array, mean: Tensor, to_z: Tensor, sampling: Sampling) -> Images:
    """The images of a side, wherever its rows are."""
    kind = SharedImages if isinstance(rows, SharedRows) else Images
    return kind(rows, mean, to_z, sampling)


class SharedImages(Images):
    """Images whose rows are SharedRows: sums over them travel, and of few images their rows."""

    def _pulls(
        self, gap: Tensor, trace: float, sums: Tensor, weights: Tensor | None
    ) -> tuple[np.ndarray, float]:
        given: dict[str, Any] = {} if weights is None else {"weights": weights}
        given |= {"gap": gap, "trace": trace, "sums": sums, **self._frame()}
        found = each(self._rows, _share_of_pulls, **given)
        fourth = sum(float(part["fourth"]) for part in found)
        return in_order(self._rows, found, "influence"), fourth

    def _outer(self, rows: Tensor, weights: Tensor | None, strip: slice) -> Tensor:
        ends = strip.indices(len(self._to_z))[:2]
        if weights is None:
            weights = torch.ones(len(rows), dtype=torch.float64)
        given = {"positions": rows, "weights": weights, "ends": np.array(ends)}
        return self._sum(_share_of_outer, **given, **self._frame())

    def _class_sums(self) -> Tensor:
        given = {"stratum": self._stratum, "classes": len(self._sizes)}
        return self._sum(_share_of_class_sums, mean=self._mean, **given)

    def _squared_deviations(self) -> Tensor:
        given = {"stratum": self._stratum, "means": self._class_means, "weights": self._weights}
        return self._sum(_share_of_squared_deviations, mean=self._mean, **given)

    def sum_of_deviations(self, rows: Tensor) -> Tensor:
        """[d] of some rows less the mean of their class, weighted."""
        given = {"means": self._class_means, "weights": self._weights[rows]}
        strata = self._stratum[rows]
        return self._sum(
            _share_of_deviations, positions=rows, stratum=strata, mean=self._mean, **given
        )

    def _z(self, rows: Tensor) -> Tensor:
        """[t, r] a few rows in the coordinates z."""
        return (taken_rows(self._rows, to_numpy(rows)) - self._mean) @ self._to_z.T

    def _frame(self) -> dict[str, Tensor]:
        return {"mean": self._mean, "to_z": self._to_z}

    def _sum(self, function: Work, **given: Any) -> Tensor:
        return torch.from_numpy(total(self._rows, function, **given))


def _tensors(share: Share, *arrays: Array) -> list[Tensor]:
    """Where the rows of the share live."""
    device = to_float64(share.rows[:1]).device
    return [torch.from_numpy(to_numpy(array)).to(device) for array in arrays]


@work
def _share_of_pulls(
    share: Share,
    mean: Array,
    to_z: Array,
    gap: Array,
    trace: float,
    sums: Array,
    weights: Array | None = None,
) -> Found:
    mean, to_z, gap, sums = _tensors(share, mean, to_z, gap, sums)
    own = None if weights is None else _tensors(share, weights[share.own])[0]
    influence, fourth = pulls(share.rows, share.n, mean, to_z, gap, trace, sums, own)
    return {"influence": influence, "fourth": np.array(fourth)}


@work
def _share_of_outer(
    share: Share,
    positions: np.ndarray,
    weights: np.ndarray,
    ends: np.ndarray,
    mean: Array,
    to_z: Array,
) -> Found:
    mean, to_z = _tensors(share, mean, to_z)
    places, rows = share.here(positions)
    strip = slice(*ends.tolist())
    found = mean.new_zeros(len(to_z[strip]), len(to_z))
    for start in range(0, len(rows), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        z = (share.taken(rows[part]) - mean) @ to_z.T
        (weight,) = _tensors(share, weights[places[part]])
        found += (z[:, strip] * weight[:, None]).T @ z
    return {"sum": to_numpy(found)}


@work
def _share_of_class_sums(share: Share, mean: Array, stratum: np.ndarray, classes: int) -> Found:
    mean, own = _tensors(share, mean, stratum[share.own])
    sums = mean.new_zeros(classes, len(mean))
    for part, x in less(share.rows, mean):
        sums.index_add_(0, own[part], x)
    return {"sum": to_numpy(sums)}


@work
def _share_of_squared_deviations(
    share: Share, mean: Array, stratum: np.ndarray, means: Array, weights: np.ndarray
) -> Found:
    mean, means = _tensors(share, mean, means)
    own, weight = _tensors(share, stratum[share.own], weights[share.own])
    found = mean.new_zeros(len(mean), len(mean))
    for part, x in less(share.rows, mean):
        x = (x - means[own[part]]) * weight[part][:, None]
        found += x.T @ x
    return {"sum": to_numpy(found)}


@work
def _share_of_deviations(
    share: Share,
    positions: np.ndarray,
    stratum: np.ndarray,
    mean: Array,
    means: Array,
    weights: np.ndarray,
) -> Found:
    mean, means = _tensors(share, mean, means)
    places, rows = share.here(positions)
    own, weight = _tensors(share, stratum[places], weights[places])
    x = share.taken(rows) - mean
    return {"sum": to_numpy(((x - means[own]) * weight[:, None]).sum(0))}


_AT_ONCE = 4096
"""Rows at once."""
