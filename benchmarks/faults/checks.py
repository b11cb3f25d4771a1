"""What an outcome should be."""

import json
import math
from collections.abc import Callable

from benchmarks.faults.fork import Outcome


def refused(found: Outcome) -> str:
    """Exit 2, one line of error, no result, nothing written."""
    if found.code != 2:
        return f"exit {found.code}: {_last(found)}"
    return _told(found)


def refused_or_right(found: Outcome) -> str:
    """As `refused`; or an answer, whose numbers are numbers."""
    if found.code == 2:
        return _told(found, results=True)
    if found.code != 0:
        return f"exit {found.code}: {_last(found)}"
    return _odd_numbers(found)


def finished(found: Outcome) -> str:
    """Exit 0."""
    return "" if found.code == 0 else f"exit {found.code}: {_last(found)}"


def one_of(*checks: Callable[[Outcome], str]) -> Callable[[Outcome], str]:
    """Right if any of these is."""

    def check(found: Outcome) -> str:
        said = [check(found) for check in checks]
        return "" if "" in said else said[0]

    return check


def stopped(found: Outcome) -> str:
    """Exit 130 or 143 and one line; or finished, or killed before Python took the signal."""
    if found.code in (0, -2, -15):
        return ""
    if found.code not in (130, 143):
        return f"exit {found.code}: {_last(found)}"
    last = (found.error.splitlines() or [""])[-1]
    if "Traceback" in found.error or not last.startswith("Stopped by"):
        return f"says {found.error[-300:]!r}"
    return _half_written(found)


def _told(found: Outcome, *, results: bool = False) -> str:
    errors = [line for line in found.error.splitlines() if line.startswith("Error: ")]
    if "Traceback" in found.error or len(errors) != 1:
        return f"{len(errors)} lines of error: {_last(found)}"
    if len(errors[0]) > 1200:
        return f"a line of {len(errors[0])} letters"
    if found.out and not results:
        return f"prints {found.out[:80]!r}"
    return _half_written(found)


def _half_written(found: Outcome) -> str:
    left = [name for name in found.new if ".ganeval-" in name]
    return f"leaves {left[:3]}" if left else ""


def _odd_numbers(found: Outcome) -> str:
    for line in found.out.splitlines():
        if line.startswith("{"):
            score = json.loads(line)
            numbers = [score.get("value"), score.get("corrected"), *(score.get("interval") or ())]
            if any(isinstance(x, float) and not math.isfinite(x) for x in numbers):
                return f"prints {numbers}"
        elif {"nan", "inf", "-inf"} & set(line.lower().replace("(", " ").split()):
            return f"prints {line[:100]!r}"
    return ""


def _last(found: Outcome) -> str:
    lines = found.error.strip().splitlines() or [found.out.strip()[-200:] or "says nothing"]
    return lines[-1][:200]
