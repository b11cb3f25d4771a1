"""Is this checkpoint better than the best so far? Of a training run that is looked at often."""

from dataclasses import dataclass

from ganeval.arguments import whole_number
from ganeval.errors import InputError
from ganeval.metrics import METRICS, Score
from ganeval.statistics import Against, Budget, Estimate, gain, mean_of, one_sided_p


@dataclass(frozen=True)
class Look:
    """What one look at a training run says.

    Args:
        step: of the checkpoint.
        better: whether it, or the mean of the looks since the last block, is surely better than
            the best so far, which it then replaces. True for the first look.
        best: step of the best so far, this look included.
        gain: how much better the score is than the best before, in the metric's units; above 0 is
            better. None for the first look.
        p_value: one-sided, of the gain.
        threshold: below which p_value has to be.
        block: whether the gain is of the mean of several looks.
        verdict: in words.
    """

    step: int
    better: bool
    best: int
    gain: float | None
    p_value: float | None
    threshold: float
    block: bool
    verdict: str


class Progress:
    """Compares every checkpoint with the best so far, as often as you like.

    A test at 5 % that is repeated at each of 200 looks finds an improvement in more than half of
    the runs that have none. Here the chance of any false "better" in the whole run is at most
    `alpha`: each look has its share of it, and the mean of every 16 looks has another, since small
    lasting gains only show in means. Means are compared with one best, whose noise they share, so
    that later ones have to be less sure than if each were by itself. Scores have to be by one
    metric and on the same reals, each of new fakes.

    Args:
        looks: how many looks at the run are planned; later ones are refused.
        alpha: chance of any false alarm among them.

    Example:
        >>> progress = ganeval.Progress(looks=200)
        >>> if progress.look(evaluator.compute()["fid"], step=1000).better:
        ...     save(model)

    Source: of the error of every look, `ganeval.statistics.looks`; simulated in
    benchmarks/decisions.
    """

    def __init__(self, *, looks: int = 200, alpha: float = 0.05) -> None:
        looks = whole_number(looks, name="looks", least=1)
        if not 0 < alpha < 1:
            raise InputError(f"alpha is {alpha:g}; wanted a share between 0 and 1, such as 0.05")
        self._budget = Budget(looks, alpha)
        self._count = 0
        self._metric: str | None = None
        self._best: Estimate | None = None
        self._best_step = 0
        self._against: Against  # the best so far, once there is one
        self._block: list[Estimate] = []

    def look(self, score: Score, *, step: int) -> Look:
        """Compares one checkpoint's score with the best so far.

        Raises:
            InputError: more looks than planned, a score without an interval (its
                `details["no_interval"]` says why) or of a file, or of another metric or other
                reals than the first.
        """
        found = self._checked(score)
        self._count += 1
        self._block.append(found)
        label = METRICS[score.metric].label
        if self._best is None:
            return self._replaced(found, step, None, None, 1.0, f"step {step} is the first look")
        sign = -1.0 if score.better == "lower" else 1.0
        ends_block = self._budget.ends_block(self._count)
        said = []
        for looks in [[found], self._block] if ends_block else [[found]]:
            now = mean_of(looks)
            apart = gain(now, self._best)
            threshold = self._budget.of_look
            if looks is self._block:
                error = self._budget.of_block(self._count)
                threshold = self._against.threshold(now, apart, error)
            p_value = one_sided_p(sign * apart.value, apart.spread)
            said.append((p_value / threshold, sign * apart.value, p_value, threshold, now, looks))
        ratio, size, p_value, threshold, now, looks = min(said, key=lambda one: one[0])
        several = len(looks) > 1
        what = f"the last {len(looks)} looks are on average" if several else f"step {step} is"
        if ratio <= 1:
            text = f"{what} better by {label} than step {self._best_step}, by {size:.3g}"
            made = self._replaced(now, step, size, p_value, threshold, text, block=several)
        else:
            text = f"no look is surely better by {label} than step {self._best_step}"
            made = Look(step, False, self._best_step, size, p_value, threshold, several, text)
        if ends_block:
            self._block = []
        return made

    def _replaced(
        self,
        now: Estimate,
        step: int,
        size: float | None,
        p_value: float | None,
        threshold: float,
        text: str,
        *,
        block: bool = False,
    ) -> Look:
        self._best, self._best_step, self._block = now, step, []
        self._against = Against(now)
        return Look(step, True, step, size, p_value, threshold, block, text)

    def _checked(self, score: Score) -> Estimate:
        """The score's estimate, if it can be compared with the best so far."""
        if self._count >= self._budget.looks:
            raise InputError(
                f"{self._count} looks were planned and taken; make a Progress with more looks"
            )
        if score.estimate is None or score.interval is None:
            reason = score.details.get("no_interval", "it has no influences of images")
            raise InputError(f"{score.metric} cannot be compared over looks: {reason}")
        if self._metric not in (None, score.metric):
            raise InputError(
                f"the first look was at {self._metric}, and this one at {score.metric}"
            )
        if self._best is not None and not _same_reals(self._best, score.estimate):
            raise InputError("the looks are at different reals; give every look the same ones")
        self._metric = score.metric
        return score.estimate


def _same_reals(first: Estimate, second: Estimate) -> bool:
    """Whether both have influences of as many reals, or none."""
    if (len(first.parts) > 1) != (len(second.parts) > 1):
        return False
    return len(second.parts) == 1 or first.parts[0].sampling.n == second.parts[0].sampling.n
