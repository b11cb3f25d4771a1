"""Several models, several metrics: every image is embedded once, and the reals come along."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ganeval.errors import InputError
from ganeval.features import Features, as_features, json_hash, match_labels
from ganeval.metrics import PROTOCOLS, Metric, Score, check_level, metrics_named, names_of_metrics
from ganeval.metrics.spine import likeness_of
from ganeval.suites.floor import halves
from ganeval.suites.models import check_names
from ganeval.suites.obedience import labelled_metrics

DEFAULT_METRICS = ("fid", "kid", "prdc", "c2st")
"""Commands: `prdc` gives four scores. LABELLED_METRICS join them where both sides have labels."""

REALS = "reals"
"""Name of the row in which one half of the reals is scored against the other."""


def evaluate(
    real: Any,
    fakes: Mapping[str, Any],
    *,
    feature_net: Any = None,
    protocol: str | None = None,
    metrics: Sequence[str] | None = None,
    train: Any = None,
    match: bool = False,
    level: float = 0.95,
    seed: int = 0,
    known: Iterable[Score] = (),
    each: Callable[[Score], None] | None = None,
    refused: Callable[[str, str, InputError], None] | None = None,
) -> tuple[Score, ...]:
    """Scores every model by every metric, and one half of the reals against the other.

    Args:
        real: images, Features, rows [n, d], or a path to any of them.
        fakes: name of a model to its images, likewise.
        feature_net: for images; see `extract`.
        protocol: entry of PROTOCOLS: net and options of metrics as in another tool, which must
            have all `metrics`.
        metrics: names of METRICS or commands of theirs (`prdc` is four metrics). None takes
            `fid`, `kid`, `prdc` and `c2st`, and `obedience` and `intra-kid` where both sides have
            labels; or, with a protocol, all that the tool has.
        train: the generator's training images, for metrics that ask for them.
        match: compares only as many fakes as can have the class frequencies of the reals.
        level: coverage of the intervals.
        seed: of the halves of the reals, and of what a metric draws.
        known: scores of an earlier run that was cut short; those of the same data and options
            are taken as they are.
        each: called with every score as soon as it is there.
        refused: called with model, metric and error where a metric refuses a model, to go on with
            the others; None raises the error.

    Returns:
        Scores, model by model, the reals' own last; `details["model"]` names the row and
        `details["run"]` is a hash of data, metric and options.

    Raises:
        InputError: models without names, one named as the reals' row, an unknown metric, one that
            needs `train` without it, or input that a metric refuses.
    """
    check_names(fakes)
    if REALS in fakes:
        raise InputError(f"a model cannot be named {REALS!r}, the name of the reals' own row")
    if not fakes:
        raise InputError("there is no model to score; give at least one")
    check_level(level)
    tool = None if protocol is None else PROTOCOLS[protocol]
    usual = metrics is None and tool is None
    if metrics is None:
        metrics = DEFAULT_METRICS if tool is None else tool.default_metrics(train=train is not None)
    entries = chosen_metrics(metrics, train=train is not None)
    if tool is not None and not isinstance(real, Features):
        feature_net = tool.net(feature_net)
    fixed = {} if tool is None else {entry.name: tool.fixed(entry.name) for entry in entries}
    side = as_features(real, feature_net)
    models = {name: as_features(given, feature_net) for name, given in fakes.items()}
    if match:
        models = {name: match_labels(side, model, seed=seed) for name, model in models.items()}
    extra = {} if train is None else {"train": as_features(train, feature_net)}
    before = _by_run(known)
    scores: list[Score] = []
    # One half of images that are like those that follow them says nothing of chance in the other.
    reals = halves(side, seed) if likeness_of(side) is None else None
    for name, pair in (*((n, (side, m)) for n, m in models.items()), (REALS, reals)):
        if pair is None:
            continue
        labelled, left_out = labelled_metrics(*pair) if usual else ([], None)
        notes = () if left_out is None or name == REALS else (left_out,)
        for entry in (*entries, *labelled):
            if entry.needs_train and name == REALS:
                continue
            sides = {"real": pair[0], "fake": pair[1], **(extra if entry.needs_train else {})}
            options = {"level": level, "seed": seed, **fixed.get(entry.name, {})}
            digests = {role: side.digest() for role, side in sides.items()}
            run = json_hash(name, entry.command, options, [*digests.values()])[:16]
            about = {"model": name, "run": run}
            try:
                # A run that was cut short within a command has some of its scores only.
                wanted = {metric.name for metric in metrics_named(entry.command)}
                whole = {score.metric for score in before.get(run, ())} == wanted
                found = (
                    before[run]
                    if whole
                    else tuple(
                        replace(
                            score,
                            details={**score.details, **about},
                            warnings=(*score.warnings, *notes),
                        )
                        for score in entry.scores(**sides, **options)
                    )
                )
            except InputError as error:
                if refused is None:
                    raise
                refused(name, entry.command, error)
                continue
            for score in found:
                scores.append(score)
                if each is not None:
                    each(score)
    return tuple(scores)


def chosen_metrics(names: Sequence[str], *, train: bool) -> list[Metric]:
    """One entry per command that is named, or has a metric that is, in the order given.

    Raises:
        InputError: no name, an unknown one, or one that needs training images where `train` says
            that there are none.
    """
    chosen: dict[str, Metric] = {}
    for name in names_of_metrics(names):
        entry = metrics_named(name)[0]
        if entry.needs_train and not train:
            raise InputError(f"{entry.name} needs the training images; give train (--train DIR)")
        chosen.setdefault(entry.command, entry)
    return list(chosen.values())


def _by_run(known: Iterable[Score]) -> dict[str, tuple[Score, ...]]:
    found: dict[str, tuple[Score, ...]] = {}
    for score in known:
        if "model" in score.details:  # the others are not of `evaluate`
            run = str(score.details.get("run"))
            found[run] = (*found.get(run, ()), score)
    return found
