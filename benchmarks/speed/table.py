"""The results in Markdown: one row per case and peer, with its target."""

from typing import Any

from benchmarks.speed.targets import target_of

HEAD = (
    "case",
    "n per side",
    "d",
    "ganeval",
    "beside",
    "takes",
    "times ganeval",
    "target",
    "met",
    "ganeval / floor",
)


def table(lines: list[dict[str, Any]]) -> str:
    """Rows, what they were measured on, why targets are missed, and what the floors are."""
    cpu, packages = lines[-1]["machine"], lines[-1]["versions"]
    rows = ["| " + " | ".join(HEAD) + " |", "|---|--:|--:|--:|---|--:|--:|--:|---|--:|"]
    last: tuple[str, int, int] | None = None
    for line in lines:
        key = line["case"], line["n"], line["d"]
        rows.append("| " + " | ".join(_cells(line, again=key == last)) + " |")
        last = key
    floors = {line["case"]: line["floor"] for line in lines if line["floor"]}
    return "\n".join(
        [
            f"{cpu['cpu']}, {cpu['cores']} cores; "
            + ", ".join(f"{name} {number}" for name, number in packages.items())
            + ". Medians of rounds in which the tools take turns.",
            "",
            *rows,
            *_section("Missed, and why:", _reasons(lines)),
            *_section(
                "Floors (products at the speed of this machine's own matrix product):",
                [f"- {case}: {floor}." for case, floor in floors.items()],
            ),
        ]
    )


def _cells(line: dict[str, Any], *, again: bool) -> list[str]:
    floor, target = line["floor_seconds"], target_of(line)
    return [
        "" if again else line["case"],
        "" if again else f"{line['n']:,}",
        "" if again else str(line["d"] or ""),
        "" if again else _seconds(line["ours_seconds"]),
        line["peer"] or "–",
        _seconds(line["peer_seconds"]) if line["peer"] else "–",
        _times(line["ratio"]) if line["peer"] else "–",
        "" if target is None else f"{target.ratio:g}",
        "" if target is None else _met(line["ratio"] / target.ratio),
        _times(line["ours_seconds"] / floor) if floor and not again else "",
    ]


def _met(share: float) -> str:
    return "yes" if share >= 1 else f"{100 * share:.0f} % of it"


def _reasons(lines: list[dict[str, Any]]) -> list[str]:
    found = []
    for line in lines:
        target = target_of(line)
        if target is not None and line["ratio"] < target.ratio:
            size = f", n = {line['n']:,}" + (f", d = {line['d']}" if line["d"] else "")
            why = target.why or "not explained yet"
            found.append(f"- {line['case']}{size}, beside {line['peer']}: {why}.")
    return found


def _section(title: str, entries: list[str]) -> list[str]:
    return ["", title, "", *entries] if entries else []


def _seconds(seconds: float) -> str:
    return f"{1000 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _times(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.2g}"
