"""Scores, figures and the report to MLflow."""

from collections.abc import Mapping
from typing import Any

from ganeval.integrations.given import History, able
from ganeval.integrations.run_report import figures, report_file
from ganeval.integrations.sampling import flat
from ganeval.metrics import Score
from ganeval.optional import optional


def log_scores(run: Any, scores: Mapping[str, Score], *, step: int) -> None:
    """Logs every number of some scores as a metric: `fid/value`, `fid/low`, ….

    Args:
        run: what `mlflow.start_run` returned.
        scores: by name, as `ganeval.Evaluator.compute` returns them.
        step: training step.

    Example:
        >>> with mlflow.start_run() as run:
        ...     log_scores(run, evaluator.compute(), step=1000)
    """
    mlflow = optional("mlflow", extra="mlflow", purpose="log_scores")
    # Not `fid`: MLflow's file store would need a file and a folder of that name.
    named = {name if "/" in name else f"{name}/value": x for name, x in flat(scores).items()}
    mlflow.log_metrics(named, step=step, run_id=_id(run))


def log_report(run: Any, history: History) -> None:
    """Keeps the report of a run and its figures as artifacts, in the folder `ganeval`.

    Args:
        run: what `mlflow.start_run` returned.
        history: scores by step and name, as `SampleScorer.history`.
    """
    mlflow = optional("mlflow", extra="mlflow", purpose="log_report")
    client = mlflow.MlflowClient()
    for title, picture in figures(history).items():
        client.log_image(_id(run), picture, artifact_file=f"ganeval/{title}.png")
    with report_file(history) as path:
        client.log_artifact(_id(run), str(path), "ganeval")


def _id(run: Any) -> Any:
    return able(run, "info", name="run", wanted="what mlflow.start_run returned").info.run_id
