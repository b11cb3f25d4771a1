"""`ganeval demo`: the main job on simulated yeast."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ganeval.cli.outputs import Force, check_folder
from ganeval.cli.terminal import command, note, progress_bar, result
from ganeval.datasets import LIN6
from ganeval.datasets.synthlin import is_written
from ganeval.features import Features, extract
from ganeval.images import open_images
from ganeval.metrics import METRICS, Score

_NET, _PICTURE = "lin41", "demo.png"
_CELLS = 100
"""Per protein and set."""

_MODELS = {
    "good": ("none", "fresh cells: perfect"),
    "faulty": ("no_division", "hardly a dividing cell"),
}
"""Planted defect, and words for it."""


def add_demo(app: typer.Typer) -> None:
    """Adds `demo` to `app`."""
    command(app, "demo")(demo)


def demo(
    out: Annotated[
        Path, typer.Option("-o", "--out", help="New folder for the images and the picture.")
    ] = Path("ganeval-demo"),
    force: Force = False,
) -> None:
    """Score two models of simulated yeast.

    One of them has a planted defect.
    """
    check_folder(out, [_PICTURE], force=force or is_written(out / "real"))
    note(f"Simulating real cells and two models of them in {out}/")
    write_demo(out)
    real = _features(out / "real")
    scores: dict[str, list[Score]] = {}
    for name in _MODELS:
        fake = _features(out / name)
        scores[name] = [METRICS[m].function(real=real, fake=fake) for m in ("fid", "kid")]
    _table(scores)
    picture = out / _PICTURE
    _picture(picture, out, {name: row[0] for name, row in scores.items()})
    result("Estimates corrected for the number of images, with 95 % intervals.")
    result(f"Picture: {picture}")
    result("The same by hand, and then with your own folders:")
    result(f"  ganeval fid {out}/real {out}/faulty --feature-net {_NET}")


def write_demo(out: Path) -> None:
    """Simulates the sets below `out`: `real`, and one per model."""
    from ganeval.datasets.synthlin import write_model

    for seed, (name, (defect, _)) in enumerate({"real": ("none", ""), **_MODELS}.items()):
        with progress_bar(f"simulating {name}", quiet=False) as progress:
            write_model(
                out / name,
                per_class=_CELLS,
                proteins=LIN6,
                defect=defect,
                seed=seed,
                num_workers=min(4, os.cpu_count() or 1),
                progress=progress,
            )


def _features(folder: Path) -> Features:
    with progress_bar(folder.name, quiet=False) as progress:
        return extract(folder, _NET, batch_size=250, progress=progress)


def _table(scores: dict[str, list[Score]]) -> None:
    """One row per model, one column per metric: corrected value and interval."""
    from rich.console import Console
    from rich.table import Table

    first = next(iter(scores.values()))
    table = Table(title=f"Two models of six yeast proteins, seen by the {_NET!r} net")
    table.add_column("model", no_wrap=True)
    for score in first:
        label = METRICS[score.metric].label
        table.add_column(f"{label}\n{score.better} is better", justify="right", no_wrap=True)
    for name, row in scores.items():
        cells = [_cell(score) for score in row]
        table.add_row(f"{name}\n[dim]{_MODELS[name][1]}[/dim]", *cells, end_section=True)
    Console().print(table)


def _cell(score: Score) -> str:
    value = score.value if score.corrected is None else score.corrected
    if score.interval is None:
        return f"{value:.3f}"
    return f"{value:.3f}\n{score.interval[0]:.3f} to {score.interval[1]:.3f}"


def _picture(path: Path, folder: Path, scores: dict[str, Score]) -> None:
    """Eight cells of every set, and the Fréchet distance of each model."""
    from ganeval.report import plot_models

    samples = {}
    for name in ("real", *scores):
        source = open_images(folder / name, max_images=8, seed=3)
        samples[name] = [source.read(i) for i in range(len(source))]
    plot_models(path, samples, scores, title="Which model of yeast is better?")
