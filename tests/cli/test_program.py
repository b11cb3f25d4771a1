import os
import re
import subprocess
import sys
from importlib.metadata import entry_points

import pytest
from typer.testing import CliRunner

import ganeval.__main__
from ganeval.cli import main
from ganeval.commands import SCORES, TOOLS
from ganeval.metrics import METRICS


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("fid real", "Missing argument 'FAKE'"),
        ("ct real fake", "Missing option '--train'; see ganeval ct --help"),
        ("fid real fake --featurenet inception", "--feature-net"),
        ("frob", "No such command 'frob'; see ganeval --help"),
        ("nets frob", "see ganeval nets --help"),
        ("kid real fake --seed one", "valid integer"),
        ("--frob", "No such option"),
        ("kid real fake --" + "9x" * 3000, "… (6"),
        ("kid real fake --\x1b[31m", "\\x1b[31m"),
        ("\u202efid real fake", "No such command"),
    ],
)
def test_wrong_usage_is_told_in_one_line(run, line, told):
    done = run(*line.split())
    assert done.exit_code == 2 and not done.stdout
    assert done.stderr.startswith("Error: ") and told in done.stderr
    assert done.stderr.count("\n") == 1 and len(done.stderr) < 300
    assert done.stderr[:-1].isprintable()


def test_no_arguments_show_the_help(run):
    for group in ([], ["nets"]):
        done = run(*group)
        assert "Usage: " in done.stdout and not done.stderr


def test_the_help_lists_every_metric_and_no_other():
    assert set(SCORES) == {METRICS[name].command for name in METRICS}


@pytest.mark.parametrize("name", [*SCORES, *TOOLS])
def test_the_help_says_of_a_command_what_its_own_help_does_and_cuts_nothing(run, name):
    listed = {**SCORES, **TOOLS}[name]
    assert len(listed) <= 45
    assert listed in run(name, "--help").stdout
    assert any(
        line.split(maxsplit=1) == [name, listed] for line in run("--help").stdout.split("\n")
    )


@pytest.mark.parametrize("name", [*TOOLS, "nets train", "features extract", "stats save"])
def test_the_introduction_of_a_help_breaks_at_the_width_of_the_terminal_alone(name):
    wide = CliRunner().invoke(main, [*name.split(), "--help"], env={"COLUMNS": "1000"}).stdout
    usage, *paragraphs = re.sub(r" +\n", "\n", wide.partition("╭")[0]).strip().split("\n\n")
    assert usage.lstrip().startswith("Usage: ") and paragraphs
    assert [each for each in paragraphs if "\n" in each] == []


@pytest.mark.parametrize("name", ["evaluate", "bundle", "verify"])
def test_the_help_names_every_metric_that_takes_training_images(run, name):
    told = " ".join(run(name, "--help").stdout.replace("│", " ").split())
    (names,) = re.findall(r"raining images, (?:for|of) ([^.]*)\.", told)
    commands = {METRICS[each].command for each in METRICS if METRICS[each].needs_train}
    assert set(re.split(", | and ", names)) == commands >= {"authpct", "ct"}


def test_the_help_loads_no_command():
    code = (
        "import sys; from ganeval.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: print([m for m in sys.modules if m in ('numpy', 'ganeval.metrics')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


def test_the_installed_command_is_that_of_python_m():
    (installed,) = entry_points(group="console_scripts", name="ganeval")
    assert installed.load() is ganeval.__main__.main


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("kid --feature-net tex", ["texture"]),
        ("nets show morph", ["morphology", "morphology:offsets"]),
        ("nets export lin", ["lin41"]),
        ("nets fetch dinov", ["dinov2", "dinov3"]),
        ("evaluate --feature-net pixels,te", ["pixels,texture"]),
        ("evaluate --metrics kid,k", ["kid,kde"]),
        ("compare --metric fi", ["fid"]),
        ("plan --metric ki", ["kid"]),
        ("fid --protocol pytorch", ["pytorch-fid"]),
        ("fid --feature-net there-is-none", []),
    ],
)
def test_names_are_completed_and_after_a_comma_the_next(typed, completed):
    words = ["ganeval", *typed.split()]
    asked = {"_GANEVAL_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(words)}
    done = CliRunner().invoke(main, env={**asked, "COMP_CWORD": str(len(words) - 1)})
    assert done.stdout.split() == completed, done.stderr


def test_bash_completes_commands_by_what_either_way_of_starting_prints(tmp_path):
    """In a shell of its own: the script is read, and TAB is pressed after `ganeval fi`."""
    (tmp_path / "ganeval").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ganeval "$@"\n')
    (tmp_path / "ganeval").chmod(0o755)
    script = (
        f'eval "$("{sys.executable}" -m ganeval --show-completion bash)"\n'
        "COMP_WORDS=(ganeval fi) COMP_CWORD=1\n"
        "_ganeval_completion ganeval\n"
        'echo "${COMPREPLY[@]}"\n'
    )
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    assert done.stdout.split() == ["fid"], done.stderr
