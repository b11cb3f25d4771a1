"""What is measured: one cell of a table or figure is one line of its results."""

from dataclasses import dataclass
from typing import Any

from ganeval import Score

SCALES = ("small", "full")
"""`small` shows that everything runs, in minutes; `full` is the thesis' setting."""


@dataclass(frozen=True)
class Cell:
    """One measurement.

    Args:
        what: model, class or setting.
        scale: one of SCALES.
        steps: training steps of the models behind it; 0 where nothing is trained.
        seed: of training.
    """

    what: str
    scale: str
    steps: int = 0
    seed: int = 0


@dataclass(frozen=True)
class Claim:
    """What the thesis says, what was found here, and whether it agrees.

    Args:
        thesis: the claim.
        here: the finding, with its numbers.
        agrees: True or False; None where the runs are too short to say.
        scale: of the rows behind it.
    """

    thesis: str
    here: str
    agrees: bool | None
    scale: str


def unless_small(agrees: bool, scale: str) -> bool | None:
    """The verdict on a claim about trained models, which small ones leave open."""
    return None if scale == "small" else agrees


def scored(score: Score) -> dict[str, Any]:
    """A score with its interval and what says how it was computed, as a line of results has it."""
    protocol = dict(score.protocol)
    found = {
        "metric": score.metric,
        "value": score.value,
        "corrected": score.corrected,
        "interval": list(score.interval) if score.interval else None,
        "level": score.level,
        "n_real": score.n_real,
        "n_fake": score.n_fake,
        "net": (protocol.get("net") or {}).get("name"),
        "protocol_id": score.protocol_id,
    }
    return {name: digits(value) for name, value in found.items()}


def digits(value: Any) -> Any:
    """Floats of any depth with six digits."""
    if isinstance(value, dict):
        return {name: digits(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [digits(one) for one in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def quantiles(measure: dict[str, Any]) -> dict[str, float]:
    """The 10, 50 and 90 % quantiles over splits of a measure of the two-sample test."""
    return {name: float(f"{measure[name]:.6g}") for name in ("q10", "q50", "q90")}


def latest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each thing and seed the row of the larger scale, and there of the most steps."""
    best: dict[tuple[str, int], dict[str, Any]] = {}
    for row in rows:
        key = (row["what"], row["seed"])
        if key not in best or _rank(row) > _rank(best[key]):
            best[key] = row
    return sorted(best.values(), key=lambda row: (row["what"], row["seed"]))


def _rank(row: dict[str, Any]) -> tuple[int, int]:
    return SCALES.index(row["scale"]), row["steps"]
