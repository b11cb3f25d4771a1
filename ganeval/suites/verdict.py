"""What may be said of a comparison, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from ganeval.metrics import Metric

THESE_SAMPLES = (
    "This is about these images and does not include retraining{published}. Give several runs of "
    "each model to compare models: NAME=run1,run2,run3."
)


@dataclass(frozen=True)
class ModelScore:
    """A model's score without the bias of finite n.

    Args:
        model: its name.
        estimate: the score; the mean over training runs where there are several.
        std_error: of the estimate.
        interval: of the estimate.
        runs: training runs.
        sampling_sd: standard deviation of a run's score by the choice of fakes; None for one run.
        run_sd: standard deviation between training runs beyond that; None for one run.
        runs_to_halve: runs that would halve the interval; None where more runs cannot, or for one.
    """

    model: str
    estimate: float
    std_error: float
    interval: tuple[float, float]
    runs: int = 1
    sampling_sd: float | None = None
    run_sd: float | None = None
    runs_to_halve: int | None = None


def verdict(
    metric: Metric, ranked: Sequence[ModelScore], unclear: Sequence[str], level: float
) -> str:
    """One paragraph: which model is best, which cannot be told from it, and what is not covered.

    Args:
        metric: by which they were compared.
        ranked: models, best first.
        unclear: those that cannot be told from the best.
        level: of the comparison.
    """
    best, n = ranked[0].model, len(ranked)
    sure = f"at {100 * level:g} %, corrected for {n * (n - 1) // 2} comparisons"
    if n == 2:
        sure = f"at {100 * level:g} %"
    if not unclear:
        text = f"{best} is best by {metric.label}, {sure}."
    elif len(unclear) == n - 1:
        text = f"No model is best by {metric.label}, {sure}: {best} scores best, but "
        text += f"{listed(unclear)} cannot be told from it."
    else:
        text = f"{best} scores best by {metric.label}, but {listed(unclear)} cannot be told "
        text += f"from it, {sure}; the others are worse."
    if ranked[0].runs == 1:
        published = (
            ", which moves FID by 1 to 2 % in published runs" if metric.name == "fid" else ""
        )
        return f"{text} {THESE_SAMPLES.format(published=published)}"
    return f"{text} {' '.join(map(_of_runs, ranked))}"


def _of_runs(score: ModelScore) -> str:
    """How far runs of a model scatter, beside the choice of images."""
    assert score.sampling_sd is not None and score.run_sd is not None
    words = (
        f"{score.model}: over {score.runs} runs, training moves the score by an SD of "
        f"{score.run_sd:.3g}, the choice of fakes by {score.sampling_sd:.3g}"
    )
    if score.sampling_sd > 0:
        words += f" (ratio {score.run_sd / score.sampling_sd:.2g})"
    if score.runs_to_halve is not None:
        words += f"; about {score.runs_to_halve} runs would halve its interval"
    return words + "."


def listed(names: Sequence[str]) -> str:
    """The names with commas and a final "and"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
