"""Takes out of scores what would say where images lie and whose they are.

Names of image files are in no score. Sets are called by their paths, and groups (plates, patients)
by their names: both are replaced, each by one name throughout a bundle, so that what was equal
stays equal.
"""

import copy
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np

from ganeval.bundles.sides import HUBS
from ganeval.features import Features
from ganeval.images import positions
from ganeval.metrics import Score
from ganeval.moments import Moments
from ganeval.statistics import Estimate, Part, Sampling
from ganeval.suites import PROVENANCE, REALS, Asked, model_of, side_of

_PLACE = re.compile(
    r"""(?:(?<=[\s'"=,;])|^)(?:file://|~|[A-Za-z]:\\|[A-Za-z]:(?=/))?(?:/|(?<=:\\))"""
    r"""(?:[^\s/\\'",;:]+[/\\])+([^\s/\\'",;:]*)"""
)
"""An absolute path inside a text, and its last part."""

_SKIPPED = re.compile(r"(\bskipped \d+ of \d+ images): .*", re.DOTALL)
"""The one warning that names image files; see `ganeval.features`."""

_TABLES = ("label_by", "group_by")
_FILES = ("weights", "feature_net")


@dataclass(frozen=True)
class Groups:
    """Numbers for the names of groups, in the order of the names.

    The order is kept because sums over groups are taken in it, and so round as they did.
    """

    names: Mapping[str, str]

    @classmethod
    def of(cls, names: Iterable[str]) -> "Groups":
        """Numbers for all of these names."""
        every = sorted(set(names))
        width = len(str(len(every)))
        return cls({name: f"group {i:0{width}d}" for i, name in enumerate(every, 1)})

    def numbered(self, names: Iterable[str]) -> tuple[str, ...]:
        """The numbers of groups, by their names."""
        return tuple(self.names[name] for name in names)

    def in_estimate(self, found: Estimate) -> Estimate:
        """The estimate of a score, its groups numbered."""
        judged = found.judged
        if judged is not None:
            judged = replace(judged, own=tuple(map(self._in_part, judged.own)))
        return replace(found, parts=tuple(map(self._in_part, found.parts)), judged=judged)

    def _in_part(self, part: Part) -> Part:
        sampling, known = part.sampling, part.sampling.group_names
        if known is None:
            return part
        numbered = np.array(self.numbered(known.tolist()))
        return replace(part, sampling=Sampling(sampling.n, sampling.classes, numbered))


def group_names(found: Estimate) -> set[str]:
    """All names of groups behind a score."""
    parts = [*found.parts, *(() if found.judged is None else found.judged.own)]
    known = [part.sampling.group_names for part in parts]
    return {name for names in known if names is not None for name in names.tolist()}


def without_places(score: Score) -> Score:
    """The score without paths: sets are called `real`, `train`, or by the model."""
    model = model_of(score)
    called = {"real": "real", "fake": model, "train": "train"}
    if model == REALS:
        called = {"real": "real (one half)", "fake": "real (other half)"}
    data = score.protocol.get("data") or {}
    swaps = {
        str(name): called[role]
        for role in called
        if (name := side_of(score, role).get("name")) is not None
    }
    swaps |= {
        place: "real" if model == REALS else called[role]
        for role, place in Asked.of(score).sides.items()
        if role in called
    }
    protocol: dict[str, Any] = _plain(score.protocol)
    if data:
        protocol["data"] = {
            role: {**protocol["data"][role], "name": called.get(role, role)} for role in data
        }
    details: dict[str, Any] = _plain({k: v for k, v in score.details.items() if k != PROVENANCE})
    if (made := score.details.get(PROVENANCE)) is not None:
        details[PROVENANCE] = _provenance(made, swaps)
    warnings = tuple(plain_text(_begun(text, swaps)) for text in score.warnings)
    return replace(score, protocol=protocol, details=details, warnings=warnings)


def plain_features(side: Features, groups: Groups, *, name: str, fingerprint: str) -> Features:
    """Features under a name of a bundle: images are numbered, in their order, and so are groups."""
    return replace(
        side,
        ids=positions(len(side)),
        groups=None if side.groups is None else groups.numbered(side.groups),
        name=name,
        fingerprint=fingerprint,
        protocol=_plain(side.protocol),
        warnings=tuple(map(plain_text, side.warnings)),
    )


def plain_statistics(side: Moments, groups: Groups, *, name: str) -> Moments:
    """Statistics under a name of a bundle, groups numbered."""
    origin = side.origin
    blocks = origin.groups
    if blocks is not None:
        blocks = dict(zip(groups.numbered(blocks), blocks.values(), strict=True))
    plain = copy.copy(side)
    plain.origin = replace(
        origin,
        name=name,
        groups=blocks,
        protocol=_plain(origin.protocol),
        warnings=tuple(map(plain_text, origin.warnings)),
    )
    return plain


def plain_text(text: str) -> str:
    """A text without names of skipped images, and of absolute paths the last part alone."""
    return _PLACE.sub(lambda match: match[1] or "…", _SKIPPED.sub(r"\1", text))


def _plain(value: Any) -> Any:
    """A value of JSON without absolute paths."""
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _begun(text: str, swaps: Mapping[str, str]) -> str:
    """A warning, of which the name of a set may be the beginning."""
    for place in sorted(swaps, key=len, reverse=True):
        if text.startswith(f"{place}: "):
            return swaps[place] + text[len(place) :]
    return text


def _provenance(made: Mapping[str, Any], swaps: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        key: _plain(value)
        for key, value in made.items()
        if key not in ("command", "sides", "options")
    }
    if "options" in made:
        swaps = dict(swaps)
        found["options"] = {}
        for name, value in made["options"].items():
            found["options"][name] = short = _option(name, value)
            if isinstance(value, str):
                swaps[value] = short
        found["sides"] = {
            role: swaps.get(place, role) for role, place in made.get("sides", {}).items()
        }
    if command := made.get("command"):
        found["command"] = shlex.join(_word(word, swaps) for word in _words(str(command)))
    return found


def _option(name: str, value: Any) -> Any:
    """The value of an option without the folders of files that it names."""
    role_free = name.removeprefix("real_").removeprefix("fake_").removeprefix("train_")
    if isinstance(value, list):
        return [_option(name, item) for item in value]
    if not isinstance(value, str):
        return value
    if role_free in _TABLES and "csv:" in value:
        before, _, file = value.partition("csv:")
        return f"{plain_text(before)}csv:{_last(file)}"
    if role_free in _FILES and not value.startswith(HUBS):
        return ",".join(map(_last, value.split(",")))
    return plain_text(value)


def _word(word: str, swaps: Mapping[str, str]) -> str:
    """A word of a command; `MODEL=PATH` and `--option=VALUE` have two parts."""
    if word in swaps:
        return swaps[word]
    name, equals, rest = word.partition("=")
    if equals and rest in swaps:
        return f"{name}={swaps[rest]}" if name.startswith("-") else name
    if equals and not name.startswith("-") and ("/" in rest or "\\" in rest):
        return name  # another model, whose name is enough
    return plain_text(_last(word) if _is_path(word) else word)


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:  # edited by hand
        return command.split()


def _is_path(word: str) -> bool:
    """Whether a word is a path of several parts, and no option, pattern or rule."""
    return bool(
        re.fullmatch(r"[^:*?=\[\](){}|^$-][^:*?=\[\](){}|^$]*[/\\][^:*?=\[\](){}|^$]*", word)
    )


def _last(path: str) -> str:
    text = PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name
    return text or path
