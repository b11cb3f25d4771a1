"""`ganeval features`: extract once, score anywhere, merge what several machines extracted."""

from pathlib import Path
from typing import Annotated

import typer

from ganeval.cli.options import ImageOptions, RunOptions
from ganeval.cli.sides import Sides
from ganeval.cli.terminal import check_out, command, note, result
from ganeval.features import Features, merge_features

app = typer.Typer(help="Extract features to a file, or merge such files.", no_args_is_help=True)

Out = Annotated[Path, typer.Option("-o", "--out", help="File to write (.npz).")]


@command(app, "extract")
def extract(
    data: Annotated[str, typer.Argument(help="Images: a folder, .zip, .npy, .npz or IDX file.")],
    out: Out,
    images: ImageOptions,
    run: RunOptions,
) -> None:
    """Embed every image and save features, ids, labels and groups."""
    check_out(out)
    features = Sides(images, run).single(data)
    for warning in features.warnings:
        note(f"Warning: {features.name}: {warning}", quiet=run.quiet)
    _save(features, out)


@command(app, "merge")
def merge(
    files: Annotated[list[Path], typer.Argument(help="Files from `features extract`.")],
    out: Out,
) -> None:
    """Join features of disjoint sets of images made by the same net."""
    check_out(out)
    _save(merge_features([Features.load(path) for path in files]), out)


def _save(features: Features, out: Path) -> None:
    features.save(out)
    net = (features.protocol.get("net") or {}).get("name", "net unknown")
    result(f"{out}: {len(features):,} images x {features.features.shape[1]} features ({net})")
