"""The `ganeval` command, `python -m ganeval`, and `torchrun -m ganeval`."""

import gc

from ganeval.entry import run


def main() -> None:
    """Runs the command line; whatever takes long to import is imported where Ctrl-C is handled."""
    run(_program)


def _program() -> None:
    gc.disable()  # until a command runs: what is imported lives as long as the program
    from ganeval.cli import main

    main(prog_name="ganeval")  # what a shell completes, however this was started


if __name__ == "__main__":
    main()
