"""Options that commands share: one dataclass per group, one line per option."""

import functools
import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from ganeval.cli import completed
from ganeval.errors import InputError
from ganeval.metrics import METRICS, PROTOCOLS
from ganeval.nets import choose_device
from ganeval.wording import listed


def _option(
    help: str,
    *names: str,
    panel: str,
    metavar: str | None = None,
    least: float | None = None,
    most: float | None = None,
    names_of: Callable[[str], list[str]] | None = None,
) -> Any:
    return typer.Option(
        *names,
        help=help,
        rich_help_panel=panel,
        metavar=metavar,
        min=least,
        max=most,
        autocompletion=names_of,
    )


MOST_SEED = 2**32 - 1
"""The largest seed of NumPy's generators."""


SETTINGS = ("mask_channel", "pixel_size", "resize")
"""Options of a run that make another net of the one that is named."""

_IMAGES, _RUN = "Images", "Run"

TAKING_TRAIN = listed(
    sorted({m.command for m in map(METRICS.__getitem__, METRICS) if m.needs_train})
)
"""The commands of the metrics that take training images, in words."""

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
            "'data' (percentiles of REAL). One that begins below 0 or ends at 1 or lower is for "
            "floats alone: integers keep their type's. Values outside are not clipped.  (default: "
            "the type's; floats need one)",
            panel=_IMAGES,
            metavar="LOW:HIGH",
        ),
    ] = None
    include: Annotated[
        list[str] | None,
        _option(
            "Take only images whose file or folder has such a name: globs separated by commas, as "
            "in '*_fake_B.png'; with a /, paths below the root, as in 'plate1/**'.",
            panel=_IMAGES,
            metavar="GLOB",
        ),
    ] = None
    exclude: Annotated[
        list[str] | None,
        _option(
            "Leave out images with such names, as in '*_masks.tif,masks'.",
            panel=_IMAGES,
            metavar="GLOB",
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
            "Class of an image: folder:LEVEL, regex:PATTERN, csv:FILE[:COLUMN] or none. (default: "
            "class folders)",
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
        _option("Size of a seeded sample per side, never the first files.", panel=_IMAGES, least=1),
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
class RunOptions:
    """How features are computed and results are shown."""

    feature_net: Annotated[
        str | None,
        _option(
            "Name of a net (see: ganeval nets list), timm:MODEL, or path to a card; "
            "inception:clean and inception:torch-fidelity resize as those packages.  "
            "(default: inception, for 8-bit RGB only)",
            panel=_RUN,
            metavar="NET",
            names_of=completed.nets,
        ),
    ] = None
    weights: Annotated[
        Path | None,
        _option("Weights of the net, where they do not lie beside its card.", panel=_RUN),
    ] = None
    protocol: Annotated[
        str | None,
        _option(
            "Everything as in another tool, net, resizing, estimator and options: "
            f"{', '.join(PROTOCOLS)}.",
            panel=_RUN,
            metavar="TOOL",
            names_of=completed.protocols,
        ),
    ] = None
    each_channel: Annotated[
        bool,
        _option(
            "Run a net for 1 or 3 channels on every channel and join the features.",
            "--each-channel",
            panel=_RUN,
        ),
    ] = False
    resize: Annotated[
        str | None,
        _option(
            "Resize images to this size for a net that takes any size, but morphology: bilinear, "
            "with a filter against aliasing.",
            panel=_RUN,
            metavar="H,W",
        ),
    ] = None
    mask_channel: Annotated[
        int | None,
        _option(
            "For net morphology: the channel that outlines the object, from 0. (default: the sum)",
            panel=_RUN,
            least=0,
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
    batch_size: Annotated[int, _option("Images at once.", panel=_RUN, least=1)] = 64
    num_workers: Annotated[
        int | None,
        _option(
            "Processes that decode or, from 2 on, measure for net morphology. "
            "(default: by images and cores)",
            panel=_RUN,
            least=0,
            most=1024,
        ),
    ] = None
    precision: Annotated[
        str,
        _option(
            "bf16 rounds what the net multiplies: faster, with features that differ by under "
            "1 %. fp32 is exact.",
            panel=_RUN,
            metavar="fp32|bf16",
        ),
    ] = "fp32"
    match_labels: Annotated[
        bool,
        _option(
            "Take only as many fakes as can have the class frequencies of REAL.",
            "--match-labels",
            panel=_RUN,
        ),
    ] = False
    seed: Annotated[
        int,
        _option(
            "Of samples, halves of REAL, and whatever a metric draws.",
            panel=_RUN,
            least=0,
            most=MOST_SEED,
        ),
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

    @classmethod
    def taken(cls, given: dict[str, Any]) -> "RunOptions":
        """Takes its options out of all that were given, and checks device and net.

        A protocol fixes the net.
        """
        run = cls(**{item.name: given.pop(item.name) for item in fields(cls)})
        if run.device is not None:
            choose_device(run.device)
        if run.feature_net is not None and not run.feature_net.strip(" ,"):
            raise InputError(
                "--feature-net names no net; name one of: ganeval nets list, or leave it out"
            )
        if run.protocol is None:
            return run
        return replace(run, feature_net=PROTOCOLS[run.protocol].net(run.feature_net))


def expand(function: Callable[..., None]) -> Callable[..., None]:
    """`function` with every parameter that is one of the groups above spelled out as options.

    A group with `parameters` and `taken`, such as SideImages, says itself what these are.
    """
    parameters: list[inspect.Parameter] = []
    groups: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        group = parameter.annotation
        if isinstance(group, type) and is_dataclass(group):
            groups[parameter.name] = group
            parameters += _parameters(group)
        else:
            parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))

    @functools.wraps(function)
    def call(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = _taken(group, given)
        function(**given)

    for parameter in parameters:
        _refuse_no_path(parameter.annotation)
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    for group in groups.values():
        if rule := getattr(group, "rule", None):
            call.__doc__ = f"{inspect.cleandoc(function.__doc__ or '')}\n\n{rule}"
    return call


def _refuse_no_path(annotation: Any) -> None:
    """Lets an option or argument of paths take none that is empty."""
    for info in getattr(annotation, "__metadata__", ()):
        if Path in (annotation.__origin__, *get_args(annotation.__origin__)):
            info.parser = path


def path(typed: str | Path) -> Path:
    """A path that was typed; an empty one would stand for the folder that one is in."""
    if not os.fspath(typed):
        raise typer.BadParameter("the path is empty; name a file or a folder, or . for this folder")
    return Path(typed)


def _parameters(group: Any) -> list[inspect.Parameter]:
    if hasattr(group, "parameters"):
        own: list[inspect.Parameter] = group.parameters()
        return own
    kind = inspect.Parameter.KEYWORD_ONLY
    return [
        inspect.Parameter(item.name, kind, default=item.default, annotation=item.type)
        for item in fields(group)
    ]


def _taken(group: Any, given: dict[str, Any]) -> Any:
    if hasattr(group, "taken"):
        return group.taken(given)
    return group(**{item.name: given.pop(item.name) for item in fields(group)})
