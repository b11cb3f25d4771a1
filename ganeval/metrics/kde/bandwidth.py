"""The bandwidth under which held-out reals are likeliest."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ganeval.arrays import Array, exact_float32
from ganeval.errors import InputError
from ganeval.lazy import Tensor, torch
from ganeval.metrics.kde.tiles import Scaled, choose_precision, size, squared_distances
from ganeval.shared import Found, Share, each, work

_KEEP = 2**24
"""Distances that are kept between passes, 128 MB; more are computed anew."""


@dataclass(frozen=True)
class Bandwidth:
    """The best bandwidth, and how far it reaches.

    Args:
        value: h.
        centres_per_query: exp of the mean entropy of the weights that centres have in a query;
            near 1 where only the nearest one counts.
    """

    value: float
    centres_per_query: float


def likeliest_bandwidth(queries: Array, centres: Array) -> Bandwidth:
    """The h of the highest mean log-likelihood of `queries` [v, d] under kernels at `centres`.

    With D the squared distances and w(h) the weights of the centres in a query, the derivative
    is zero where d h² = mean_q Σ w D. The weighted mean of D lies between its smallest and its
    plain mean, which brackets every maximum: nothing is lost beyond the ends of the search.
    Bandwidths in steps of √2 across the bracket find the highest hill, Newton's method its top.

    Raises:
        InputError: every query is one of the centres, so that narrower is always likelier.
    """
    with torch.no_grad():
        found = each(centres, _likeliest, queries=queries)[0]
    return Bandwidth(float(found["value"]), float(found["centres_per_query"]))


@work
def _likeliest(centres: Share, *, queries: Array) -> Found:
    """Every process has all queries and its share of the centres, and takes the same steps."""
    with exact_float32():
        pairs = _Pairs(queries, centres)
        near = pairs.nearest()
        narrow, wide = float(near.mean()) / pairs.d, pairs.mean_distance() / pairs.d
        if not narrow > 0:
            raise InputError(
                "the held-out reals are all among the fakes, so that no bandwidth is too narrow "
                "for them; give reals that the fakes are not copied from, or a bandwidth"
            )
        # b = 1/2h² from wide to narrow, in doublings.
        steps = max(math.ceil(math.log2(wide / narrow)), 0) + 1
        betas = [2.0**i / (2 * wide) for i in range(steps)]
        hill = pairs.log_likelihoods(near, betas)
        best = max(range(steps), key=hill.__getitem__)
        beta, entropy = pairs.climb(near, betas[best], least=1 / (2 * wide), most=1 / (2 * narrow))
        found = {"value": (2 * beta) ** -0.5, "centres_per_query": math.exp(entropy)}
        return {name: np.array(value) for name, value in found.items()}


class _Pairs:
    """Squared distances of all queries to all centres, pass after pass over their tiles.

    What a pass finds is put together from all processes.
    """

    def __init__(self, queries: Array, centres: Share) -> None:
        self._sides = Scaled.pair(Share.whole(queries), centres, scale=1.0)
        self._centres = centres
        self._counts = len(queries), len(centres.rows)
        self._precision = "float64"
        self._kept: list[tuple[int, Tensor]] | None = None
        self.d = self._sides[0].d

    def _tiles(self) -> Iterator[tuple[int, Tensor]]:
        """(first row, D [t, r])."""
        if self._counts[0] * self._counts[1] > _KEEP:
            return self._computed()
        if self._kept is None:
            self._kept = list(self._computed())
        return iter(self._kept)

    def _computed(self) -> Iterator[tuple[int, Tensor]]:
        x, g = self._sides
        for part in x.tiles():
            rows = x.take(part, "float64")
            for columns in g.tiles():
                of_centres = g.take(columns, "float64")
                yield part.start, squared_distances(rows, of_centres, self._precision)

    def nearest(self) -> Tensor:
        """[v] the smallest D of each query, by differences where products cannot tell it from 0."""
        x, g = self._sides
        near = self._nearest()
        narrowest = max(float(near.mean()) / self.d, 1e-300)
        longest = size(self._centres, x, g)
        if choose_precision(longest, self.d, nats=1 / narrowest) != self._precision:
            self._precision, self._kept = "differences", None
            near = self._nearest()
        return near

    def _nearest(self) -> Tensor:
        near = self._sides[0].half_squares.new_full((self._counts[0],), math.inf)
        for i, distances in self._tiles():
            part = near[i : i + len(distances)]
            part.copy_(part.minimum(distances.amin(1)))
        return self._centres.everywhere(near).amin(0)

    def mean_distance(self) -> float:
        """Mean D of all pairs: around the mean of the centres it falls into two parts."""
        of_queries, of_centres = (side.half_squares for side in self._sides)
        own = self._centres.everywhere(of_centres.sum()[None])
        return 2 * (float(of_queries.mean()) + float(own.sum()) / self._centres.n)

    def log_likelihoods(self, near: Tensor, betas: list[float]) -> list[float]:
        """Up to a constant, at bandwidths 1/√2β; each β is twice the one before.

        Doubling β squares exp(−β D), so that one exponential serves them all.
        """
        sums = near.new_zeros(len(betas), len(near))
        for i, distances in self._tiles():
            rows = slice(i, i + len(distances))
            weights = _weights(distances, near[rows], betas[0])
            for total in sums:
                total[rows] += weights.sum(1)
                weights.square_()
        means = self._centres.everywhere(sums).sum(0).log().mean(1).tolist()
        offset = float(near.mean())
        return [
            mean - beta * offset + self.d / 2 * math.log(beta)
            for mean, beta in zip(means, betas, strict=True)
        ]

    def climb(self, near: Tensor, beta: float, *, least: float, most: float) -> tuple[float, float]:
        """(β of the top, mean entropy of the weights there in nats), uphill from `beta`."""
        for _ in range(60):
            slope, curve, entropy = self._slope(near, beta)
            least, most = (beta, most) if slope > 0 else (least, beta)
            step = slope / -curve if curve < 0 else math.copysign(0.5, slope)
            new = beta * math.exp(min(max(step, -0.5), 0.5))
            new = new if least < new < most else (least * most) ** 0.5
            beta, moved = new, abs(new / beta - 1)
            if moved < 1e-7:  # and by its square, were there another step
                break
        return beta, entropy

    def _slope(self, near: Tensor, beta: float) -> tuple[float, float, float]:
        """First and second derivative of the log-likelihood by log β, and the mean entropy."""
        sums = near.new_zeros(3, len(near))
        for i, distances in self._tiles():
            rows = slice(i, i + len(distances))
            weights = _weights(distances, near[rows], beta)
            beyond = distances - near[rows, None]
            sums[0, rows] += weights.sum(1)
            sums[1, rows] += weights.mul_(beyond).sum(1)
            sums[2, rows] += weights.mul_(beyond).sum(1)
        total, first, second = self._centres.everywhere(sums).sum(0)
        mean = first / total
        spread = second / total - mean.square()
        pull = beta * float((near + mean).mean())
        curve = beta**2 * float(spread.mean()) - pull
        entropy = float((total.log() + beta * mean).mean())
        return self.d / 2 - pull, curve, entropy


def _weights(distances: Tensor, near: Tensor, beta: float) -> Tensor:
    """exp(−β (D − D nearest)), a new tensor."""
    return (distances - near[:, None]).mul_(-beta * math.log2(math.e)).exp2_()
