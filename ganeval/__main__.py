"""The `ganeval` command, `python -m ganeval`, and `torchrun -m ganeval`."""

from ganeval.entry import run


def main() -> None:
    """Runs the command line; whatever takes long to import is imported where Ctrl-C is handled."""
    run(_program)


def _program() -> None:
    from ganeval.cli import main

    main()


if __name__ == "__main__":
    main()
