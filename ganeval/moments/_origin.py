"""What is known about the data behind moments."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ganeval.errors import InputError

OBSERVED = "observed"
"""Key of a protocol for what the pixels span, which sets made the same way need not share."""


@dataclass(frozen=True)
class Origin:
    """What a score must know about the data behind moments; all of it is saved with them."""

    name: str = "statistics"
    parts: tuple[str, ...] = ()
    """Fingerprints of the data sets that were merged."""
    groups: Mapping[str, int] | None = None
    """Which block each group (plate, patient) is in; None where images are independent."""
    protocol: Mapping[str, Any] = field(default_factory=dict)
    """As in Features: net, preprocessing, images; strict JSON."""
    warnings: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Hash of the data, whatever the order in which its parts were merged."""
        if len(self.parts) < 2:
            return "".join(self.parts)
        return hashlib.sha256("\n".join(sorted(self.parts)).encode()).hexdigest()


def merge_origins(first: Origin, second: Origin) -> Origin:
    """Of the union of two data sets, or InputError where they cannot be one."""
    for key in sorted({*first.protocol, *second.protocol} - {OBSERVED}):
        if first.protocol.get(key) != second.protocol.get(key):
            raise InputError(
                f"{first.name} and {second.name} differ in {key}; make both the same way"
            )
    if (first.groups is None) != (second.groups is None):
        raise InputError(
            f"only one of {first.name} and {second.name} has groups; give --group-by for both"
        )
    if twice := sorted(set(first.parts) & set(second.parts)):
        raise InputError(
            f"{first.name} and {second.name} share data ({twice[0][:12]}…); merge disjoint sets"
        )
    groups = {**(first.groups or {}), **(second.groups or {})}
    for group in (first.groups or {}).keys() & (second.groups or {}).keys():
        if first.groups and first.groups[group] != groups[group]:
            raise InputError(
                f"group {group!r} is in block {first.groups[group]} of {first.name} but in block "
                f"{groups[group]} of {second.name}; make statistics of whole groups"
            )
    return Origin(
        name=f"{first.name}+{second.name}",
        parts=(*first.parts, *second.parts),
        groups=None if first.groups is None else groups,
        protocol=joined_protocol([first.protocol, second.protocol]),
        warnings=tuple(dict.fromkeys((*first.warnings, *second.warnings))),
    )


def joined_protocol(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Protocol of disjoint sets that were made the same way: `observed` spans all of them."""
    joined = dict(parts[0])
    known = [part.get(OBSERVED) for part in parts]
    spans = [one["range"] for one in known if one]
    if len(spans) < len(parts) or len({len(span) for span in spans}) > 1:
        joined.pop(OBSERVED, None)
        return joined
    lows = [min(low for low, _ in channel) for channel in zip(*spans, strict=True)]
    highs = [max(high for _, high in channel) for channel in zip(*spans, strict=True)]
    found: dict[str, Any] = {"range": [list(pair) for pair in zip(lows, highs, strict=True)]}
    for name in ("values", "outside", "below"):
        if all(one and name in one for one in known):
            found[name] = sum(one[name] for one in known if one)
    if depths := _joined_depths([one.get("depths") for one in known if one]):
        found["depths"] = depths
    return {**joined, OBSERVED: found}


def _joined_depths(parts: Sequence[Any]) -> list[list[int]]:
    """Depth, largest value within and number of values beyond; empty if a part knows no depths."""
    if any(not part or [row[0] for row in part] != [row[0] for row in parts[0]] for part in parts):
        return []
    return [
        [rows[0][0], max(row[1] for row in rows), sum(row[2] for row in rows)]
        for rows in zip(*parts, strict=True)
    ]
