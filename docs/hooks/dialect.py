"""What the Markdown of code hosts has and MkDocs lacks: formulas, and bars in code of tables."""

import re

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

_FORMULA = re.compile(r"^```math\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)
_CODE_IN_TABLE = re.compile(r"(?<=\|)[^|\n]*`[^`\n]*\\\|[^`\n]*`")


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Formulas become MathML, which browsers lay out without scripts; wide ones scroll."""

    def formula(block: re.Match[str]) -> str:
        math = convert(block[1].strip(), display="block")
        return f'<div class="formula" tabindex="0">{math}</div>'

    markdown = _CODE_IN_TABLE.sub(lambda cell: cell[0].replace(r"\|", "|"), markdown)
    return _FORMULA.sub(formula, markdown)
