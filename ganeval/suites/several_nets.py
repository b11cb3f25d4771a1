"""What several feature nets say of the same models: who agrees, and who is fooled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ganeval.metrics import METRICS, Score
from ganeval.suites.evaluate import REALS
from ganeval.suites.floor import floor_from


@dataclass(frozen=True)
class View:
    """A model's distance from the reals, as one net sees it.

    Args:
        net: name of the net.
        metric: entry of METRICS.
        model: its name.
        estimate: the corrected distance, or the plain one where there is no correction.
        interval: of it; None where there is none.
        floor: how far chance moves the same distance of one half of the reals against the other;
            None where halves are too small.
    """

    net: str
    metric: str
    model: str
    estimate: float
    interval: tuple[float, float] | None
    floor: float | None

    @property
    def floors(self) -> float | None:
        """The distance in floors, which nets of other features have in common."""
        return None if not self.floor else self.estimate / self.floor

    @property
    def told_apart(self) -> bool | None:
        """Whether the model is farther from the reals than chance allows; None where unclear.

        It is where its interval lies beyond the floor, it is not where the interval reaches 0.
        """
        if self.interval is None or self.floor is None:
            return None
        low = self.interval[0]
        return True if low > self.floor else False if low <= 0 else None


def views_of(scores: Mapping[str, Sequence[Score]]) -> tuple[View, ...]:
    """Distances of all models by all nets, from the scores that `evaluate` gave by each net."""
    found = []
    for net, of_net in scores.items():
        floors = {
            score.metric: floor_from(score.estimate, score.level)
            for score in of_net
            if score.details.get("model") == REALS and score.estimate is not None
        }
        for score in of_net:
            model = str(score.details.get("model"))
            if model == REALS or not _is_distance(score.metric):
                continue
            estimate = score.value if score.corrected is None else score.corrected
            floor = floors.get(score.metric)
            found.append(View(net, score.metric, model, estimate, score.interval, floor))
    return tuple(found)


def agreement(views: Sequence[View]) -> list[str]:
    """In words, by metric: which model each net places first, and which model fools some nets."""
    lines = []
    for metric in dict.fromkeys(view.metric for view in views):
        of_metric = [view for view in views if view.metric == metric]
        models = list(dict.fromkeys(view.model for view in of_metric))
        if len(models) > 1:
            lines.append(f"{METRICS[metric].label}: {_first(of_metric)}")
        for model in models:
            if said := _fooled([view for view in of_metric if view.model == model]):
                lines.append(f"{METRICS[metric].label}: {said}")
    return lines


def _first(views: Sequence[View]) -> str:
    best: dict[str, list[str]] = {}
    for net in dict.fromkeys(view.net for view in views):
        nearest = min((view for view in views if view.net == net), key=lambda view: view.estimate)
        best.setdefault(nearest.model, []).append(net)
    if len(best) == 1:
        ((model, nets),) = best.items()
        return f"all {len(nets)} nets place {model} first"
    said = "; ".join(f"{', '.join(nets)}: {model}" for model, nets in best.items())
    return f"the nets disagree on which model is first ({said})"


def _fooled(views: Sequence[View]) -> str | None:
    """A model that some nets cannot tell from the reals, and others can beyond doubt."""
    blind = [view.net for view in views if view.told_apart is False]
    seeing = [view for view in views if view.told_apart]
    if not blind or not seeing:
        return None
    far = ", ".join(f"{view.net} ({view.floors:.3g} floors)" for view in seeing)
    nets = ", ".join(blind)
    return (
        f"{views[0].model} cannot be told from the reals by {nets}, and clearly by {far}: it was "
        f"optimised against {nets}, or {nets} does not see what is wrong with it"
    )


def _is_distance(metric: str) -> bool:
    entry = METRICS[metric]
    return entry.estimate is not None and entry.better == "lower" and entry.ideal == 0.0
