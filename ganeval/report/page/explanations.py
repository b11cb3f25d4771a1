"""What is wrong with the fakes? What `ganeval explain` found, as a section."""

import base64
import io
from collections.abc import Sequence
from pathlib import Path

from ganeval.bundles import plain_text
from ganeval.errors import InputError
from ganeval.report.page.beside import Explained
from ganeval.report.page.section import Folded, Picture, Section, Table
from ganeval.suites import SHOWN, Account, Reported

_MOST_PIXELS = 1 << 25
"""Of a picture of examples; those of 30 findings have fewer."""


def explanation_sections(found: Sequence[Explained], *, pictures: bool) -> list[Section]:
    """One per explanation; without its picture where the page is to have none."""
    return [
        _section(one.account, one.picture if pictures else None, f"explanation-{i}")
        for i, one in enumerate(found)
    ]


def _section(account: Account, picture: Path | None, id: str) -> Section:
    verdict = account.verdict.rstrip(":.")
    return Section(
        id,
        f"What is wrong with {plain_text(account.fake)}?",
        f"{verdict}. {account.classifier}. {account.looked_at}",
        tables=_tables(account),
        folded=_folded(account),
        picture=None if picture is None else _pictured(picture, account),
    )


def _tables(account: Account) -> tuple[Table, ...]:
    """The most important properties, and the largest difference of each class."""
    overall = tuple(
        (
            one.name, one.said.removeprefix(f"{one.name}: "), _interval(one),
            f"{one.q_value:.2g}", "" if one.importance is None else f"{one.importance:.3f}",
        )
        for one in account.findings[:SHOWN]
    )  # fmt: skip
    largest = {one.label: one for one in reversed(account.in_classes)}
    classes = tuple(
        (str(label), one.said, _interval(one), f"{one.q_value:.2g}")
        for label, one in sorted(largest.items(), key=lambda item: str(item[0]))
    )
    tables = (
        Table(
            "Properties that differ",
            ("Property", "How fakes differ", "Difference", "q", "Importance"),
            overall,
        ),
        Table(
            "The largest difference of each class",
            ("Class", "How fakes differ", "Difference", "q"),
            classes,
        ),
    )
    return tuple(table for table in tables if table.rows)


def _interval(one: Reported) -> str:
    return one.difference.removeprefix("difference ")


def _folded(account: Account) -> tuple[Folded, ...]:
    """What differs with the properties, and what a reader should know."""
    alike = tuple((one.name, "; ".join(one.alike)) for one in account.findings if one.alike)
    warnings = tuple((f"Warning {i}", text) for i, text in enumerate(account.warnings, 1))
    folded = Folded("What differs with them", alike[:SHOWN]), Folded("Warnings", warnings)
    return tuple(one for one in folded if one.terms)


def _pictured(path: Path, account: Account) -> Picture:
    """The picture of examples, drawn anew: of a file of somebody else's only the pixels count."""
    from PIL import Image

    remedy = "move it away, or explain these images again"
    try:
        with Image.open(path, formats=("PNG",)) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise InputError(f"{path} has {opened.width} × {opened.height} pixels; {remedy}")
            pixels = opened.convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:
        raise InputError(f"{path} is no picture that can be read ({error}); {remedy}") from None
    real, fake = plain_text(account.real), plain_text(account.fake)
    file = io.BytesIO()
    pixels.save(file, "WEBP", quality=88, method=4)
    return Picture(
        f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}",
        f"Examples of {real} and {fake}, a pair of rows for each finding, from the lowest value to "
        "the highest",
    )
