"""`ganeval demo`: the main job on data inside the package."""

from pathlib import Path
from typing import Annotated

import typer

from ganeval.cli.terminal import command, note, progress_bar, result
from ganeval.datasets import DIGIT_MODELS, write_digits
from ganeval.features import Features, extract
from ganeval.images import open_images
from ganeval.metrics import METRICS, Score

_NET = "mnist"


def add_demo(app: typer.Typer) -> None:
    """Adds `demo` to `app`."""
    command(app, "demo")(demo)


def demo(
    out: Annotated[
        Path, typer.Option("-o", "--out", help="Folder for the images and the picture.")
    ] = Path("ganeval-demo"),
) -> None:
    """Score four models of handwritten digits, each with a known defect."""
    note(f"Writing real digits and four models of them to {out}/")
    write_digits(out)
    real = _features(out / "real")
    scores: dict[str, list[Score]] = {}
    for name in DIGIT_MODELS:
        fake = _features(out / name)
        scores[name] = [METRICS[m].function(real=real, fake=fake) for m in METRICS]
    _table(scores)
    picture = out / "demo.png"
    _picture(picture, out, {name: of[list(METRICS).index("fid")] for name, of in scores.items()})
    result("Estimates corrected for the number of images, with 95 % intervals.")
    result(f"Picture: {picture}")
    result("The same by hand, and then with your own folders:")
    result(f"  ganeval fid {out}/real {out}/blurred --feature-net {_NET}")


def _features(folder: Path) -> Features:
    with progress_bar(folder.name, quiet=False) as progress:
        return extract(folder, _NET, batch_size=250, progress=progress)


def _table(scores: dict[str, list[Score]]) -> None:
    """One row per model, one column per metric: corrected value and interval."""
    from rich.console import Console
    from rich.table import Table

    first = next(iter(scores.values()))
    table = Table(title=f"Four models of handwritten digits, seen by the {_NET!r} net")
    table.add_column("model", no_wrap=True)
    for score in first:
        label = METRICS[score.metric].label
        table.add_column(f"{label}\n{score.better} is better", justify="right", no_wrap=True)
    for name, row in scores.items():
        cells = [_cell(score) for score in row]
        table.add_row(f"{name}\n[dim]{DIGIT_MODELS[name][1]}[/dim]", *cells, end_section=True)
    Console().print(table)


def _cell(score: Score) -> str:
    value = score.value if score.corrected is None else score.corrected
    if score.interval is None:
        return f"{value:.3f}"
    return f"{value:.3f}\n{score.interval[0]:.3f} to {score.interval[1]:.3f}"


def _picture(path: Path, folder: Path, scores: dict[str, Score]) -> None:
    """The same twelve digits of every set, and the Fréchet distance of each model."""
    from ganeval.report import plot_models

    samples = {}
    for name in ("real", *scores):
        source = open_images(folder / name, max_images=12, seed=3)
        samples[name] = [source.read(i) for i in range(len(source))]
    plot_models(path, samples, scores, title="Which model of handwritten digits is better?")
