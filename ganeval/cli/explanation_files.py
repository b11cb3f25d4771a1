"""What `ganeval explain -o` writes: tables, a picture, and all of it for a report."""

import json
from collections.abc import Iterator
from pathlib import Path

from ganeval.cli.outputs import new_file, write_new
from ganeval.features import Features
from ganeval.images import ImageSource
from ganeval.report import EXAMPLES, draw_examples
from ganeval.report.text import csv_table
from ganeval.suites import Explanation, account_of

FILES = ("findings.csv", "properties.csv", "explanation.json", EXAMPLES)


def write_explanation(
    found: Explanation,
    features: dict[str, Features],
    sources: dict[str, ImageSource],
    out: Path,
    *,
    show: int,
    force: bool,
) -> str:
    """Writes the files into a folder, and says which.

    Args:
        found: what was found.
        features: of both sides.
        sources: images of the sides that have some.
        out: folder, made where it is not there.
        show: findings in the picture.
        force: whether files may be there.
    """
    out.mkdir(parents=True, exist_ok=True)
    missing = ""
    if len(sources) < len(features):
        missing = "a picture needs images, not features"
    elif not (found.findings or found.by_class):
        missing = "there is no finding to show a picture of"
    else:
        shown = {side: _taken(sources[side], of_side) for side, of_side in features.items()}
        with new_file(out / EXAMPLES, force=force) as place:
            draw_examples(found, shown["real"], shown["fake"], place, show=show)
    account = account_of(found, pictured=not missing).to_dict()
    texts = (
        csv_table(list(_findings(found))),
        csv_table(list(_properties(found))),
        json.dumps(account, allow_nan=False, ensure_ascii=False) + "\n",
    )
    for name, text in zip(FILES, texts, strict=False):
        write_new(out / name, text, force=force)
    return f"{', '.join(FILES[: len(texts)])}; {missing}" if missing else ", ".join(FILES)


def _taken(source: ImageSource, features: Features) -> ImageSource:
    """The images that have features, in their order."""
    place = {id: i for i, id in enumerate(source.ids)}
    return source.select([place[id] for id in features.ids])


def _findings(found: Explanation) -> Iterator[list[object]]:
    """A line per family in all images and in each class, those that are reported first."""
    yield [
        "reported", "class", "property", "feature", "related", "differs_in", "unit", "real", "fake",
        "beyond", "difference", "low", "high", "level", "p", "q", "importance",
    ]  # fmt: skip
    reported = {*found.findings, *(test for tests in found.by_class.values() for test in tests)}
    for test in sorted(found.tests, key=lambda test: test not in reported):
        effect = test.effect
        low, high = effect.interval or ("", "")
        beyond = (
            "" if effect.beyond is None else (">= " if effect.above else "<= ") + str(effect.beyond)
        )
        yield [
            "yes" if test in reported else "no", test.label or "", test.name, test.key,
            "; ".join(test.family), effect.aspect, test.unit,
            effect.real, effect.fake, beyond, effect.value, low, high, effect.level, test.p_value,
            test.q_value, "" if test.importance is None else test.importance,
        ]  # fmt: skip


def _properties(found: Explanation) -> Iterator[list[object]]:
    """A line per property, with its means and standard deviations."""
    yield ["property", "feature", "unit", "real_mean", "fake_mean", "real_sd", "fake_sd"]
    known = found.properties
    for i in range(len(known.keys)):
        sides = known.real[:, i], known.fake[:, i]
        yield [
            known.names[i], known.keys[i], known.units[i], *(float(side.mean()) for side in sides),
            *(float(side.std()) for side in sides),
        ]  # fmt: skip
