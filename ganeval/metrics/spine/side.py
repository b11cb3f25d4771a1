"""One side of a metric: whatever was given becomes rows with labels and groups, or moments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ganeval.arrays import Array
from ganeval.errors import InputError
from ganeval.features import Features, as_features, range_warnings
from ganeval.images import is_feature_array
from ganeval.moments import Moments, statistics_in
from ganeval.numbers import check_rows
from ganeval.statistics import Labels, Sampling, sampling_of


@dataclass(frozen=True, eq=False)
class Side:
    """Images of one side, by their features or by the moments of these.

    Args:
        role: `real`, `fake` or `train`, for messages.
        features: rows with what is known about them; None where statistics are all there is.
        moments: statistics that were given; None where there are rows.
        sampling: which images are independent, and whether class sizes were chosen.
        known: what is computed once for all sides of these images.
    """

    role: str
    features: Features | None
    moments: Moments | None
    sampling: Sampling
    known: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def rows(self) -> Array:
        """[n, d]; None for moments."""
        return None if self.features is None else self.features.features

    @property
    def n(self) -> int | None:
        """Images; None where a file of statistics did not say."""
        return len(self.features) if self.features is not None else self._moments.n

    @property
    def d(self) -> int:
        """Features per image."""
        if self.features is None:
            return self._moments.d
        return int(self.features.features.shape[1])

    @property
    def name(self) -> str:
        """For messages."""
        return self._moments.origin.name if self.features is None else self.features.name

    @property
    def protocol(self) -> Mapping[str, Any]:
        """Net, preprocessing, images; empty for plain arrays."""
        return self._moments.origin.protocol if self.features is None else self.features.protocol

    @property
    def fingerprint(self) -> str:
        """Hash of the data."""
        if self.features is None:
            return self._moments.origin.fingerprint
        return self.features.fingerprint

    @property
    def warnings(self) -> Sequence[str]:
        """What the images brought along, and what their values say of the declared range."""
        known = self._moments.origin if self.features is None else self.features
        return (*known.warnings, *range_warnings(self.protocol))

    @property
    def labels(self) -> Labels:
        """[n] class names; None where there are none."""
        return None if self.features is None else self.features.labels

    @property
    def groups(self) -> Sequence[str] | None:
        """[n] group names; None where images are independent, or for moments."""
        return None if self.features is None else self.features.groups

    @property
    def hashes(self) -> np.ndarray | None:
        """[n, 2] of the pixels; None where they are not known."""
        return None if self.features is None else self.features.hashes

    @property
    def n_groups(self) -> int | None:
        """Groups; None without."""
        if self.features is None:
            groups = self._moments.origin.groups
            return None if groups is None else len(groups)
        return None if self.features.groups is None else len(set(self.features.groups))

    @property
    def total(self) -> Moments:
        """Mean and covariance of all images."""
        if "total" not in self.known:
            given = self._moments if self.features is None else None
            self.known["total"] = given or Moments.of(self.rows, checked=True)
        found: Moments = self.known["total"]
        return found

    def sampled(self, chosen: Labels, *others: "Side") -> "Side":
        """The side beside others; `chosen` has the labels if class sizes were chosen, else None."""
        if self.features is None:
            return self
        sampling = sampling_of(len(self.features), chosen, self.groups)
        return replace(self, sampling=sampling.beside([other.sampling for other in others]))

    def part(self, rows: np.ndarray) -> "Side":
        """Some of the images."""
        assert self.features is not None
        features, sampling = self.features.take(rows), self.sampling.take(rows)
        return replace(self, features=features, sampling=sampling, known={})

    @property
    def _moments(self) -> Moments:
        assert self.moments is not None
        return self.moments


def take(data: Any, feature_net: Any, *, role: str, metric: str, statistics: bool = False) -> Side:
    """A side from whatever was given, checked.

    Args:
        data: images, Features, rows, Moments, or a path to any of them.
        feature_net: for images.
        role: for messages.
        metric: for messages.
        statistics: whether the metric can do with moments.

    Raises:
        InputError: not two axes, no columns, under 2 images, NaN, Inf or numbers that no metric can
            compute with, or statistics where they are not enough.
    """
    if (moments := statistics_in(data)) is not None:
        if not statistics:
            raise InputError(
                f"{role} is statistics (mu and sigma), but {metric} needs the features of every "
                "image; give images, or what `ganeval features extract` wrote"
            )
        check_count(moments.n, role=role, metric=metric)
        return Side(role, None, moments, _of_blocks(moments))
    if is_feature_array(data) and 0 in data.shape:  # before `as_features`, which knows no side
        raise InputError(
            f"{role} has features of shape {tuple(data.shape)}; wanted one row per image, [n, d]"
        )
    features = as_features(data, feature_net)
    check_rows(features.features, role=role)
    check_count(len(features), role=role, metric=metric)
    return Side(role, features, None, sampling_of(len(features), None, features.groups))


def _of_blocks(moments: Moments) -> Sampling:
    """Blocks of statistics are independent, and images within a block are not known one by one."""
    if not moments.n_blocks:
        return Sampling(0)
    known = (moments.origin.fingerprint or moments.origin.name)[:12]
    names = np.array([f"{known} {i}" for i in range(moments.n_blocks)])
    return Sampling(moments.n or 0, None, np.repeat(names, moments.block_sizes))


def check_count(n: int | None, *, role: str, metric: str) -> None:
    """Raises InputError for fewer than two images."""
    if n is not None and n < 2:
        raise InputError(f"{metric} needs at least 2 images per side; {role} has {n}")


def check_pair(real: Side, fake: Side, *, role: str = "real") -> None:
    """Raises InputError unless both have the same width, net and preprocessing.

    `role` is what messages call the first.
    """
    if real.protocol and fake.protocol:
        _check_made_alike(real.protocol, fake.protocol, role)
    widths = real.d, fake.d
    if widths[0] != widths[1]:
        raise InputError(
            f"{role} has {widths[0]} features per image but fake has {widths[1]}; "
            "extract both with the same feature net"
        )


_LENGTHS = "crop or pad them to one size: net 'morphology' measures lengths, which resizing changes"
"""What to do where images differ in size and a net measures them."""

_ALIKE = {
    "sizes": "make them one size, or resize both, --resize H,W",
    "channels": "select the same ones, --channels 0,1",
}
"""What to do where images differ in one step of their preprocessing."""


def _check_made_alike(a: Mapping[str, Any], b: Mapping[str, Any], role: str) -> None:
    """Raises InputError unless two protocols have the same preprocessing and net."""
    mine, yours = a.get("preprocessing") or {}, b.get("preprocessing") or {}
    for key in sorted(mine.keys() | yours.keys()):
        if mine.get(key) != yours.get(key):
            nets = {(side.get("net") or {}).get("name") for side in (a, b)}
            advice = _ALIKE.get(key, "extract both the same way")
            raise InputError(
                f"{role} and fake differ in preprocessing {key}: {mine.get(key)} and "
                f"{yours.get(key)}; "
                + (_LENGTHS if key == "sizes" and "morphology" in nets else advice)
            )
    if what := _net_difference(a.get("net") or {}, b.get("net") or {}):
        raise InputError(f"{role} and fake differ in {what}; extract both the same way")


def _net_difference(mine: Mapping[str, Any], yours: Mapping[str, Any]) -> str | None:
    """In words; a known fingerprint decides, so that a net of another name may be the same."""
    if mine == yours or None is not mine.get("fingerprint") == yours.get("fingerprint"):
        return None
    if mine.get("name") != yours.get("name"):
        return f"net: {mine.get('name')} and {yours.get('name')}"
    what = "settings" if mine.get("sha256") == yours.get("sha256") else "code or weights"
    return f"{what} of net {mine.get('name')!r}"
