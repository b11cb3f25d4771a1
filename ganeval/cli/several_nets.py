"""`--feature-net A,B,C`: the same images seen by several nets, decoded once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ganeval.cli.options import SETTINGS, RunOptions
from ganeval.cli.processes import own_device, process_group, share_of
from ganeval.cli.sides import Given, Opened, Sides
from ganeval.cli.tables import plain_table
from ganeval.cli.terminal import default_workers, progress_bar
from ganeval.cli.typed import nets_of
from ganeval.errors import InputError
from ganeval.features import Features, extract_by_all, match_labels
from ganeval.images import ImageSource
from ganeval.metrics import METRICS
from ganeval.nets import Card, load_card
from ganeval.suites import View


@dataclass(frozen=True)
class Seen:
    """What one net sees: the options of a command that names it alone, and all features."""

    net: str
    run: RunOptions
    sides: dict[str, Features]
    models: dict[str, Features]


def seen_by_nets(sides: Sides, specs: Mapping[str, str], models: Mapping[str, str]) -> list[Seen]:
    """Features of `real` (and `train`) and of models by name, by every net that was named."""
    names = nets_of(sides.run.feature_net)
    if len(names) < 2:
        return [Seen(names[0] if names else "", sides.run, *sides.several(specs, models))]
    _check_together(sides.run)
    runs = [replace(sides.run, feature_net=name, quiet=sides.run.quiet or i > 0)
            for i, name in enumerate(names)]  # fmt: skip
    images = replace(sides.images, models=tuple(models))
    keys = {name: f"model {name}" for name in models}
    named = {side: Given(side, spec) for side, spec in specs.items()}
    named |= {keys[name]: Given("fake", spec, name) for name, spec in models.items()}
    opened: dict[str, Opened] = {}
    for run in runs:  # what does not fit one of them is told before any image is embedded
        opened = replace(sides, images=images, run=run).opened(named)
    cards = {run.feature_net or "": _card(run) for run in runs}
    found = {name: _embedded(data, named[name], cards, sides.run) for name, data in opened.items()}
    seen = []
    for run in runs:
        net = run.feature_net or ""
        of_sides = {side: found[side][net] for side in specs}
        of_models = {name: found[key][net] for name, key in keys.items()}
        if run.match_labels:
            of_models = {
                name: match_labels(of_sides["real"], model, seed=run.seed)
                for name, model in of_models.items()
            }
        seen.append(Seen(net, replace(run, quiet=sides.run.quiet), of_sides, of_models))
    return seen


def images_for_nets(sides: Sides, spec: str) -> tuple[ImageSource, dict[str, Card]]:
    """The images of REAL, which fit every net that was named, and the nets' cards by name.

    No card where no net was named.
    """
    names = nets_of(sides.run.feature_net)
    if len(names) > 1:
        _check_together(sides.run)
    found: list[ImageSource] = []
    cards: dict[str, Card] = {}
    for name in names or [""]:
        quiet = sides.run.quiet or bool(found)
        own = replace(sides, run=replace(sides.run, feature_net=name or None, quiet=quiet))
        opened = own.opened({"real": Given("real", spec)})["real"]
        if not isinstance(opened, ImageSource):
            raise InputError(f"{spec} holds features, and images are to be altered; give images")
        found.append(opened)
        if (card := own.card()) is not None:
            cards[name] = card
    return found[0], cards


def net_table(views: Sequence[View], metric: str) -> list[str]:
    """A line per model, a column per net: the distance, its interval, and how many floors it is."""
    nets = list(dict.fromkeys(view.net for view in views))
    of = {(view.model, view.net): view for view in views if view.metric == metric}
    models = list(dict.fromkeys(model for model, _ in of))
    rows = [
        [model, *(_cell(of[model, net]) if (model, net) in of else "" for net in nets)]
        for model in models
    ]
    return plain_table([f"{METRICS[metric].label} ↓", *nets], rows)


def _cell(view: View) -> str:
    text = f"{view.estimate:.3g}"
    if view.interval is not None:
        text += " ({:.3g} to {:.3g})".format(*view.interval)
    return text if view.floors is None else f"{text}, {view.floors:.2g} floors"


def _card(run: RunOptions) -> Card:
    return load_card(run.feature_net or "", each_channel=run.each_channel)


def _embedded(
    data: Opened, given: Given, cards: Mapping[str, Card], run: RunOptions
) -> dict[str, Features]:
    if not isinstance(data, ImageSource):
        raise InputError(
            f"{given.spec} holds features or statistics, which are of one net; give images, or "
            "name one net with --feature-net"
        )
    share = share_of(data)
    workers = default_workers(len(share)) if run.num_workers is None else run.num_workers
    with progress_bar(data.name, quiet=run.quiet) as progress:
        return extract_by_all(
            share,
            cards,
            device=run.device or own_device(),
            batch_size=run.batch_size,
            num_workers=workers,
            precision=run.precision,
            cache=not run.no_cache,
            progress=progress,
        )


def _check_together(run: RunOptions) -> None:
    """Raises InputError for options that are for one net."""
    names = ("weights", *SETTINGS)
    given = [f"--{name.replace('_', '-')}" for name in names if getattr(run, name) is not None]
    if given:
        raise InputError(f"{' and '.join(given)} cannot be used with several nets; name one net")
    if process_group() is not None:
        raise InputError("several nets are for one process; start it without torchrun")
