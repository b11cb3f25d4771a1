"""Where and from what a score was made: next to the protocol, and never part of its id.

The time is left to the file that holds the score, so that one command always prints one line.
"""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from ganeval.cli.options import RunOptions
from ganeval.errors import InputError
from ganeval.metrics import PROTOCOLS, Score
from ganeval.nets import load_card
from ganeval.suites import PROVENANCE, machine


def with_provenance(score: Score, run: RunOptions) -> Score:
    """The score with machine, device, versions and the origin of the net's weights."""
    made: dict[str, Any] = machine(run.device)
    if (name := run.feature_net or (score.protocol.get("net") or {}).get("name")) is not None:
        with suppress(InputError):  # features of a net that is not on this machine
            card = load_card(name, weights=run.weights)
            made["net"] = {"name": card.name, "sha256": card.sha256, "source": card.source}
    return replace(score, details={**score.details, PROVENANCE: made})


def with_protocol(score: Score, name: str) -> Score:
    """The score with the name of the `--protocol` that was given, and with its warning."""
    known = score.details.get(PROVENANCE) or {}
    details = {**score.details, PROVENANCE: {**known, "protocol": name}}
    warning = PROTOCOLS[name].warning(score.n_fake)
    warnings = (*score.warnings, *([warning] if warning else []))
    return replace(score, details=details, warnings=tuple(dict.fromkeys(warnings)))
