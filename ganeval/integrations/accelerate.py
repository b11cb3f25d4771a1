"""Scores, figures and the report to all trackers of an `accelerate.Accelerator`."""

from collections.abc import Mapping
from typing import Any

from ganeval.integrations import mlflow, tensorboard, trackio, wandb
from ganeval.integrations.given import History, able
from ganeval.integrations.sampling import flat
from ganeval.metrics import Score

_REPORTS = {
    "mlflow": mlflow.log_report,
    "tensorboard": tensorboard.log_report,
    "trackio": trackio.log_report,
    "wandb": wandb.log_report,
}


def log_scores(accelerator: Any, scores: Mapping[str, Score], *, step: int) -> None:
    """Logs every number of some scores to all trackers.

    Args:
        accelerator: after its `init_trackers`; every process may call.
        scores: by name, as `SampleScorer` and `ganeval.Evaluator.compute` return them.
        step: training step.

    Example:
        >>> scorer = SampleScorer(real, lambda n: pipeline(n, output_type="np").images, ...)
        >>> log_scores(accelerator, scorer(step), step=step)
    """
    _checked(accelerator).log(flat(scores), step=step)


def log_report(accelerator: Any, history: History) -> None:
    """Sends a run's report and its figures to each tracker that ganeval knows.

    These are TensorBoard, W&B, MLflow and Trackio; others take numbers only.

    Args:
        accelerator: before its `end_training`; every process may call.
        history: scores by step and name, as `SampleScorer.history`.
    """
    if not _checked(accelerator).is_main_process:
        return
    for tracker in accelerator.trackers:
        if tracker.name in _REPORTS:
            _REPORTS[tracker.name](tracker.tracker, history)


def _checked(accelerator: Any) -> Any:
    wanted = "an accelerate.Accelerator"
    return able(accelerator, "trackers", name="accelerator", wanted=wanted)
