"""What an audit concludes of a net, question by question, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ganeval.metrics import METRICS
from ganeval.suites.audit.consistency import Stability
from ganeval.suites.audit.growth import Enough
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
    """The worst answer of all questions about the net."""
    about = [one.answer for one in verdicts if one.question in ABOUT_THE_NET]
    return max(about, key=ORDER.index, default="not asked")


def of_classes(found: Separation | str, level: float) -> Verdict:
    """Unfit where chance explains it; with care where classes cannot be told from each other."""
    if isinstance(found, str):
        return Verdict("classes", "not asked", found)
    percent = f"{100 * found.auc:.1f} %"
    text = f"an image is closer to one of its class than to one of another in {percent} of cases"
    if found.interval is not None:
        text += " ({:.1f} to {:.1f})".format(*(100 * end for end in found.interval))
    low = found.auc if found.interval is None else found.interval[0]
    if low <= 0.5:
        return Verdict("classes", "unfit", f"{text}; by chance it is half of them")
    if found.apart is None:
        return Verdict("classes", "fit with care", f"{text}; KID of classes: {found.reason}")
    text += (
        f"; two classes are farther apart (median KID {found.between:.2g}) than one from itself "
        f"({found.within:.2g}) in {100 * found.apart:.1f} % of pairs"
    )
    return Verdict("classes", "fit" if found.apart >= level else "fit with care", text)


def primary(found: Sequence[Response]) -> str:
    """FID where it has p-values for all faults that KID has some for, else KID."""
    fid, kid = (
        {one.fault for one in found if one.metric == metric and one.p_value is not None}
        for metric in DISTANCES
    )
    return "fid" if fid and kid <= fid else "kid"


def of_faults(found: Sequence[Response]) -> Verdict:
    """Unfit where distances miss half of the faults or more at full strength."""
    asked, seen, reasons = [], [], []
    for fault in FAULTS:
        ends = [end for metric in DISTANCES if (end := strongest(found, metric, fault))]
        if not any(end.p_value is not None for end in ends):
            reasons += [end.reason for end in ends if end.reason]
            continue
        asked.append((fault, ends[-1].words))
        if any(end.noticed for end in ends):
            seen.append(fault)
    if not asked:
        return Verdict("faults", "not asked", reasons[0] if reasons else "images have none of them")
    missed = [f"{fault} ({words})" for fault, words in asked if fault not in seen]
    text = f"FID or KID notices {listed(seen) or 'none'}"
    if not missed:
        return Verdict("faults", "fit", f"{text}, from the strengths in the table")
    answer: Answer = "unfit" if 2 * len(missed) >= len(asked) else "fit with care"
    return Verdict("faults", answer, f"{text}, but not {listed(missed)}")


def of_shift(found: Sequence[Response]) -> Verdict:
    """Unfit where the smallest shift weighs more than half of all faults do at full strength."""
    metric = primary(found)
    own = [one for one in found if one.metric == metric and one.fault == SHIFT]
    faults = [end for fault in FAULTS if (end := strongest(found, metric, fault)) is not None]
    weights = [end.difference for end in faults if end.difference is not None]
    if not own or own[0].difference is None or not weights:
        return Verdict("shift", "not asked", "no distance of shifted images is known")
    words, label = own[0].words, METRICS[metric].label
    below = [end.fault for end in faults if (end.difference or 0.0) < own[0].difference]
    first = noticed_from(found, metric, SHIFT)
    if first is None or first.strength > own[0].strength:
        from_ = "" if first is None else f"; it notices one by {first.words}"
        return Verdict("shift", "fit", f"{label} does not notice a shift by {words}{from_}")
    if not below:
        text = f"{label} notices a shift by {words}, but every strong fault weighs more"
        return Verdict("shift", "fit", text)
    text = f"a shift by {words} moves {label} more than {listed(below)} at full strength"
    return Verdict("shift", "unfit" if 2 * len(below) >= len(weights) else "fit with care", text)


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


def of_images(found: Mapping[str, Enough], metric: str, n: int) -> Verdict:
    """With care where the wished width takes more images, unfit where no distance has a width."""
    ours = found[metric]
    if ours.now is None:
        return Verdict("images", "unfit", f"no interval with {n} images a side: {ours.reason}")
    label = METRICS[metric].label
    wish = f"{label} to ± {ours.half_width:.3g}"
    if ours.n is None:
        return Verdict("images", "fit with care", f"to know {wish}, {ours.reason}")
    care = "" if metric == "fid" else f"; FID has no interval ({found['fid'].reason})"
    if ours.n > n:
        text = f"to know {wish}, take {ours.n} images a side; {n} know it to ± {ours.now:.3g}"
        return Verdict("images", "fit with care", text + care)
    text = f"{n} images a side know {label} to ± {ours.now:.3g}; {ours.n} are enough for {wish}"
    return Verdict("images", "fit with care" if care else "fit", text + care)


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
    """Unfit where responses do not rise with those of others; with care where others see more."""
    if len(by_net) < 2:
        return Verdict("agreement", "not asked", "one net only; name several")
    if not correlations:
        return Verdict("agreement", "unfit", "responses do not vary with the fault")
    text = "rank correlation of responses: " + ", ".join(
        f"{value:.2f} with {other}" for other, value in correlations.items()
    )
    if np.median(list(correlations.values())) <= 0:
        return Verdict("agreement", "unfit", text)
    blind = [
        f"{fault} ({', '.join(others)})"
        for fault in FAULTS
        if not _notices(by_net[net], fault)
        and (others := [o for o in by_net if o != net and _notices(by_net[o], fault)])
    ]
    if blind:
        return Verdict("agreement", "fit with care", f"{text}; others notice {listed(blind)}")
    return Verdict("agreement", "fit", text)


def _notices(found: Sequence[Response], fault: str) -> bool:
    return any(noticed_from(found, metric, fault) is not None for metric in DISTANCES)
