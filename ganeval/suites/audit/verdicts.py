"""What an audit concludes of a net, question by question, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ganeval.metrics import METRICS
from ganeval.suites.audit.consistency import Stability
from ganeval.suites.audit.growth import FEWEST, Enough
from ganeval.suites.audit.responses import DISTANCES, Response, noticed_from, strongest
from ganeval.suites.audit.separation import Separation
from ganeval.suites.audit.steps import COPIES, FAULTS, SHIFT
from ganeval.wording import listed

Answer = Literal["fit", "fit with care", "unfit", "not asked"]
ORDER: tuple[Answer, ...] = ("not asked", "fit", "fit with care", "unfit")
"""From what says nothing to the worst."""

QUESTIONS = {
    "classes": "Are images of a class closer to each other?",
    "faults": "Does it notice faults?",
    "shift": "Does a small shift count less than faults?",
    "stability": "Do other halves say the same?",
    "agreement": "Do other nets say the same?",
    "images": "Are there enough images?",
    "copies": "Does it find near copies?",
}
REPLIES = {"fit": "yes", "fit with care": "partly", "unfit": "no", "not asked": "not asked"}
"""Answers to the questions, as people say them."""
ABOUT_THE_NET = ("classes", "faults", "shift", "stability")
"""Questions that decide whether the net may judge; the others say what to take care of."""
FEW_GROUPS = FEWEST
"""Groups of a half below which what is not noticed may be for want of groups."""
CLEAR = 0.6
"""A separation that is no chance: an interval from half to this says nothing."""
WEAK = 0.5
"""Rank correlation below which two nets do not say the same."""


@dataclass(frozen=True)
class Verdict:
    """The answer to one question.

    Args:
        question: key of QUESTIONS.
        answer: `fit`, `fit with care`, `unfit`, or `not asked`.
        why: in a sentence.
    """

    question: str
    answer: Answer
    why: str


def worst(verdicts: Sequence[Verdict]) -> Answer:
    """The worst answer of all questions about the net; not asked where faults could not be."""
    about = {one.question: one.answer for one in verdicts if one.question in ABOUT_THE_NET}
    if about.get("faults") == "not asked" and "unfit" not in about.values():
        return "not asked"
    return max(about.values(), key=ORDER.index, default="not asked")


def of_classes(found: Separation | str, level: float, *, units: str = "images") -> Verdict:
    """Unfit where chance explains it; with care where classes cannot be told from each other."""
    if isinstance(found, str):
        return Verdict("classes", "not asked", found)
    percent = f"{100 * found.auc:.1f} %"
    text = f"an image is closer to one of its class than to one of another in {percent} of cases"
    if found.interval is not None:
        text += " ({:.1f} to {:.1f})".format(*(100 * end for end in found.interval))
    low, high = found.interval or (found.auc, found.auc)
    if low <= 0.5:
        text += "; by chance it is half of them"
        if high >= CLEAR:
            return Verdict("classes", "not asked", f"too few {units} to say: {text}")
        return Verdict("classes", "unfit", text)
    if found.apart is None:
        return Verdict("classes", "fit with care", f"{text}; KID of classes: {found.reason}")
    text += (
        f"; two classes are farther apart (median KID {found.between:.2g}) than one from itself "
        f"({found.within:.2g}) in {100 * found.apart:.1f} % of pairs"
    )
    return Verdict("classes", "fit" if found.apart >= level else "fit with care", text)


def primary(found: Sequence[Response]) -> str:
    """FID where it has p-values for all faults and shifts that KID has some for, else KID."""
    fid, kid = (
        {
            one.fault
            for one in found
            if one.metric == metric and one.fault != COPIES and one.p_value is not None
        }
        for metric in DISTANCES
    )
    return "fid" if fid and kid <= fid else "kid"


def of_faults(
    found: Sequence[Response], missing: Mapping[str, str], groups: int | None = None
) -> Verdict:
    """Unfit where distances miss half of the faults or more at full strength.

    Args:
        found: responses to the faults.
        missing: faults that the images cannot have, and why.
        groups: of a half; None without.
    """
    seen: list[str] = []
    missed: list[str] = []
    unsure: list[str] = []
    untested: dict[str, list[str]] = {}
    for fault in FAULTS:
        ends = [end for metric in DISTANCES if (end := strongest(found, metric, fault))]
        if not any(end.p_value is not None for end in ends):
            reason = ends[-1].reason if ends else missing.get(fault)
            untested.setdefault(reason or "no p-value", []).append(fault)
        elif any(end.noticed for end in ends):
            seen.append(fault)
        else:
            of = unsure if any(_few(end, groups) for end in ends) else missed
            of.append(f"{fault} ({ends[-1].words})")
    asked = len(seen) + len(missed) + len(unsure)
    none = "".join(f"; no test of {listed(of)}: {why}" for why, of in untested.items())
    if not asked:
        return Verdict("faults", "not asked", none.removeprefix("; "))
    text = f"FID or KID notices {listed(seen) or 'none'}"
    text += f", but not {listed(missed)}" if missed else ", from the strengths in the table"
    if unsure:
        text += f"; too few groups to say of {listed(unsure)}"
    answer: Answer = "fit with care" if missed else "fit"
    if 2 * len(missed) >= asked:
        answer = "unfit"
    elif 2 * len(unsure) >= asked:
        answer = "not asked"
    return Verdict("faults", answer, text + none)


def _few(end: Response, groups: int | None) -> bool:
    """Whether a fault may be missed for want of groups.

    It may move the score by a floor or more, by the interval of the difference, so by more than
    chance does. Where groups are many, or images independent, that counts as the net's fault.
    """
    if groups is None or groups >= FEW_GROUPS or end.p_value is None or end.noticed:
        return False
    return end.up_to is None or end.up_to >= 1


def _as_heavy(found: Sequence[Response], mild: Response) -> bool:
    """Whether it may weigh as much as a fault that is noticed, or none is."""
    ends = [strongest(found, mild.metric, fault) for fault in FAULTS]
    noticed = [end.floors for end in ends if end is not None and end.noticed and end.floors]
    return mild.up_to is None or mild.up_to >= min(noticed, default=0.0)


def of_shift(found: Sequence[Response], groups: int | None = None) -> Verdict:
    """Unfit where a noticed smallest shift weighs more than half of all faults at full strength.

    Weighed by FID or KID, whichever notices the shift; a fault that it does not notice weighs less.
    """
    shifts = [one for one in found if one.fault == SHIFT]
    own = {
        metric: mild
        for metric in sorted(DISTANCES, key=primary(found).__ne__)
        if (mild := next((one for one in shifts if one.metric == metric), None)) is not None
        and mild.p_value is not None
    }
    if not own:
        return Verdict("shift", "not asked", "no distance of shifted images has a p-value")
    words = next(iter(own.values())).words
    metric = next((metric for metric, mild in own.items() if mild.noticed), None)
    if metric is None:
        if any(_few(mild, groups) and _as_heavy(found, mild) for mild in own.values()):
            return Verdict("shift", "not asked", f"too few groups to say of a shift by {words}")
        labels = [METRICS[name].label for name in DISTANCES if name in own]
        one = f"{labels[0]} does not notice"
        text = one if len(own) == 1 else f"neither {' nor '.join(labels)} notices"
        return Verdict("shift", "fit", f"{text} a shift by {words}")
    weight, label = own[metric].difference or 0.0, METRICS[metric].label
    ends = [end for fault in FAULTS if (end := strongest(found, metric, fault)) is not None]
    ends = [end for end in ends if end.p_value is not None and not _few(end, groups)]
    missed = [end.fault for end in ends if not end.noticed]
    lighter = [end.fault for end in ends if end.noticed and (end.difference or 0.0) < weight]
    text = f"{label} notices a shift by {words}"
    if not ends:
        return Verdict("shift", "not asked", f"{text}, and has no test of faults")
    if not missed and not lighter:
        return Verdict("shift", "fit", f"{text}, but every strong fault weighs more")
    if missed:
        text += f", but not {listed(missed)} at full strength"
    if lighter:
        text += f"; the shift moves it more than {listed(lighter)} at full strength"
    answer: Answer = "unfit" if 2 * len(missed + lighter) >= len(ends) else "fit with care"
    return Verdict("shift", answer, text)


def of_copies(found: Sequence[Response]) -> Verdict:
    """Unfit where one image in five may be a copy without notice."""
    own = [one for one in found if one.metric == "memorization" and one.fault == COPIES]
    if not own:
        return Verdict("copies", "not asked", "near copies are the images themselves here")
    if own[-1].p_value is None:
        return Verdict("copies", "not asked", own[-1].reason or "no p-value")
    first = noticed_from(own, "memorization", COPIES)
    if first is None:
        text = f"memorization does not notice that {own[-1].words} of images are near copies"
        return Verdict("copies", "unfit", text)
    return Verdict("copies", "fit", f"memorization notices {first.words} of near copies")


def of_images(
    found: Mapping[str, Enough], metric: str, n: int, share: float, groups: int | None = None
) -> Verdict:
    """With care where the wished width takes more images, unfit where no distance has a width.

    Args:
        found: by distance.
        metric: the distance that is asked.
        n: images of the smaller half.
        share: of what strong faults do to the distance, which is wished for as half-width.
        groups: of the smaller half; None without.
    """
    ours = found[metric]
    here = _images(n, groups)
    if ours.now is None:
        return Verdict("images", "unfit", f"no interval with {here} a side: {ours.reason}")
    if not ours.half_width:
        return Verdict("images", "fit with care", ours.reason or "no fault moves the distance")
    label = METRICS[metric].label
    part = "a tenth" if share == 0.1 else f"{100 * share:g} %"
    wish = f"{label} to ± {ours.half_width:.3g} ({part} of what strong faults do to it)"
    fid = found["fid"]
    care = f"; FID has no interval ({fid.reason})" if fid.now is None else ""
    if ours.n is None:
        return Verdict("images", "fit with care", f"to know {wish}, {ours.reason}{care}")
    needed = _images(ours.n, ours.groups)
    if ours.n > n:
        text = f"to know {wish}, take {needed} a side; {here} know it to ± {ours.now:.3g}"
        return Verdict("images", "fit with care", text + care)
    text = f"{here} a side know {label} to ± {ours.now:.3g}; {needed} are enough for {wish}"
    return Verdict("images", "fit with care" if care else "fit", text + care)


def _images(n: int, groups: int | None) -> str:
    return f"{n} images" if groups is None else f"{n} images of {groups} groups"


def of_stability(found: Stability) -> Verdict:
    """Unfit where responses in two ways to halve the images do not rise together."""
    if found.correlation is None:
        return Verdict("stability", "unfit", "responses do not vary with the fault")
    text = (
        f"responses of {found.halvings} ways to halve the images have rank correlations from "
        f"{found.correlation:.2f}"
    )
    if found.correlation <= 0:
        return Verdict("stability", "unfit", text)
    if found.sometimes:
        text += f"; only some of them notice {listed(found.sometimes)} at full strength"
        return Verdict("stability", "fit with care", text)
    return Verdict("stability", "fit", f"{text}, and notice the same faults")


def of_agreement(
    net: str, by_net: Mapping[str, Sequence[Response]], correlations: Mapping[str, float]
) -> Verdict:
    """Unfit where responses do not rise with those of others; with care where others see more.

    And where a correlation is weak though the other net misses nothing: that it misses a fault
    which this net notices explains it.
    """
    if len(by_net) < 2:
        return Verdict("agreement", "not asked", "one net only; name several")
    if not correlations:
        return Verdict("agreement", "unfit", "responses do not vary with the fault")
    blind = {
        other: [
            fault
            for fault in FAULTS
            if _notices(by_net[net], fault) and not _notices(by_net[other], fault)
        ]
        for other in correlations
    }
    text = "rank correlation of responses: " + ", ".join(
        f"{value:.2f} with {other}"
        + (f", which misses {listed(blind[other])}" if value < WEAK and blind[other] else "")
        for other, value in correlations.items()
    )
    if np.median(list(correlations.values())) <= 0:
        return Verdict("agreement", "unfit", text)
    more = [
        f"{fault} ({', '.join(others)})"
        for fault in FAULTS
        if not _notices(by_net[net], fault)
        and (others := [o for o in by_net if o != net and _notices(by_net[o], fault)])
    ]
    if more:
        return Verdict("agreement", "fit with care", f"{text}; others notice {listed(more)}")
    weak = [other for other, value in correlations.items() if value < WEAK and not blind[other]]
    if weak:
        text += f"; yet no fault that {net} notices is missed by {listed(weak)}"
        return Verdict("agreement", "fit with care", text)
    return Verdict("agreement", "fit", text)


def _notices(found: Sequence[Response], fault: str) -> bool:
    return any(noticed_from(found, metric, fault) is not None for metric in DISTANCES)
