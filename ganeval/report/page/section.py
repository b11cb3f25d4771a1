"""What a section of the page is made of: text, charts, tables, what is folded away, a picture."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Chart:
    """One drawn chart: its SVG, what it is, and a heading."""

    svg: str
    label: str
    title: str = ""

    @property
    def file(self) -> str:
        """Name of the file in which it is saved."""
        return re.sub(r"\W+", "-", self.label.lower()).strip("-")[:60] + ".svg"


@dataclass(frozen=True)
class Table:
    """Rows of text under their heads; the first cell of a row names it."""

    label: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Folded:
    """Terms and what is said of them, folded away under a summary."""

    summary: str
    terms: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Picture:
    """An image as a data URI, and what it shows."""

    uri: str
    alt: str


@dataclass(frozen=True)
class Section:
    """All under one heading, in this order; whatever is empty is left out."""

    id: str
    title: str
    text: str
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    folded: tuple[Folded, ...] = ()
    picture: Picture | None = None
