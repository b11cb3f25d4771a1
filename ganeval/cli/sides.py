"""From what was typed on the command line to features: one side, or a pair."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ganeval.cli.options import ImageOptions, RangeOptions, RunOptions
from ganeval.cli.processes import own_device, process_group, share_of
from ganeval.cli.terminal import default_workers, note, progress_bar
from ganeval.errors import InputError
from ganeval.features import Features, as_features, extract, is_feature_file, match_labels
from ganeval.images import (
    ImageSource,
    RuleFitsNothing,
    ValueRange,
    open_images,
    parse_value_range,
)
from ganeval.moments import is_statistics_file
from ganeval.nets import Card, load_card, with_settings


@dataclass(frozen=True)
class Sides:
    """Opens sides with the same options, so that `data` ranges reach from REAL to FAKE."""

    images: ImageOptions
    run: RunOptions
    ranges: RangeOptions = field(default_factory=RangeOptions)
    statistics: bool = False
    """Whether `.npz` files with `mu` and `sigma` are handed on as they are."""

    def features(self, specs: Mapping[str, str]) -> dict[str, Features | Path]:
        """Features (or the path of statistics) of the sides named `real`, `fake` and `train`."""
        return self._all({side: (side, spec) for side, spec in specs.items()})

    def several(
        self, specs: Mapping[str, str], models: Mapping[str, str]
    ) -> tuple[dict[str, Features], dict[str, Features]]:
        """Features of `real` (and `train`), and of models by name, which may be `real` too."""
        keys = {name: f"model {name}" for name in models}
        found = self._all(
            {side: (side, spec) for side, spec in specs.items()}
            | {keys[name]: ("fake", spec) for name, spec in models.items()}
        )
        features = {key: data for key, data in found.items() if isinstance(data, Features)}
        return (
            {side: features[side] for side in specs},
            {name: features[key] for name, key in keys.items()},
        )

    def _all(self, named: Mapping[str, tuple[str, str]]) -> dict[str, Features | Path]:
        """By name, of (role, spec).

        All are opened before any is embedded: a wrong path is told at once.
        """
        opened = self.opened(named)
        found: dict[str, Features | Path] = {
            name: self.embed(data) if isinstance(data, ImageSource) else data
            for name, data in opened.items()
        }
        if self.run.match_labels:
            for name in (name for name, (side, _) in named.items() if side == "fake"):
                found[name] = self._matched(found.get("real"), found[name])
        return found

    def opened(
        self, named: Mapping[str, tuple[str, str]]
    ) -> dict[str, ImageSource | Features | Path]:
        """Images, features or the path of statistics by name, of (role, spec)."""
        opened: dict[str, ImageSource | Features | Path] = {}
        real_range: ValueRange | None = None
        for name, (side, spec) in named.items():
            if self.statistics and is_statistics_file(spec):
                opened[name] = Path(spec)
            elif is_feature_file(spec):
                opened[name] = as_features(spec)
            else:
                source = opened[name] = self.open(spec, side=side, real_range=real_range)
                real_range = source.value_range if side == "real" else real_range
        settings = (self.run.mask_channel, self.run.pixel_size)
        if (self.images != ImageOptions() or settings != (None, None)) and not any(
            isinstance(data, ImageSource) for data in opened.values()
        ):
            raise InputError(
                f"{' and '.join(spec for _, spec in named.values())} hold no images, so options "
                "of images do nothing; leave them out, or give the images"
            )
        return opened

    def _matched(self, real: Features | Path | None, fake: Features | Path) -> Features:
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

    def single(self, spec: str, *, shard: tuple[int, int] | None = None) -> Features:
        """Features of one set of images, or of share (index, count) of it; or of a file of them."""
        if is_feature_file(spec):
            if shard is not None:
                raise InputError(f"{spec} holds features already; --shard is for images")
            return as_features(spec)
        source = self.open(spec)
        return self.embed(source if shard is None else source.shard(*shard))

    def open(
        self, spec: str, *, side: str = "", real_range: ValueRange | None = None
    ) -> ImageSource:
        """One side's images; what was found is told on stderr."""
        options = self.images
        text = getattr(self.ranges, f"{side}_range", None) or options.value_range
        value_range = None if text is None else parse_value_range(text)
        if value_range == "data" and side in ("fake", "train"):
            if real_range is None:
                raise InputError(
                    "--value-range data takes its percentiles from REAL, but REAL is not images; "
                    "declare LOW:HIGH"
                )
            value_range = real_range
        groups = options.group_by
        try:
            source = self._open(spec, value_range, groups)
        except RuleFitsNothing:
            if side != "fake" or groups is None:
                raise
            source = self._open(spec, value_range, None)
            note(
                f"{source.name}: --group-by {groups} fits no image; taken as independent images",
                quiet=self.run.quiet,
            )
        for text in source.notes:
            note(f"{source.name}: {text}", quiet=self.run.quiet)
        return source

    def _open(
        self, spec: str, value_range: ValueRange | str | None, group_by: str | None
    ) -> ImageSource:
        options = self.images
        return open_images(
            spec,
            layout=options.layout,
            axes=options.axes,
            planes=options.planes,
            project=options.project,
            channels=_channels(options.channels),
            stack_by=options.stack_by,
            value_range=value_range,
            label_by=options.label_by,
            group_by=group_by,
            max_images=options.max_images,
            seed=self.run.seed,
            on_error=options.on_error,
        )

    def _net(self) -> str | Card | None:
        """What `extract` takes: the name, or the card with the settings that were given."""
        run = self.run
        if run.mask_channel is None and run.pixel_size is None:
            return run.feature_net
        if run.feature_net is None:
            raise InputError(
                "--mask-channel and --pixel-size are settings of a net that measures, and no net "
                "was named; add --feature-net morphology"
            )
        card = load_card(run.feature_net, weights=run.weights)
        return with_settings(card, mask_channel=run.mask_channel, pixel_size=run.pixel_size)

    def embed(self, source: ImageSource) -> Features:
        """Features of one side, with a progress bar."""
        run, share = self.run, share_of(source)
        workers = default_workers(len(share)) if run.num_workers is None else run.num_workers
        with progress_bar(source.name, quiet=run.quiet) as progress:
            features = extract(
                share,
                self._net(),
                device=run.device or own_device(),
                batch_size=run.batch_size,
                num_workers=workers,
                each_channel=run.each_channel,
                weights=run.weights,
                cache=not run.no_cache,
                verify=run.verify,
                progress=progress,
                process_group=process_group(),
            )
        if run.feature_net is None:
            net = features.protocol["net"]["name"]
            note(f"{source.name}: feature net {net}, the default for 8-bit RGB", quiet=run.quiet)
        if empty := features.protocol["images"].get("empty_channels"):
            which = f"channel{'s' * (len(empty) > 1)} {', '.join(map(str, empty))}"
            note(f"{source.name}: {which} left out, empty in all images", quiet=run.quiet)
        return features


def _channels(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InputError(
            f"--channels takes numbers from 0 separated by commas, as in 0,2; got {text!r}"
        ) from None


def named_paths(specs: list[str]) -> dict[str, str]:
    """Names to paths, of NAME=PATH or of paths that name themselves."""
    named: dict[str, str] = {}
    for spec in specs:
        name, equals, path = spec.partition("=")
        if not equals or os.path.exists(spec):
            name, path = Path(spec).name or spec, spec
        if name in named:
            raise InputError(f"two models are named {name!r}; give NAME=PATH")
        named[name] = path
    return named
