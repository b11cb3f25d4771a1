"""Scores and figures to TensorBoard."""

from collections.abc import Mapping
from typing import Any

from ganeval.integrations.given import History, able
from ganeval.integrations.run_report import figures
from ganeval.integrations.sampling import flat
from ganeval.metrics import Score


def log_scores(writer: Any, scores: Mapping[str, Score], *, step: int) -> None:
    """Writes every number of some scores as a scalar.

    Args:
        writer: a `torch.utils.tensorboard.SummaryWriter`.
        scores: by name, as `ganeval.Evaluator.compute` returns them.
        step: training step.

    Example:
        >>> log_scores(SummaryWriter(), evaluator.compute(), step=1000)
    """
    for name, value in flat(scores).items():
        _checked(writer).add_scalar(name, value, step)


def log_report(writer: Any, history: History) -> None:
    """Writes the figures of a run's report as images, at its last step.

    Args:
        writer: a `torch.utils.tensorboard.SummaryWriter`.
        history: scores by step and name, as `SampleScorer.history`.
    """
    for title, picture in figures(history).items():
        _checked(writer).add_image(title, picture, max(history), dataformats="HWC")


def _checked(writer: Any) -> Any:
    wanted = "a torch.utils.tensorboard.SummaryWriter"
    return able(writer, "add_scalar", name="writer", wanted=wanted)
