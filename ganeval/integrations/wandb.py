"""Scores, figures and the report to Weights & Biases."""

from collections.abc import Mapping
from typing import Any

from ganeval.integrations.given import History, able
from ganeval.integrations.run_report import figures, report_file
from ganeval.integrations.sampling import flat
from ganeval.metrics import Score
from ganeval.optional import optional


def log_scores(run: Any, scores: Mapping[str, Score], *, step: int) -> None:
    """Logs every number of some scores.

    Args:
        run: what `wandb.init` returned.
        scores: by name, as `ganeval.Evaluator.compute` returns them.
        step: training step.

    Example:
        >>> log_scores(wandb.init(mode="offline"), evaluator.compute(), step=1000)
    """
    _checked(run).log(flat(scores), step=step)


def log_report(run: Any, history: History) -> None:
    """Logs the report of a run as a page, and its figures as images.

    Args:
        run: what `wandb.init` returned.
        history: scores by step and name, as `SampleScorer.history`.
    """
    wandb = optional("wandb", extra="wandb", purpose="log_report")
    with report_file(history) as path:
        pictures = {title: wandb.Image(picture) for title, picture in figures(history).items()}
        _checked(run).log({"ganeval report": wandb.Html(str(path), inject=False), **pictures})


def _checked(run: Any) -> Any:
    return able(run, "log", name="run", wanted="what wandb.init returned")
