"""What `explain` returns: findings, one per family of properties, and all that is behind them."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ganeval.metrics import Score
from ganeval.nets import Words
from ganeval.suites.explain.effects import Effect
from ganeval.suites.explain.properties import Properties
from ganeval.suites.explain.sentences import of_finding, summary


@dataclass(frozen=True, eq=False)
class Finding:
    """A family of properties, by the one that differs most.

    Args:
        name: what the property is called.
        key: its column, as the net names it.
        family: names of the other properties of its family, those that differ most first.
        alike: those among them that differ at least half as clearly.
        effect: how the fakes differ.
        words: what kind of figure it is.
        unit: of the effect, such as `px`.
        p_value: of the family, by permutation of the sides; by t statistics where one has groups.
        q_value: of all families with a q-value up to q, a share of q is false on average at most.
        size: of the largest difference, in its standard deviations where nothing differs.
        importance: fall of the classifier's AUC without the family; None within a class.
        label: the class; None for all images.
        rows: positions of the reals and of the fakes that it is about.
    """

    name: str
    key: str
    family: tuple[str, ...]
    alike: tuple[str, ...]
    effect: Effect
    words: Words
    unit: str
    p_value: float
    q_value: float
    size: float
    importance: float | None
    label: str | None
    rows: tuple[np.ndarray, np.ndarray] = field(repr=False)

    def __str__(self) -> str:
        """One sentence."""
        return of_finding(self)


@dataclass(frozen=True, eq=False)
class Explanation:
    """What is wrong with the fakes.

    Args:
        tests: a finding for every family that was tested, in all images and within classes,
            whether it differs or not.
        score: the classifier two-sample test on all properties, by boosted trees.
        score_q_value: of its p-value, in one list with all families.
        level: 0.95 for a false-discovery rate of 5 %.
        properties: the values behind it.
        channels: fall of the AUC without all properties of one channel, by its name.
        warnings: what a reader should know.
        too_few: what to do where groups or images are too few for any single property to pass as
            a finding, however much it differs; None where they are enough.
    """

    tests: tuple[Finding, ...]
    score: Score
    score_q_value: float
    level: float
    properties: Properties
    channels: dict[str, float]
    warnings: tuple[str, ...]
    too_few: str | None = None

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What differs in all images, the most important first."""
        return tuple(f for f in self._sure if f.label is None)

    @cached_property
    def by_class(self) -> dict[str, tuple[Finding, ...]]:
        """What differs within classes, the largest differences first."""
        labels = dict.fromkeys(f.label for f in self._sure if f.label is not None)
        return {label: tuple(f for f in self._sure if f.label == label) for label in sorted(labels)}

    @property
    def told_apart(self) -> bool:
        """Whether the classifier tells fakes from reals, by whatever properties."""
        return self.score_q_value <= 1 - self.level

    @property
    def differs(self) -> bool:
        """Whether anything was found; where nothing differs, as rarely as the level says.

        With `too_few` units, False means nothing.
        """
        return self.told_apart or bool(self._sure)

    @property
    def _sure(self) -> list[Finding]:
        return [f for f in self.tests if f.q_value <= 1 - self.level]

    def __str__(self) -> str:
        """All of it in a few lines."""
        return "\n".join(summary(self))
