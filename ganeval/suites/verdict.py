"""What may be said of a comparison, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ganeval.metrics import Metric
from ganeval.suites.floor import IN_WORDS
from ganeval.suites.obedience import ModelObedience, in_words
from ganeval.wording import listed

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
        from_reals: the largest distance from the reals that the data allows, at the comparison's
            level; None for a metric that is no distance.
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
    from_reals: float | None = None


@dataclass(frozen=True)
class Nearness:
    """How near models are to the best one, for sure.

    Args:
        within: of each model, the margin within which its difference from the best is shown to be.
        floor: the unit of margins; None where unknown.
        margin: within which models count as equivalent, in floors.
    """

    within: Mapping[str, float]
    floor: float | None = None
    margin: float = 1.0

    @property
    def equivalent(self) -> tuple[str, ...]:
        """Models that are shown to be within the margin of the best."""
        if self.floor is None:
            return ()
        limit = self.margin * self.floor
        return tuple(name for name, within in self.within.items() if within < limit)

    def said(self, distance: float) -> str:
        """A distance, and how many floors it is."""
        if not self.floor:
            return f"{distance:.3g}"
        return f"{distance:.3g} ({distance / self.floor:.2g} floors)"


def verdict(
    metric: Metric,
    ranked: Sequence[ModelScore],
    unclear: Sequence[str],
    level: float,
    near: Nearness,
    obeyed: Sequence[ModelObedience] = (),
    alike: Sequence[str] = (),
) -> str:
    """One paragraph: which model is best, which others may be or are as good, what is not covered.

    Args:
        metric: by which they were compared.
        ranked: models, best first.
        unclear: those that cannot be told from the best.
        level: of the comparison.
        near: how near the others are to the best.
        obeyed: whether models show what they were asked for; empty where that is not known.
        alike: those that do not, and cannot be told from the best by the metric.
    """
    best, n = ranked[0].model, len(ranked)
    sure = f"at {100 * level:g} %, corrected for {n * (n - 1) // 2} comparisons"
    if n == 2:
        sure = f"at {100 * level:g} %"
    by = metric.label
    if len({model.obeys for model in obeyed}) > 1:
        by += " of those that show what they were asked for"
    if sum(model.obeys for model in obeyed) == 1:
        text = f"{best} is the only model that shows what it was asked for."
        if alike:
            text += f" By {metric.label}, {listed(alike)} cannot be told from it, {sure}."
    elif not unclear:
        text = f"{best} is best by {by}, {sure}."
    elif len(unclear) == n - 1:
        text = f"No model is best by {by}, {sure}: {best} scores best, but "
        text += f"{listed(unclear)} cannot be told from it."
    else:
        text = f"{best} scores best by {by}, but {listed(unclear)} cannot be told "
        text += f"from it, {sure}; the others are worse."
    text += _how_near(ranked[0], unclear, level, near)
    text += in_words(obeyed)
    if ranked[0].runs == 1:
        published = (
            ", which moves FID by 1 to 2 % in published runs" if metric.name == "fid" else ""
        )
        return f"{text} {THESE_SAMPLES.format(published=published)}"
    return f"{text} {' '.join(map(_of_runs, ranked))}"


def _how_near(best: ModelScore, unclear: Sequence[str], level: float, near: Nearness) -> str:
    """How far from the best and from the reals a model may be, and which are equivalent."""
    told = [f"{name} is within {near.said(near.within[name])} of {best.model}" for name in unclear]
    if best.from_reals is not None:
        told.append(f"{best.model} is within {near.said(best.from_reals)} of the reals")
    if not told:
        return ""
    text = f" At {100 * level:g} %, {listed(told)}"
    if near.floor is None:
        return f"{text}."
    text += f"; one floor, {near.floor:.3g}, is {IN_WORDS}."
    margin = f"a margin of {near.margin:g} floor{'s' * (near.margin != 1)}"
    if near.equivalent:
        text += f" With {margin}, {listed(near.equivalent)} counts as equivalent to {best.model}."
    if open_ := [name for name in unclear if name not in near.equivalent]:
        text += f" With {margin}, {listed(open_)} is not shown to be as good as {best.model}."
    return text


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
