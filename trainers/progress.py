"""Progress of a run: a bar with losses, images per second and the time left."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ganeval.errors import MissingExtraError
from trainers.checkpoint import Run
from trainers.data import DATA
from trainers.loop import Report
from trainers.systems import CONDITIONINGS

_SILENCE = 10.0
"""Seconds between two lines if there is no terminal to draw a bar on."""


@contextmanager
def watch(run: Run, out: Path, *, quiet: bool, tensorboard: bool) -> Iterator[Report]:
    """Yields a report that draws or writes to stderr, and to TensorBoard on request."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    if tensorboard:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise MissingExtraError(
                "tensorboard", extra="tensorboard", purpose="--tensorboard"
            ) from None
    writers: list[SummaryWriter] = []  # opened late: the run's folder may be refused
    each = CONDITIONINGS[run.recipe.conditioning].each
    images = run.recipe.batch_size * (len(DATA[run.recipe.data].classes) if each else 1)
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}  {task.fields[shown]}"),
        TimeRemainingColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
    )
    begun: list[tuple[int, float]] = []
    said = [time.monotonic()]
    with bar:
        task = bar.add_task(run.name, total=run.recipe.steps, shown="")

        def report(step: int, losses: dict[str, float]) -> None:
            now = time.monotonic()
            begun.append((step, now))
            del begun[:-20]
            (first, then), shown = begun[0], [f"{k} {v:.3f}" for k, v in losses.items()]
            if now > then:
                shown.append(f"{(step - first) * images / (now - then):.0f} images/s")
            bar.update(task, completed=step, shown="  ".join(shown))
            if not (quiet or console.is_terminal) and now - said[-1] > _SILENCE:
                said.append(now)
                shown.insert(0, f"{run.name}: {step}/{run.recipe.steps}")
                console.print("  ".join(shown), markup=False, highlight=False, soft_wrap=True)
            if tensorboard and not writers:
                writers.append(SummaryWriter(str(out)))
            for writer in writers:
                for name, value in losses.items():
                    writer.add_scalar(name, value, step)

        try:
            yield report
        finally:
            for writer in writers:
                writer.close()
