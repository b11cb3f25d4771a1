"""What a paper has to say: one paragraph, and the works that it cites as BibTeX."""

from collections.abc import Mapping
from typing import Any

from ganeval.metrics import METRICS
from ganeval.report.page.scores import Scores
from ganeval.suites import REALS
from ganeval.version import __version__
from ganeval.wording import listed

_Work = tuple[str, str, str, str, int]
"""Key, authors, title, where, year."""

_NEURIPS = "Advances in Neural Information Processing Systems"
_ICLR = "International Conference on Learning Representations"
_ICML = "International Conference on Machine Learning"

_KID: _Work = (
    "binkowski2018",
    r"Bi{\'n}kowski, Miko{\l}aj and Sutherland, Danica J. and Arbel, Michael and "
    "Gretton, Arthur",
    "Demystifying MMD GANs",
    _ICLR,
    2018,
)

_WORKS: dict[str, _Work] = {
    "fid": (
        "heusel2017",
        "Heusel, Martin and Ramsauer, Hubert and Unterthiner, Thomas and Nessler, Bernhard and "
        "Hochreiter, Sepp",
        "GANs trained by a two time-scale update rule converge to a local Nash equilibrium",
        _NEURIPS,
        2017,
    ),
    "kid": _KID,
    "intra-kid": _KID,
    "is": (
        "salimans2016",
        "Salimans, Tim and Goodfellow, Ian and Zaremba, Wojciech and Cheung, Vicki and Radford, "
        "Alec and Chen, Xi",
        "Improved techniques for training GANs",
        _NEURIPS,
        2016,
    ),
    "c2st": (
        "lopezpaz2017",
        "Lopez-Paz, David and Oquab, Maxime",
        "Revisiting classifier two-sample tests",
        _ICLR,
        2017,
    ),
    "prdc": (
        "naeem2020",
        "Naeem, Muhammad Ferjad and Oh, Seong Joon and Uh, Youngjung and Choi, Yunjey and "
        "Yoo, Jaejun",
        "Reliable fidelity and diversity metrics for generative models",
        _ICML,
        2020,
    ),
    "rke": (
        "jalali2023",
        "Jalali, Mohammad and Li, Cheuk Ting and Farnia, Farzan",
        "An information-theoretic evaluation of generative models in learning multi-modal "
        "distributions",
        _NEURIPS,
        2023,
    ),
    "authpct": (
        "alaa2022",
        "Alaa, Ahmed and van Breugel, Boris and Saveliev, Evgeny and van der Schaar, Mihaela",
        "How faithful is your synthetic data? Sample-level metrics for evaluating and auditing "
        "generative models",
        _ICML,
        2022,
    ),
    "ct": (
        "meehan2020",
        "Meehan, Casey and Chaudhuri, Kamalika and Dasgupta, Sanjoy",
        "A non-parametric test to detect data-copying in generative models",
        "International Conference on Artificial Intelligence and Statistics",
        2020,
    ),
    "intra-fid": (
        "miyato2018",
        "Miyato, Takeru and Koyama, Masanori",
        "cGANs with projection discriminator",
        _ICLR,
        2018,
    ),
    "mmd": (
        "schrab2023",
        "Schrab, Antonin and Kim, Ilmun and Albert, M{\\'e}lisande and Laurent, "
        "B{\\'e}atrice and Guedj, Benjamin and Gretton, Arthur",
        "MMD aggregated two-sample test",
        "Journal of Machine Learning Research",
        2023,
    ),
}
"""By command."""


def bibtex(scores: Scores) -> str:
    """The works behind the metrics of a report."""
    entries = []
    for key, authors, title, where, year in dict.fromkeys(_cited(scores).values()):
        kind, place = (
            ("article", "journal") if "Journal" in where else ("inproceedings", "booktitle")
        )
        entries.append(
            f"@{kind}{{{key},\n  author = {{{authors}}},\n  title = {{{title}}},\n"
            f"  {place} = {{{where}}},\n  year = {{{year}}},\n}}"
        )
    return "\n\n".join(entries)


def paragraph(scores: Scores) -> str:
    """The methods of a report in plain text, with BibTeX keys in brackets."""
    first = scores.first
    protocol: Mapping[str, Any] = first.protocol
    texts = [_counts(scores), _net(protocol)]
    cited = _cited(scores)
    names = []
    for metric in scores.metrics:
        entry = METRICS[metric]
        work = cited.get(entry.command)
        names.append(entry.label + (f" [{work[0]}]" if work else ""))
    texts.append(f"The models were scored by {listed(names)}.")
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


def _cited(scores: Scores) -> dict[str, _Work]:
    commands = dict.fromkeys(METRICS[metric].command for metric in scores.metrics)
    return {name: _WORKS[name] for name in commands if name in _WORKS}


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
