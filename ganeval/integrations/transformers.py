"""`ScoreCallback` for Hugging Face's `Trainer`: scores the generator at each evaluation."""

from collections.abc import Callable
from typing import Any

from ganeval.errors import InputError
from ganeval.integrations.sampling import SampleScorer, flat
from ganeval.optional import optional

_Callback: Any = optional("transformers", extra="hf", purpose="ScoreCallback").TrainerCallback


class ScoreCallback(_Callback):
    """Adds scores of samples to every evaluation, and logs them as `eval_fid`, `eval_fid/low`, ….

    They can be named in `TrainingArguments(metric_for_best_model="fid")`.

    Args:
        scorer: what samples and scores; under torchrun make it after TrainingArguments, when the
            processes know each other.
        log: the trainer's own, so that all of its trackers get the scores.

    Raises:
        InputError: no SampleScorer or no function is given; or, when training starts, the trainer
            never evaluates.

    Example:
        >>> scorer = SampleScorer(real, draw, feature_net="lin41", modules=[model])
        >>> trainer.add_callback(ScoreCallback(scorer, trainer.log))
    """

    def __init__(self, scorer: SampleScorer, log: Callable[[dict[str, float]], Any]) -> None:
        if not isinstance(scorer, SampleScorer) or not callable(log):
            given = f"{type(scorer).__name__}, {type(log).__name__}"
            raise InputError(f"ScoreCallback was given ({given}); give (SampleScorer, trainer.log)")
        self.scorer = scorer
        self._log = log

    def on_train_begin(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """Refuses a run in which nothing would be scored."""
        if str(getattr(args.eval_strategy, "value", args.eval_strategy)) == "no":
            raise InputError(
                "the Trainer has eval_strategy 'no', so that nothing would be scored; give "
                "TrainingArguments(eval_strategy='epoch') or 'steps', and an eval_dataset"
            )

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: dict[str, float], **others: Any
    ) -> None:
        """Scores the model, adds the scores to `metrics` and logs them."""
        found = flat(self.scorer(state.global_step), prefix="eval_")
        metrics.update(found)
        self._log(found)
