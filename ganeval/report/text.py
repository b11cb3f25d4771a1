"""Names in tables and pictures: whatever letters a name has, it stays one cell of plain text.

Names of files, classes and models are somebody else's words: each target has its own signs that
would be read as more than that.
"""

import csv
import io
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ganeval.files import whole
from ganeval.printable import printable, spelled_out

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FORMULA = ("=", "+", "-", "@")
"""How a cell begins that a spreadsheet would run."""

_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>|~$&#"})

_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
        "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
        **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    }
)  # fmt: skip


def csv_table(rows: Sequence[Sequence[object]]) -> str:
    """Lines of comma-separated cells; text that begins like a formula gets an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([_csv_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; numbers are right-aligned, and HTML stays text."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(printable(cell).translate(_MARKDOWN) for cell in cells) + " |"

    rule = "| " + " | ".join(["---", *["---:"] * (len(heads) - 1)]) + " |"
    return "\n".join([line(heads), rule, *map(line, rows)]) + "\n"


def latex_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A `tabular` in LaTeX; a line is ruled off above the last row, which has the means."""

    def line(cells: Sequence[str]) -> str:
        return " & ".join(printable(cell).translate(_LATEX) for cell in cells) + r" \\"

    body = [line(row) for row in rows]
    begin = rf"\begin{{tabular}}{{l{'r' * (len(heads) - 1)}}}"
    rule = r"\hline"
    lines = [begin, rule, line(heads), rule, *body[:-1], rule, body[-1], rule, r"\end{tabular}"]
    return "\n".join(lines) + "\n"


WORDS: dict[str, Any] = {"parse_math": False, "usetex": False, "family": "DejaVu Sans"}
"""How Matplotlib draws a text of `drawable`: a dollar sign begins no formula."""


def drawable(text: str) -> str:
    """`text` for a picture: letters that the font lacks are spelled out."""
    from matplotlib.font_manager import findfont, get_font

    letters = get_font(findfont("DejaVu Sans")).get_charmap()
    return "".join(
        letter if ord(letter) in letters else spelled_out(letter) for letter in printable(text)
    )


def save_picture(figure: "Figure", path: str | os.PathLike[str], **options: Any) -> None:
    """Writes a PNG completely or not at all; the same figure gives the same bytes."""
    with whole(path) as beside, beside.open("wb") as file:
        figure.savefig(file, format="png", metadata={"Software": None}, **options)


def _csv_cell(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    text = printable(cell)
    return f"'{text}" if cell.lstrip().startswith(_FORMULA) else text
