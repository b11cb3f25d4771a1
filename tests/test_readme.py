"""What README and docs show is what happens: commands and snippets run, and print the same."""

import os
import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from ganeval.cli import main
from ganeval.cli.demo import write_demo

ROOT = Path(__file__).parents[1]
PAGES = {path.name: path for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}
NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"

TUTORIAL, INTEGRATIONS = "tutorial.md", "integrations.md"

every_page = pytest.mark.parametrize("page", PAGES)
every_page_of_the_demo = pytest.mark.parametrize(
    "page", sorted(PAGES.keys() - {TUTORIAL, INTEGRATIONS})
)


def text_of(page):
    return PAGES[page].read_text(encoding="utf-8")


def blocks_of(page):
    return re.findall(r"```(\w*)\n(.*?)```", text_of(page), flags=re.DOTALL)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme")
    write_demo(folder / "ganeval-demo")
    return folder


@pytest.fixture
def demo_folder(written, monkeypatch):
    monkeypatch.chdir(written)
    return written


def unit(number):
    """One unit of the last digit that is printed."""
    digits, _, power = number.partition("e")
    return 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))


def assert_same_text(got, shown):
    """The same words and the same numbers, to a unit of the last digit: other processors round."""
    # Columns are as wide as their longest number.
    got, shown = (re.sub("[ ─]+", " ", text.strip()) for text in (got, shown))
    assert re.split(NUMBER, got) == re.split(NUMBER, shown)
    for a, b in zip(*(re.findall(NUMBER, text) for text in (got, shown)), strict=True):
        assert float(a) == pytest.approx(float(b), rel=0, abs=1.01 * max(unit(a), unit(b)))


@every_page_of_the_demo
def test_commands_print_what_the_page_shows(page, demo_folder):
    sessions = [text for _, text in blocks_of(page) if text.startswith("$ ganeval")]
    assert len(sessions) >= {"README.md": 4, "nets.md": 2}.get(page, 0)
    for session in sessions:
        for command, shown in re.findall(r"\$ ganeval (.*)\n((?:[^$].*\n)*)", session):
            done = CliRunner().invoke(main, shlex.split(command))
            assert done.exit_code == 0, done.stderr
            if "--feature-net cells" in command or "nets train" in command:
                # A net that was trained just now: the same words at least.
                assert re.sub(NUMBER, "#", done.stdout) == re.sub(NUMBER, "#", shown)
            else:
                assert_same_text(done.stdout, shown)


@every_page_of_the_demo
def test_snippets_print_what_the_page_shows(page, demo_folder, capsys):
    names, blocks = {}, blocks_of(page)
    snippets = [i for i, (language, _) in enumerate(blocks) if language == "python"]
    assert len(snippets) >= {"README.md": 1, "python.md": 4}.get(page, 0)
    for i in snippets:
        exec(blocks[i][1], names)
        assert_same_text(capsys.readouterr().out, blocks[i + 1][1])


def test_the_snippet_for_several_processes_is_a_program_for_torchrun(written, tmp_path):
    (code,) = [text for _, text in blocks_of("python.md") if "init_process_group" in text]
    program = tmp_path / "program.py"
    program.write_text(code)
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    done = subprocess.run(
        [*launcher, program], cwd=written, capture_output=True, text=True, timeout=120,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"FID \(lin41\): .* n = 600 / 200\)\n", done.stdout)


@pytest.mark.peers
@pytest.mark.filterwarnings("default")  # other packages warn
def test_snippets_of_integrations_are_five_lines_and_do_what_the_page_shows(
    demo_folder, capsys, monkeypatch
):
    monkeypatch.setenv("TRACKIO_DIR", str(demo_folder / "trackio"))
    monkeypatch.setenv("WANDB_SILENT", "true")
    names, blocks = {}, blocks_of(INTEGRATIONS)
    for (language, code), (after, text) in pairwise([*blocks, ("end", "")]):
        if language != "python":
            continue
        if "ganeval.integrations" in code:
            lines = [x for x in code.splitlines() if x and not re.match("(from .* )?import ", x)]
            assert len(lines) <= 5, code
        exec(code, names)
        shown = [] if after else text.splitlines()
        printed = capsys.readouterr().out.splitlines()  # after what other packages print
        assert_same_text("\n".join(printed[len(printed) - len(shown) :]), "\n".join(shown))


@every_page
def test_commands_that_are_only_shown_have_options_that_exist(page):
    for _, text in blocks_of(page):
        joined = re.sub(r" \\\n *", " ", text)
        for line in re.findall(r"^(?:\$ )?ganeval (.*)$", joined, flags=re.MULTILINE):
            command, words = get_command(main), shlex.split(line, comments=True)
            while hasattr(command, "list_commands") and not words[0].startswith("-"):
                command = command.get_command(None, words.pop(0))
                assert command is not None, line
            known = {name for param in command.params for name in param.opts + param.secondary_opts}
            typed = {word.partition("=")[0] for word in words if re.match("--?[a-z]", word)}
            assert typed <= {*known, "--help"}, line


@every_page
def test_the_pictures_and_links_exist(page):
    for target in re.findall(r"\]\((?!https://)([^)#]+)\)", text_of(page)):
        assert (PAGES[page].parent / target).exists(), target


def test_readme_is_short():
    assert len(text_of("README.md").splitlines()) <= 200
