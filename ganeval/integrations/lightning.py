"""`ScoreCallback` for Lightning: scores the generator while it trains."""

from collections.abc import Callable, Sequence
from typing import Any

from ganeval.arguments import whole_number
from ganeval.errors import InputError
from ganeval.features import NetLike
from ganeval.images import ValueRange
from ganeval.integrations.sampling import SampleScorer, flat
from ganeval.optional import optional

_Callback: Any = optional("lightning", extra="lightning", purpose="ScoreCallback").Callback


class ScoreCallback(_Callback):
    """Scores samples of the module at the end of training epochs, and logs all numbers.

    What it logs (`fid`, `fid/corrected`, `fid/low`, …) goes to every logger, and can be named in
    `ModelCheckpoint(monitor="fid/corrected")`. On several devices each samples a part.

    Args:
        real: as for `SampleScorer`.
        sample: called with a number of images, returns a batch; `module.sample` by default.
        feature_net: as for `ganeval.Evaluator`.
        metrics: as for `ganeval.Evaluator`.
        value_range: (low, high) of the samples' pixels where they are float, as (-1, 1).
        every_n_epochs: epochs from one score to the next.
        n: images per score, over all processes.
        batch_size: images per call of `sample`, and through the net.
        seed: of the random numbers that `sample` takes from torch.

    Attributes:
        scorer: the SampleScorer, with the history of the run; None before training.

    Raises:
        InputError: every_n_epochs below 1, or, when training starts, as for `SampleScorer`.

    Example:
        >>> scores = ScoreCallback(real, feature_net="lin41", value_range=(-1, 1))
        >>> Trainer(callbacks=[scores]).fit(module, loader)
    """

    def __init__(
        self,
        real: Any,
        sample: Callable[[int], Any] | None = None,
        *,
        feature_net: NetLike = None,
        metrics: Sequence[str] | None = None,
        value_range: tuple[float, float] | ValueRange | str | None = None,
        every_n_epochs: int = 1,
        n: int = 2048,
        batch_size: int = 64,
        seed: int = 0,
    ) -> None:
        whole_number(every_n_epochs, name="every_n_epochs", least=1)
        self.scorer: SampleScorer | None = None
        self._real = real
        self._sample = sample
        self._every_n_epochs = every_n_epochs
        self._options = {
            "feature_net": feature_net,
            "metrics": metrics,
            "value_range": value_range,
            "n": n,
            "batch_size": batch_size,
            "seed": seed,
        }

    def on_fit_start(self, trainer: Any, module: Any) -> None:
        """Embeds the reals, once all processes are there."""
        sample = self._sample or getattr(module, "sample", None)
        if sample is None:
            raise InputError(
                f"{type(module).__name__} has no method sample(n); give "
                "ScoreCallback(real, sample), which returns n images"
            )
        self.scorer = SampleScorer(self._real, sample, modules=[module], **self._options)

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
        """Scores the module and logs the scores."""
        if (trainer.current_epoch + 1) % self._every_n_epochs == 0:
            assert self.scorer is not None  # made in on_fit_start
            module.log_dict(flat(self.scorer(trainer.global_step)))
