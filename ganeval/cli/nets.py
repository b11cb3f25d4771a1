"""`ganeval nets`: list, show, train, export and fetch feature nets."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ganeval.cli import completed
from ganeval.cli.options import MOST_SEED, ImageOptions, RunOptions
from ganeval.cli.outputs import Force, check_outside, files_of
from ganeval.cli.per_side import SideImages
from ganeval.cli.sides import Sides
from ganeval.cli.terminal import command, default_workers, live_bar, note, result
from ganeval.cli.typed import size_of
from ganeval.commands import TOOLS
from ganeval.entry import resumed_by
from ganeval.errors import InputError
from ganeval.nets import (
    Card,
    downloads,
    export_net,
    feature_names,
    fetch_net,
    found_nets,
    load_card,
    train_net,
)

if TYPE_CHECKING:
    from ganeval.nets import TrainingProgress

app = typer.Typer(help=TOOLS["nets"], no_args_is_help=True, add_completion=False)


Net = Annotated[
    str,
    typer.Argument(help="Name of a net, or path to its card.", autocompletion=completed.nets),
]


def _choice(names: list[str], last: str) -> str:
    return last.join([", ".join(names[:-1]), names[-1]])


@command(app, "list")
def list_nets(
    json_: Annotated[bool, typer.Option("--json", help="One JSON object per net.")] = False,
) -> None:
    """Every net that --feature-net takes by name."""
    for found in found_nets():
        try:
            card = load_card(found.name)
        except InputError as error:
            note(f"Warning: {error}")
            continue
        if json_:
            result(json.dumps({"origin": found.origin, **card.to_dict()}))
        else:
            result(f"{found.name:26} {found.origin:9} {_takes(card)}")


@command(app, "show")
def show(
    net: Net,
    json_: Annotated[bool, typer.Option("--json", help="The whole card as JSON.")] = False,
) -> None:
    """A net's card: what it takes, what it was trained on, how good it is."""
    card = load_card(net)
    if json_:
        result(*card.to_json().splitlines())
        return
    result(f"{card.name}: {_takes(card)}")
    for item in fields(card):
        value = getattr(card, item.name)
        if item.name in ("name", "folder") or value in (None, "", {}):
            continue
        if isinstance(value, dict):
            result(f"{item.name}:")
            for key, entry in value.items():
                result(f"  {key}: {_short(entry)}")
        else:
            result(f"{item.name}: {_short(value)}")
    if (names := feature_names(card, card.channels or 2)) is not None:
        result(f"features of {card.channels or 2} channels: {', '.join(names)}")


@command(app, "train")
def train(
    data: Annotated[str, typer.Argument(help="Images; class folders are labels.")],
    name: Annotated[str, typer.Option(help="What --feature-net will call it.")],
    images: ImageOptions,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write to this folder instead.")
    ] = None,
    dim: Annotated[int, typer.Option(help="Features per image.", min=1, max=1 << 16)] = 64,
    epochs: Annotated[
        int | None,
        typer.Option(help="Passes over the images. (default: by their number)", min=1),
    ] = None,
    input_size: Annotated[
        str | None,
        typer.Option(help="Resize to this size, as 64,96; needed for mixed sizes.", metavar="H,W"),
    ] = None,
    flips: Annotated[
        bool, typer.Option(help="Whether a mirrored image is still of its class.")
    ] = True,
    licence: Annotated[str, typer.Option(help="Licence of the weights.")] = "unknown",
    unlabelled: Annotated[
        bool, typer.Option("--unlabelled", help="Learn without the labels that there are.")
    ] = False,
    seed: Annotated[
        int, typer.Option(help="Of split, weights, order, augmentation.", min=0, max=MOST_SEED)
    ] = 0,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, …")] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Do not resume an interrupted training.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the net of this name, or in this folder.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no notes.")] = False,
) -> None:
    """Train a net on your own images, with classes or without; goes on if interrupted."""
    if out is not None:
        check_outside(out, [data, *files_of(images, RunOptions())])
    source = Sides(SideImages(images), RunOptions(seed=seed, quiet=quiet)).open(data)
    if source.labels is None and not unlabelled:
        note(
            f"{source.name}: no labels found, so the net learns without; if there are some, say "
            "where: --label-by folder:LEVEL, regex:... or csv:FILE",
            quiet=quiet,
        )
    again = resumed_by("the same command resumes it")
    with again, _training_bar(name, quiet=quiet) as progress:
        card = train_net(
            source,
            name=name,
            out=out,
            dim=dim,
            epochs=epochs,
            input_size=None if input_size is None else size_of(input_size, option="--input-size"),
            flips=flips,
            licence=licence,
            unlabelled=unlabelled,
            seed=seed,
            device=device,
            num_workers=default_workers(len(source)),
            resume=not restart,
            overwrite=force,
            progress=progress,
        )
    for text in _texts(card.training.get("notes")):
        note(f"Warning: {text}", quiet=quiet)
    figures: dict[str, Any] = dict(card.validation)
    if card.classes is None:
        text = f"trained without labels, loss {figures['loss']:.4f}"
    else:
        text = f"accuracy {figures['accuracy']:.4f}, calibration error {figures['ece']:.4f}"
    result(f"{card.name}: {text} on {figures['n']} held-out images")
    select = f" --channels {images.channels}" if images.channels else ""
    result(f"use it with: --feature-net {out or name}{select}")


@command(app, "export")
def export(
    net: Net,
    folder: Annotated[Path, typer.Argument(help="Folder to write.")],
    force: Force = False,
) -> None:
    """Copy card and weights to a folder that one can send to a colleague."""
    export_net(net, folder, overwrite=force)
    result(f"{folder}: use it with --feature-net {folder}")


def fetch(
    net: Annotated[
        str,
        typer.Argument(
            help=_choice([d.name for d in downloads()], " or "),
            autocompletion=completed.fetched_nets,
        ),
    ] = "inception",
) -> None:
    """Download a net's official weights."""
    result(f"{fetch_net(net)}")


fetch.__doc__ = (
    f"Download a net's official weights: {_choice([d.about for d in downloads()], ', or ')}."
)
command(app, "fetch")(fetch)


@contextmanager
def _training_bar(name: str, *, quiet: bool) -> Iterator[Any]:
    with live_bar(f"training {name}", unit="batches", quiet=quiet) as update:
        if update is None:
            yield None
            return

        def progress(state: "TrainingProgress") -> None:
            parts = [f"epoch {state.epoch}/{state.epochs}"]
            if state.loss is not None:
                parts.append(f"loss {state.loss:.3f}")
            if state.accuracy is not None:
                parts.append(f"accuracy {state.accuracy:.3f}")
            update(state.step, state.steps, "  ".join(parts))

        yield progress


def _takes(card: Card) -> str:
    channels = "any channels"
    if card.channels is not None:
        channels = f"{card.channels} channel{'s' * (card.channels != 1)}"
    size = "any size" if card.input_size is None else "x".join(map(str, card.input_size))
    resized = "" if card.resize == "none" or card.input_size is None else " (resizes)"
    dim = "" if card.dim is None else f", {card.dim} features"
    classes = "" if card.classes is None else f", {len(card.classes)} classes"
    return f"{channels}, {size}{resized}{dim}{classes}"


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 100 else f"{text[:97]}..."


def _texts(value: object) -> list[str]:
    return [str(text) for text in value] if isinstance(value, list | tuple) else []
