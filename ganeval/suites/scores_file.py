"""`scores.jsonl`: one score per line, and the influences behind them in a folder with its name."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from ganeval.errors import InputError
from ganeval.files import alone, refusals_named, regular_file
from ganeval.metrics import METRICS, Score
from ganeval.npz import broken_as_input_error, read_arrays, write_arrays
from ganeval.statistics import Estimate, Part
from ganeval.suites.compare import comparable
from ganeval.suites.evaluate import REALS
from ganeval.suites.floor import floor_from
from ganeval.suites.influences import from_arrays, to_arrays

_BEGIN = b'{"metric": "'
"""How every line begins."""

_PATIENCE = 60
"""Seconds to wait for other processes that append a line."""


class ScoresFile:
    """Reads and appends; a line that a crash cut short is dropped.

    Args:
        path: of the file; influences go to `<path without suffix>.influences/`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.folder = self.path.with_suffix(".influences")

    def scores(self) -> list[Score]:
        """All scores; none where there is no file.

        Raises:
            InputError: the file is no text, or a line other than an unfinished last one no score.
        """
        if not self.path.exists():
            return []
        try:
            text = regular_file(self.path).read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise InputError(f"{self.path} is no text file of scores; name another") from None
        found = []
        lines = text.split("\n")
        for number, line in enumerate(lines, 1):
            try:
                if line.strip():
                    found.append(Score.from_json(line))
            except InputError as error:
                if number == len(lines):  # the last one, without an end: cut short
                    break
                raise InputError(f"{self.path}, line {number}: {error}") from None
        return found

    def some(self) -> list[Score]:
        """All scores of a file that was named for them.

        Raises:
            InputError: no such file, one without a score, or as `scores`.
        """
        if not self.path.is_file():
            raise InputError(
                f"{self.path} is no file; give the scores.jsonl that `ganeval evaluate -o` wrote"
            )
        if found := self.scores():
            return found
        raise InputError(f"{self.path} has no scores; give what `ganeval evaluate -o` wrote")

    def is_own(self) -> bool:
        """Whether a file is there that `evaluate` began, so that it is continued."""
        if self.path.is_symlink() or not self.path.is_file():
            return False
        with self.path.open("rb") as file:
            begin = file.read(len(_BEGIN))
        return _BEGIN.startswith(begin)

    def append(self, score: Score) -> None:
        """One more line, after whatever complete lines there are; if the disk is full, none.

        Several processes may append to one file; every line is kept.

        Raises:
            InputError: meanwhile another program has written a file of that name.
        """
        with refusals_named(self.path), alone(self.path, patience=_PATIENCE):
            complete = 0
            if self.path.exists():
                if not self.is_own():
                    raise InputError(f"{self.path} is a file of something else; name another")
                complete = self.path.read_bytes().rfind(b"\n") + 1
                os.truncate(self.path, complete)
            try:
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(score.to_json() + "\n")
            except OSError:
                with suppress(OSError):
                    os.truncate(self.path, complete)
                raise

    def keep(self, score: Score) -> None:
        """Writes the influences behind a score, from which `compare` needs no images."""
        if score.estimate is None:
            return
        self.folder.mkdir(exist_ok=True)
        write_arrays(self._path(score), to_arrays(score.estimate))

    def has_estimate(self, score: Score) -> bool:
        """Whether the influences behind a score of this file are there."""
        return "run" in score.details and self._path(score).exists()

    def estimate(self, score: Score) -> Estimate:
        """The estimate of a score of this file, as `keep` wrote it.

        Raises:
            InputError: the influences are not there, or broken.
        """
        path = self._path(score)
        remedy = (
            f"keep the folder with {self.path.name}, or run `ganeval evaluate -o` again, into a "
            "new file"
        )
        if not path.exists():
            model = score.details.get("model")
            raise InputError(f"the influences of {model} are not in {self.folder}; {remedy}")
        with broken_as_input_error(f"{path} holds no influences that can be read", remedy):
            return from_arrays(score, read_arrays(path))

    def _path(self, score: Score) -> Path:
        run = str(score.details.get("run"))
        if not run.isalnum() or len(run) > 64:
            raise InputError(
                f"{self.path} names no influences; run `ganeval evaluate -o` again, into a new file"
            )
        return self.folder / f"{run}-{score.metric}.npz"


def side_of(score: Score, role: str) -> dict[str, Any]:
    """Name, n and fingerprint of one side of a score."""
    found: dict[str, Any] = (score.protocol.get("data") or {}).get(role) or {}
    return found


def fingerprint_of(score: Score, role: str) -> str:
    """The fingerprint of a side; that of training images is among the options."""
    known = side_of(score, role).get("fingerprint")
    if role == "train":
        known = known or (score.protocol.get("options") or {}).get("train")
    return str(known or "")


def model_of(score: Score) -> str:
    """Name of the model, `fake` for a score that has none."""
    return str(score.details.get("model") or "fake")


def models_of(scores: Sequence[Score]) -> list[str]:
    """Names of all models, without the row of the reals."""
    return [model for model in dict.fromkeys(map(model_of, scores)) if model != REALS]


def latest_scores(scores: Iterable[Score], metric: str, path: str) -> dict[str, Score]:
    """The last score of each model by a metric, by name.

    Raises:
        InputError: a name stands for two sets of images, or scores are not comparable.
    """
    latest: dict[str, Score] = {}
    for score in scores:
        name = str(score.details.get("model"))
        if score.metric != metric or name == REALS:
            continue
        before, now = (side_of(one, "fake") for one in (latest.get(name, score), score))
        if before.get("fingerprint") != now.get("fingerprint"):
            raise InputError(
                f"{path} has two models named {name!r}, of other images each; evaluate them as "
                "NAME=PATH into a new file"
            )
        latest[name] = score
    if latest and (field := differing_field(list(latest.values()))):
        raise InputError(
            f"scores of {path} are not comparable, they differ in {field}; evaluate all models "
            "the same way, into a new file"
        )
    return latest


def clash_of(scores: Sequence[Score], path: str) -> str | None:
    """Why `compare` cannot take a file's models together, in words; None where it can."""
    try:
        for metric in dict.fromkeys(score.metric for score in scores):
            if metric in METRICS and METRICS[metric].estimate is not None:
                latest_scores(scores, metric, path)
    except InputError as error:
        return str(error)
    return None


def kept_estimates(path: str, metric: str) -> dict[str, Estimate]:
    """The estimates of all models of a scores file by a metric.

    Raises:
        InputError: no such file, under two models, scores that are not comparable, or influences
            that are not there.
    """
    file = ScoresFile(path)
    if Path(path).suffix != ".jsonl" or not file.path.is_file():
        raise InputError(
            f"{path} is no scores.jsonl, and no models were named; give REAL MODEL MODEL …, or "
            "what `ganeval evaluate -o scores.jsonl` wrote"
        )
    comparable(metric)
    scores = file.scores()
    latest = latest_scores(scores, metric, path)
    if len(latest) < 2:
        others = [
            other
            for other in dict.fromkeys(score.metric for score in scores)
            if _compares_two(scores, other, path)
        ]
        raise InputError(
            f"{path} has {len(latest)} model{'s' * (len(latest) != 1)} scored by {metric}, of 2 "
            "that a comparison needs; "
            + (
                f"name one of these: --metric {' or '.join(others)}"
                if others
                else f"scored are: {', '.join(sorted({one.metric for one in scores})) or 'none'}"
            )
        )
    for name, score in latest.items():
        if reason := score.details.get("no_interval"):
            raise InputError(f"{name} cannot be compared by {metric}: {reason}")
    return same_reals({name: file.estimate(score) for name, score in latest.items()})


def _compares_two(scores: Sequence[Score], metric: str, path: str) -> bool:
    """Whether a file's models can be compared by a metric."""
    try:
        comparable(metric)
        latest = latest_scores(scores, metric, path)
    except InputError:
        return False
    return len(latest) > 1 and not any(one.details.get("no_interval") for one in latest.values())


def kept_floor(path: str, metric: str, level: float) -> float | None:
    """The floor of a scores file by a metric, from its row of the reals; None without one."""
    file = ScoresFile(path)
    rows = [one for one in file.scores() if one.metric == metric]
    of_reals = [one for one in rows if one.details.get("model") == REALS]
    if not of_reals or of_reals[-1].interval is None:
        return None
    return floor_from(file.estimate(of_reals[-1]), level)


def kept_obedience(path: str) -> dict[str, Mapping[str, Any]]:
    """The value and the details of each model's obedience; none where they are not all there."""
    scores = ScoresFile(path).scores()
    models = {str(score.details.get("model")) for score in scores} - {REALS}
    found = latest_scores(scores, "obedience", path)
    judged: dict[str, Mapping[str, Any]] = {
        name: {"value": score.value, **score.details} for name, score in found.items()
    }
    numbers = [of.get(name) for of in judged.values() for name in ("value", "reals", "p_value")]
    whole = found.keys() == models and all(isinstance(one, float | int) for one in numbers)
    return judged if whole else {}


def same_reals(found: Mapping[str, Estimate]) -> dict[str, Estimate]:
    """The estimates with the reals sampled alike: by class only if they are in each of them."""
    reals = [one.parts[0].sampling for one in found.values() if len(one.parts) > 1]
    groups = [None if sampling.groups is None else sampling.groups.tolist() for sampling in reals]
    if any(other != groups[0] for other in groups):
        raise InputError(
            "models were scored with other groups of the reals (--group-by); evaluate all models "
            "the same way, into a new file"
        )
    if all(sampling.classes is not None for sampling in reals):
        return dict(found)
    return {
        name: replace(one, parts=(_by_chance(one.parts[0]), *one.parts[1:]))
        if len(one.parts) > 1
        else one
        for name, one in found.items()
    }


def _by_chance(part: Part) -> Part:
    """The part as if class sizes were not chosen."""
    return Part(part.influence, replace(part.sampling, classes=None))


def differing_field(scores: Sequence[Score]) -> str | None:
    """The first field of the protocol in which scores of one metric differ, in words.

    None where their `protocol_id`s agree.
    """
    first = scores[0]
    for other in scores[1:]:
        if other.protocol_id == first.protocol_id:
            continue
        for field, a, b in _fields(first.protocol, other.protocol):
            return f"{field}: {a} and {b}"
        return "whether there are enough different images to correct for their number"
    return None


def _fields(a: Any, b: Any) -> list[tuple[str, Any, Any]]:
    found = []
    nets = [p.get("net") or {} for p in (a, b)]
    if all(nets[0].get(key) != nets[1].get(key) for key in ("name", "fingerprint")):
        found.append(("net", nets[0].get("name"), nets[1].get("name")))
    for key in ("options", "net", "preprocessing"):
        mine, yours = a.get(key) or {}, b.get(key) or {}
        for name in sorted((mine.keys() | yours.keys()) - {"name"}):
            if mine.get(name) != yours.get(name):
                found.append((f"{key} {name}", mine.get(name), yours.get(name)))
    mine, yours = ((p.get("data") or {}).get("real") or {} for p in (a, b))
    one, other = ((side.get("images") or {}).get("value_range") for side in (mine, yours))
    if one != other:
        found.append(("value range of the reals", one, other))
    if mine.get("fingerprint") != yours.get("fingerprint"):
        found.append(("reals", _in_words(mine), _in_words(yours)))
    mine, yours = ((p.get("data") or {}).get("fake") or {} for p in (a, b))
    if mine.get("n") != yours.get("n"):
        found.append(("fake n", mine.get("n"), yours.get("n")))
    return found


def _in_words(side: dict[str, Any]) -> str:
    return f"{side.get('name')} ({side.get('n')} images, {str(side.get('fingerprint'))[:8]})"
