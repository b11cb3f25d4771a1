"""Inception Score: how sure a classifier is of each image, and how varied its verdicts are."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np

from ganeval.arrays import Array, to_float64, to_numpy
from ganeval.errors import InputError
from ganeval.features import Features
from ganeval.lazy import Tensor, torch
from ganeval.metrics._blocks import no_spread, side_blocks, too_few_blocks
from ganeval.metrics.spine import (
    METRICS,
    Metric,
    Score,
    check_level,
    check_rows,
    describe,
    n_groups,
    over_ranks,
    take_features,
    warnings_of,
)
from ganeval.statistics import MIN_BLOCKS, Jackknife, balanced_labels, jackknife

_CHUNK = 8192

IMAGES_PER_CLASS = 5
"""Below, at as many images as classes, a nominal 95 % interval covers 90 %."""

MIN_GROUPS = 6
"""With four groups a nominal 95 % interval covers 91 %."""


@over_ranks
def inception_score(
    fake: Any,
    real: Any = None,
    *,
    feature_net: Any = None,
    splits: Annotated[int, "Mean over so many splits; torch-fidelity takes 10."] = 1,
    interval: Annotated[bool, "Correct for finite n, with an interval."] = True,
    level: Annotated[float, "Coverage of the interval."] = 0.95,
    seed: Annotated[int, "Of the jackknife's blocks, or of the splits."] = 0,
    process_group: Any = None,
) -> Score:
    """Inception Score (IS) of generated images: sure and varied verdicts of a classifier.

    exp(H(p̄) − mean H(p)): the entropy of the mean prediction less the mean entropy of the
    predictions, both in nats in `details`. It says nothing about copies of training images, and
    only something about your domain with a classifier of your domain.

    Args:
        fake: images, Features with logits, logits [n, k], or a path to any of them.
        real: likewise, for the reals' own score in `details["real"]`, with the classifier's
            accuracy and calibration error where their labels are its classes.
        feature_net: one that classifies; see `extract`.
        splits: more than one gives torch-fidelity's protocol: the mean over random splits, lower
            than the score of all images. It has no interval: the spread over splits in `details`
            is not a standard error.
        interval: delete-group jackknife of log IS; it costs nothing extra.
        level: coverage of the interval.
        seed: of the blocks or the splits.
        process_group: a `torch.distributed` group: the sides are this rank's shares (None where
            it has none), every rank calls, and all get the same score. See `extract`.

    Returns:
        Score between 1 and the number of classes, higher is better. `corrected` estimates the
        score at n → ∞; None for fewer images than classes or a single group. The interval asks
        for 5 images per class, and for 6 groups where there are groups.

    Raises:
        InputError: a net that does not classify, under 2 images, more splits than images, NaN.

    Source: Salimans et al. 2016, arXiv:1606.03498; why one split: Barratt & Sharma 2018,
    arXiv:1801.01973.
    """
    check_level(level)
    if splits < 1:
        raise InputError(f"splits is {splits}; wanted at least 1")
    side = _with_logits(fake, feature_net, role="fake")
    other = None if real is None else _with_logits(real, feature_net, role="real")
    n = len(side.ids)
    if splits > n:
        raise InputError(f"there are {n} images for {splits} splits; use fewer splits")
    blocks = side_blocks(side, seed=seed, labels=balanced_labels(side.labels))
    sums = _block_sums(side.logits, blocks)
    details: dict[str, Any] = {
        "log_is": sums.log_score(),
        "entropy_of_mean": sums.entropy_of_mean(),
        "mean_entropy": sums.mean_entropy(),
        "classes": int(sums.p.shape[1]),
    }
    sure: Jackknife | None = None
    value = float(np.exp(sums.log_score()))
    if splits > 1:
        values = _split_scores(side.logits, splits, seed)
        value = float(values.mean())
        details["spread_over_splits"] = float(values.std())
        if interval:
            details["no_interval"] = "splits are biased"
    elif interval:
        sure = _jackknifed(sums)
        details |= {"method": "delete-group jackknife of log IS", "blocks": len(sums.sizes)}
        reason = _no_interval(n, sums, grouped=side.groups is not None)
        if reason is None and sure is not None:
            reason = no_spread(sums.log_score(), sure.std_error)
        if reason is not None:
            details["no_interval"] = reason
    if other is not None:
        details["real"] = _own_score(other, splits=splits, seed=seed)
    limits = None if sure is None or "no_interval" in details else sure.interval(level)
    described = describe(
        "inception_score",
        real=other,
        fake=side,
        options={"splits": splits},
        seed=seed,
        compare_reals=False,
        at_this_n=sure is None,
    )
    return Score(
        metric="inception_score",
        value=value,
        corrected=None if sure is None else float(np.exp(sure.estimate)),
        interval=None if limits is None else (float(np.exp(limits[0])), float(np.exp(limits[1]))),
        level=level,
        # From log IS to IS.
        std_error=None if sure is None or limits is None else _std_error(sure),
        better="higher",
        n_real=None if other is None else len(other.ids),
        n_fake=n,
        n_groups=n_groups(side),
        details=details,
        warnings=tuple(warnings_of(other, side)),
        protocol=described.protocol,
        protocol_id=described.protocol_id,
    )


@dataclass(frozen=True, eq=False)
class _Sums:
    """Per block: Σ p [g, k], Σ Σ_k p log p [g], images [g]."""

    p: np.ndarray
    plogp: np.ndarray
    sizes: np.ndarray

    def entropy_of_mean(self) -> float:
        """Nats."""
        mean = self.p.sum(0) / self.sizes.sum()
        seen = mean[mean > 0]
        return float(-(seen * np.log(seen)).sum())

    def mean_entropy(self) -> float:
        """Nats."""
        return float(-self.plogp.sum() / self.sizes.sum())

    def log_score(self) -> float:
        """Nats; a negative difference of two equal entropies is rounding error."""
        return max(self.entropy_of_mean() - self.mean_entropy(), 0.0)

    def leave_out(self, block: int) -> "_Sums":
        keep = np.arange(len(self.sizes)) != block
        return _Sums(self.p[keep], self.plogp[keep], self.sizes[keep])


def _block_sums(logits: Array, blocks: np.ndarray) -> _Sums:
    g = int(blocks.max()) + 1
    with torch.no_grad():
        p_sums = plogp_sums = None
        for start in range(0, len(blocks), _CHUNK):
            p, plogp = _predictions(logits[start : start + _CHUNK])
            of = torch.from_numpy(blocks[start : start + _CHUNK]).to(p.device)
            if p_sums is None or plogp_sums is None:
                p_sums, plogp_sums = p.new_zeros(g, p.shape[1]), p.new_zeros(g)
            member = p.new_zeros(g, len(p)).scatter_(0, of[None], 1.0)
            p_sums += member @ p
            plogp_sums += member @ plogp
        return _Sums(to_numpy(p_sums), to_numpy(plogp_sums), np.bincount(blocks))


def _predictions(logits: Array) -> tuple[Tensor, Tensor]:
    """(p [n, k], Σ_k p log p [n]); 0 log 0 is 0."""
    logp = to_float64(logits).log_softmax(1)
    p = logp.exp()
    return p, (p * logp.clamp(min=-1e4)).sum(1)


def _jackknifed(sums: _Sums) -> Jackknife | None:
    """Of log IS; None where n is too small for a bias that goes with 1/n."""
    if len(sums.sizes) < 2 or sums.sizes.sum() < sums.p.shape[1]:
        return None
    left_out = [sums.leave_out(i).log_score() for i in range(len(sums.sizes))]
    return jackknife(sums.log_score(), left_out, sums.sizes)


def _no_interval(n: int, sums: _Sums, *, grouped: bool) -> str | None:
    """Where the interval would cover too little, by `benchmarks/calibration`."""
    k, g = sums.p.shape[1], len(sums.sizes)
    if n < k:
        return "fewer images than classes"
    if n < IMAGES_PER_CLASS * k:
        return f"{n} images for {k} classes, of {IMAGES_PER_CLASS} per class that it needs"
    if grouped and MIN_BLOCKS <= g < MIN_GROUPS:
        return f"{g} groups, of {MIN_GROUPS} that an interval needs at least"
    return too_few_blocks(g, grouped=grouped)


def _std_error(sure: Jackknife) -> float:
    return float(np.exp(sure.estimate)) * sure.std_error


def _split_scores(logits: Array, splits: int, seed: int) -> np.ndarray:
    """[splits] scores of the parts of a shuffle that is torch-fidelity's for the same seed."""
    n = len(logits)
    order = np.random.RandomState(seed).permutation(n)
    bounds = [i * n // splits for i in range(splits + 1)]
    scores = []
    for start, stop in itertools.pairwise(bounds):
        part = logits[order[start:stop]]
        scores.append(np.exp(_block_sums(part, np.zeros(stop - start, np.int64)).log_score()))
    return np.array(scores)


def _own_score(side: Features, *, splits: int, seed: int) -> dict[str, Any]:
    """The reals' score by the same rule: what a perfect generator would get."""
    blocks = side_blocks(side, seed=seed, labels=balanced_labels(side.labels))
    sums = _block_sums(side.logits, blocks)
    if splits > 1:
        return {"value": float(_split_scores(side.logits, splits, seed).mean())}
    sure = _jackknifed(sums)
    return {
        "value": float(np.exp(sums.log_score())),
        "corrected": None if sure is None else float(np.exp(sure.estimate)),
        "log_is": sums.log_score(),
        "entropy_of_mean": sums.entropy_of_mean(),
        "mean_entropy": sums.mean_entropy(),
        **_calibration(side),
    }


def _calibration(side: Features) -> dict[str, Any]:
    """How often the classifier is right on the reals, and how much it is off in saying so."""
    if side.labels is None:
        return {"no_calibration_error": "the reals have no labels"}
    if side.classes is None:
        return {"no_calibration_error": "the names of the classifier's classes are unknown"}
    place = {name: i for i, name in enumerate(side.classes)}
    if odd := sorted(set(side.labels) - place.keys()):
        return {"no_calibration_error": f"the classifier has no class {odd[0]}, as reals have"}
    from ganeval.nets.training.figures import calibration_error

    p = to_numpy(to_float64(side.logits).softmax(1))
    correct = p.argmax(1) == np.array([place[label] for label in side.labels])
    return {
        "accuracy": float(correct.mean()),
        "calibration_error": calibration_error(p.max(1), correct),
    }


def _notes(score: Score) -> list[str]:
    """Both entropies, the reals' score, and whether the classifier can be trusted on them."""

    def entropies(of: Mapping[str, Any]) -> str:
        return (
            f"entropy {of['entropy_of_mean']:.4f} nats of the mean prediction, "
            f"{of['mean_entropy']:.4f} of one on average"
        )

    lines = [f"{entropies(score.details)}; {score.details['classes']} classes"]
    if (real := score.details.get("real")) is None:
        return lines
    corrected = real.get("corrected")
    shown = f"{real['value']:.4g}" + ("" if corrected is None else f" (corrected {corrected:.4g})")
    if "mean_entropy" not in real:
        return [*lines, f"reals: {shown}"]
    lines.append(f"reals: {shown}; {entropies(real)}")
    if (error := real.get("calibration_error")) is not None:
        lines.append(
            f"the classifier on the reals: accuracy {real['accuracy']:.4f}, "
            f"calibration error {error:.4f}"
        )
    else:
        lines.append(f"no calibration error: {real['no_calibration_error']}")
    return lines


def _with_logits(data: Any, feature_net: Any, *, role: str) -> Features:
    """Features with logits; plain rows are logits."""
    side = take_features(data, feature_net, role=role, metric="inception_score")
    if side.logits is None:
        if side.protocol.get("net"):
            name = side.protocol["net"].get("name")
            raise InputError(
                f"inception_score needs a net that classifies, and {name!r} does not; "
                "take another: ganeval nets list"
            )
        side = replace(side, logits=side.features)
    check_rows(side.logits, role=role, what="logits")
    return side


METRICS.add(
    "inception_score",
    Metric(
        name="inception_score",
        command="is",
        label="IS",
        function=inception_score,
        better="higher",
        symmetric=False,
        one_sided=True,
        needs_logits=True,
        notes=_notes,
    ),
)
