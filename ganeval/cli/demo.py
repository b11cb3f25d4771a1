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
from ganeval.files import check_free
from ganeval.images import ImageSource, open_images
from ganeval.metrics import METRICS, Score
from ganeval.report.page import Images, Pictured, Scores, write_report
from ganeval.suites import evaluate

app = typer.Typer(add_completion=False)

_NET, _PICTURE, _REPORT = "lin41", "demo.png", "report.html"
_METRICS = ("fid", "kid", "prdc", "obedience", "intra-kid")
_CELLS = 100
"""Per protein and set."""

_MODELS = {
    "good": ("none", "fresh cells: perfect"),
    "faulty": ("no_division", "hardly a dividing cell"),
}
"""Planted defect, and words for it."""


@command(app, "demo")
def demo(
    out: Annotated[
        Path, typer.Option("-o", "--out", help="New folder for the images and the picture.")
    ] = Path("ganeval-demo"),
    force: Force = False,
) -> None:
    """Score two models of simulated yeast.

    One of them has a planted defect.
    """
    ours = force or is_written(out / "real")
    check_folder(out, [_PICTURE, _REPORT], force=ours)
    if not ours:
        check_free(out)
    note(f"Simulating real cells and two models of them in {out}/")
    write_demo(out)
    sets = {name: open_images(out / name) for name in ("real", *_MODELS)}
    features = {name: _features(source) for name, source in sets.items()}
    models = {name: features[name] for name in _MODELS}
    found = Scores.of_all(evaluate(features["real"], models, metrics=_METRICS))
    _table(found)
    _picture(out / _PICTURE, out, {name: found.by[name, "fid"] for name in _MODELS})
    real, *fakes = (Pictured(source, features[name]) for name, source in sets.items())
    images = Images(real, dict(zip(_MODELS, fakes, strict=True)))
    title = "Which model of yeast is better?"
    write_report(found, out / _REPORT, images=images, title=title)
    result("Estimates corrected for the number of images, with 95 % intervals.")
    result(f"Picture: {out / _PICTURE}")
    result(f"Report, for a browser: {out / _REPORT}")
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


def _features(source: ImageSource) -> Features:
    with progress_bar(source.name, quiet=False) as progress:
        return extract(source, _NET, batch_size=250, progress=progress)


def _table(found: Scores) -> None:
    """One row per model, one column per metric: corrected value and interval."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"Two models of six yeast proteins, seen by the {_NET!r} net")
    table.add_column("model", no_wrap=True)
    shown = [METRICS[name] for name in ("fid", "kid")]
    for entry in shown:
        table.add_column(f"{entry.label}\n{entry.better} is better", justify="right", no_wrap=True)
    for name, (_, words) in _MODELS.items():
        cells = [_cell(found.by[name, entry.name]) for entry in shown]
        table.add_row(f"{name}\n[dim]{words}[/dim]", *cells, end_section=True)
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
