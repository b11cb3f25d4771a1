"""`ganeval verify`: the scores of a bundle, computed again."""

import json as json_format
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ganeval.bundles import TOLERANCE, Bundle, Checked, Verification, verify_bundle
from ganeval.cli.options import Json, RunOptions
from ganeval.cli.per_side import SideImages
from ganeval.cli.reopened import Fake, Real, Reopened, Train, typed_places
from ganeval.cli.sides import check_none_idle
from ganeval.cli.tables import plain_table
from ganeval.cli.terminal import command, note, result
from ganeval.errors import cut
from ganeval.metrics import METRICS

app = typer.Typer(add_completion=False)

_SAID = {
    "corrected": "corrected value",
    "std_error": "standard error",
    "low": "interval",
    "high": "interval",
    "p_value": "p-value",
}


@command(app, "verify")
def _verify(
    bundle: Annotated[
        Path, typer.Argument(metavar="BUNDLE", help="What `ganeval bundle -o supp.zip` wrote.")
    ],
    *,
    real: Real = None,
    fake: Fake = None,
    train: Train = None,
    json: Json = False,
    images: SideImages,
    run: RunOptions,
) -> None:
    """Compute the scores of a bundle again.

    From images where they are given, read by the options that the scores say;
    else from what the bundle holds. Exit code 1 if a score differs, or if none
    could be computed.
    """
    with Bundle.open(bundle) as opened:
        scores = opened.scores
        places = typed_places(scores, real, fake or [], train)
        if not places:
            check_none_idle(
                images,
                run,
                f"{cut(bundle)} is checked by what is in it, without images",
                "name the images: --real PATH, --fake MODEL=PATH",
            )
        sides = Reopened(scores, places, images, run)
        sides.check()
        found = verify_bundle(opened, sides, device=run.device)
    if json:
        result(*(json_format.dumps(_as_json(row), allow_nan=False) for row in found.rows))
        for card in found.cards:
            if card.fields:
                result(json_format.dumps({"outcome": "differs", **asdict(card)}))
    else:
        _print(found, quiet=run.quiet)
    if not places and any("value" in row.missing for row in found.rows):
        note(
            "name the images with --real PATH and --fake MODEL=PATH to compute values again, or "
            "make the bundle with --also features",
            quiet=run.quiet,
        )
    if not found.ok:
        raise typer.Exit(1)


def _print(found: Verification, *, quiet: bool) -> None:
    rows = [_row(row) for row in found.rows]
    result(*plain_table(["", "", "value", "now", "corrected", "", "from", "not computed"], rows))
    for text, of in _grouped(found, _difference).items():
        result(f"{of}: {text}")
    for card in found.cards:
        if card.fields:
            result(f"card of net {card.net or card.file}: {'; '.join(card.fields)}")
    for text, of in _grouped(found, lambda row: "" if row.broken else row.reason).items():
        note(f"{of}: {text}", quiet=quiet)
    if any(row.outcome != "same" for row in found.rows):
        note(" ".join(TOLERANCE.split()), quiet=quiet)
    result(str(found))


def _grouped(found: Verification, say: Callable[[Checked], str]) -> dict[str, str]:
    """What is said of scores, and of which."""
    said: dict[str, list[str]] = {}
    for row in found.rows:
        if text := say(row):
            said.setdefault(text, []).append(_name(row))
    every = len(found.rows)
    return {text: "all scores" if len(of) == every else ", ".join(of) for text, of in said.items()}


def _row(row: Checked) -> list[str]:
    value, now, corrected = (
        "" if name not in numbers else f"{numbers[name]:.6g}"
        for name, numbers in (
            ("value", row.stated), ("value", row.found), ("corrected", row.stated),
        )
    )  # fmt: skip
    label = METRICS[row.metric].label if row.metric in METRICS else row.metric
    sources = ", ".join(dict.fromkeys(row.sources.values()))
    return [row.model, label, value, now, corrected, row.outcome, sources, _listed(row.missing)]


def _difference(row: Checked) -> str:
    """What may be why a score is not the same; empty where it is."""
    if row.outcome in ("same", "not recomputed"):
        return ""
    parts = [row.reason] if row.broken and row.reason else []
    if row.differing and "value" not in row.differing:
        name = row.differing[0]
        parts.append(f"{_SAID[name]} {row.stated[name]:.6g}, now {row.found[name]:.6g}")
    parts.append("; ".join(row.fields) or "no field of the protocol differs")
    return "; ".join(parts)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(dict.fromkeys(_SAID.get(name, name) for name in names))


def _name(row: Checked) -> str:
    label = METRICS[row.metric].label if row.metric in METRICS else row.metric
    return f"{row.model} {label}".strip()


def _as_json(row: Checked) -> dict[str, object]:
    return {"outcome": row.outcome, **asdict(row), "missing": row.missing}
