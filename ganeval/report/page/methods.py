"""What a paper has to say: one paragraph, and the works that it cites as BibTeX."""

from collections.abc import Mapping
from typing import Any

from ganeval.metrics import METRICS
from ganeval.report.page.scores import Scores
from ganeval.report.page.works import METHODS
from ganeval.suites import REALS
from ganeval.version import __version__
from ganeval.wording import listed


def bibtex(scores: Scores) -> str:
    """The works behind the metrics of a report."""
    works = [work for metric in _known(scores) for work in METHODS[metric].works]
    return "\n\n".join(work.bibtex() for work in dict.fromkeys(works))


def paragraph(scores: Scores) -> str:
    """The methods of a report in plain text, with BibTeX keys in brackets."""
    first = scores.first
    protocol: Mapping[str, Any] = first.protocol
    texts = [_counts(scores), _net(protocol)]
    labels = {metric: METRICS[metric].label for metric in scores.metrics}
    texts.append(f"The models were scored by {listed(list(labels.values()))}.")
    for metric in _known(scores):
        said, works = METHODS[metric]
        text = f"{labels[metric]} {said} [{', '.join(work.key for work in works)}]."
        texts.append(text[:1].upper() + text[1:])
    if any(score.corrected is not None for score in scores.by.values()):
        texts.append(
            "Where stated, values are corrected for the bias of a finite number of images."
        )
    if any(score.interval is not None for score in scores.by.values()):
        texts.append(
            f"Intervals have a nominal coverage of {100 * first.level:g} % and come from the "
            "influence of each image on the score"
            + ("; images of one group were not taken as independent." if _grouped(scores) else ".")
        )
    if any(not isinstance(found, str) for found in scores.comparisons.values()):
        texts.append(
            "Models were compared on the same real images, with p-values corrected for the number "
            "of pairs (Holm)."
        )
    if any(model == REALS for model, _ in scores.by):
        texts.append("As a reference, one half of the real images was scored against the other.")
    versions = ", ".join(
        f"{k} {v}" for k, v in (protocol.get("versions") or {}).items() if k != "ganeval"
    )
    made_by = (protocol.get("versions") or {}).get("ganeval", __version__)
    seed = protocol.get("seed")
    texts.append(
        f"Scores were computed with ganeval {made_by}"
        + (f" ({versions})" if versions else "")
        + (f", seed {seed}." if seed is not None else ".")
    )
    return " ".join(texts)


def _known(scores: Scores) -> list[str]:
    """The metrics of a report, without those that somebody else has added."""
    return [metric for metric in scores.metrics if metric in METHODS]


def _counts(scores: Scores) -> str:
    first = scores.first
    fakes = {model: scores.of(model).n_fake for model in scores.models}
    of = listed([f"{n} generated images of {model}" for model, n in fakes.items()])
    if len(set(fakes.values())) == 1 and len(fakes) > 1:
        of = f"{first.n_fake} generated images of each of {len(fakes)} models"
        of += f" ({', '.join(fakes)})"
    real = "" if first.n_real is None else f" with {first.n_real} real images"
    groups = f" in {first.n_groups} groups" if first.n_groups else ""
    return f"We compared {of}{real}{groups}."


def _net(protocol: Mapping[str, Any]) -> str:
    net, made = protocol.get("net") or {}, protocol.get("preprocessing") or {}
    if not net:
        return "Scores were computed from features that were given as they are."
    images = (side_of_protocol(protocol, "real") or side_of_protocol(protocol, "fake")).get(
        "images"
    ) or {}
    sizes = made.get("sizes") or []
    shape = " and ".join("×".join(map(str, size)) for size in sizes[:2])
    if len(sizes) > 2:
        shape = f"{len(sizes)} sizes"
    what = f"Images ({images.get('dtype', 'pixels')}"
    what += f", {shape} pixels" if shape else ""
    channels = made.get("channels")
    what += f", {channels} channel{'s' * (channels != 1)}" if channels else ""
    weights = f", weights with SHA-256 {net['sha256'][:16]}…" if net.get("sha256") else ""
    how = made.get("resize")
    resized = "" if how in (None, "none") else f" after resizing ({how})"
    return f"{what}) were embedded by the network {net.get('name')}{weights}{resized}."


def side_of_protocol(protocol: Mapping[str, Any], role: str) -> Mapping[str, Any]:
    """What a protocol says of one side's data."""
    found: Mapping[str, Any] = (protocol.get("data") or {}).get(role) or {}
    return found


def _grouped(scores: Scores) -> bool:
    return any(score.n_groups for score in scores.by.values())
