"""What may stand beside scores on a page: audits of nets and explanations, from their files."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganeval.errors import InputError
from ganeval.files import regular_file
from ganeval.report.examples import EXAMPLES
from ganeval.schema import decode, fit
from ganeval.suites import Account, Audit

FORMS: dict[str, type[Audit] | type[Account]] = {"audit": Audit, "explanation": Account}
"""By what a file says that it is."""


@dataclass(frozen=True)
class Explained:
    """What is wrong with some fakes, and a picture of it where there is one."""

    account: Account
    picture: Path | None


@dataclass(frozen=True)
class Beside:
    """All that stands beside the scores."""

    audits: tuple[Audit, ...] = ()
    explanations: tuple[Explained, ...] = ()


def read_beside(paths: Sequence[str | os.PathLike[str]]) -> tuple[list[str], Beside]:
    """The files of scores among these, and what the others hold.

    Raises:
        InputError: a file of `audit` or `explain` that cannot be read.
    """
    scores, audits, explanations = [], [], []
    for path in paths:
        found = _read(Path(path))
        if isinstance(found, Audit):
            audits.append(found)
        elif isinstance(found, Account):
            picture = Path(path).with_name(EXAMPLES)
            there = found.pictured and picture.is_file()
            explanations.append(Explained(found, picture if there else None))
        else:
            scores.append(os.fspath(path))
    return scores, Beside(tuple(audits), tuple(explanations))


def _read(path: Path) -> Audit | Account | None:
    """None for what may be a file of scores."""
    if not path.is_file():
        return None
    try:
        value: Any = decode(regular_file(path).read_bytes())
    except ValueError:
        return None
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in FORMS:
        return None
    try:
        return fit(value, FORMS[kind])
    except ValueError as error:
        raise InputError(f"{path} is no {kind} that can be read: {error}; write it again") from None
