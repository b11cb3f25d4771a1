"""Names with signs that a table or a picture would read as more than a name."""

import csv
import io

import numpy as np
import pytest
from matplotlib.figure import Figure

from ganeval.report.text import (
    WORDS,
    csv_table,
    drawable,
    latex_table,
    markdown_table,
    printable,
    save_picture,
)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain name, Zellé", "plain name, Zellé"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\udcff", "\\udcff"),
        ("\U000e0041", "\\udb40\\udc41"),
    ],
)
def test_a_name_is_one_line_of_letters(name, shown):
    assert printable(name) == shown and shown.isprintable()


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", " =", "\t="])
def test_no_cell_is_a_formula_and_numbers_stay_numbers(begin):
    text = csv_table([[f"{begin}1+1", -1.5], ["a,b", 'say "a"']])
    (first, number), second = csv.reader(io.StringIO(text))
    assert first.startswith("'") and first.endswith("1+1") and number == "-1.5"
    assert second == ["a,b", 'say "a"']


def test_every_name_is_one_row_of_a_csv():
    text = csv_table([["a\nb", "\x1b[0m"]])
    assert text == "a\\nb,\\x1b[0m\n"


def test_markdown_has_no_html_and_no_more_columns():
    text = markdown_table(["class", "A|B"], [["<img src=x>", "1"], ["*a*_b_`c`", "2"]])
    lines = text.splitlines()
    assert lines[0] == "| class | A\\|B |" and lines[2] == "| \\<img src=x\\> | 1 |"
    assert lines[3] == "| \\*a\\*\\_b\\_\\`c\\` | 2 |" and len(lines) == 4


def test_latex_specials_are_letters():
    text = latex_table(["class", "a_b"], [["50% & $x^2$ #1", "1"], [r"\input{/etc}~", "2"]])
    assert r"50\% \& \$x\textasciicircum{}2\$ \#1 & 1 \\" in text
    assert r"\textbackslash{}input\{/etc\}\textasciitilde{} & 2 \\" in text
    assert "a\\_b" in text


def test_pictures_take_any_name_as_words(tmp_path):
    """Matplotlib fails at a formula that is none, and warns of letters that its font lacks."""
    names = ["$^$", "$x_{$", r"\frac{", "中文", "\x1b[0m", "a\nb"]
    assert drawable("é中\n") == "é\\u4e2d\\n"
    figure = Figure()
    axes = figure.add_subplot()
    axes.set_xticks(range(len(names)), [drawable(name) for name in names], **WORDS)
    axes.set_title(drawable("$^$"), **WORDS)
    for name in ("a", "b"):
        save_picture(figure, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert np.frombuffer((tmp_path / "a").read_bytes()[1:4], np.uint8).tobytes() == b"PNG"
