"""`ScoreMetric`: any metric of ganeval as a `torchmetrics.Metric`."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ganeval.arguments import whole_number
from ganeval.errors import InputError, cut
from ganeval.features import Features, NetLike, embed, join_features
from ganeval.images import ValueRange, open_batch, positions
from ganeval.images.value_range import as_value_range
from ganeval.integrations.sampling import naming_the_option
from ganeval.lazy import Tensor, torch
from ganeval.metrics import METRICS, Score
from ganeval.nets import load_net
from ganeval.optional import optional

_Metric: Any = optional("torchmetrics", extra="torchmetrics", purpose="ScoreMetric").Metric

_SIDES = ("fake_features", "real_features")
"""States, of which `real` chooses one."""


class ScoreMetric(_Metric):
    """A metric of ganeval for two sets of images, with the interface of torchmetrics' FID.

    `compute` returns the plain value; the score with its interval is in `score`. Metrics of one
    feature net in a `MetricCollection` embed each image once. States are synchronised as those of
    other metrics, so that every process gets the score of all images.

    Args:
        metric: a name in `ganeval.METRICS`.
        feature_net: name, path to a card, FeatureNet or torch.nn.Module.
        value_range: (low, high) of the images' pixels where they are float, as (-1, 1).
        reset_real_features: whether `reset` forgets the reals too.
        batch_size: images at once through the net.
        options: of torchmetrics' `Metric`, as sync_on_compute.

    Attributes:
        score: the last score that was computed, with interval, warnings and protocol.

    Raises:
        InputError: an unknown metric or net, or a metric that needs training images.

    Example:
        >>> fid = ScoreMetric("fid", feature_net="lin41", value_range=(-1, 1))
        >>> fid.update(images, real=True)              # [n, c, h, w], as often as you like
        >>> fid.update(fakes, real=False)
        >>> fid.compute(), fid.score.interval
    """

    is_differentiable = False
    full_state_update = False

    real_features: Any
    fake_features: Any

    def __init__(
        self,
        metric: str = "fid",
        *,
        feature_net: NetLike,
        value_range: tuple[float, float] | ValueRange | str | None = None,
        reset_real_features: bool = True,
        batch_size: int = 64,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._entry = METRICS[metric]
        if self._entry.needs_train:
            raise InputError(
                f"{metric} needs the training images, which a metric in a loop has none of; call "
                f"ganeval.{metric}(real, fake, train=...) instead"
            )
        self.reset_real_features = reset_real_features
        self.score: Score | None = None
        self._value_range = as_value_range(value_range)
        if self._value_range == "data":
            raise InputError(
                "value_range is 'data', but images come in batches; give (low, high), as (-1, 1)"
            )
        self._batch_size = whole_number(batch_size, name="batch_size", least=1)
        self._feature_net = feature_net
        self._net = load_net(feature_net, device=self.device)
        self._net_device = self.device
        for state in _SIDES:
            self.add_state(state, default=[], dist_reduce_fx="cat")

    @property
    def higher_is_better(self) -> bool:
        """Whether more is better by this metric."""
        return self._entry.better == "higher"

    def update(self, imgs: Tensor, real: bool, labels: Any = None) -> None:
        """Embeds a batch [n, c, h, w] of real or generated images, with labels [n] if given.

        Raises:
            InputError: real is neither True nor False, or the batch is none of images.
        """
        if not isinstance(real, bool | np.bool_):
            raise InputError(f"real is {cut(repr(real))}; wanted True or False")
        batch = imgs if labels is None else (imgs, labels)
        source = open_batch(batch, value_range=self._value_range)
        if self._net_device != self.device:  # the metric was moved
            self._net = load_net(self._feature_net, device=self.device)
            self._net_device = self.device
        with naming_the_option():
            part = embed(source, self._net, device=str(self.device), batch_size=self._batch_size)
        getattr(self, _SIDES[real]).append(_packed(part).to(self.device))

    def compute(self) -> Tensor:
        """The plain value of all images since the last reset, a float64 scalar."""
        fake, real = (_joined(getattr(self, state), state) for state in _SIDES)
        self.score = self._entry.function(real=real, fake=fake)
        # Apple's GPUs have no float64.
        dtype = torch.float32 if self.device.type == "mps" else torch.float64
        return torch.tensor(self.score.value, dtype=dtype, device=self.device)

    def reset(self) -> None:
        """Forgets the images; the reals stay with `reset_real_features=False`."""
        if self.reset_real_features:
            super().reset()
            return
        default = self._defaults.pop("real_features")  # so that it is left alone
        super().reset()
        self._defaults["real_features"] = default

    def sync(self, *args: Any, **options: Any) -> None:
        """Gives a process without images an empty state of the others' type, then synchronises."""
        for state in _SIDES:
            if isinstance(getattr(self, state), list) and not getattr(self, state):
                setattr(self, state, [torch.zeros(0, dtype=torch.uint8, device=self.device)])
        super().sync(*args, **options)


def _packed(part: Features) -> Tensor:
    """Features as bytes after their number: torchmetrics gathers tensors, and joins them."""
    data = part.to_bytes()
    whole = len(data).to_bytes(8, "big") + data
    return torch.frombuffer(bytearray(whole), dtype=torch.uint8)


def _unpacked(data: bytes) -> Iterator[Features]:
    """The features of every batch in joined bytes."""
    while data:
        size = 8 + int.from_bytes(data[:8], "big")
        yield Features.from_bytes(data[8:size])
        data = data[size:]


def _joined(state: Any, name: str) -> Features:
    """The features of all batches of all processes."""
    tensors = state if isinstance(state, list) else [state]
    # Metric.set_dtype may have made floats of the bytes.
    arrays = [np.asarray(one.cpu().numpy(), np.uint8) for one in tensors]
    parts = list(_unpacked(b"".join(array.tobytes() for array in arrays)))
    if not parts:
        side = name.partition("_")[0]
        raise InputError(
            f"there are no {side} images to score; call update(imgs, real={side == 'real'}) first"
        )
    return join_features(parts, ids=positions(sum(map(len, parts))))
