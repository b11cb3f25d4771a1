"""Formulas: blocks of LaTeX marked `math`, as code hosts show them, become MathML."""

import re

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

_BLOCK = re.compile(r"^```math\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Browsers lay out MathML by themselves, without scripts."""
    return _BLOCK.sub(lambda block: convert(block[1].strip(), display="block"), markdown)
