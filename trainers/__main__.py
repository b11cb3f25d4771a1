"""`python -m trainers`: whatever takes long to import is imported where Ctrl-C is handled."""

from ganeval.entry import run


def _program() -> None:
    from trainers.command import app

    app()


if __name__ == "__main__":
    run(_program)
