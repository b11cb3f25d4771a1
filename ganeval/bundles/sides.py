"""The sides of scores: where their features come from, and halves of the reals."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NotRequired, TypeAlias, TypedDict

import numpy as np

from ganeval.errors import InputError
from ganeval.features import Features, as_features, match_labels
from ganeval.metrics import Score
from ganeval.moments import Moments, statistics_in
from ganeval.suites import Asked, model_of, models_of, rows_of_halves, side_of

Data: TypeAlias = Features | Moments
Sides: TypeAlias = Callable[[Score, str], Data | None]
"""The side of a score by its role, `real`, `fake` or `train`; None where it is not at hand."""

HUBS = ("hf:", "openclip:", "timm:")
"""How names of nets begin that have a slash and are no path."""


class SideForm(TypedDict):
    """The file of a side, and which of its images are meant; all, where nothing is said."""

    file: str
    rows: NotRequired[tuple[int, ...]]


class IndexForm(TypedDict):
    """Which files are the sides of each score, in the order of the scores."""

    scores: list[dict[str, SideForm]]


def net_of(score: Score) -> str | None:
    """The net of a score by its name, where taking it from somebody's file does no harm.

    Raises:
        InputError: the name leads to a file or to code of this machine, which are to be named by
            whoever trusts them.
    """
    name = str((score.protocol.get("net") or {}).get("name") or "")
    path = "/" in name or "\\" in name or os.path.lexists(name)
    if name.startswith("torchhub:") or (path and not name.startswith(HUBS)):
        raise InputError(
            f"the scores are of net {name!r}, which is a file or code of some machine; name yours "
            "with --feature-net"
        )
    return name.removesuffix(":each-channel") or None


def in_python(
    scores: Sequence[Score], real: Any, fakes: Any, train: Any, feature_net: Any
) -> Sides:
    """The sides that were given to a function, embedded when they are first asked for."""
    models = models_of(scores)
    if fakes is not None and not isinstance(fakes, Mapping):
        if len(models) > 1:
            raise InputError(
                f"the scores are of {len(models)} models ({', '.join(models)}), and fakes came "
                "without names; give them as {MODEL: IMAGES}"
            )
        fakes = dict.fromkeys(models, fakes)
    if odd := sorted(set(fakes or {}) - set(models)):
        raise InputError(f"fakes has {odd[0]!r}, which is no model; they are {', '.join(models)}")
    known: dict[object, Data] = {}

    def side(score: Score, role: str) -> Data | None:
        model = model_of(score)
        given = {"real": real, "train": train, "fake": (fakes or {}).get(model)}[role]
        if given is None:
            return None
        net = feature_net
        if net is None and not isinstance(given, Features | Moments):
            net = net_of(score)
        key = role, model if role == "fake" else "", str(net)
        if key not in known:
            known[key] = _taken(given, net)
        return matched(score, role, known[key], lambda: side(score, "real"))

    return side


def matched(score: Score, role: str, data: Data, real: Callable[[], Data | None]) -> Data:
    """The fakes with the class frequencies of the reals, where the score is of these."""
    options = Asked.of(score).options
    if role != "fake" or not options.get("match_labels") or not isinstance(data, Features):
        return data
    reals = real()
    return match_labels(reals, data, seed=_seed(options)) if isinstance(reals, Features) else data


def _taken(given: Any, net: Any) -> Data:
    moments = statistics_in(given)
    return as_features(given, net) if moments is None else moments


def halves_of(score: Score, real: Features) -> dict[str, np.ndarray] | None:
    """Which reals are in each half of the score of one half against the other.

    None where halves of these reals, by the seeds that the score says, are other images.
    """
    wanted = {role: side_of(score, role).get("fingerprint") for role in ("real", "fake")}
    options = Asked.of(score).options
    for seed in dict.fromkeys([_seed(options), int(score.protocol.get("seed") or 0), 0]):
        rows = rows_of_halves(real, seed)
        if rows is None:
            return None
        halves = dict(zip(("real", "fake"), rows, strict=True))
        if all(real.take(part).fingerprint == wanted[role] for role, part in halves.items()):
            return halves
    return None


def part_of(data: Data, rows: Sequence[int] | None, *, fingerprint: str) -> Data:
    """A side, or some of its images under the fingerprint that their score says; or ValueError."""
    if rows is None:
        mark = data.fingerprint if isinstance(data, Features) else data.origin.fingerprint
        if mark != fingerprint:
            raise ValueError("it is of other images than were scored")
        return data
    chosen = np.array(rows, np.int64)
    if not isinstance(data, Features) or len(rows) < 2 or len(set(rows)) < len(rows):
        raise ValueError("it names no half of any images")
    if not _within(chosen, len(data)):
        raise ValueError("it names images that are not there")
    return replace(data.take(chosen), fingerprint=fingerprint)


def _within(rows: np.ndarray, n: int) -> bool:
    return bool(0 <= rows.min() and rows.max() < n)


def _seed(options: Mapping[str, Any]) -> int:
    seed = options.get("seed", 0)
    return seed if isinstance(seed, int) and 0 <= seed < 1 << 32 else 0
