"""`ganeval explain`: which visible properties give the fakes away?"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ganeval.cli.options import Level, RunOptions
from ganeval.cli.outputs import Force, check_folder, files_of, new_file, write_new
from ganeval.cli.per_side import SideImages
from ganeval.cli.processes import first_goes_on
from ganeval.cli.sides import Given, Sides
from ganeval.cli.terminal import command, note, progress_bar, result
from ganeval.errors import InputError
from ganeval.features import Features, as_features, is_feature_file
from ganeval.images import ImageSource
from ganeval.report.text import csv_table
from ganeval.suites import OBJECTS, WHOLE, Explanation, explain, net_that_fits, shared_pixel_size

app = typer.Typer(add_completion=False)

_PANEL = "Explanation"
_FILES = ("findings.csv", "properties.csv", "examples.png")


@command(app, "explain", shared=True)
def _explain(
    real: Annotated[str, typer.Argument(metavar="REAL", help="Real images.")],
    fake: Annotated[str, typer.Argument(metavar="FAKE", help="Generated images.")],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help=f"Write {', '.join(_FILES[:2])} and {_FILES[2]} into this folder.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    channel_names: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,…",
            help="What the channels show, as in Bgs4,Tea1.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    repeats: Annotated[
        int, typer.Option(help="Splits of the classifier.", min=1, rich_help_panel=_PANEL)
    ] = 10,
    show: Annotated[
        int, typer.Option(help="Findings in the picture.", min=1, rich_help_panel=_PANEL)
    ] = 5,
    level: Level = 0.95,
    force: Force = False,
    images: SideImages,
    run: RunOptions,
) -> None:
    """Say in words what is wrong with the fakes.

    It measures named properties: of the one object in each image (net morphology:offsets), or of
    whole images where the reals do not show one object each (net texture); --feature-net takes one
    of them in any case. 1 less --level is the rate of false discoveries.
    """
    if run.protocol is not None:
        raise InputError(
            f"--protocol {run.protocol} fixes a net without named features; leave it out"
        )
    if out is not None:
        check_folder(out, _FILES, force=force, inputs=[real, fake, *files_of(images, run)])
    net = _net_for({"real": real, "fake": fake}, images, run)
    sides = Sides(images, replace(run, feature_net=net, pixel_size=None))
    opened = sides.opened({"real": Given("real", real), "fake": Given("fake", fake)})
    sources = {side: data for side, data in opened.items() if isinstance(data, ImageSource)}
    features = {side: data for side, data in opened.items() if isinstance(data, Features)}
    features |= {side: sides.embed(source) for side, source in sources.items()}
    if run.match_labels:
        features["fake"] = sides.matched(features["real"], features["fake"])
    first_goes_on()
    size = run.pixel_size
    if size is None and run.resize is None:
        size = shared_pixel_size(*sources.values())
        if size is not None:
            note(f"{size:.4g} µm per pixel, as the files say", quiet=run.quiet)
    with progress_bar("classifier", quiet=run.quiet, unit="repeats") as progress:
        explanation = explain(
            features["real"],
            features["fake"],
            channel_names=None if channel_names is None else channel_names.split(","),
            pixel_size=size,
            repeats=repeats,
            level=level,
            seed=run.seed,
            progress=progress,
        )
    for warning in explanation.warnings:
        note(f"Warning: {warning}", quiet=run.quiet)
    result(*str(explanation).split("\n"))
    if out is not None:
        _write(explanation, features, sources, out, show=show, force=force, quiet=run.quiet)


def _net_for(specs: dict[str, str], images: SideImages, run: RunOptions) -> str | None:
    """The net that was named or that made the features; or the one that fits the real images."""
    if run.feature_net is not None:
        return run.feature_net
    if run.mask_channel is not None:
        return OBJECTS
    if run.resize is not None:
        return WHOLE  # resizing changes the lengths of objects
    for side, spec in specs.items():
        if is_feature_file(spec):
            made_by = (as_features(spec).protocol.get("net") or {}).get("name")
            if made_by is not None:
                return str(made_by)
            continue
        source = Sides(images, replace(run, quiet=True, pixel_size=None)).open(spec, side=side)
        net = net_that_fits(source)
        if net == WHOLE:
            note(
                f"{source.name}: most images do not show one object on a ground, so whole images "
                f"are measured (net texture); if they do, say --feature-net {OBJECTS}",
                quiet=run.quiet,
            )
        return net
    return None


def _write(
    found: Explanation,
    features: dict[str, Features],
    sources: dict[str, ImageSource],
    out: Path,
    *,
    show: int,
    force: bool,
    quiet: bool,
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    write_new(out / "findings.csv", csv_table(list(_findings(found))), force=force)
    write_new(out / "properties.csv", csv_table(list(_properties(found))), force=force)
    written = "findings.csv and properties.csv"
    if len(sources) < len(features):
        note(f"{out}: {written}; a picture needs images, not features", quiet=quiet)
    elif not (found.findings or found.by_class):
        note(f"{out}: {written}; there is no finding to show a picture of", quiet=quiet)
    else:
        from ganeval.report import draw_examples

        shown = {side: _taken(sources[side], of_side) for side, of_side in features.items()}
        with new_file(out / "examples.png", force=force) as place:
            draw_examples(found, shown["real"], shown["fake"], place, show=show)
        note(f"{out}: {', '.join(_FILES)}", quiet=quiet)


def _taken(source: ImageSource, features: Features) -> ImageSource:
    """The images that have features, in their order."""
    place = {id: i for i, id in enumerate(source.ids)}
    return source.select([place[id] for id in features.ids])


def _findings(found: Explanation) -> Iterator[list[object]]:
    """A line per family in all images and in each class, those that are reported first."""
    yield [
        "reported", "class", "property", "feature", "related", "differs_in", "unit", "real", "fake",
        "beyond", "difference", "low", "high", "level", "p", "q", "importance",
    ]  # fmt: skip
    reported = {*found.findings, *(test for tests in found.by_class.values() for test in tests)}
    for test in sorted(found.tests, key=lambda test: test not in reported):
        effect = test.effect
        low, high = effect.interval or ("", "")
        beyond = (
            "" if effect.beyond is None else (">= " if effect.above else "<= ") + str(effect.beyond)
        )
        yield [
            "yes" if test in reported else "no", test.label or "", test.name, test.key,
            "; ".join(test.family), effect.aspect, test.unit,
            effect.real, effect.fake, beyond, effect.value, low, high, effect.level, test.p_value,
            test.q_value, "" if test.importance is None else test.importance,
        ]  # fmt: skip


def _properties(found: Explanation) -> Iterator[list[object]]:
    """A line per property, with its means and standard deviations."""
    yield ["property", "feature", "unit", "real_mean", "fake_mean", "real_sd", "fake_sd"]
    known = found.properties
    for i in range(len(known.keys)):
        sides = known.real[:, i], known.fake[:, i]
        yield [
            known.names[i], known.keys[i], known.units[i], *(float(side.mean()) for side in sides),
            *(float(side.std()) for side in sides),
        ]  # fmt: skip
