"""`scores.jsonl`: one score per line, and the features behind them in a folder beside it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.metrics import Score


class ScoresFile:
    """Reads and appends; a line that a crash cut short is dropped.

    Args:
        path: of the file; the features go to `<path without suffix>.features/`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.folder = self.path.with_suffix(".features")

    def scores(self) -> list[Score]:
        """All scores; none where there is no file.

        Raises:
            InputError: the file is no text, or a line other than an unfinished last one no score.
        """
        if not self.path.exists():
            return []
        try:
            text = self.path.read_text(encoding="utf-8")
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

    def append(self, score: Score) -> None:
        """One more line, after whatever complete lines there are."""
        text = b""
        if self.path.exists():
            text = self.path.read_bytes()
            if text and not text.endswith(b"\n"):
                whole = text[: text.rfind(b"\n") + 1]
                os.truncate(self.path, len(whole))
        with self.path.open("a", encoding="utf-8") as file:
            file.write(score.to_json() + "\n")

    def keep(self, features: Features) -> None:
        """Writes features for `compare` and others, unless they are there."""
        self.folder.mkdir(exist_ok=True)
        path = self._path(features.digest())
        if not path.exists():
            features.save(path)

    def features(self, digest: str, *, name: str) -> Features:
        """What `keep` wrote; `digest` is theirs."""
        path = self._path(digest)
        if not path.exists():
            raise InputError(
                f"the features of {name} are not in {self.folder}; keep the folder beside "
                f"{self.path.name}, or run `ganeval evaluate` again"
            )
        return Features.load(path)

    def _path(self, digest: str) -> Path:
        if not digest.isalnum():
            raise InputError(
                f"{self.path} names no features; run `ganeval evaluate -o` again, into a new file"
            )
        return self.folder / f"{digest[:32]}.npz"


def side_of(score: Score, role: str) -> dict[str, Any]:
    """Name, n and fingerprint of one side of a score."""
    found: dict[str, Any] = (score.protocol.get("data") or {}).get(role) or {}
    return found


def digest_of(score: Score, role: str) -> str:
    """What `ScoresFile.features` finds one side's features by; empty where the score has none."""
    kept = score.details.get("features")
    digest = kept.get(role) if isinstance(kept, dict) else None
    return digest if isinstance(digest, str) else ""


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
