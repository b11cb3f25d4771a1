"""May a net judge these images? Asked of the reals alone, before any model is scored."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ganeval.errors import ImageError, InputError
from ganeval.features import Features, Progress
from ganeval.images import ImageSource, is_feature_array, open_images, stratified_sample
from ganeval.metrics import check_level
from ganeval.metrics.spine import Pair
from ganeval.nets import default_net
from ganeval.statistics import MIN_UNITS
from ganeval.suites.audit import verdicts as say
from ganeval.suites.audit.alterations import alterations_for
from ganeval.suites.audit.consistency import Stability, agreement, stability
from ganeval.suites.audit.growth import Enough, Size, enough, growth
from ganeval.suites.audit.halves import Halves
from ganeval.suites.audit.responses import DISTANCES, JUDGED, Response, responses, strongest
from ganeval.suites.audit.seen import Seen, nets_named, see
from ganeval.suites.audit.separation import Separation, separation
from ganeval.suites.audit.steps import COPIES, FAULTS, SHIFT
from ganeval.suites.audit.verdicts import Answer, Verdict

KIND = "audit"
"""What a file of it says that it is."""

MOST_IMAGES = 1000
"""A seeded sample of more, as every image is embedded some 15 times by each net."""

FEWEST_IMAGES = 40
"""Below, halves say nothing."""

HALF_WIDTH = 0.1
"""Wished for, as a share of what strong faults do to the distance."""


@dataclass(frozen=True)
class NetAudit:
    """What was found of one net.

    Args:
        net: its name.
        features: per image.
        answer: the worst answer of the questions about the net itself.
        verdicts: one for each question.
        separation: of classes; None where that could not be asked.
        responses: of every metric to every fault at every strength.
        not_asked: faults that these images cannot have, and why.
        sizes: distances of the halves at growing numbers of images.
        enough: images for the wished width, of FID and KID.
        stability: of the responses, over ways to halve the images; None for an unusable net.
        agreement: rank correlation of KID's responses with those of other nets.
        warnings: what a reader should know.
    """

    net: str
    features: int
    answer: Answer
    verdicts: tuple[Verdict, ...]
    separation: Separation | None = None
    responses: tuple[Response, ...] = ()
    not_asked: dict[str, str] | None = None
    sizes: tuple[Size, ...] = ()
    enough: tuple[Enough, ...] = ()
    stability: Stability | None = None
    agreement: dict[str, float] | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Audit:
    """What was found of all nets.

    Args:
        images: name of the set.
        n: images that were taken.
        classes: that they have; None without labels.
        groups: that they have; None without.
        versions: altered versions of each image.
        level: of intervals; 1 − level is how often a harmless fault is noticed, at most.
        seed: of the sample, the halves and the alterations.
        nets: one for each net, in the order given.
    """

    images: str
    n: int
    classes: int | None
    groups: int | None
    versions: int
    level: float
    seed: int
    nets: tuple[NetAudit, ...]

    @property
    def cost(self) -> int:
        """Images that the nets embedded: each once as it is and once in every version."""
        return self.n * (1 + self.versions) * len(self.nets)

    def to_dict(self) -> dict[str, Any]:
        """Strict JSON: None where something is not known."""
        return {"kind": KIND, **asdict(self), "cost": self.cost}


def audit(
    real: Any,
    *,
    feature_net: Any = None,
    half_width: float = HALF_WIDTH,
    level: float = 0.95,
    seed: int = 0,
    max_images: int | None = MOST_IMAGES,
    device: str | None = None,
    batch_size: int = 64,
    num_workers: int = 0,
    precision: str = "fp32",
    each_channel: bool = False,
    cache: bool = True,
    progress: Progress | None = None,
) -> Audit:
    """Asks of each net whether it may judge these images.

    One half of the images is the reals, the other what a perfect model makes. Faults of models are
    planted in the latter, from mild to strong: blur, noise, dimming, swapped channels, missing and
    unequal classes, near copies. A net is fit if it keeps classes apart, if distances notice the
    faults and weigh a small shift less, and if other halves say the same.

    Every image is embedded once as it is and once in each of 13 or 14 versions, all in one pass.

    Args:
        real: images, in any form that `open_images` takes, or its result. With labels more can be
            asked; groups stay on one side.
        feature_net: a net, a list of nets, or a mapping from names to nets, as for `extract`.
        half_width: wished half-width of the distance's interval, as a share of what strong faults
            do to it (the median over faults).
        level: of intervals and tests.
        seed: of the sample, the halves and the alterations.
        max_images: size of a seeded sample; None takes all images.
        device: as for `extract`, like all that follow.
        batch_size: images at once.
        num_workers: processes that decode and alter images of files.
        precision: of the nets.
        each_channel: runs nets of 1 or 3 channels on each channel.
        cache: whether features of files are kept on disk.
        progress: called after each batch.

    Raises:
        InputError: fewer than 40 images or 8 groups, features in place of images, a net that does
            not take these images, or a width or level that is none.

    Example:
        >>> ganeval.audit("real/", feature_net=["lin41", "pixels"]).nets[0].answer

    Source: section 4.3.5 and Figure 14 of "Conditional GANs for biological image synthesis" (2018).
    """
    check_level(level)
    if not 0 < half_width < np.inf:
        raise InputError(f"half_width is {half_width:g}; wanted a positive share, such as 0.1")
    if isinstance(real, Features) or is_feature_array(real):
        raise InputError("real is features, and an audit alters images; give images")
    images = real if isinstance(real, ImageSource) else open_images(real)
    if max_images is not None and len(images) > max_images:
        labels, groups = images.labels, images.groups
        images = images.select(
            stratified_sample(images.ids, labels=labels, groups=groups, size=max_images, seed=seed)
        )
    if len(images) < FEWEST_IMAGES:
        raise InputError(
            f"{images.name} has {len(images)} images; an audit needs at least {FEWEST_IMAGES}"
        )
    if images.groups is not None and (count := len(set(images.groups))) < 2 * MIN_UNITS:
        raise InputError(
            f"{images.name} has {count} groups; an audit needs at least {2 * MIN_UNITS}, half of "
            "them on either side"
        )
    first = _first_image(images)
    if feature_net is None:
        feature_net = default_net(first.shape[0], str(first.dtype))
    nets = nets_named(feature_net, device=device, each_channel=each_channel)
    alterations = alterations_for(first.shape)
    seen = see(
        images,
        alterations,
        nets,
        seed=seed,
        device=device,
        batch_size=batch_size,
        num_workers=num_workers,
        precision=precision,
        cache=cache,
        progress=progress,
    )
    plain = seen[0].plain
    unusable = {one.net: _unusable(one, seed) for one in seen}
    asked = {one.net: one for one in seen if unusable[one.net] is None}
    faults = (*FAULTS, SHIFT, COPIES)
    answered = {
        net: responses(Halves(one, seed), level=level, metrics=JUDGED, faults=faults)
        for net, one in asked.items()
    }
    by_net = {net: of for net, (of, _) in answered.items()}
    alike = agreement(by_net, "kid")
    found = [
        _of_net(one, *answered[one.net], by_net, alike[one.net], half_width, level, seed)
        if one.net in asked
        else _of_unusable(one, unusable[one.net] or "")
        for one in seen
    ]
    return Audit(
        images.name,
        len(plain),
        None if plain.labels is None else len(set(plain.labels)),
        None if plain.groups is None else len(set(plain.groups)),
        len(alterations),
        level,
        seed,
        tuple(found),
    )


def _first_image(images: ImageSource) -> np.ndarray:
    for index in range(len(images)):
        try:
            return images.read(index)
        except ImageError:
            if images.on_error == "fail":
                raise
    raise InputError(f"none of the {len(images)} images of {images.name} could be read")


def _unusable(seen: Seen, seed: int) -> str | None:
    """Why nothing can be asked of a net; or of images that are not independent, as it sees them."""
    if seen.unusable is not None:
        return seen.unusable
    return Pair.take(*Halves(seen, seed).undeclared, None, metric="audit").odd.dependence


def _of_unusable(seen: Seen, why: str) -> NetAudit:
    answers = tuple(
        Verdict(question, "unfit" if question in say.ABOUT_THE_NET else "not asked", why)
        for question in say.QUESTIONS
    )
    return NetAudit(seen.net, seen.plain.features.shape[1], "unfit", answers)


def _of_net(
    seen: Seen,
    found: Sequence[Response],
    missing: dict[str, str],
    by_net: dict[str, list[Response]],
    alike: dict[str, float],
    half_width: float,
    level: float,
    seed: int,
) -> NetAudit:
    halves = Halves(seen, seed)
    metric = say.primary(found)
    apart = separation(seen.plain, level=level, seed=seed)
    stable = stability(seen, found, metric, level=level, seed=seed)
    widths = {
        name: enough(halves, name, half_width * _strong(found, name), level=level)
        for name in DISTANCES
    }
    answers = (
        say.of_classes(apart, level, units="images" if halves.groups is None else "groups"),
        say.of_faults(found, missing, halves.groups),
        say.of_shift(found, halves.groups),
        say.of_stability(stable),
        say.of_agreement(seen.net, by_net, alike),
        say.of_images(
            widths,
            metric,
            min(len(halves.real), len(halves.fake)),
            half_width,
            halves.groups,
        ),
        say.of_copies(found),
    )
    return NetAudit(
        net=seen.net,
        features=seen.plain.features.shape[1],
        answer=say.worst(answers),
        verdicts=answers,
        separation=None if isinstance(apart, str) else apart,
        responses=tuple(found),
        not_asked=missing,
        sizes=tuple(growth(halves, DISTANCES, level=level)),
        enough=tuple(widths.values()),
        stability=stable,
        agreement=alike,
        warnings=seen.plain.warnings,
    )


def _strong(found: Sequence[Response], metric: str) -> float:
    """What strong faults do to a distance: the median over faults; 0 where that is unknown."""
    ends = [strongest(found, metric, fault) for fault in FAULTS]
    known = [end.difference for end in ends if end is not None and end.difference is not None]
    return max(float(np.median(known)), 0.0) if known else 0.0
