"""Where and from what a score was made: beside the protocol, and never part of its id.

The time is left to the file that holds the score, so that one command always prints one line.
"""

import platform
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ganeval.cli.options import RunOptions
from ganeval.errors import InputError
from ganeval.lazy import torch
from ganeval.metrics import PROTOCOLS, Score
from ganeval.nets import load_card

KEY = "provenance"
"""Key of a score's details."""


def with_provenance(score: Score, run: RunOptions) -> Score:
    """The score with machine, device, versions and the origin of the net's weights."""
    device = run.device or ("cuda" if torch.cuda.is_available() else "cpu")
    made: dict[str, Any] = {
        "device": device,
        "processor": processor() if device == "cpu" else torch.cuda.get_device_name(device),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    if (name := run.feature_net or (score.protocol.get("net") or {}).get("name")) is not None:
        with suppress(InputError):  # features of a net that is not on this machine
            card = load_card(name, weights=run.weights)
            made["net"] = {"name": card.name, "sha256": card.sha256, "source": card.source}
    return replace(score, details={**score.details, KEY: made})


def with_protocol(score: Score, name: str) -> Score:
    """The score with the name of the `--protocol` that was given, and with its warning."""
    known = score.details.get(KEY) or {}
    details = {**score.details, KEY: {**known, "protocol": name}}
    warning = PROTOCOLS[name].warning(score.n_fake)
    warnings = (*score.warnings, *([warning] if warning else []))
    return replace(score, details=details, warnings=tuple(dict.fromkeys(warnings)))


def processor() -> str:
    """Model of the processor, as the system names it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [
                line.partition(":")[2].strip() for line in file if line.startswith("model name")
            ]
    except OSError:
        return platform.processor() or platform.machine()
    return next(iter(names), platform.machine())
