"""Computes the scores of a bundle again, from images or from what the bundle holds."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from ganeval.bundles.agreement import (
    claims_otherwise,
    differing_fields,
    numbers_of,
    same,
    within_tolerance,
)
from ganeval.bundles.cards import CheckedCard, checked_cards
from ganeval.bundles.read import Bundle
from ganeval.bundles.sides import Data, Sides, halves_of, in_python
from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.metrics import METRICS, Score
from ganeval.suites import (
    PROVENANCE,
    REALS,
    again,
    fingerprint_of,
    machine,
    metric_options,
    model_of,
)
from ganeval.wording import listed

Outcome: TypeAlias = Literal["same", "within tolerance", "differs", "not recomputed"]
Source: TypeAlias = Literal["images", "features", "statistics", "influences"]

_POOREST: tuple[Source, ...] = ("statistics", "features", "images")


@dataclass(frozen=True)
class Checked:
    """One score, computed again.

    Args:
        model: whose score it is; empty where the score does not say.
        metric: entry of METRICS.
        stated: the numbers of the score by name: value, corrected, std_error, low and high (of the
            interval), p_value.
        found: those that could be computed again.
        sources: from what each of these was.
        fields: where the protocols or the machines differ, in words.
        broken: whether the score has numbers that it should not have, or influences of another.
        reason: why a number was not computed again, or what is wrong.
    """

    model: str
    metric: str
    stated: Mapping[str, float]
    found: Mapping[str, float] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    broken: bool = False
    reason: str = ""

    @property
    def outcome(self) -> Outcome:
        """Whether all numbers that were computed again agree with those that are stated."""
        pairs = [(self.stated[name], number) for name, number in self.found.items()]
        if self.broken or not all(within_tolerance(*pair, self._std_error) for pair in pairs):
            return "differs"
        if not pairs:
            return "not recomputed"
        return "same" if all(same(*pair) for pair in pairs) else "within tolerance"

    @property
    def missing(self) -> tuple[str, ...]:
        """Numbers that could not be computed again."""
        return tuple(name for name in self.stated if name not in self.found)

    @property
    def differing(self) -> tuple[str, ...]:
        """Numbers that are not within the tolerance."""
        return tuple(
            name
            for name, number in self.found.items()
            if not within_tolerance(self.stated[name], number, self._std_error)
        )

    def with_numbers(
        self,
        numbers: Mapping[str, float],
        source: Source,
        *,
        fields: tuple[str, ...] = (),
        odd: Sequence[str] = (),
    ) -> "Checked":
        """With further numbers that were computed again; `odd` are on one side alone."""
        new = {name: x for name, x in numbers.items() if name in self.missing}
        return replace(
            self,
            found={**self.found, **new},
            sources={**self.sources, **dict.fromkeys(new, source)},
            fields=(*self.fields, *fields),
            broken=self.broken or bool(odd),
            reason=f"{listed(list(odd))} on one side alone" if odd else self.reason,
        )

    @property
    def _std_error(self) -> float | None:
        return self.stated.get("std_error")


@dataclass(frozen=True)
class Verification:
    """All scores of a bundle, computed again.

    Args:
        path: of the bundle.
        rows: one per score, in its order.
        cards: one per card of a net.
    """

    path: str
    rows: tuple[Checked, ...]
    cards: tuple[CheckedCard, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether something was computed again, nothing differs, and cards are of the nets."""
        outcomes = {row.outcome for row in self.rows}
        broken = any(card.broken for card in self.cards)
        return "differs" not in outcomes and outcomes != {"not recomputed"} and not broken

    def __str__(self) -> str:
        kinds = ("same", "within tolerance", "differs", "not recomputed")
        counts = {kind: sum(row.outcome == kind for row in self.rows) for kind in kinds}
        words = {"differs": "differ"}
        said = ", ".join(
            f"{n} {kind if n == 1 else words.get(kind, kind)}" for kind, n in counts.items() if n
        )
        without = sum("value" in row.missing for row in self.rows)
        aside = f"; of {without} the value itself was not computed again" if without else ""
        n, n_odd = len(self.rows), sum(card.broken for card in self.cards)
        odd = f"; {n_odd} card{'s' * (n_odd != 1)} of another net than scored" if n_odd else ""
        return f"{n} score{'s' * (n != 1)}: {said}{aside}{odd}"


def verify(
    path: str | os.PathLike[str],
    *,
    real: Any = None,
    fakes: Any = None,
    train: Any = None,
    feature_net: Any = None,
) -> Verification:
    """Computes every score of a bundle again.

    From images, or their features, where they are given; else from the features, statistics and
    influences that the bundle holds: influences give standard errors and intervals, not values.

    Args:
        path: what `bundle` wrote.
        real: images, Features, rows [n, d], or a path to any of them. Images that were read by
            options need `open_images` with the same.
        fakes: those of each model by its name, or those of the only model, in the same forms.
        train: the training images, where a metric was given them.
        feature_net: for images; by default the net of the scores.

    Raises:
        InputError: no bundle, or one that is damaged, edited or a trap.

    Example:
        >>> ganeval.verify("supp.zip", real="real/", fakes={"good": "good/"}).ok
    """
    with Bundle.open(path) as bundle:
        return verify_bundle(bundle, in_python(bundle.scores, real, fakes, train, feature_net))


def verify_bundle(
    bundle: Bundle,
    sides: Sides,
    *,
    device: str | None = None,
) -> Verification:
    """Computes every score again; see `verify`.

    Args:
        bundle: open.
        sides: finds features of images.
        device: on which these were computed.
    """
    check = _Check(bundle, sides, {PROVENANCE: machine(device)})
    rows = tuple(check.row(number) for number in range(len(bundle.scores)))
    return Verification(str(bundle.path), rows, checked_cards(bundle))


class _Damaged(InputError):
    """What the bundle holds is not what it says."""


@dataclass(frozen=True)
class _Check:
    """Computes scores of a bundle again, those of one command at once."""

    bundle: Bundle
    sides: Sides
    made: Mapping[str, Any]
    known: dict[object, tuple[Score, ...]] = field(default_factory=dict)

    def row(self, number: int) -> Checked:
        """One score, by its number, from the best source that there is."""
        score = self.bundle.scores[number]
        row = Checked(str(score.details.get("model", "")), score.metric, numbers_of(score))
        if score.metric not in METRICS:
            return replace(row, reason="this version has no such metric")
        try:
            row = self._from_sides(row, number)
        except _Damaged as error:
            row = replace(row, broken=True, reason=str(error))
        except InputError as error:
            row = replace(row, reason=str(error))
        try:
            return self._from_influences(row, score)
        except InputError as error:
            return replace(row, broken=True, reason=str(error))

    def _from_sides(self, row: Checked, number: int) -> Checked:
        given, source = self._given(number)
        score = self.bundle.scores[number]
        if other := self._other_reals(score):
            return replace(row, fields=(other,), broken=True)
        if not given:
            return replace(row, reason="neither the images nor their features are here")
        found = self._again(score, given)
        numbers = numbers_of(found)
        differing = differing_fields(score, found)
        fields = tuple(dict.fromkeys(differing.values()))
        if claims_otherwise(differing, own=source == "features"):
            row = replace(row, broken=True)
        if source == "statistics":  # whose errors are those of blocks of images
            numbers = {name: x for name, x in numbers.items() if name == "value"}
        elif lost := sorted(row.stated.keys() ^ numbers.keys()):
            return row.with_numbers(numbers, source, fields=fields, odd=lost)
        return row.with_numbers(numbers, source, fields=fields)

    def _given(self, number: int) -> tuple[dict[str, Data], Source]:
        """The sides of a score and the poorest source among theirs; no side if one is missing."""
        score = self.bundle.scores[number]
        given: dict[str, Data] = {}
        sources: set[Source] = set()
        if model_of(score) == REALS and (halves := self._halves(score)) is not None:
            return halves, "images"
        for role in self._roles(score):
            data = self.sides(score, role)
            source: Source = "images"
            if data is None:
                data = self._of_bundle(number, role)
                source = "features" if isinstance(data, Features) else "statistics"
            if data is None:
                return {}, "images"
            given[role] = data
            sources.add(source)
        return given, next(one for one in _POOREST if one in sources)

    def _of_bundle(self, number: int, role: str) -> Data | None:
        try:
            return self.bundle.side(number, role)
        except InputError as error:
            raise _Damaged(str(error)) from None

    def _roles(self, score: Score) -> list[str]:
        entry = METRICS[score.metric]
        real = [] if entry.one_sided and score.n_real is None else ["real"]
        return [*real, "fake", *(["train"] if entry.needs_train else [])]

    def _halves(self, score: Score) -> dict[str, Data] | None:
        """Both halves of the reals that were given; None where none were."""
        reals = self.sides(score, "real")
        if not isinstance(reals, Features):
            return None
        rows = halves_of(score, reals)
        return None if rows is None else {role: reals.take(part) for role, part in rows.items()}

    def _other_reals(self, score: Score) -> str:
        """How the reals that were given differ from those that the row of halves is of."""
        if model_of(score) != REALS:
            return ""
        reals = self.sides(score, "real")
        known = {
            fingerprint_of(other, "real"): other
            for other in self.bundle.scores
            if model_of(other) != REALS
        }
        if not isinstance(reals, Features) or not known or reals.fingerprint in known:
            return ""
        return f"real images: {listed([mark[:12] for mark in known])} and {reals.fingerprint[:12]}"

    def _again(self, score: Score, given: Mapping[str, Data]) -> Score:
        options = json.dumps(metric_options(score), sort_keys=True, default=str)
        key = METRICS[score.metric].command, options, *map(id, given.values())
        if key not in self.known:
            self.known[key] = again(score, given)
        found = next(one for one in self.known[key] if one.metric == score.metric)
        return replace(found, details={**found.details, **self.made})

    def _from_influences(self, row: Checked, score: Score) -> Checked:
        """The standard error and the interval, where they are stated and not computed yet."""
        if not {"std_error", "low"} & set(row.missing):
            return row
        found = self.bundle.estimate(score)
        if found is None:
            return row
        low, high = found.interval(score.level) or (None, None)
        numbers = {"std_error": found.spread.std_error, "low": low, "high": high}
        return row.with_numbers({k: x for k, x in numbers.items() if x is not None}, "influences")
