"""`ganeval matrix`: every class against every class."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ganeval.cli.options import RunOptions
from ganeval.cli.outputs import Force, check_folder, files_of, new_file, write_new
from ganeval.cli.per_side import SideImages
from ganeval.cli.processes import first_goes_on
from ganeval.cli.sides import Sides
from ganeval.cli.tables import plain_table
from ganeval.cli.terminal import command, note, result
from ganeval.cli.typed import named_paths
from ganeval.errors import InputError
from ganeval.metrics import METRICS, PROTOCOLS
from ganeval.report import draw_matrix
from ganeval.report.text import csv_table, latex_table, markdown_table
from ganeval.suites import PER_CLASS, ClassMatrix, class_table, matrix

app = typer.Typer(add_completion=False)

_PANEL = "Matrix"
NEAREST = 3


@command(app, "matrix", shared=True)
def _matrix(
    real: Annotated[str, typer.Argument(metavar="REAL", help="Real images in class folders.")],
    fakes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FAKE…]", help="Generated images of each model; or NAME=PATH."),
    ] = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Write heat maps, matrices and the table per class into this folder.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    force: Force = False,
    metric: Annotated[str, typer.Option(help="fid or kid.", rich_help_panel=_PANEL)] = "fid",
    per_class: Annotated[
        int, typer.Option(help="Images per class and set, at most.", rich_help_panel=_PANEL)
    ] = PER_CLASS,
    images: SideImages,
    run: RunOptions,
) -> None:
    """Compare every class with every class.

    It shows which classes are alike, and which a model confuses.
    """
    named = named_paths(fakes or [])
    if run.protocol is not None:
        PROTOCOLS[run.protocol].check_default(METRICS[metric], where="matrix")
    if out is not None:
        files = [f"{stem}.{kind}" for stem in _stems(["reals", *named]) for kind in ("png", "csv")]
        files += [f"per_class.{kind}" for kind in ("csv", "md", "tex")]
        given = [real, *named.values(), *files_of(images, run)]
        check_folder(out, files, force=force, inputs=given)
    if "reals" in named:
        raise InputError("a model cannot be named 'reals', the reals' own column; give NAME=PATH")
    if _in_parts(real) and images.of("real").label_by is None:
        images = replace(images, own={**images.own, "real_label_by": ("folder:1",)})
    sides, models = Sides(images, run).several({"real": real}, named)
    reals = sides["real"]
    first_goes_on()
    found = {"reals": matrix(reals, metric=metric, per_class=per_class, seed=run.seed)}
    for name, side in models.items():
        found[name] = matrix(reals, side, metric=metric, per_class=per_class, seed=run.seed)
    for each in found.values():
        for warning in each.warnings:
            note(f"Warning: {each.names[0]}: {warning}", quiet=run.quiet)
    result(*_nearest(found["reals"]))
    classes, columns = class_table(found)
    result(*plain_table([METRICS[metric].label, *found], _rows(classes, columns)))
    for name, each in found.items():
        first, second = map(_span, each.sizes.T)
        result(
            f"{name}: {first} images of each class against {second} "
            f"({each.names[0]} against {each.names[1]}); two classes are farther apart than one "
            f"from itself in {100 * each.separation:.4g} % of pairs"
        )
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        _write(found, classes, columns, out, force=force)
        note(f"{out}: heat maps, matrices and tables", quiet=run.quiet)


def _in_parts(real: str) -> bool:
    """Whether REAL has a train and a test folder, as LIN has, with the classes inside."""
    folders = (
        [path.name.lower() for path in Path(real).iterdir() if path.is_dir()]
        if (Path(real).is_dir())
        else []
    )
    return sorted(name.rpartition("_")[2] for name in folders) == ["test", "train"]


def _nearest(found: ClassMatrix) -> list[str]:
    rows = []
    for name in found.classes:
        near = [other for other in found.nearest(name) if other[0] != name][:NEAREST]
        rows.append([name, *(f"{other} {value:.3g}" for other, value in near)])
    return plain_table(["class", "nearest", *[""] * (len(rows[0]) - 2)], rows)


def _span(sizes: np.ndarray) -> str:
    least, most = int(sizes.min()), int(sizes.max())
    return str(least) if least == most else f"{least} to {most}"


def _rows(classes: Sequence[str], columns: np.ndarray) -> list[list[str]]:
    names = [*classes, "mean"]
    return [
        [name, *(f"{value:.3f}" for value in row)] for name, row in zip(names, columns, strict=True)
    ]


def _stems(names: Iterable[str]) -> list[str]:
    """A file name without suffix for each of these sets."""
    return [
        f"{i}-{''.join(c if c.isalnum() else '_' for c in name)}"[:100]
        for i, name in enumerate(names)
    ]


def _write(
    found: dict[str, ClassMatrix],
    classes: Sequence[str],
    columns: np.ndarray,
    out: Path,
    *,
    force: bool,
) -> None:
    heads, rows = ["class", *found], _rows(classes, columns)
    exact = [[row[0], *values] for row, values in zip(rows, columns.tolist(), strict=True)]
    texts = {
        "per_class.csv": csv_table([heads, *exact]),
        "per_class.md": markdown_table(heads, rows),
        "per_class.tex": latex_table(heads, rows),
    }
    for stem, (name, each) in zip(_stems(found), found.items(), strict=True):
        with new_file(out / f"{stem}.png", force=force) as place:
            draw_matrix(each, place, title=name)
        cells = zip(each.classes, each.values.tolist(), strict=True)
        texts[f"{stem}.csv"] = csv_table([["", *each.classes], *([c, *row] for c, row in cells)])
    for name, text in texts.items():
        write_new(out / name, text, force=force)
