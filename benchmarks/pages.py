"""The pages of benchmarks: tables in Markdown, and where they stand in a README."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.calibration.outcomes import clopper_pearson

MARK = "<!-- tables: written by table.py -->"
"""Stands above what a program writes."""


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def share(k: int, n: int) -> str:
    """K of n in per cent, with its 95 % bounds; empty for none of none."""
    if not n:
        return ""
    low, high = clopper_pearson(k, n)
    return f"{100 * k / n:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def write_below(page: Path, parts: Iterable[str]) -> None:
    """Replaces all that follows the mark of a page."""
    head = page.read_text(encoding="utf-8").partition(MARK)[0]
    page.write_text("\n\n".join([head + MARK, *parts]) + "\n", encoding="utf-8")


def write_at_marks(page: Path, tables: Iterable[str]) -> None:
    """Replaces what is below each mark of a page, up to the next heading."""
    head, *parts = page.read_text(encoding="utf-8").split(MARK)
    for shown, part in zip(tables, parts, strict=True):
        rest = part[part.index("\n## ") :] if "\n## " in part else "\n"
        head += f"{MARK}\n\n{shown}\n{rest}"
    page.write_text(head, encoding="utf-8")
