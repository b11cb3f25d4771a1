"""Are the inputs sane? What was compared, and what a reader should know before any score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ganeval.bundles import plain_text
from ganeval.report.page.scores import Scores
from ganeval.suites import REALS, Audit, side_of


@dataclass(frozen=True)
class Set:
    """One set of images, in words for a table."""

    name: str
    source: str
    images: str
    kind: str
    declared: str
    observed: str
    outside: str


Kind = Literal["look", "note", "fine"]

_AUDITED: dict[str, Kind] = {
    "fit": "fine", "fit with care": "note", "not asked": "note", "unfit": "look"
}  # fmt: skip
"""By what an audit answered."""


@dataclass(frozen=True)
class Check:
    """One thing about the inputs: `fine`, a `note`, or a reason to `look`."""

    kind: Kind
    text: str


def sets(scores: Scores) -> list[Set]:
    """The reals and every model, as the scores describe them."""
    found = []
    first = scores.first
    if side := side_of(first, "real"):
        found.append(_set("real", side, first.n_real))
    for model in scores.models:
        score = scores.of(model)
        found.append(_set(model, side_of(score, "fake"), score.n_fake))
    return found


def checks(scores: Scores, audits: Sequence[Audit] = ()) -> list[Check]:
    """Counts, ranges, groups, warnings, audits of the net: the bad news first."""
    found = [*_ranges(scores), *_groups(scores), *_counts(scores), *_audited(scores, audits)]
    told = dict.fromkeys(text for score in scores.by.values() for text in score.warnings)
    for text in told:
        of = [
            m
            for m in scores.rows
            if any(text in s.warnings for (n, _), s in scores.by.items() if n == m)
        ]
        found.append(Check("look", f"{', '.join(of)}: {text}"))
    if not told:
        found.append(Check("fine", "No score came with a warning."))
    return sorted(found, key=lambda check: ("look", "note", "fine").index(check.kind))


def _set(name: str, side: Mapping[str, Any], n: int | None) -> Set:
    images = side.get("images") or {}
    observed = side.get("observed") or {}
    values, outside = observed.get("values"), observed.get("outside")
    empty = images.get("empty_channels")
    kind = str(images.get("dtype", "features"))
    if empty:
        kind += f"; channel {', '.join(map(str, empty))} is empty"
    return Set(
        name,
        plain_text(str(side.get("name", ""))),
        "unknown" if n is None else f"{n:,}",
        kind,
        _range(images.get("value_range")),
        _range(observed.get("range")),
        f"{100 * outside / values:.2g} %" if values and outside is not None else "",
    )


def _range(pairs: Any) -> str:
    """Ranges of channels, once where they are alike."""
    if not isinstance(pairs, list | tuple) or not pairs:
        return ""
    texts = [f"{float(low):g} to {float(high):g}" for low, high in pairs]
    return texts[0] if len(set(texts)) == 1 else "; ".join(texts)


def _ranges(scores: Scores) -> list[Check]:
    shares = {}
    for model in scores.models:
        score = scores.of(model)
        for name, side in (("real", side_of(score, "real")), (model, side_of(score, "fake"))):
            seen = side.get("observed") or {}
            if seen.get("values"):
                shares[name] = seen.get("outside", 0) / seen["values"]
    if not shares:
        return []
    if worst := {name: share for name, share in shares.items() if share > 0.01}:
        said = ", ".join(f"{name} {100 * share:.2g} %" for name, share in worst.items())
        return [Check("look", f"Values lie outside the declared range: {said}.")]
    return [Check("fine", "At most 1 % of the values of each set lie outside the declared range.")]


def _groups(scores: Scores) -> list[Check]:
    groups = {score.n_groups for score in scores.by.values() if score.n_groups}
    if groups:
        counts = " to ".join(map(str, sorted({min(groups), max(groups)})))
        return [Check("fine", f"Images come from {counts} groups, and the intervals respect them.")]
    return [
        Check(
            "note",
            "No groups were declared: the intervals take every image as independent. They are too "
            "narrow if images share a plate, a dish, a patient or a film (--group-by).",
        )
    ]


def _counts(scores: Scores) -> list[Check]:
    reasons: dict[str, list[str]] = {}
    for (model, metric), score in scores.by.items():
        if (reason := score.details.get("no_interval")) and model != REALS:
            reasons.setdefault(str(reason), []).append(f"{model} by {metric}")
    if reasons:
        return [
            Check("look", f"No interval for {', '.join(of)}: {reason}.")
            for reason, of in reasons.items()
        ]
    with_interval = sum(score.interval is not None for score in scores.by.values())
    return [Check("fine", f"{with_interval} of {len(scores.by)} scores have an interval.")]


def _audited(scores: Scores, audits: Sequence[Audit]) -> list[Check]:
    """May the net that these scores are of judge the images?"""
    name = str((scores.first.protocol.get("net") or {}).get("name"))
    found = []
    for audit in audits:
        images = plain_text(audit.images)
        answer = next((net.answer for net in audit.nets if net.net == name), None)
        if answer is None:
            text = f"The audit of {images} did not ask {name}, the net of these scores."
            found.append(Check("look", text))
        else:
            kind = _AUDITED[answer]
            found.append(Check(kind, f"May net {name} judge {images}? The audit says: {answer}."))
    return found
