"""An explanation without the values of single images: what a file has of it, and a report shows."""

from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from ganeval.suites.explain.effects import Aspect
from ganeval.suites.explain.explanation import Explanation, Finding
from ganeval.suites.explain.sentences import (
    difference_in_words,
    looked_at,
    of_classifier,
    said,
    verdict,
)

KIND = "explanation"
"""What a file of it says that it is."""


@dataclass(frozen=True)
class Reported:
    """One finding.

    Args:
        name: what the property is called.
        label: the class; None for all images.
        said: how the fakes differ, in a sentence.
        difference: the difference with its interval, in words.
        aspect: what differs: the mean, the standard deviation or a share of the images.
        unit: of the property, such as `px`.
        real: that figure for the reals; shares are from 0 to 1.
        fake: for the fakes.
        value: fake less real; for standard deviations fake over real. None where reals have none.
        interval: of `value`; None where there is none.
        level: coverage of the interval.
        alike: other properties of its family that differ at least half as clearly.
        q_value: of the family, among all.
        importance: fall of the classifier's AUC without the family; None within a class.
    """

    name: str
    label: str | None
    said: str
    difference: str
    aspect: Aspect
    unit: str
    real: float
    fake: float
    value: float | None
    interval: tuple[float, float] | None
    level: float
    alike: tuple[str, ...]
    q_value: float
    importance: float | None


@dataclass(frozen=True)
class Account:
    """What is wrong with some fakes.

    Args:
        real: name of the reals.
        fake: name of the fakes.
        n_real: images of the reals.
        n_fake: images of the fakes.
        net: that measured the properties; None for a table.
        level: 0.95 for a false-discovery rate of 5 %.
        verdict: whether anything is wrong, in one line.
        classifier: how well all properties together tell fakes from reals.
        looked_at: what the properties are of.
        findings: what differs in all images, the most important first.
        in_classes: what differs within classes, the largest difference of each class first.
        warnings: what a reader should know.
        pictured: whether example images of the findings are in `examples.png` beside the file.
    """

    real: str
    fake: str
    n_real: int
    n_fake: int
    net: str | None
    level: float
    verdict: str
    classifier: str
    looked_at: str
    findings: tuple[Reported, ...]
    in_classes: tuple[Reported, ...]
    warnings: tuple[str, ...]
    pictured: bool

    def to_dict(self) -> dict[str, Any]:
        """Strict JSON: None where something is not known."""
        return {"kind": KIND, **asdict(self)}


def account_of(found: Explanation, *, pictured: bool) -> Account:
    """The account of an explanation; `pictured` as in `Account`."""
    sides = found.score.protocol["data"]
    classes = [each for of_class in found.by_class.values() for each in of_class]
    return Account(
        real=sides["real"]["name"],
        fake=sides["fake"]["name"],
        n_real=len(found.properties.real),
        n_fake=len(found.properties.fake),
        net=found.properties.net,
        level=found.level,
        verdict=verdict(found),
        classifier=of_classifier(found),
        looked_at=looked_at(found),
        findings=tuple(map(_reported, found.findings)),
        in_classes=tuple(map(_reported, classes)),
        warnings=found.warnings,
        pictured=pictured,
    )


def _reported(finding: Finding) -> Reported:
    effect = finding.effect
    return Reported(
        name=finding.name,
        label=finding.label,
        said=said(finding),
        difference=difference_in_words(effect, finding.unit),
        aspect=effect.aspect,
        unit=finding.unit,
        real=effect.real,
        fake=effect.fake,
        value=effect.value if isfinite(effect.value) else None,
        interval=effect.interval,
        level=effect.level,
        alike=finding.alike,
        q_value=finding.q_value,
        importance=finding.importance,
    )
