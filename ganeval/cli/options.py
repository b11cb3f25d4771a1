"""Options that commands share: one dataclass per group, one line per option."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any

import typer


def _option(help: str, *names: str, panel: str, metavar: str | None = None) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=panel, metavar=metavar)


_IMAGES, _RUN = "Images", "Run"

PANEL = "Evaluation"
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object per line.")]
Level = Annotated[float, typer.Option(help="Coverage of the intervals.", rich_help_panel=PANEL)]


@dataclass(frozen=True)
class ImageOptions:
    """How pixels are read and which images count."""

    value_range: Annotated[
        str | None,
        _option(
            "Values of black and white: LOW:HIGH, one pair per channel separated by commas, or "
            "'data' (percentiles of REAL). (default: the dtype's range; float needs it)",
            panel=_IMAGES,
            metavar="LOW:HIGH",
        ),
    ] = None
    channels: Annotated[
        str | None,
        _option("Use these channels, counted from 0.", panel=_IMAGES, metavar="0,2"),
    ] = None
    stack_by: Annotated[
        str | None,
        _option(
            "Join one-file-per-channel images; the group of the regex is the channel.",
            panel=_IMAGES,
            metavar="REGEX",
        ),
    ] = None
    label_by: Annotated[
        str | None,
        _option(
            "Class of an image: folder:LEVEL, regex:PATTERN or csv:FILE. (default: class folders)",
            panel=_IMAGES,
            metavar="RULE",
        ),
    ] = None
    group_by: Annotated[
        str | None,
        _option(
            "Plate, dish or patient of an image, same rules: the interval then respects that "
            "images of a group are alike.",
            panel=_IMAGES,
            metavar="RULE",
        ),
    ] = None
    max_images: Annotated[
        int | None,
        _option("Size of a seeded sample per side, never the first files.", panel=_IMAGES),
    ] = None
    layout: Annotated[
        str | None,
        _option("Axes of arrays: NHWC, NCHW or NHW.", panel=_IMAGES),
    ] = None
    axes: Annotated[str | None, _option("Axes of TIFF files, as in CYX.", panel=_IMAGES)] = None
    planes: Annotated[
        str | None,
        _option(
            "Axes of volumes across which every plane is an image, as in xyz; t for times and "
            "frames. The volume is the group.",
            panel=_IMAGES,
        ),
    ] = None
    project: Annotated[
        str | None,
        _option("Project Z and T axes that --planes does not name: max or mean.", panel=_IMAGES),
    ] = None
    on_error: Annotated[
        str,
        _option("An image that cannot be read: fail, or skip and report.", panel=_IMAGES),
    ] = "fail"


@dataclass(frozen=True)
class RangeOptions:
    """A range for one of two sides."""

    real_range: Annotated[
        str | None,
        _option("As --value-range, for REAL alone.", panel=_IMAGES, metavar="LOW:HIGH"),
    ] = None
    fake_range: Annotated[
        str | None,
        _option("As --value-range, for FAKE alone.", panel=_IMAGES, metavar="LOW:HIGH"),
    ] = None


@dataclass(frozen=True)
class RunOptions:
    """How features are computed and results are shown."""

    feature_net: Annotated[
        str | None,
        _option(
            "Name of a net (see: ganeval nets list), timm:MODEL, or path to a card.  "
            "(default: inception, for 8-bit RGB only)",
            panel=_RUN,
            metavar="NET",
        ),
    ] = None
    weights: Annotated[Path | None, _option("Weights of the net, for inception.", panel=_RUN)] = (
        None
    )
    each_channel: Annotated[
        bool,
        _option(
            "Run a net for 1 or 3 channels on every channel and join the features.",
            "--each-channel",
            panel=_RUN,
        ),
    ] = False
    mask_channel: Annotated[
        int | None,
        _option(
            "For net morphology: the channel that outlines the object, from 0. (default: the sum)",
            panel=_RUN,
        ),
    ] = None
    pixel_size: Annotated[
        float | None,
        _option(
            "For net morphology: micrometres per pixel. (default: sizes in pixels)",
            panel=_RUN,
            metavar="UM",
        ),
    ] = None
    device: Annotated[
        str | None, _option("cpu, cuda, cuda:1, … (default: a GPU if there is one)", panel=_RUN)
    ] = None
    batch_size: Annotated[int, _option("Images at once.", panel=_RUN)] = 64
    num_workers: Annotated[
        int | None,
        _option(
            "Processes that decode; from 2 on, as many again measure for net morphology. "
            "(default: by images and cores)",
            panel=_RUN,
        ),
    ] = None
    match_labels: Annotated[
        bool,
        _option(
            "Take only as many fakes as can have the class frequencies of REAL.",
            "--match-labels",
            panel=_RUN,
        ),
    ] = False
    seed: Annotated[
        int, _option("Of samples, halves of REAL, and whatever a metric draws.", panel=_RUN)
    ] = 0
    no_cache: Annotated[
        bool, _option("Neither read nor write the cache.", "--no-cache", panel=_RUN)
    ] = False
    verify: Annotated[
        bool,
        _option("Decode all images again instead of trusting file dates.", "--verify", panel=_RUN),
    ] = False
    quiet: Annotated[
        bool, _option("No progress, notes or warnings.", "--quiet", "-q", panel=_RUN)
    ] = False


def expand(function: Callable[..., None]) -> Callable[..., None]:
    """`function` with every parameter that is one of the groups above spelled out as options."""
    parameters: list[inspect.Parameter] = []
    groups: dict[str, type] = {}
    for parameter in inspect.signature(function).parameters.values():
        group = parameter.annotation
        if isinstance(group, type) and is_dataclass(group):
            groups[parameter.name] = group
            parameters += [
                inspect.Parameter(
                    item.name,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=item.default,
                    annotation=item.type,
                )
                for item in fields(group)
            ]
        else:
            parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))

    @functools.wraps(function)
    def call(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(**{item.name: given.pop(item.name) for item in fields(group)})
        function(**given)

    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return call
