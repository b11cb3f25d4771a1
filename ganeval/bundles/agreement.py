"""Whether a score that was computed again agrees with the first one, and what differs if not."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ganeval.metrics import Score
from ganeval.suites import PROVENANCE

ROUNDING = 1e-9
"""Share of a number within which two are the same."""
RELATIVE = 1e-4
STD_ERRORS = 0.01
TOLERANCE = (
    "Two numbers are the same to nine digits, and agree within the tolerance if they differ by at\n"
    "most 0.01 % or, where that is more, by a hundredth of the score's standard error."
)

_IN_WORDS = {
    "n_real": "number of reals",
    "n_fake": "number of fakes",
    "n_groups": "number of groups",
    "net.fingerprint": "settings or weights of the net",
    "net.sha256": "net sha256",
    "data.real.fingerprint": "real images",
    "data.fake.fingerprint": "fake images",
    "data.train.fingerprint": "training images",
    "options.train": "training images",
    "data.real.n": "number of real images",
    "data.fake.n": "number of fake images",
}
_LEFT_OUT = ("name", "observed")
"""Fields that may differ for one and the same score: what a set or a net is called."""
_FACTS = ("n_real", "n_fake", "better")
_MACHINE = ("device", "processor", "system", "python")


def numbers_of(score: Score) -> dict[str, float]:
    """The numbers that a score states, by name."""
    low, high = score.interval or (None, None)
    found = {
        "value": score.value,
        "corrected": score.corrected,
        "std_error": score.std_error,
        "low": low,
        "high": high,
        "p_value": score.details.get("p_value"),
    }
    return {name: float(x) for name, x in found.items() if isinstance(x, int | float)}


def same(stated: float, found: float) -> bool:
    """Whether two numbers are equal but for rounding; undefined ones are."""
    return (
        stated == found or abs(stated - found) <= ROUNDING * abs(stated) or _both_nan(stated, found)
    )


def within_tolerance(stated: float, found: float, std_error: float | None) -> bool:
    """Whether two numbers agree by `TOLERANCE`."""
    room = max(RELATIVE * abs(stated), STD_ERRORS * (std_error or 0.0))
    return same(stated, found) or abs(stated - found) <= room


def differing_fields(stated: Score, found: Score) -> dict[str, str]:
    """The facts, the fields of the protocol and of the machine in which scores differ, in words."""
    mine, yours = (dict(_leaves(_described(score))) for score in (stated, found))
    texts = {}
    for field in dict.fromkeys([*mine, *yours]):
        a, b = mine.get(field), yours.get(field)
        known = field in mine and field in yours
        if a != b and (known or field.startswith("options.")):
            words = _IN_WORDS.get(field, field.replace(".", " "))
            texts[field] = f"{words}: {in_short(a)} and {in_short(b)}"
    return texts


def claims_otherwise(fields: Iterable[str], *, own: bool) -> bool:
    """Whether a score says what is not so, whatever its numbers.

    Args:
        fields: in which it differs from the score that was computed again.
        own: whether that was from the bundle's own features, which were made as the score was:
            only versions and machines may be others.
    """
    roots = {field.partition(".")[0] for field in fields}
    return bool(roots & set(_FACTS)) or (own and not roots <= {"versions", *_MACHINE})


def _described(score: Score) -> dict[str, Any]:
    plain = score.to_dict()  # lists for tuples, as in a file
    made = plain["details"].get(PROVENANCE) or {}
    protocol = {key: value for key, value in plain["protocol"].items() if key != "metric"}
    facts = {key: plain[key] for key in (*_FACTS, "n_groups")}
    return {
        **protocol,
        **facts,
        "level": score.level,
        **{key: made[key] for key in _MACHINE if key in made},
    }


def _leaves(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """(field, value) of all that is no mapping itself, without names."""
    if not isinstance(value, Mapping):
        yield at, value
        return
    for key, inner in value.items():
        if key not in _LEFT_OUT or at == "net":
            yield from _leaves(inner, f"{at}.{key}".lstrip("."))


def in_short(value: Any) -> str:
    """A value in words that name a difference."""
    text = str(value)
    if isinstance(value, str) and len(text) == 64:  # a hash
        return text[:12]
    return text if len(text) <= 40 else f"{text[:39]}…"


def _both_nan(stated: float, found: float) -> bool:
    return stated != stated and found != found
