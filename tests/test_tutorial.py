"""The tutorial is what happens, and walk.sh of the examples is the tutorial."""

import re
import runpy
import shlex
import sys
from pathlib import Path

from typer.testing import CliRunner

from ganeval.cli import main

ROOT = Path(__file__).parents[1]
PAGE, SCRIPT = ROOT / "docs" / "tutorial.md", ROOT / "examples" / "plates" / "walk.sh"


def blocks():
    """Languages and texts of the page's blocks, in their order."""
    return re.findall(r"```(\w*)\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


def commands_in(text):
    """Every command as words, with the lines that follow it."""
    joined = re.sub(r" \\\n *", " ", text)
    start = r"^(?:\$ )?(?=ganeval |python )"
    found = (part.partition("\n") for part in re.split(start, joined, flags=re.MULTILINE)[1:])
    return [(shlex.split(command), shown) for command, _, shown in found]


def words(text):
    """A text without its numbers: on another processor a net that is trained has others."""
    text = re.sub(r"[0-9a-f]{16}…", "#", text)
    text = re.sub(r"-?\d+(?:\.\d+)*(?:e-?\d+)?(?:\+\w+)?", "#", text)
    return re.sub(r"[ ─]+", " ", re.sub(r"[=<] #", "#", text)).strip()


def printed(command, capsys):
    """What a command prints, run in this process."""
    program, *arguments = command
    if program == "ganeval":
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0, done.stderr
        return done.stdout
    script, *sys.argv[1:] = arguments
    runpy.run_path(str(ROOT / script), run_name="__main__")
    return capsys.readouterr().out


def test_the_tutorial_is_what_happens(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [""])
    ran = 0
    for (language, text), (_, after) in zip(blocks(), [*blocks()[1:], ("", "")], strict=True):
        if language == "python":
            exec(text, {})
            assert words(capsys.readouterr().out) == words(after)
            ran += 1
        elif text.startswith("$ "):
            for command, shown in commands_in(text):
                assert words(printed(command, capsys)) == words(shown)
                ran += 1
    assert ran == 8
    assert (tmp_path / "plates" / "report.html").stat().st_size > 100_000


def test_walk_has_the_commands_of_the_tutorial():
    page = [each for _, text in blocks() if text[0] == "$" for each, _ in commands_in(text)]
    walk = [each for each, _ in commands_in(SCRIPT.read_text(encoding="utf-8"))]
    assert page == walk
