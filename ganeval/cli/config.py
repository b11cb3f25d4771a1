"""`--config FILE[:ROW]`: a score is asked for again, by its own options.

What is typed wins over what the score says, and a note says so. Paths that are not typed are
those of the score, too.
"""

import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from ganeval.cli.asked import ARGUMENTS, LEFT_OUT, given_now, plain
from ganeval.cli.options import PANEL
from ganeval.cli.terminal import errors_in_one_line, note
from ganeval.cli.typed import is_gone
from ganeval.errors import InputError, cut
from ganeval.metrics import METRICS, Score
from ganeval.suites import REALS, SIDES, Asked, ScoresFile, fingerprint_of, model_of

_OF_EVALUATE = {"metrics"}
"""Options of `evaluate` that say which scores there are."""


@dataclass(frozen=True)
class Configured:
    """What `--config` found: a score, and what it says of the command's parameters."""

    typed: str
    score: Score
    says: Mapping[str, Any]


def score_of(typed: str, command: str) -> Score:
    """The score of `FILE` or `FILE:ROW` that a command can compute again.

    Raises:
        InputError: no such file or row, a score of another command, or several to choose from.
    """
    path, row = _file_and_row(typed)
    rows = dict(enumerate(ScoresFile(path).scores(), 1))
    if row is not None:
        if row not in rows:
            has = f"{len(rows)} rows; name 1 to {len(rows)}" if len(rows) > 1 else "one row; name 1"
            raise InputError(f"--config {typed}: {path} has {has}")
        chosen = rows[row]
        own = METRICS[chosen.metric].command if chosen.metric in METRICS else chosen.metric
        if chosen.metric not in METRICS:
            raise InputError(
                f"--config {typed} is a score of {cut(own)}, which is no metric of this version; "
                "name another row"
            )
        if own != command:
            raise InputError(
                f"--config {typed} is a score of {own}, not of {command}; use it with: ganeval "
                f"{own}"
            )
        _check_is_of_a_model(chosen, typed)
        return chosen
    fitting = {
        number: score
        for number, score in rows.items()
        if score.metric in METRICS
        and METRICS[score.metric].command == command
        and model_of(score) != REALS
    }
    asked = {str((_what(score), Asked.of(score).options)): n for n, score in fitting.items()}
    if not fitting:
        raise InputError(f"--config {path} has no score of {command}; name another file")
    if len(asked) > 1:
        listed = ", ".join(f"{n} ({_what(fitting[n])})" for n in list(asked.values())[:8])
        raise InputError(
            f"--config {path} has {len(asked)} scores of {command}, in rows {listed}; name one, as "
            f"in --config {path}:{next(iter(asked.values()))}"
        )
    return fitting[next(iter(asked.values()))]


def _file_and_row(typed: str) -> tuple[Path, int | None]:
    file, colon, row = typed.rpartition(":")
    if colon and row.isdecimal() and len(row) < 10 and not os.path.lexists(typed):
        typed = file
    else:
        row = ""
    if not Path(typed).is_file():
        raise InputError(f"--config {typed} is no file; name a file of scores, FILE or FILE:ROW")
    if zipfile.is_zipfile(typed):
        raise InputError(
            f"--config {typed} is a zip; unpack it (a bundle has scores.jsonl), and name that file"
        )
    return Path(typed), int(row) if row else None


def _check_is_of_a_model(score: Score, typed: str) -> None:
    if model_of(score) == REALS:
        raise InputError(
            f"--config {typed} is the score of one half of the reals against the other, which "
            "`ganeval evaluate` computes; name the row of a model"
        )


def _what(score: Score) -> str:
    return str(score.details.get("model") or Asked.of(score).sides.get("fake") or score.metric)


def _take(context: Any, typed: str | None) -> "Configured | None":
    """Puts what the score says in the place of the command's own defaults."""
    if typed is None or context.resilient_parsing:
        return None
    with errors_in_one_line():
        score = score_of(typed, str(context.info_name))
        asked = Asked.of(score)
        parameters = {str(parameter.name): parameter for parameter in context.command.params}
        says = {"level": score.level, **_options(parameters, asked.options, typed)}
        says = {name: value for name, value in says.items() if name in parameters}
        says |= _places(parameters, asked.sides)
        for name, value in says.items():
            if isinstance(value, list) != _takes_several(parameters[name]):
                raise InputError(
                    f"--config {typed} has {name} {cut(value)}, which {context.info_name} does "
                    "not take; compute the score again"
                )
        context.default_map = {name: _text(value) for name, value in says.items()}
    return Configured(typed, score, says)


Config = Annotated[
    Any,
    typer.Option(
        "--config",
        metavar="FILE[:ROW]",
        help="Compute a score again: options and paths that are not typed are those of this score "
        "(a JSON file, or a row of scores.jsonl).",
        callback=_take,
        is_eager=True,
        rich_help_panel=PANEL,
    ),
]


def _options(
    parameters: Mapping[str, Any], options: Mapping[str, Any], typed: str
) -> dict[str, Any]:
    """What moves the score: a file of somebody else's says neither where to write nor what to hide.

    Raises:
        InputError: an option that the command does not have.
    """
    unknown = [name for name in options if name not in {*parameters, *_OF_EVALUATE}]
    if unknown:
        raise InputError(
            f"--config {typed} has {cut(unknown[0])}, which this command does not know; use the "
            "version of ganeval that made the score"
        )
    return {name: v for name, v in options.items() if name not in {*LEFT_OUT, *ARGUMENTS}}


def _places(parameters: Mapping[str, Any], sides: Mapping[str, str]) -> dict[str, Any]:
    """What the arguments that name images take, in the order that they have.

    An address is left out: what is fetched is typed.
    """
    sides = {role: place for role, place in sides.items() if "://" not in place}
    if _takes_several(parameters["fake"]):  # [REAL] FAKE
        return {"fake": [sides[role] for role in ("real", "fake") if role in sides]}
    return {role: place for role, place in sides.items() if role in parameters}


def _takes_several(parameter: Any) -> bool:
    return bool(getattr(parameter, "multiple", False) or parameter.nargs != 1)


def _text(value: Any) -> Any:
    """A value as one types it, so that it is checked as what is typed is."""
    if isinstance(value, list):
        return [_text(item) for item in value]
    return value if isinstance(value, bool) else str(value)


def tell_changes(config: "Configured | None", *, quiet: bool) -> None:
    """Says which options were typed that the score of `--config` has otherwise.

    Raises:
        InputError: images are no longer where the score had them, and no place was typed.
    """
    if config is None:
        return
    _check_places(config)
    for name, value in given_now().items():
        if name in config.says and _text(plain(value)) != _text(config.says[name]):
            shown, said = (cut(_shown(one)) for one in (plain(value), config.says[name]))
            option = name if name in SIDES else f"--{name.replace('_', '-')}"
            note(f"{option} {shown} was typed; the score of {config.typed} has {said}", quiet=quiet)


def tell_other_images(config: "Configured | None", score: Score, *, quiet: bool) -> None:
    """Says which sides hold other images than the score of `--config` was of, where it had them."""
    if config is None:
        return
    for role in SIDES:
        known = fingerprint_of(config.score, role)
        moved = plain(given_now().get(role)) != config.says.get(role)
        if known and fingerprint_of(score, role) != known and not moved:
            note(f"{role}: other images than the score of {config.typed} was of", quiet=quiet)


def _check_places(config: Configured) -> None:
    """Raises InputError where images that nobody typed are gone."""
    given = given_now()
    for name in SIDES:
        said = config.says.get(name)
        if said is None or plain(given.get(name)) != said:
            continue
        for place in said if isinstance(said, list) else [said]:
            if is_gone(place):
                metric = METRICS[config.score.metric]
                sides = [side for side in ("real", "fake") if side in Asked.of(config.score).sides]
                words = [*map(str.upper, sides), *(["--train DIR"] if metric.needs_train else [])]
                raise InputError(
                    f"{place}, where the score's images were, does not exist; name them: "
                    f"ganeval {metric.command} {' '.join(words)} --config {config.typed}"
                )


def _shown(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
