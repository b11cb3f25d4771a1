"""Scores, figures and the report to Trackio."""

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
        run: what `trackio.init` returned.
        scores: by name, as `ganeval.Evaluator.compute` returns them.
        step: training step.

    Example:
        >>> log_scores(trackio.init(project="cells"), evaluator.compute(), step=1000)
    """
    _checked(run).log(flat(scores), step=step)


def log_report(run: Any, history: History) -> None:
    """Logs the figures of a run's report as images, and the report as an artifact.

    Args:
        run: what `trackio.init` returned.
        history: scores by step and name, as `SampleScorer.history`.
    """
    trackio = optional("trackio", extra="trackio", purpose="log_report")
    pictures = {title: trackio.Image(picture) for title, picture in figures(history).items()}
    _checked(run).log(pictures, step=max(history))
    with report_file(history) as path:
        run.log_artifact(str(path), name="ganeval-report", type="report")


def _checked(run: Any) -> Any:
    return able(run, "log", name="run", wanted="what trackio.init returned")
