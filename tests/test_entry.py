"""Real processes, since this is about how one ends."""

import os
import signal
import subprocess
import sys

import pytest

GANEVAL = [sys.executable, "-m", "ganeval"]


def ended(program, **options):
    """How a process ends whose command does `program`, in Python."""
    code = f"import signal, sys\nfrom ganeval.entry import resumed_by, run\n{program}\nrun(program)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, **options)


@pytest.mark.parametrize(
    ("number", "code", "line"),
    [(signal.SIGINT, 130, "Stopped by Ctrl-C\n"), (signal.SIGTERM, 143, "Stopped by SIGTERM\n")],
)
def test_an_interrupt_is_one_line_and_its_exit_code_says_which(number, code, line):
    done = ended(f"def program(): signal.raise_signal({int(number)})")
    assert (done.returncode, done.stdout, done.stderr) == (code, "", line)


def test_a_library_that_turns_an_interrupt_into_an_error_of_its_own_is_interrupted():
    done = ended(
        "def program():\n"
        "    try: signal.raise_signal(signal.SIGINT)\n"
        "    except BaseException: raise OSError('broken')"
    )
    assert (done.returncode, done.stderr) == (130, "Stopped by Ctrl-C\n")


def test_a_library_that_swallows_an_interrupt_is_interrupted_again():
    done = ended(
        "import time\n"
        "def program():\n"
        "    try: signal.raise_signal(signal.SIGINT)\n"
        "    except BaseException: pass\n"
        "    time.sleep(60)"
    )
    assert (done.returncode, done.stderr) == (130, "Stopped by Ctrl-C\n")


def test_an_import_is_not_waited_for(tmp_path):
    (tmp_path / "library.py").write_text(
        "import signal, time\n"
        "try: signal.raise_signal(signal.SIGINT)\n"
        "except BaseException: pass\n"
        "time.sleep(60)"
    )
    done = ended("def program(): import library", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Stopped by Ctrl-C\n")


def test_an_interrupt_of_an_import_leaves_neither_locks_nor_half_written_files(tmp_path):
    (tmp_path / "library.py").write_text("import signal; signal.raise_signal(signal.SIGTERM)")
    done = ended(
        "from ganeval.files import own_folder, whole, whole_folder\n"
        "def program():\n"
        "    with own_folder('own'), whole('file') as file, whole_folder('folder'):\n"
        "        file.write_text('half')\n"
        "        import library",
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (143, "Stopped by SIGTERM\n")
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert {name for name in left if "ganeval" in name} == set()


def test_a_program_that_swallows_an_interrupt_and_ends_has_ended_well():
    done = ended(
        "def program():\n"
        "    try: signal.raise_signal(signal.SIGINT)\n"
        "    except BaseException: pass\n"
        "    print('done'); exit(0)"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_blocks_are_left_in_peace():
    """Longer than the time between two looks."""
    done = ended(
        "import time\n"
        "def program():\n"
        "    try: signal.raise_signal(signal.SIGINT)\n"
        "    finally: time.sleep(1.2); print('tidied')"
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "tidied\n", "Stopped by Ctrl-C\n")


def test_an_interrupt_says_how_to_resume_and_leaves_blocks():
    done = ended(
        "def program():\n"
        "    with resumed_by('say it again'):\n"
        "        try: signal.raise_signal(signal.SIGINT)\n"
        "        finally: print('tidied')"
    )
    assert (done.stdout, done.stderr) == ("tidied\n", "Stopped by Ctrl-C; say it again\n")


def test_an_interrupt_that_the_caller_ignores_stays_ignored():
    done = ended(
        "def program(): signal.raise_signal(signal.SIGINT); print('done')",
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    assert (done.returncode, done.stdout) == (0, "done\n")


@pytest.mark.parametrize(
    "error",
    ["MemoryError()", "RuntimeError('DefaultCPUAllocator: can\\'t allocate memory: you tried')"],
)
def test_memory_that_runs_out_before_a_command_begins_is_one_line(error):
    done = ended(f"def program(): raise {error}")
    assert done.returncode == 2 and done.stderr.startswith("Error: out of memory; ")
    assert done.stderr.count("\n") == 1


def test_a_reader_that_has_enough_ends_the_command_quietly():
    command, pipe = [*GANEVAL, "nets", "list"], subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe) as lines:
        lines.stdout.close()
        assert lines.stderr.read() == b""
    assert lines.returncode == 141


def test_a_full_disk_behind_stdout_is_one_line():
    with open("/dev/full", "w") as full:
        done = subprocess.run([*GANEVAL, "cache", "info"], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr.startswith(b"Error: standard output: No space left on device")


def test_letters_that_the_terminal_lacks_are_spelled_out():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = ended("def program(): print('─ ↓ cells µ')", env=environment)
    assert (done.returncode, done.stdout) == (0, "- v cells \\xb5\n")
