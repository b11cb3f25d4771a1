"""`Evaluator`: metrics inside somebody's training loop."""

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ganeval.distributed import Ranks
from ganeval.errors import InputError
from ganeval.features import (
    Features,
    NetLike,
    as_features,
    choose_device,
    embed,
    gather_features,
    is_empty,
    is_feature_file,
    join_features,
)
from ganeval.images import ImageSource, ValueRange, is_feature_array, open_images, positions
from ganeval.metrics import Score, from_lines, metrics_named, to_lines
from ganeval.nets import FeatureNet, load_net


class Evaluator:
    """Scores batches of generated images against one set of reals that is embedded once.

    Nothing is written to disk, no process talks to another unless it is given `process_group`, and
    the global RNG, grad mode and precision settings are left as found, so that it can sit anywhere
    in a training loop.

    Args:
        real: images, Features, or a 2-D array of features, as for every metric.
        feature_net: name, path to a card, FeatureNet or torch.nn.Module; may be left out when
            `real` is Features or an array and `update` gets features too.
        metrics: names in METRICS, or of commands (`prdc` gives its four scores).
        value_range: (low, high) of the fakes' pixels where they are float, as (-1, 1) after tanh.
        device: where the net runs; the first GPU where there is one by default.
        batch_size: images at once through the net.
        process_group: a `torch.distributed` group, such as `torch.distributed.group.WORLD`: `real`
            (None for none) and every batch are this rank's share. Every rank makes the evaluator
            and calls `compute`, which gives all of them the same scores; features meet on rank 0.

    Example:
        >>> evaluator = Evaluator("real/", feature_net="mnist", metrics=["fid", "kid"])
        >>> evaluator.update(batch)                    # [n, c, h, w], as often as you like
        >>> evaluator.compute(step=1000)["fid"].corrected
        >>> evaluator.reset()
    """

    def __init__(
        self,
        real: Any,
        *,
        feature_net: NetLike = None,
        metrics: Sequence[str] = ("fid", "kid"),
        value_range: tuple[float, float] | ValueRange | None = None,
        device: str | None = None,
        batch_size: int = 64,
        process_group: Any = None,
    ) -> None:
        self._ranks = None if process_group is None else Ranks(process_group)
        self._metrics = {m.name: m for name in metrics for m in metrics_named(name)}
        self._value_range = value_range
        self._device = choose_device(device)
        self._batch_size = batch_size
        self._net: FeatureNet | None = None
        if feature_net is not None:
            self._net = load_net(feature_net, device=self._device)
        self._parts: list[Features] = []
        self._real: Features | None
        if self._ranks is None:
            self._real = self._embed(real, value_range=None)
        else:  # None on all ranks but the first
            share = None if is_empty(real) else real
            self._real = gather_features(
                lambda: None if share is None else self._embed(share, value_range=None),
                self._ranks,
                role="real",
            )

    def update(self, batch: Any) -> None:
        """Embeds one batch of generated images and keeps their features.

        Args:
            batch: images [n, c, h, w] (tensor), [n, h, w, c] (NumPy), or features [n, d].
        """
        self._parts.append(self._embed(batch, value_range=self._value_range))

    def compute(self, *, step: int | None = None) -> dict[str, Score]:
        """The metrics of all fakes since the last reset, by name; `step` goes into `details`."""
        if self._ranks is None:
            scores = self._scores(self._fakes())
        else:
            fake = gather_features(self._fakes, self._ranks, role="fake")
            lines = self._ranks.first(lambda: to_lines(self._scores(fake).values()))
            scores = dict(zip(self._metrics, from_lines(lines), strict=True))
        if step is None:
            return scores
        return {
            name: replace(score, details={**score.details, "step": step})
            for name, score in scores.items()
        }

    def reset(self) -> None:
        """Forgets the fakes; the reals stay."""
        self._parts.clear()

    def _fakes(self) -> Features | None:
        if not self._parts:
            return None
        return join_features(self._parts, ids=positions(sum(map(len, self._parts))))

    def _scores(self, fake: Features | None) -> dict[str, Score]:
        if self._real is None:
            raise InputError("no rank gave an image of real; give each its share")
        if fake is None:
            raise InputError("there are no fakes to score; call update(batch) first")
        return {
            name: metric.function(real=self._real, fake=fake)
            for name, metric in self._metrics.items()
        }

    def _embed(self, data: Any, *, value_range: Any) -> Features:
        if isinstance(data, Features) or is_feature_array(data) or _is_feature_path(data):
            return as_features(data)
        if self._net is None:
            raise InputError(
                "images need a feature net; pass feature_net=..., or give features [n, d]"
            )
        if not isinstance(data, ImageSource):
            data = open_images(data, value_range=value_range)
        return embed(data, self._net, device=self._device, batch_size=self._batch_size)


def _is_feature_path(data: Any) -> bool:
    return isinstance(data, str | os.PathLike) and is_feature_file(data)
