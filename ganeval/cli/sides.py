"""From what was typed on the command line to features: one side, or a pair."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ganeval.cli.first_look import check_protocol, look
from ganeval.cli.globs import check_globs, without_idle
from ganeval.cli.options import SETTINGS, ImageOptions, RunOptions
from ganeval.cli.per_side import SIDES, SideImages
from ganeval.cli.processes import on_all, own_device, process_group, share_of
from ganeval.cli.terminal import default_workers, note, progress_bar
from ganeval.cli.typed import channels_of, one_net, size_of
from ganeval.errors import InputError
from ganeval.features import (
    Embedder,
    Features,
    as_features,
    extract,
    extract_on_ray,
    is_feature_file,
    match_labels,
)
from ganeval.images import (
    GlobFitsNothing,
    ImageSource,
    RuleFitsNothing,
    ValueRange,
    declared_for,
    open_images,
    parse_value_range,
)
from ganeval.moments import Moments, is_statistics_file
from ganeval.nets import Card, fingerprint, kept_processes, load_card, resized, with_settings
from ganeval.npz import has_arrays


class Given(NamedTuple):
    """What was typed for one set of images."""

    role: str
    """`real`, `fake` or `train`."""
    spec: str
    model: str = ""
    """Name of the model, where there may be several."""


Opened = ImageSource | Features | Path
"""Images, features, or the path of statistics."""


@dataclass(frozen=True)
class Sides:
    """Opens sides, and embeds their images once all of them are known to fit."""

    images: SideImages
    run: RunOptions
    statistics: bool = False
    """Whether `.npz` files with `mu` and `sigma` are handed on as they are."""
    apart: bool = False
    """Whether a process of torchrun has the features of its share of the images; else of all."""

    def features(self, specs: Mapping[str, str]) -> dict[str, Features | Path]:
        """Features (or the path of statistics) of the sides named `real`, `fake` and `train`."""
        return self._all({side: Given(side, spec) for side, spec in specs.items()})

    def several(
        self, specs: Mapping[str, str], models: Mapping[str, str]
    ) -> tuple[dict[str, Features], dict[str, Features]]:
        """Features of `real` (and `train`), and of models by name, which may be `real` too."""
        keys = {name: f"model {name}" for name in models}
        found = replace(self, images=replace(self.images, models=tuple(models)))._all(
            {side: Given(side, spec) for side, spec in specs.items()}
            | {keys[name]: Given("fake", spec, name) for name, spec in models.items()}
        )
        features = {key: data for key, data in found.items() if isinstance(data, Features)}
        return (
            {side: features[side] for side in specs},
            {name: features[key] for name, key in keys.items()},
        )

    def _all(self, named: Mapping[str, Given]) -> dict[str, Features | Path]:
        """All are opened and looked at before any is embedded: what is wrong is told at once."""
        opened = self.opened(named)
        with kept_processes():
            found: dict[str, Features | Path] = {
                name: self.embed(data) if isinstance(data, ImageSource) else data
                for name, data in opened.items()
            }
        if self.run.match_labels:
            for name in (name for name, given in named.items() if given.role == "fake"):
                found[name] = self.matched(found.get("real"), found[name])
        return found

    def opened(self, named: Mapping[str, Given]) -> dict[str, Opened]:
        """Images, features or the path of statistics by name, which fit the net and each other."""
        card = self.card()
        opened: dict[str, Opened] = {}
        real_range: ValueRange | None = None
        for name, (role, spec, model) in named.items():
            if self.statistics and is_statistics_file(spec):
                opened[name] = Path(spec)
                self._note_part(spec, took="the statistics", left="arr_0")
            elif is_feature_file(spec):
                opened[name] = as_features(spec)
            else:
                source = self.open(spec, side=role, model=model, real_range=real_range)
                opened[name] = source
                self._note_part(spec, took="the images of arr_0", left="mu", also="sigma")
                real_range = source.value_range if role == "real" else real_range
        self._check_used(named, opened)
        sources = {name: data for name, data in opened.items() if isinstance(data, ImageSource)}
        if card is not None:
            for name, data in opened.items():
                _check_made_by(card, data, named[name].spec)
        check_globs(self.images.shared, sources.values())
        if self.run.protocol is not None:
            check_protocol(sources, self.run.protocol)
        look(sources, card, all_sides=self.run.no_cache)
        return opened

    def card(self) -> Card | None:
        """The card of the net that was named, with its settings; None where none was."""
        net = self._net()
        card = load_card(net, weights=self.run.weights) if isinstance(net, str) else net
        if self.run.each_channel and card is not None:
            card = load_card(card, each_channel=True)
        return card

    def _note_part(self, spec: str, *, took: str, left: str, also: str | None = None) -> None:
        """Says which part of a file was taken that has images and statistics of others."""
        names = [name for name in (left, also) if name is not None]
        if spec.endswith(".npz") and has_arrays(spec, *names):
            note(f"{spec}: took {took}, not {' and '.join(names)}", quiet=self.run.quiet)

    def _check_used(self, named: Mapping[str, Given], opened: Mapping[str, Opened]) -> None:
        """Raises InputError where options of images were given, and there are none."""
        with_images = {
            named[name].role for name, data in opened.items() if isinstance(data, ImageSource)
        }
        for side in set(SIDES) - with_images:
            if own := self.images.given(side):
                raise InputError(
                    f"{' and '.join(own)} cannot be used: {side} has no images here; leave it out"
                )
        settings = [getattr(self.run, name) for name in SETTINGS]
        if not with_images and (
            self.images.shared != ImageOptions() or any(x is not None for x in settings)
        ):
            raise InputError(
                f"{' and '.join(given.spec for given in named.values())} hold no images, so "
                "options of images do nothing; leave them out, or give the images"
            )

    def matched(self, real: Features | Path | None, fake: Features | Path) -> Features:
        """Fakes with the class frequencies of the reals, or InputError without labels."""
        if not isinstance(real, Features) or not isinstance(fake, Features):
            raise InputError(
                "--match-labels needs the labels of both sides, and one was not given or is "
                "statistics; give images of both"
            )
        matched = match_labels(real, fake, seed=self.run.seed)
        note(
            f"{fake.name}: {len(matched)} of {len(fake)} fakes, with the class frequencies of REAL",
            quiet=self.run.quiet,
        )
        return matched

    def single(
        self,
        spec: str,
        *,
        shard: tuple[int, int] | None = None,
        folder: Path | None = None,
        engine: str | None = None,
    ) -> Features:
        """Features of one set of images, or of share (index, count) of it; or of a file of them.

        Args:
            spec: what was typed.
            shard: the share.
            folder: where rows are written as they are computed.
            engine: `ray`, or the address of a cluster.
        """
        if is_feature_file(spec):
            if shard is not None:
                raise InputError(f"{spec} holds features already; --shard is for images")
            features = as_features(spec)
            if (card := self.card()) is not None:
                _check_made_by(card, features, spec)
            return features
        source = self.open(spec)
        if shard is not None:
            source = source.shard(*shard)
        return self.embed(source, folder=folder, engine=engine)

    def open(
        self,
        spec: str,
        *,
        side: str = "",
        model: str = "",
        real_range: ValueRange | None = None,
        options: ImageOptions | None = None,
    ) -> ImageSource:
        """One side's images, by its options or by others; what was found is told on stderr."""
        options = self.images.of(side, model) if options is None else options
        text = options.value_range
        value_range = None if text is None else parse_value_range(text)
        if value_range == "data" and side in ("fake", "train"):
            if real_range is None:
                raise InputError(
                    "--value-range data takes its percentiles from REAL, but REAL has no range "
                    "here; declare LOW:HIGH"
                )
            value_range = real_range
        yields = side in SIDES and not self.images.is_own("layout", side, model)
        try:
            source = self._open(spec, options, value_range, yields=yields)
        except GlobFitsNothing as error:
            if side not in SIDES or self.images.is_own(error.option, side, model):
                raise
            source = self.open(
                spec, side=side, model=model, real_range=real_range,
                options=without_idle(options, error),
            )  # fmt: skip
            note(
                f"{source.name}: --{error.option} {','.join(error.globs)} fits no image here",
                quiet=self.run.quiet,
            )
            return source
        except RuleFitsNothing:
            if side != "fake" or options.group_by is None:
                raise
            alone = replace(options, group_by=None)
            source = self._open(spec, alone, value_range, yields=yields)
            note(
                f"{source.name}: --group-by {options.group_by} fits no image; taken as independent "
                "images",
                quiet=self.run.quiet,
            )
        for text in source.notes:
            note(f"{source.name}: {text}", quiet=self.run.quiet)
        return source

    def _open(
        self, spec: str, options: ImageOptions, value_range: Any, *, yields: bool
    ) -> ImageSource:
        """If `yields`, a layout of all sides is left aside where the shape is clearly another."""
        given = {
            **vars(options),
            "channels": channels_of(options.channels),
            "value_range": value_range,
            "seed": self.run.seed,
        }
        if options.layout is not None and yields:
            try:
                source = open_images(spec, **{**given, "layout": None})
            except InputError:
                pass
            else:
                if (clear := _layout_of(source)) not in (None, options.layout):
                    note(
                        f"{source.name}: its axes are clearly {clear}, so --layout "
                        f"{options.layout} is left aside",
                        quiet=self.run.quiet,
                    )
                    return source
        return open_images(spec, **given)

    def _net(self) -> str | Card | None:
        """What `extract` takes: the name, or the card with the settings that were given."""
        run = self.run
        one_net(run.feature_net)
        if all(getattr(run, name) is None for name in SETTINGS):
            return run.feature_net
        if run.feature_net is None:
            raise InputError(
                "--mask-channel, --pixel-size and --resize are settings of a net, and none was "
                "named; add --feature-net NAME"
            )
        card = load_card(run.feature_net, weights=run.weights)
        if run.resize is not None:
            card = resized(card, size_of(run.resize, option="--resize"))
        return with_settings(card, mask_channel=run.mask_channel, pixel_size=run.pixel_size)

    def embed(
        self, source: ImageSource, *, folder: Path | None = None, engine: str | None = None
    ) -> Features:
        """Features of one side, with a progress bar; without a row where this process has none."""
        run, share = self.run, share_of(source)
        workers = default_workers(len(share)) if run.num_workers is None else run.num_workers
        same: dict[str, Any] = {
            "batch_size": run.batch_size,
            "precision": run.precision,
            "each_channel": run.each_channel,
            "weights": run.weights,
        }
        with progress_bar(source.name, quiet=run.quiet) as progress:
            if engine is not None:
                embedder = Embedder(self._net(), source=source, device=run.device, **same)
                address = None if engine == "ray" else engine
                features = extract_on_ray(embedder, address=address, progress=progress)
            else:
                extracted = functools.partial(
                    extract,
                    share,
                    self._net(),
                    device=run.device or own_device(),
                    num_workers=workers,
                    cache=not run.no_cache,
                    verify=run.verify,
                    progress=progress,
                    folder=folder,
                    **same,
                )
                if self.apart:
                    features = on_all(extracted if len(share) else _of_no_image)
                else:
                    features = extracted(process_group=process_group())
        if len(features):
            self._tell(source, features)
        return features

    def _tell(self, source: ImageSource, features: Features) -> None:
        """Says what was chosen or left out for the user."""
        run = self.run
        if run.feature_net is None:
            net = features.protocol["net"]["name"]
            note(f"{source.name}: feature net {net}, the default for 8-bit RGB", quiet=run.quiet)
        dtype = features.protocol["images"]["dtype"]
        if source.value_range is not None and declared_for(dtype, source.value_range) is None:
            note(
                f"{source.name}: {dtype} images keep the range of their type; the declared one is "
                "for floats",
                quiet=run.quiet,
            )
        if empty := features.protocol["images"].get("empty_channels"):
            which = f"channel{'s' * (len(empty) > 1)} {', '.join(map(str, empty))}"
            note(f"{source.name}: {which} left out, empty in all images", quiet=run.quiet)


def _of_no_image() -> Features:
    return Features(features=np.zeros((0, 0), np.float32), ids=())


def check_none_idle(images: SideImages, run: RunOptions, why: str, instead: str) -> None:
    """Raises InputError where options of images or of nets were typed that do nothing.

    Args:
        images: what was typed.
        run: what was typed.
        why: that they do nothing, as in `s.jsonl is compared without images`.
        instead: what would give them something to do, as in `name the models`.
    """
    names = ("feature_net", "weights", "each_channel", "match_labels", *SETTINGS)
    of_nets = any(getattr(run, name) != getattr(RunOptions, name) for name in names)
    if of_nets or images != SideImages(ImageOptions()):
        raise InputError(
            f"{why}, so options of images and nets do nothing; leave them out, or {instead}"
        )


def _check_made_by(card: Card, data: Opened, spec: str) -> None:
    """Raises InputError where features or statistics are of another net than the images will be."""
    if isinstance(data, ImageSource):
        return
    protocol = Moments.load(data).origin.protocol if isinstance(data, Path) else data.protocol
    net = protocol.get("net") or {}
    if net.get("fingerprint") not in (None, fingerprint(card)):
        raise InputError(
            f"{spec} was made by net {net.get('name')!r}, and {card.name!r} with its settings is "
            "another; make it again, or name that net with --feature-net"
        )


def _layout_of(source: ImageSource) -> str | None:
    """Layout of the array behind a source; None where there is no array."""
    reader: Any = source.reader
    while not hasattr(reader, "layout") and hasattr(reader, "reader"):
        reader = reader.reader
    return getattr(reader, "layout", None)
