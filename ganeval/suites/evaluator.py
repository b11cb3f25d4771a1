"""`Evaluator`: metrics inside somebody's training loop."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any, TypeVar

import numpy as np

from ganeval.arguments import whole_number
from ganeval.distributed import Ranks
from ganeval.errors import InputError
from ganeval.features import (
    Features,
    NetLike,
    as_features,
    choose_device,
    embed,
    is_empty,
    is_feature_file,
    join_features,
    share_features,
)
from ganeval.images import (
    ImageSource,
    ValueRange,
    is_feature_array,
    open_batch,
    open_images,
    positions,
)
from ganeval.images.value_range import as_value_range
from ganeval.metrics import (
    METRICS,
    Metric,
    Score,
    metrics_named,
    names_of_metrics,
)
from ganeval.metrics.spine import Side, check_pair, same_statistics
from ganeval.moments import Moments, statistics_in
from ganeval.nets import FeatureNet, UndeclaredRangeError, load_net
from ganeval.shared import Team
from ganeval.statistics import Sampling
from ganeval.suites.obedience import labelled_metrics
from ganeval.suites.progress import Look, Progress

T = TypeVar("T")


class Evaluator:
    """Scores batches of generated images against one set of reals that is embedded once.

    Nothing is written to disk, no process talks to another unless it is given `process_group`, and
    the global RNG, grad mode and precision settings are left as found, so that it can sit anywhere
    in a training loop. It can be pickled and copied, with the fakes that it has.

    Args:
        real: images, Features, or rows of features [n, d], as for every metric; or statistics
            (Moments, or a file of them), where these are enough for all metrics.
        feature_net: name, path to a card, FeatureNet or torch.nn.Module; may be left out when
            `real` is features and `update` gets features too.
        metrics: names in METRICS, or of commands (`prdc` gives its four scores). None takes `fid`
            and `kid`, and `obedience` and `intra_kid` where both sides have labels.
        value_range: (low, high) of the fakes' pixels where they are float, as (-1, 1) after tanh;
            reals that are float have their own, `open_images(real, value_range=…)`.
        layout: `NCHW`, `NHWC` or `NHW`: axes of the fakes' arrays that break their library's
            convention.
        device: where the net runs; the first GPU where there is one by default.
        batch_size: images at once through the net.
        process_group: a `torch.distributed` group, such as `torch.distributed.group.WORLD`: `real`
            (None for none) and every batch are this rank's share; statistics are of all images, and
            every rank gives the same, or only the first. Every rank makes the evaluator and calls
            `compute`, which gives all of them the same scores. Features stay on their rank where a
            metric allows it, as FID and KID do.
        looks: how often `look` will be asked in this run.

    Raises:
        InputError: a metric cannot be computed here, because it needs training images, labels or
            more than statistics; or the reals or the net do not fit.

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
        metrics: Sequence[str] | None = None,
        value_range: tuple[float, float] | ValueRange | str | None = None,
        layout: str | None = None,
        device: str | None = None,
        batch_size: int = 64,
        process_group: Any = None,
        looks: int = 200,
    ) -> None:
        if real is None and process_group is None:
            raise InputError("real is None; give real images, or their features or statistics")
        self._progress = Progress(looks=looks)
        self._ranks = None if process_group is None else Ranks(process_group)
        self._labelled = metrics is None
        names = ("fid", "kid") if metrics is None else names_of_metrics(metrics)
        found = [entry.name for name in names for entry in metrics_named(name)]
        self._metrics = tuple(dict.fromkeys(found))
        self._value_range = as_value_range(value_range)
        if self._value_range == "data":
            raise InputError(
                "value_range is 'data', but the fakes come in batches; give (low, high), as (-1, 1)"
            )
        self._layout = layout
        self._layouts: dict[tuple[bool, int], str] = {}
        self._device = choose_device(device)
        self._batch_size = whole_number(batch_size, name="batch_size", least=1)
        _refuse_training_metrics(self._entries())
        self._net: FeatureNet | None = None
        if feature_net is not None:
            self._net = load_net(feature_net, device=self._device)
        self._parts: list[Features] = []
        self._statistics: Moments | None = None
        self._real = self._embedded(self._without_statistics(real))

    def update(self, batch: Any, *, batched: bool | None = None) -> None:
        """Embeds one batch of generated images and keeps their features.

        Args:
            batch: images [n, c, h, w] (tensor), [n, h, w, c] (NumPy) or a list of them; images
                with labels, as a pair or a dictionary; or features [n, d].
            batched: False for one image [c, h, w], or a list of those.

        Raises:
            InputError: the batch does not fit the reals or earlier batches, or could be read in
                two ways.
        """
        notes: Sequence[str] = ()
        if isinstance(batch, Features) or _is_features(batch):
            part = as_features(batch)
        else:
            self._need_net()
            if not isinstance(batch, ImageSource):
                batch = open_batch(
                    batch,
                    layout=self._layout,
                    batched=batched,
                    value_range=self._value_range,
                    settled=self._layouts,
                )
            part, notes = self._embed(batch), batch.notes
        self._check_fake(part, notes)
        self._parts.append(part)

    def compute(self, *, step: int | None = None) -> dict[str, Score]:
        """The metrics of all fakes since the last reset, by name; `step` goes into `details`."""
        fake = self._on_all(self._fakes)
        entries = [*self._entries(), *self._labelled_entries(fake)]
        scores = {entry.name: self._score(entry, fake) for entry in entries}
        if step is None:
            return scores
        return {
            name: replace(score, details={**score.details, "step": step})
            for name, score in scores.items()
        }

    def look(self, *, step: int) -> Look:
        """Whether the fakes since the last reset are surely better than the best look before.

        By the first metric. It may be asked at every checkpoint, `looks` times: that any of its
        answers is a false alarm has a chance of 5 % at most. See `Progress`.
        """
        score = self._score(METRICS[self._metrics[0]], self._on_all(self._fakes))
        if self._ranks is None:
            return self._progress.look(score, step=step)
        said = self._ranks.first(
            lambda: json.dumps(asdict(self._progress.look(score, step=step))).encode()
        )
        return Look(**json.loads(said))

    def reset(self) -> None:
        """Forgets the fakes; the reals stay."""
        self._parts.clear()

    def __getstate__(self) -> dict[str, Any]:
        if self._ranks is not None:
            raise InputError(
                "an Evaluator with a process_group cannot be sent to another process; make one in "
                "each process"
            )
        return self.__dict__

    def _entries(self) -> list[Metric]:
        return [METRICS[name] for name in self._metrics]

    def _fakes(self) -> Features | None:
        if not self._parts:
            return None
        return join_features(self._parts, ids=positions(sum(map(len, self._parts))))

    def _labelled_entries(self, fake: Features | None) -> list[Metric]:
        """The metrics that labels of both sides allow, on every rank the same."""
        if not self._labelled:
            return []
        real = self._real
        if self._ranks is not None:
            team, own = Team(self._ranks), fake
            real = share_features(lambda: self._real, team, role="real")
            fake = share_features(lambda: own, team, role="fake")

        def names() -> bytes:
            known = [] if real is None or fake is None else labelled_metrics(real, fake)[0]
            return json.dumps([entry.name for entry in known]).encode()

        said = names() if self._ranks is None else self._ranks.first(names)
        return [METRICS[name] for name in json.loads(said)]

    def _score(self, entry: Metric, fake: Features | None) -> Score:
        if fake is None and self._ranks is None:
            raise InputError("there are no fakes to score; call update(batch) first")
        group = None if self._ranks is None else self._ranks.group
        return entry.function(real=self._real_for(entry), fake=fake, process_group=group)

    def _real_for(self, entry: Metric) -> Features | Moments | None:
        if entry.takes_statistics and self._statistics is not None:
            return self._statistics
        return self._real

    def _on_all(self, work: Callable[[], T]) -> T:
        """What `work` gives here; where it fails on one rank, it fails on all."""
        return work() if self._ranks is None else self._ranks.together(work)

    def _without_statistics(self, real: Any) -> Any:
        """What is to be embedded here, once statistics are found that may be given instead.

        Raises:
            InputError: on all ranks, if statistics are not enough, or not the same everywhere.
        """
        if self._ranks is None:
            self._statistics = statistics_in(real)
            given = self._statistics is not None
        else:
            shared = same_statistics(self._ranks, {"real": real})
            self._statistics, given = shared.get("real"), "real" in shared
        if not given:
            return real
        rest = [entry.name for entry in self._entries() if not entry.takes_statistics]
        if not rest:
            return None  # statistics are enough, whatever else their file holds

        def images() -> Any:
            if isinstance(real, Moments):
                raise InputError(
                    f"real is statistics (mu and sigma), but {rest[0]} needs the features of every "
                    "image; give images or features, or leave the metric out"
                )
            # All ranks may have named the file that has the images too.
            return real if self._ranks is None or self._ranks.rank == 0 else None

        return self._on_all(images)

    def _embedded(self, real: Any) -> Features | None:
        """Features of this rank's reals, which fit those of the others; None for none.

        Raises:
            InputError: on all ranks, if a metric cannot be computed against these reals.
        """

        def embed_own() -> Features | None:
            if is_empty(real):
                return None
            found = self._embed_real(real)
            self._check_real(found)
            return found

        own = self._on_all(embed_own)
        if self._ranks is not None:
            whole = share_features(lambda: own, Team(self._ranks), role="real")
            labelled = self._ranks.first(lambda: b"yes" if whole and whole.labels else b"")
            self._labelled = self._labelled and bool(labelled)
        return own

    def _embed(self, data: Any) -> Features:
        if isinstance(data, Features) or _is_features(data):
            return as_features(data)
        net = self._need_net()
        images = data if isinstance(data, ImageSource) else open_images(data)
        return embed(images, net, device=self._device, batch_size=self._batch_size)

    def _embed_real(self, real: Any) -> Features:
        try:
            return self._embed(real)
        except UndeclaredRangeError:
            if self._value_range is None:
                raise
            raise UndeclaredRangeError(
                f"the real images are float, and value_range={self._value_range} is that of the "
                "fakes; declare theirs: ganeval.open_images(real, value_range=(low, high))"
            ) from None

    def _need_net(self) -> FeatureNet:
        if self._net is None:
            raise InputError(
                "images need a feature net; pass feature_net=..., or give features [n, d]"
            )
        return self._net

    def _check_real(self, real: Features) -> None:
        for entry in self._entries():
            if entry.needs_labels and real.labels is None:
                raise InputError(
                    f"{entry.name} compares within classes, but {real.name} has no labels; "
                    "give open_images(real, label_by=...), or leave the metric out"
                )
            if entry.needs_logits and real.logits is None and real.protocol.get("net"):
                raise InputError(
                    f"{entry.name} needs a net that classifies, and "
                    f"{real.protocol['net']['name']!r} does not; take another, or leave the "
                    "metric out"
                )

    def _check_one_image(self, part: Features) -> None:
        """Raises InputError where a batch of grey images has as many as the reals have channels."""
        known = self._real.protocol if self._real is not None else {}
        wanted, found = (
            (protocol.get("preprocessing") or {}).get("channels")
            for protocol in (known, part.protocol)
        )
        if found == 1 != wanted and wanted == len(part):
            raise InputError(
                f"the batch was read as {wanted} grey images, and the reals have {wanted} "
                "channels; for a single image give update(image, batched=False)"
            )

    def _check_fake(self, part: Features, notes: Sequence[str]) -> None:
        """Raises InputError if a batch does not fit the reals, or the batches before it.

        `notes` say what was left out of the batch.
        """
        for entry in self._entries():
            if entry.needs_labels and part.labels is None:
                aside = f" ({'; '.join(notes)})" if notes else ""
                raise InputError(
                    f"{entry.name} compares within classes, but the batch has no labels{aside}; "
                    "give update((images, labels)), one whole number or name for each image"
                )
        if self._real is not None or self._statistics is not None:
            self._check_one_image(part)
            real = Side("real", self._real, self._statistics, Sampling(0))
            check_pair(real, Side("fake", part, None, Sampling(0)))
        if self._parts:
            first = np.array([0])
            pair = [self._parts[0].take(first), part.take(first)]
            join_features(pair, ids=positions(2))


def _refuse_training_metrics(entries: Sequence[Metric]) -> None:
    for entry in entries:
        if entry.needs_train:
            raise InputError(
                f"{entry.name} needs the training images, which an evaluator has none of; call "
                f"ganeval.{entry.name}(real, fake, train=...) instead"
            )


def _is_features(data: Any) -> bool:
    """Whether `data` is rows of features, or a file of features."""
    is_file = isinstance(data, str | os.PathLike) and is_feature_file(data)
    return is_file or is_feature_array(data)
