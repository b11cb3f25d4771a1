"""`ganeval cache`: what it takes up, and how to empty it."""

import typer

from ganeval.cli.terminal import command, result
from ganeval.commands import TOOLS
from ganeval.store import default_store

app = typer.Typer(help=TOOLS["cache"], no_args_is_help=True, add_completion=False)


@command(app, "info")
def info() -> None:
    """Where the cache is and how much it holds."""
    store = default_store()
    usage = store.usage()
    result(f"{store.folder}")
    for kind in usage:
        result(f"{kind.kind:10} {kind.entries:8,} entries  {_size(kind.n_bytes):>9}")
    total = sum(kind.n_bytes for kind in usage)
    result(f"{'in all':10} {sum(k.entries for k in usage):8,} entries  {_size(total):>9}")
    result(f"kept under {_size(store.max_bytes)}; the least recently used go first")


@command(app, "clear")
def clear() -> None:
    """Delete everything in the cache; the next run computes it again."""
    result(f"freed {_size(default_store().clear())}")


def _size(n_bytes: int) -> str:
    size = float(n_bytes)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
