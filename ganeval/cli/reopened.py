"""Sides of scores that there are already: opened again, by the options that each score says.

What is typed wins over what a score says. Paths and weights are never taken from somebody's file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, TypeAlias, get_type_hints

import typer

from ganeval.bundles import Data, net_of
from ganeval.cli.options import PANEL, TAKING_TRAIN, ImageOptions, RunOptions
from ganeval.cli.per_side import SideImages
from ganeval.cli.sides import Given, Opened, Sides
from ganeval.cli.typed import is_gone, named_paths
from ganeval.errors import InputError, NetError, cut
from ganeval.features import Features, is_feature_file
from ganeval.metrics import METRICS, PROTOCOLS, Score
from ganeval.moments import Moments, is_statistics_file
from ganeval.schema import fit_fields
from ganeval.suites import REALS, SIDES, Asked, model_of, models_of

Places: TypeAlias = Mapping[tuple[str, str], str]
"""Paths by role and, for fakes, model."""

_OF_RUN = (
    "feature_net", "protocol", "each_channel", "resize", "mask_channel", "pixel_size", "precision",
    "match_labels", "seed", "weights",
)  # fmt: skip
"""Options of a run that a score says."""

Real = Annotated[
    str | None,
    typer.Option(metavar="REAL", help="The reals that were scored.", rich_help_panel=PANEL),
]
Fake = Annotated[
    list[str] | None,
    typer.Option(
        metavar="MODEL=PATH",
        help="The fakes of a model that were scored; PATH where there is one model.",
        rich_help_panel=PANEL,
    ),
]
Train = Annotated[
    str | None,
    typer.Option(
        metavar="DIR",
        help=f"The training images, of {TAKING_TRAIN}.",
        rich_help_panel=PANEL,
    ),
]


def typed_places(
    scores: Sequence[Score], real: str | None, fakes: Sequence[str], train: str | None
) -> dict[tuple[str, str], str]:
    """The paths that were typed, by role and model.

    Raises:
        InputError: fakes of no model of these scores, training images that none of them takes, or
            a path where nothing is.
    """
    taking = (METRICS[score.metric] for score in scores if score.metric in METRICS)
    if train is not None and not any(metric.needs_train for metric in taking):
        raise InputError("none of these scores takes training images; leave --train out")
    models = models_of(scores)
    named = named_paths(list(fakes))
    if len(models) == len(fakes) == 1 and set(named) != set(models):
        given = fakes[0]
        named = {models[0]: given.removeprefix(f"{models[0]}=")}
    if odd := sorted(named.keys() - set(models)):
        raise InputError(
            f"--fake {cut(odd[0])} is no model of these scores; give MODEL=PATH, of "
            f"{', '.join(models)}"
        )
    found = {("fake", model): path for model, path in named.items()}
    sides = {"real": real, "train": train}
    found |= {(role, ""): path for role, path in sides.items() if path is not None}
    for (role, model), path in found.items():
        if is_gone(path):
            typed = f"--{role} {model}={cut(path)}" if model else f"--{role} {cut(path)}"
            what = "does not exist" if path else "names no path"
            raise InputError(f"{typed} {what}; name the images that were scored")
    return found


def known_places(scores: Sequence[Score]) -> dict[tuple[str, str], str]:
    """The paths that scores say their sides had, but no address: what is fetched is typed."""
    found: dict[tuple[str, str], str] = {}
    for score in scores:
        if model_of(score) == REALS:
            continue
        for role, path in Asked.of(score).sides.items():
            if "://" in path:
                continue
            found.setdefault((role, model_of(score) if role == "fake" else ""), path)
    return found


@dataclass(frozen=True)
class _Opening:
    """Sides that are read alike, by name, opened."""

    sides: Sides
    opened: Mapping[str, Opened]

    def features(self, name: str) -> Features:
        """Of one side, computed where it has images."""
        data = self.opened[name]
        assert not isinstance(data, Path)  # statistics are not opened here
        return data if isinstance(data, Features) else self.sides.embed(data)


def _name(where: tuple[str, str]) -> str:
    """What a side is called in messages."""
    role, model = where
    return f"model {model}" if model else role


@dataclass(frozen=True)
class Reopened:
    """Features of the sides of scores; call it with a score and a role.

    Args:
        scores: all of them; sides that are read alike are embedded together.
        places: where the sides are.
        images: what was typed of images.
        run: what was typed of the run.
        own: whether the scores are the user's own, so that files that they name are opened.
    """

    scores: Sequence[Score]
    places: Places
    images: SideImages
    run: RunOptions
    own: bool = False
    known: dict[tuple[str, str, str], Data | InputError] = field(default_factory=dict)
    ready: dict[str, _Opening] = field(default_factory=dict)

    def check(self) -> None:
        """Opens all sides, before any is embedded.

        Raises:
            InputError: one cannot be read, or does not fit the others.
        """
        for score in self.scores:
            try:
                self._options(score)
            except InputError:  # the options of this score are refused when it is asked for
                continue
            try:
                self._opening(score)
            except NetError:
                if self.run.feature_net is not None:  # else it is a net that scores name
                    raise

    def __call__(self, score: Score, role: str) -> Data | None:
        """The side; None where its place is not known."""
        if role == "fake" and model_of(score) == REALS:
            return None
        where = role, model_of(score) if role == "fake" else ""
        if where not in self.places:
            return None
        if is_statistics_file(self.places[where]):
            return Moments.load(self.places[where])
        return self._embedded(score, where)

    def source(self, score: Score, role: str) -> Opened | None:
        """The images behind a side, or the features where the place has these; None as above."""
        where = role, model_of(score) if role == "fake" else ""
        return self._opening(score).opened.get(_name(where))

    def _embedded(self, score: Score, where: tuple[str, str]) -> Data | None:
        key = _key(score), *where
        if key not in self.known:
            opening = self._opening(score)
            if _name(where) not in opening.opened:
                return None
            try:
                data = opening.features(_name(where))
                if opening.sides.run.match_labels and where[0] == "fake":
                    real = self._embedded(score, ("real", ""))
                    data = opening.sides.matched(real if isinstance(real, Features) else None, data)
                self.known[key] = data
            except InputError as error:  # which is of this side alone
                self.known[key] = error
        found = self.known[key]
        if isinstance(found, InputError):
            raise found
        return found

    def _opening(self, score: Score) -> _Opening:
        """All sides that are read as those of a score are."""
        key = _key(score)
        if key not in self.ready:
            there = self._there(score)
            images, run = self._options(score)
            models = tuple(model for _, model in there if model)
            sides = Sides(replace(images, models=models), run)
            named = {
                _name((role, model)): Given(role, path, model)
                for (role, model), path in there.items()
            }
            self.ready[key] = _Opening(sides, sides.opened(named) if named else {})
        return self.ready[key]

    def _there(self, score: Score) -> dict[tuple[str, str], str]:
        """The places of all sides that are read as those of a score are, but statistics."""
        key = _key(score)
        alike = [other for other in self.scores if _key(other) == key]
        wanted = [("real", ""), ("train", ""), *(("fake", model) for model in models_of(alike))]
        return {
            where: self.places[where]
            for where in wanted
            if where in self.places and not is_statistics_file(self.places[where])
        }

    def _options(self, score: Score) -> tuple[SideImages, RunOptions]:
        """The options of a score, those that were typed in their place."""
        there = self._there(score)
        said = _fitted(Asked.of(score).options)
        roles = {role for (role, _), path in there.items() if not is_feature_file(path)}
        own = {
            k: tuple(v) for k, v in said.items() if k.partition("_")[0] in ("real", "fake", "train")
        }
        own = {name: values for name, values in own.items() if name.partition("_")[0] in roles}
        names = [item.name for item in fields(ImageOptions)] if roles else []
        shared = ImageOptions(**{name: said[name] for name in names if name in said})
        images = SideImages(_typed_over(shared, self.images.shared), {**own, **self.images.own})
        if weights := said.pop("weights", None):
            said |= {"weights": Path(weights)} if self.own else {}
        run = _typed_over(RunOptions(**{k: said[k] for k in _OF_RUN if k in said}), self.run)
        if not self.own:
            _check_tables(images, self.images)
        if not roles:
            run = replace(run, resize=None, mask_channel=None, pixel_size=None)
        if self.run.feature_net is None and not (self.own and run.feature_net):
            run = replace(run, feature_net=net_of(score) if roles else None)
        if run.protocol is not None and roles:
            run = replace(run, feature_net=PROTOCOLS[run.protocol].net(run.feature_net))
        return images, run


def _key(score: Score) -> str:
    asked = Asked.of(score).options
    read = {k: v for k, v in asked.items() if k not in ("metrics", "metric", "level")}
    net = (score.protocol.get("net") or {}).get("fingerprint")
    return repr((sorted(read.items()), net))


def _typed_over(said: Any, typed: Any) -> Any:
    """What a score says, with the options in their place that were typed."""
    changes = {
        item.name: getattr(typed, item.name)
        for item in fields(typed)
        if getattr(typed, item.name) != item.default
    }
    return replace(said, **changes)


def _check_tables(images: SideImages, typed: SideImages) -> None:
    """Raises InputError where a stranger's score names a table of this machine."""
    own = [(name, text) for name, texts in images.own.items() for text in texts]
    rules = [(name, getattr(images.shared, name)) for name in ("label_by", "group_by")]
    known = {typed.shared.label_by, typed.shared.group_by}
    known |= {text for texts in typed.own.values() for text in texts}
    for name, rule in (*rules, *own):
        if name.endswith(("label_by", "group_by")) and rule not in known and "csv:" in (rule or ""):
            option = f"--{name.replace('_', '-')}"
            raise InputError(
                f"images were read by {option} {cut(rule)}, and tables that a bundle names are "
                f"not opened; name yours: {option} csv:FILE"
            )


def _fitted(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of images and of the run, checked as a stranger's."""
    of_images = get_type_hints(ImageOptions)
    hints = {**of_images, **get_type_hints(RunOptions), "weights": str}
    hints |= {f"{side}_{name}": list[str] for side in SIDES for name in of_images}
    try:
        return fit_fields(options, hints, at="options")
    except ValueError as error:
        raise InputError(
            f"the score was asked for with odd options: {error}; compute it again"
        ) from None
