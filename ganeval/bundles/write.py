"""Writes scores with all that lets somebody else check them, but without images."""

import hashlib
import json
import math
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from ganeval.bundles.anonymous import (
    Groups,
    group_names,
    plain_features,
    plain_statistics,
    without_places,
)
from ganeval.bundles.cards import card_text, cards_of
from ganeval.bundles.contents import (
    ALSO,
    MANIFEST,
    README,
    SCORES,
    SIDES_OF,
    FileForm,
    card_name,
    influences_name,
    manifest,
    readme,
)
from ganeval.bundles.sides import Data, SideForm, Sides, halves_of, in_python
from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.files import whole
from ganeval.metrics import METRICS, Score, statistics_of
from ganeval.moments import Moments
from ganeval.npz import to_bytes
from ganeval.statistics import Estimate
from ganeval.suites import REALS, SIDES, ScoresFile, fingerprint_of, model_of, side_of, to_arrays

Scored: TypeAlias = tuple[Score, Estimate | None]
"""A score and the influences behind it, where there are any."""


def bundle(
    scores: Any,
    path: str | os.PathLike[str],
    *,
    also: str | None = None,
    real: Any = None,
    fakes: Any = None,
    train: Any = None,
    feature_net: Any = None,
) -> str:
    """Writes scores, with what is needed to check them, to one zip without images and paths.

    Args:
        scores: path of a scores.jsonl that `evaluate -o` wrote, or several; or scores.
        path: zip to write.
        also: `features` or `statistics` of the sides, from which values can be computed again
            without images; None for influences alone, which give standard errors and intervals.
        real: for `also`: images, Features, rows [n, d], or a path to any of them, that were scored.
        fakes: for `also`: the fakes of each model by its name, or those of the only model, in the
            same forms.
        train: for `also`: the training images, where a metric was given them.
        feature_net: for images; by default the net of the scores.

    Returns:
        SHA-256 of the zip, to be cited with it. Equal scores make equal bytes.

    Raises:
        InputError: no scores, or other images than those that were scored.

    Example:
        >>> ganeval.bundle("scores.jsonl", "supp.zip")
    """
    found = collected([scores] if isinstance(scores, str | os.PathLike | Score) else scores)
    sides = None
    if also is not None:
        sides = in_python([s for s, _ in found], real, fakes, train, feature_net)
    return write_bundle(found, path, also=also, sides=sides)


def collected(scores: Iterable[Any]) -> list[Scored]:
    """Scores of files, or given as they are, with their influences, each once.

    Raises:
        InputError: a file without scores, a metric that this version does not know, or two scores
            of one run that differ.
    """
    found: dict[object, Scored] = {}
    for given in scores:
        for score, estimate in _of(given):
            if score.metric not in METRICS:
                raise InputError(
                    f"{given} has scores by {score.metric}, which is no metric of this version; "
                    "compute them again"
                )
            run = score.details.get("run")
            key: object = len(found) if run is None else (run, score.metric)
            if key in found and not _same(score, found[key][0]):
                raise InputError(
                    f"{given} has another score by {score.metric} of {score.details.get('model')} "
                    "than an earlier file or line, of the same run; give one of them"
                )
            if key not in found or estimate is not None:
                found[key] = score, estimate
    if not found:
        raise InputError("there are no scores; give what `ganeval evaluate -o` wrote")
    return list(found.values())


def _same(one: Score, other: Score) -> bool:
    return math.isclose(one.value, other.value, rel_tol=1e-6, abs_tol=1e-12) or (
        math.isnan(one.value) and math.isnan(other.value)
    )


def _of(given: Any) -> Iterator[Scored]:
    if isinstance(given, Score):
        yield given, given.estimate
        return
    file = ScoresFile(given)
    for score in file.some():
        yield score, file.estimate(score) if file.has_estimate(score) else None


@dataclass
class _Files:
    """What goes into the zip, in order."""

    archive: zipfile.ZipFile
    known: dict[str, FileForm] = field(default_factory=dict)

    def add(self, name: str, content: bytes) -> None:
        """One file, once; without a date or an owner, so that equal content makes equal zips."""
        if name in self.known:
            return
        self.known[name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        self._write(name, content)

    def close(self) -> None:
        """Writes the manifest."""
        self._write(MANIFEST, manifest(self.known))

    def _write(self, name: str, content: bytes) -> None:
        entry = zipfile.ZipInfo(name)  # of 1980
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        self.archive.writestr(entry, content)


def write_bundle(
    scored: Sequence[Scored],
    path: str | os.PathLike[str],
    *,
    also: str | None = None,
    sides: Sides | None = None,
) -> str:
    """Writes the zip, whole or not at all; see `bundle`."""
    if also is not None and also not in ALSO:
        raise InputError(f"also is {also!r}; wanted {' or '.join(ALSO)}")
    scores = [score for score, _ in scored]
    given = [] if sides is None else [_given(score, sides) for score in scores]
    names = {name for _, found in scored if found is not None for name in group_names(found)}
    names |= {name for of in given for data, _ in of.values() for name in _groups_of(data)}
    groups = Groups.of(names)
    plain = [without_places(score) for score in scores]
    with whole(path) as beside:
        with zipfile.ZipFile(beside, "w") as archive:
            files = _Files(archive)
            cards = cards_of(scores)
            files.add(README, readme(plain, cards=[card.name for card in cards], also=also))
            files.add(SCORES, "".join(f"{score.to_json()}\n" for score in plain).encode())
            for score, found in scored:
                name = influences_name(score)
                if found is not None and name is not None:
                    files.add(name, to_bytes(to_arrays(groups.in_estimate(found))))
            for i, card in enumerate(cards, 1):
                files.add(card_name(i, card.name), card_text(card).encode())
            if also is not None:
                _add_sides(files, plain, given, groups, also)
            files.close()
        digest = _sha256(beside)
    return digest


_Given: TypeAlias = dict[str, tuple[Data, np.ndarray | None]]
"""The sides of a score by role, and which of the images it is of; None for all."""


def _given(score: Score, sides: Sides) -> _Given:
    """The sides of a score, checked.

    Raises:
        InputError: a side is missing, holds other images than were scored, or is of another net.
    """
    whose = score.details.get("model") or score.metric
    if model_of(score) == REALS:
        reals = sides(score, "real")
        halves = halves_of(score, reals) if isinstance(reals, Features) else None
        if not isinstance(reals, Features) or halves is None:
            return {}  # statistics have no halves
        return {role: (reals, rows) for role, rows in halves.items()}
    found: _Given = {}
    for role in SIDES:
        if not (fingerprint := fingerprint_of(score, role)):
            continue
        data = sides(score, role)
        if data is None:
            raise InputError(
                f"the {role} images of {whose} are not given, and their features are to be in the "
                "bundle; give them"
            )
        origin = data if isinstance(data, Features) else data.origin
        if origin.fingerprint != fingerprint:
            raise InputError(
                f"{role} of {whose} has other images than those that were scored; give those, read "
                "by the same options"
            )
        seen, scored = _net(origin.protocol), _net(score.protocol)
        if seen[1:] != scored[1:]:
            raise InputError(
                f"{role} of {whose} is seen by net {seen[0]!r} with its settings, and was scored "
                f"as {scored[0]!r} saw it; name that net, with the same settings"
            )
        found[role] = data, None
    return found


def _net(protocol: Mapping[str, Any]) -> tuple[str, ...]:
    """Name and fingerprint of the net of features or a score, and how finely it computed."""
    net, how = (protocol.get(part) or {} for part in ("net", "preprocessing"))
    return str(net.get("name")), str(net.get("fingerprint")), str(how.get("precision"))


def _groups_of(data: Data) -> Iterable[str]:
    if isinstance(data, Features):
        return data.groups or ()
    return data.origin.groups or ()


def _add_sides(
    files: _Files, plain: Sequence[Score], given: Sequence[_Given], groups: Groups, also: str
) -> None:
    """The sides, each once, and which are those of each score."""
    known: dict[int, str] = {}
    index: list[dict[str, SideForm]] = []
    for score, of in zip(plain, given, strict=True):
        index.append({})
        for role, (data, rows) in of.items():
            if rows is not None and also == "statistics":
                continue  # of halves there are none
            if id(data) not in known:
                name = "real" if rows is not None else str(side_of(score, role).get("name") or role)
                content = _content(data, groups, name=name, also=also)
                known[id(data)] = f"sides/{hashlib.sha256(content).hexdigest()[:16]}.npz"
                files.add(known[id(data)], content)
            index[-1][role] = {"file": known[id(data)]}
            if rows is not None:
                index[-1][role]["rows"] = tuple(rows.tolist())
    files.add(SIDES_OF, json.dumps({"scores": index}).encode())


def _content(data: Data, groups: Groups, *, name: str, also: str) -> bytes:
    """The file of one side."""
    if isinstance(data, Features) and also == "features":
        return plain_features(data, groups, name=name, fingerprint=data.fingerprint).to_bytes()
    moments = data if isinstance(data, Moments) else statistics_of(data)
    assert moments is not None
    return to_bytes(plain_statistics(moments, groups, name=name).to_arrays())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


__all__ = ["bundle", "collected", "write_bundle"]
