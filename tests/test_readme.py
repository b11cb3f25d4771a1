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
    """The same words; numbers to 2 %, since another machine rounds and trains differently."""
    number = r"-?\d+\.\d+"
    assert re.split(number, got.strip()) == re.split(number, shown.strip())
    pairs = zip(re.findall(number, got), re.findall(number, shown), strict=True)
    for a, b in pairs:
        assert float(a) == pytest.approx(float(b), rel=0.02, abs=2e-3)


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
                assert re.sub(r"[\d.]+", "#", done.stdout) == re.sub(r"[\d.]+", "#", shown)


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
