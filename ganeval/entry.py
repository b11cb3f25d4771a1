"""What surrounds a command: interrupts, streams, exit codes; light, to be imported first."""

import codecs
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_NAMES = {int(signal.SIGINT): "Ctrl-C", int(signal.SIGTERM): "SIGTERM"}

_PATIENCE = 0.5
"""Seconds between two looks whether the program does end."""

_PLAIN = str.maketrans({"─": "-", "↓": "v", "↑": "^", "…": "...", "×": "x", "é": "e", "–": "-"})
"""Our own words in letters that every terminal has."""


class Interrupted(BaseException):
    """The user or the system wants this process to end: blocks are left, files removed.

    Args:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        self.remedy = ""
        """How to resume; see `resumed_by`."""


@contextmanager
def resumed_by(words: str) -> Iterator[None]:
    """Says how work in this block is resumed if it is interrupted."""
    try:
        yield
    except Interrupted as error:
        error.remedy = words
        raise


@contextmanager
def undone_by(undo: Callable[[], object]) -> Iterator[None]:
    """Calls `undo` when the block ends, or an interrupt ends this process without leaving it."""
    mine = (os.getpid(), undo)
    _UNDO.append(mine)
    try:
        yield
    finally:
        undo()
        _UNDO.remove(mine)


_UNDO: list[tuple[int, Callable[[], object]]] = []
"""What blocks that are not left yet would do, and of which process: a fork has its parent's too."""


def run(program: Callable[[], object]) -> None:
    """Calls `program` and ends this process with its exit code.

    An interrupt is one line on stderr and exit code 128 + signal: 130 for Ctrl-C, 143 for SIGTERM.
    """
    caught = [number for number in _NAMES if signal.getsignal(number) is not signal.SIG_IGN]
    for number in caught:  # what the caller wants ignored, as nohup and `&` do, stays ignored
        signal.signal(number, _interrupt)
    code: str | int | None = 0
    try:
        _prepare_streams()
        program()
    except SystemExit as error:
        _look_no_more()
        code = error.code
    except BaseException as error:
        from ganeval.faults import in_one_line

        _look_no_more()
        # A library that was interrupted may raise an error of its own.
        if (stop := _interrupt_of(error)) is not None:
            code = 128 + stop.number
            _say(f"Stopped by {_NAMES[stop.number]}{stop.remedy and f'; {stop.remedy}'}")
        elif (line := in_one_line(error)) is not None:
            code = 2
            _say(f"Error: {line}")
        else:
            raise
    for number in caught:
        signal.signal(number, signal.SIG_DFL)  # all is done: not a word about it
    sys.exit(code)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Ends the program once; torchrun sends SIGTERM after Ctrl-C, while blocks are being left."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second Ctrl-C waits for nothing
    if _imports(frame):  # libraries catch whatever is raised while they are imported, and go on
        _end_now(number)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, lambda _, later: _look_again(number))
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE, _PATIENCE)
    raise Interrupted(number)


def _look_again(number: int) -> None:
    """Ends this process if something has swallowed the interrupt: no block is being left."""
    error = sys.exc_info()[1]
    if _interrupt_of(error) is None and not isinstance(error, SystemExit):
        _end_now(number)


def _look_no_more() -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0)


def _imports(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _end_now(number: int) -> None:
    """Leaves no block, but removes what is half-written; workers end by themselves."""
    for process, undo in reversed(_UNDO):
        if process == os.getpid():
            with suppress(Exception):
                undo()
    _say(f"Stopped by {_NAMES[number]}")
    os._exit(128 + number)


def _interrupt_of(error: BaseException | None) -> Interrupted | None:
    while error is not None and not isinstance(error, Interrupted):
        error = error.__cause__ or error.__context__
    return error


def _say(text: str) -> None:
    """On stderr; of several processes the first speaks."""
    if os.environ.get("RANK", "0") == "0" and sys.stderr is not None:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def _prepare_streams() -> None:
    """Letters that a stream cannot encode are spelled out; closed streams take and give nothing."""
    codecs.register_error("ganeval.plain", _spelled_out)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="ganeval.plain")
    for number in range(3):  # or the next file that is opened would take the stream's place
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _spelled_out(error: UnicodeError) -> tuple[str | bytes, int]:
    if isinstance(error, UnicodeEncodeError):
        letter = error.object[error.start]
        plain = letter.translate(_PLAIN)
        if plain != letter:
            return plain, error.start + 1
    return codecs.backslashreplace_errors(error)
