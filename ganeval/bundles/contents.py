"""What a bundle holds, by name, and the two files that say so.

    README.txt                  for people
    MANIFEST.json               size and SHA-256 of every other file
    scores.jsonl                one line per score, with its protocol
    scores.influences/*.npz     influences of the images on each score
    cards/*.json                cards of feature nets
    sides/*.npz                 features or statistics of each side, where they were asked for
    sides.json                  which of these are the sides of each score, line by line

Unpacked, `scores.jsonl` and its folder are what `ganeval compare` and `ganeval report` take.
"""

import json
import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import TypedDict

from ganeval.bundles.agreement import TOLERANCE
from ganeval.metrics import METRICS, Score
from ganeval.printable import printable
from ganeval.suites import Asked
from ganeval.version import __version__

FORMAT = 1
"""Version of a bundle; raise it when its files change meaning."""

README, MANIFEST, SCORES = "README.txt", "MANIFEST.json", "scores.jsonl"
SIDES_OF = "sides.json"

ALSO = ("statistics", "features")
"""What a bundle may hold of each side, beside influences."""

_PIXEL_HASHES = """
Features come with a hash of each image's pixels: who has an image can see whether it was used."""


class FileForm(TypedDict):
    """One file of a bundle."""

    bytes: int
    sha256: str


class ManifestForm(TypedDict):
    """MANIFEST.json."""

    format: int
    made_by: str
    files: dict[str, FileForm]


def influences_name(score: Score) -> str | None:
    """The file of a score's influences, as beside a scores.jsonl; None for a score without."""
    run = str(score.details.get("run", ""))
    if not re.fullmatch(r"[0-9A-Za-z]{1,64}", run):
        return None
    return f"{SCORES.removesuffix('.jsonl')}.influences/{run}-{score.metric}.npz"


CARDS = "cards/"


def card_name(number: int, net: str) -> str:
    """The file of a card; nets may have names that no file can have."""
    return f"{CARDS}{number}-{re.sub(r'[^A-Za-z0-9._-]+', '-', net)[:60]}.json"


def manifest(known: Mapping[str, FileForm]) -> bytes:
    """The text of MANIFEST.json."""
    found = {"format": FORMAT, "made_by": f"ganeval {__version__}", "files": dict(known)}
    return (json.dumps(found, indent=1) + "\n").encode()


def readme(scores: Iterable[Score], *, cards: Iterable[str], also: str | None) -> bytes:
    """The text of README.txt."""
    scores = list(scores)
    made_by = (scores[0].protocol.get("versions") or {}).get("ganeval", __version__)
    commands = dict.fromkeys(Asked.of(score).command or "(made in Python)" for score in scores)
    held = "none" if also is None else f"{also} of each side"
    text = files("ganeval.bundles").joinpath("template/README.txt").read_text("utf-8")
    return text.format(
        version=made_by,
        tolerance=TOLERANCE,
        scores="\n".join(map(printable, map(_line, scores))),
        commands="\n".join(map(printable, commands)),
        n_scores=len(scores),
        cards=", ".join(cards) or "none",
        sides=held,
        pixel_hashes=_PIXEL_HASHES if also == "features" else "",
    ).encode()


def _line(score: Score) -> str:
    model, label = score.details.get("model"), METRICS[score.metric].label
    first, *more = str(score).splitlines()
    text = f"{label}: {first} {' '.join(more)}" if more else first  # other tools' bare number
    return text if model is None else f"{model}: {text}"
