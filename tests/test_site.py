"""The site of the docs is complete, needs no network, and its tables are those of the results."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import ganeval
from benchmarks.protocols import table
from ganeval.commands import SCORES, TOOLS
from ganeval.metrics import METRICS

pytest.importorskip("mkdocs", reason="the docs extra is not installed")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site, as `make docs` builds it: any warning of MkDocs is an error."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(folder)],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def loaded_by(page):
    """What a browser fetches for a page before anybody clicks."""
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            given = dict(attrs)
            if tag in ("script", "img", "iframe", "source") and "src" in given:
                found.append(given["src"])
            if tag == "link" and given.get("rel") not in ("prev", "next"):
                found.append(given["href"])

    Reader().feed(page.read_text(encoding="utf-8"))
    return found


def test_nothing_is_loaded_from_elsewhere(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 40
    for page in pages:
        assert loaded_by(page)
        for place in loaded_by(page):
            assert "//" not in place, (page, place)
            assert page.name == "404.html" or (page.parent / place.partition("?")[0]).exists()
    for style in site.rglob("*.css"):
        assert not re.findall(r"(?:url\(|@import)[\"']?https?:[^)]*", style.read_text("utf-8"))


def test_every_public_name_and_every_command_is_in_the_reference(site):
    named = " ".join(page.read_text("utf-8") for page in (site / "reference").glob("*.html"))
    for name in set(ganeval.__all__) - {"__version__"}:
        assert f'<a id="ganeval.{name}"></a>' in named, name
    commands = [*SCORES, *TOOLS]
    shown = (site / "reference" / "command-line.html").read_text("utf-8")
    assert len(commands) > 30
    for name in commands:
        assert f'<h2 id="ganeval-{name}' in shown, name


def test_every_metric_is_among_the_answers_to_which_metric():
    page = (ROOT / "docs" / "which-metric.md").read_text(encoding="utf-8")
    for name in METRICS:
        assert f"`{METRICS[name].command}`" in page, name


@pytest.mark.parametrize(
    ("page", "written"), [("protocols.md", table.parity), ("coming-from.md", table.summary)]
)
def test_tables_of_parity_are_those_of_the_results(page, written):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert f"{table.BEGIN}\n{written()}\n{table.END}" in text
