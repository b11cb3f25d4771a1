"""What README shows is what happens: commands and snippets run, and print the same numbers."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ganeval.cli import main
from ganeval.cli.demo import write_demo

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, flags=re.DOTALL)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme")
    write_demo(folder / "ganeval-demo")
    return folder


@pytest.fixture
def demo_folder(written, monkeypatch):
    monkeypatch.chdir(written)


def assert_same_text(got, shown):
    """The same words, and numbers to 2 %, since another machine rounds and trains differently.

    Where a pixel is rounded otherwise, images fall into other blocks of the jackknife: the ends of
    an interval, and what is corrected before it, may move by a fifth of its width.
    """
    number = r"-?\d+\.\d+"
    # Columns are as wide as their longest number.
    got, shown = (re.sub("[ ─]+", " ", text.strip()) for text in (got, shown))
    words = re.split(number, shown)
    assert re.split(number, got) == words
    a, b = ([float(x) for x in re.findall(number, text)] for text in (got, shown))
    slack = [max(0.02 * abs(x), 2e-3) for x in b]
    for i in [i for i, between in enumerate(words) if between in {" to ", ", "}]:
        for j in (i - 2, i - 1, i):
            slack[j] = max(slack[j], (b[i] - b[i - 1]) / 5)
    for x, y, least in zip(a, b, slack, strict=True):
        assert x == pytest.approx(y, rel=0, abs=least)


def test_commands_print_what_readme_shows(demo_folder):
    sessions = [text for _, text in BLOCKS if text.startswith("$ ganeval")]
    assert len(sessions) >= 3
    for session in sessions:
        for command, shown in re.findall(r"\$ ganeval (.*)\n((?:[^$].*\n)*)", session):
            done = CliRunner().invoke(main, shlex.split(command))
            assert done.exit_code == 0, done.stderr
            if "--feature-net lin41" in command:
                assert_same_text(done.stdout, shown)
            else:  # a net that was trained just now: the same words at least
                assert re.sub(r"-?[\d.]+", "#", done.stdout) == re.sub(r"-?[\d.]+", "#", shown)


def test_snippets_print_what_readme_shows(demo_folder, capsys):
    names = {}
    snippets = [i for i, (language, _) in enumerate(BLOCKS) if language == "python"]
    assert len(snippets) >= 3
    for i in snippets:
        exec(BLOCKS[i][1], names)
        assert_same_text(capsys.readouterr().out, BLOCKS[i + 1][1])


def test_the_pictures_and_links_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (Path(__file__).parents[1] / target).exists(), target
