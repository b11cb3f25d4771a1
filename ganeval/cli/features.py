"""`ganeval features`: extract once, score anywhere, merge what several machines extracted."""

from pathlib import Path
from typing import Annotated

import typer

from ganeval.cli.options import ImageOptions, RunOptions
from ganeval.cli.outputs import Force, check_file, files_of, new_file
from ganeval.cli.per_side import SideImages
from ganeval.cli.processes import first_goes_on
from ganeval.cli.sides import Sides
from ganeval.cli.terminal import command, note, result
from ganeval.commands import TOOLS
from ganeval.errors import InputError, cut
from ganeval.features import Features, merge_features, merge_into_folder

app = typer.Typer(help=TOOLS["features"], no_args_is_help=True, add_completion=False)

Out = Annotated[Path, typer.Option("-o", "--out", help="File to write (.npz).")]
FileOrFolder = Annotated[
    Path, typer.Option("-o", "--out", help="File (.npz) or folder (.features) to write.")
]


@command(app, "extract", shared=True)
def extract(
    data: Annotated[str, typer.Argument(help="Images: a folder, .zip, .npy, .npz or IDX file.")],
    out: FileOrFolder,
    images: ImageOptions,
    run: RunOptions,
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="I/N",
            help="Only every N-th image, from image I of 0 to N - 1; `merge` joins the files.",
            rich_help_panel="Images",
        ),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            metavar="ray",
            help="Embed on a Ray cluster: ray (the one that RAY_ADDRESS names, or this machine) or "
            "ray://HOST:PORT. Every node must be able to read the images.",
            rich_help_panel="Run",
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Embed every image and save features, ids, labels and groups.

    To a file (.npz), or to a folder (.features), which need not fit into memory: the same command
    again resumes a run that was cut short.
    """
    in_folder = _is_folder(out)
    if not in_folder:
        check_file(out, force=force, inputs=[data, *files_of(images, run)])
    features = Sides(SideImages(images), run).single(
        data,
        shard=_parse_shard(shard),
        folder=out if in_folder and engine is None else None,
        engine=_check_engine(engine, run),
    )
    first_goes_on()
    for warning in features.warnings:
        note(f"Warning: {features.name}: {warning}", quiet=run.quiet)
    _save(features, out, force=force, saved=in_folder and engine is None)


@command(app, "merge")
def merge(
    files: Annotated[list[Path], typer.Argument(help="Files from `features extract`.")],
    out: FileOrFolder,
    force: Force = False,
) -> None:
    """Join features of disjoint sets of images made by the same net."""
    if _is_folder(out):
        features = merge_into_folder([Features.load(path) for path in files], out)
    else:
        check_file(out, force=force, inputs=files)
        features = merge_features([Features.load(path) for path in files])
    _save(features, out, force=force, saved=_is_folder(out))


def _check_engine(engine: str | None, run: RunOptions) -> str | None:
    if engine is None:
        return None
    if engine != "ray" and not engine.startswith("ray://"):
        raise InputError(f"--engine is {cut(engine)!r}; wanted ray or ray://HOST:PORT")
    if run.feature_net is None:
        raise InputError("--engine needs the net by name; add --feature-net NAME")
    return engine


def _parse_shard(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    index, _, count = text.partition("/")
    if not (index.isdecimal() and count.isdecimal()):
        raise InputError(f"--shard takes I/N, as in 0/4 to 3/4; got {cut(text)!r}")
    if len(count) > 6 or not int(index) < int(count):
        raise InputError(f"--shard {cut(text)} is none of I/N with I below N, N up to 999999")
    return int(index), int(count)


def _is_folder(out: Path) -> bool:
    if out.suffix not in (".npz", ".features"):
        raise InputError(
            f"--out {out} must end in .npz (a file) or .features (a folder); name it so"
        )
    return out.suffix == ".features"


def _save(features: Features, out: Path, *, force: bool, saved: bool) -> None:
    if not saved and _is_folder(out):
        features.save(out)  # which no other process writes to meanwhile
    elif not saved:
        with new_file(out, force=force) as place:
            features.save(place)
    net = (features.protocol.get("net") or {}).get("name", "net unknown")
    result(f"{out}: {len(features):,} images x {features.features.shape[1]} features ({net})")
