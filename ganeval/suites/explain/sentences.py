"""Findings in sentences that a reader without statistics follows."""

import math
from typing import TYPE_CHECKING

from ganeval.suites.explain.effects import Effect
from ganeval.suites.explain.objects import WHOLE
from ganeval.suites.explain.properties import COPIES

if TYPE_CHECKING:
    from ganeval.suites.explain.explanation import Explanation, Finding

SHOWN = 10
"""Findings that are said; all of them are in `findings`."""

UNPROVEN = 3
"""Differences that are said where units are too few to prove any."""

ALIKE = 4
"""Other properties of a family that are named."""

RELATIVE = ("length", "area", "level", "count", "amplitude")
"""Kinds of figures of which a difference in per cent means something, where none is below 0."""


def summary(found: "Explanation") -> list[str]:
    """Everything, one line per finding."""
    lines = [verdict(found), *_numbered(found), *_unproven(found)]
    if found.by_class:
        lines.append("Within classes, the largest difference of each:")
        for label, (first, *others) in found.by_class.items():
            more = ""
            if others:
                more = f", and {len(others)} more propert{'y' if len(others) == 1 else 'ies'}"
            lines.append(f"  {label}: {said(first)} (q = {first.q_value:.2g}{more})")
    lines.append(of_classifier(found))
    if found.channels and found.told_apart:
        falls = ", ".join(f"{name} {fall:.3f}" for name, fall in found.channels.items())
        lines.append(f"  its AUC falls without the properties of one channel: {falls}")
    lines.append(looked_at(found))
    return lines


def verdict(found: "Explanation") -> str:
    """Whether anything is wrong, and how much, in one line."""
    n = sum(test.label is None for test in found.tests)
    rate = f"{100 * (1 - found.level):.3g} %"
    if found.too_few:
        return f"{found.too_few}."
    if not found.differs:
        return (
            f"Nothing is wrong that these {_count(found)} properties show: none of their {n} "
            f"families differs between fakes and reals, at an error rate of {rate}."
        )
    if found.findings:
        k = len(found.findings)
        return (
            f"{k} of {n} families of properties differ{'s' * (k == 1)} between fakes and reals "
            f"(false-discovery rate {rate}), the most important first:"
        )
    if found.by_class:
        return (
            f"Over all classes no property differs (false-discovery rate {rate}), but within some:"
        )
    return (
        "No property differs by itself, but a classifier that combines them tells fakes from "
        f"reals (error rate {rate})."
    )


def of_classifier(found: "Explanation") -> str:
    """How well all properties together tell fakes from reals."""
    score = found.score
    p_value = f"p = {score.details['p_value']:.2g}"
    return f"A classifier that sees all {_count(found)} properties: {score}, {p_value}"


def _count(found: "Explanation") -> int:
    return len(found.properties.keys)


def _numbered(found: "Explanation") -> list[str]:
    lines = []
    for i, finding in enumerate(found.findings[:SHOWN], 1):
        lines += [f"{i}. {said(finding)}", f"   {_how_sure(finding)}"]
        if finding.alike:
            more = len(finding.alike) - ALIKE
            names = "; ".join(finding.alike[:ALIKE]) + f"; and {more} more" * (more > 0)
            lines.append(f"   with it: {names}")
    if (more := len(found.findings) - SHOWN) > 0:
        lines.append(f"and {more} more: findings.csv (with -o FOLDER) has all of them")
    return lines


def _unproven(found: "Explanation") -> list[str]:
    """The largest differences, where nothing can be shown."""
    if not found.too_few:
        return []
    tests = [test for test in found.tests if test.label is None and test.size > 0]
    largest = sorted(tests, key=lambda test: -test.size)[:UNPROVEN]
    return ["The largest differences, which may be chance:", *(f"  {said(t)}" for t in largest)]


def looked_at(found: "Explanation") -> str:
    """What the properties are of."""
    net = found.properties.net
    if net is not None and net.startswith("morphology"):
        return f"Looked at: the one object in each image (net {net})."
    if net == WHOLE:
        return (
            "Looked at: whole images, their intensity, texture, spectrum and layout (net texture)."
        )
    return f"Looked at: the features of net {net}." if net else "Looked at: the columns of a table."


def of_finding(finding: "Finding") -> str:
    """One sentence: the property, the difference in units with its interval, and how sure it is."""
    return f"{said(finding)} ({_how_sure(finding)})"


def said(finding: "Finding") -> str:
    """How the fakes differ in one property."""
    effect = finding.effect
    if finding.key == COPIES:
        return (
            f"{effect.fake:.3g} % of the fakes are exact copies of another fake, "
            f"{effect.real:.3g} % of the reals of another real"
        )
    of_aspect = {"mean": _means, "spread": _spreads, "share": _shares}[effect.aspect]
    return f"{finding.name}: {of_aspect(finding)}"


def _how_sure(finding: "Finding") -> str:
    details = [difference_in_words(finding.effect, finding.unit), f"q = {finding.q_value:.2g}"]
    if finding.importance is not None:
        details.append(f"importance {round(finding.importance, 3) + 0.0:.3f}")
    return "; ".join(details)


def _means(finding: "Finding") -> str:
    effect, words = finding.effect, finding.words
    which = words.more if effect.rises else words.less
    by = ""
    if words.kind in RELATIVE and effect.real > 0 and effect.fake >= 0:
        by = f"{_percent(100 * abs(effect.value) / effect.real)} "
    digits = _digits(effect)
    unit = f" {finding.unit}" if finding.unit else ""
    return (
        f"fakes are {by}{which} on average: {effect.fake:.{digits}f}{unit}, reals "
        f"{effect.real:.{digits}f}{unit}"
    )


def _spreads(finding: "Finding") -> str:
    effect = finding.effect
    unit = f" {finding.unit}" if finding.unit else ""
    change = _percent(100 * abs(effect.value - 1)) if math.isfinite(effect.value) else "far"
    return (
        f"fakes vary {change} {'more' if effect.rises else 'less'}: standard deviation "
        f"{effect.fake:.3g}{unit}, reals {effect.real:.3g}{unit}"
    )


def _shares(finding: "Finding") -> str:
    effect = finding.effect
    unit = f" {finding.unit}" if finding.unit else ""
    side = "at least" if effect.above else "at most"
    value = "" if effect.beyond is None else f"{effect.beyond:.4g}{unit}"
    return (
        f"{100 * effect.fake:.1f} % of the fakes have {side} {value}, "
        f"{100 * effect.real:.1f} % of the reals"
    )


def difference_in_words(effect: Effect, unit: str) -> str:
    """The difference with its interval, or why there is none."""
    if effect.interval is None:
        return f"no interval: {effect.no_interval}"
    low, high = effect.interval
    level = f"{100 * effect.level:.3g} % CI"
    if effect.aspect == "spread":
        return f"ratio {effect.value:.2f}, {level} {low:.2f} to {high:.2f}"
    if effect.aspect == "share":
        value, low, high = (100 * x for x in (effect.value, low, high))
        return f"difference {value:+.1f} points, {level} {low:+.1f} to {high:+.1f}"
    digits = _digits(effect)
    unit = {"": "", "%": " points"}.get(unit, f" {unit}")
    return (
        f"difference {effect.value:+.{digits}f}{unit}, {level} {low:+.{digits}f} to "
        f"{high:+.{digits}f}"
    )


def _digits(effect: Effect) -> int:
    """Decimals with which the interval, or else the difference, has two digits."""
    size = abs(effect.value)
    if effect.interval is not None:
        size = (effect.interval[1] - effect.interval[0]) / 2
    return 2 if not size else min(max(1 - math.floor(math.log10(size)), 0), 8)


def _percent(value: float) -> str:
    return f"{value:.2g} %" if value < 99.5 else f"{value:.0f} %"
