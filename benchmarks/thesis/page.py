"""README.md and beyond.md: one page of all tables and figures, and one of what is new."""

from pathlib import Path
from typing import Any

from benchmarks import harness
from benchmarks.thesis.cells import Claim
from benchmarks.thesis.runner import NAMES, RESULTS, command, entry
from benchmarks.thesis.words import table

HEAD = """# The thesis, table by table and figure by figure

"Conditional GANs for biological image synthesis" (2018), regenerated:

    python -m benchmarks.thesis all --scale small --jobs 2    # everything, small, in minutes
    python -m benchmarks.thesis table1 --scale full           # one piece, in the thesis' setting
    python -m benchmarks.thesis table3 --scale full --lin PATH    # on LIN's own cells
    python -m benchmarks.thesis fig16 --scale full --cub PATH     # on CUB's birds

`GANEVAL_DATA` is a folder with MNIST and CIFAR-10. A run resumes; this page is written from the
`results.jsonl` of each folder, whose lines have the command, the seed, the commands that train the
models behind them, the machine and the CPU seconds. **small** means narrow nets and few steps: that
it runs, and in which direction it goes, not what the thesis' models reach. **full** is the thesis'
setting: a line says after how many steps. What has not been run is not on the page. LIN itself is
not public; where no `--lin` was given, yeast is simulated (SynthLIN), so that distances are not
those of the thesis and only orders and ratios compare.

[What the thesis could not ask](beyond.md) has a page of its own.
"""

AGREES = """\
*Open*: the models behind a line have had too few steps to say. A piece without a line makes no
claim of its own, or asks what the thesis did not."""

BEYOND = ("conclusions", "joint", "reconstruction")

HEAD_BEYOND = """# What the thesis could not ask

Which of its conclusions hold at its own number of images, once they have intervals and paired
tests? Does a model that draws all proteins of a cell put them where they lie together? Can it draw
a cell that it has never seen? [All tables and figures](README.md); the same commands, the same
scales.
"""


def write(out: Path) -> None:
    """Writes both pages of a folder of results, and the pictures that are drawn from results."""
    out.mkdir(parents=True, exist_ok=True)
    found = {name: harness.lines_of(out / name / RESULTS) for name in NAMES}
    found = {name: rows for name, rows in found.items() if rows}
    claims = [line for name, rows in found.items() for line in _claims(name, rows)]
    heads = "piece | the thesis | here | agrees | scale"
    head = "\n".join([HEAD, table(heads, claims, numbers=False), "", AGREES])
    _write(out / "README.md", head, [n for n in found if n not in BEYOND], found)
    _write(out / "beyond.md", HEAD_BEYOND.rstrip(), [n for n in found if n in BEYOND], found)


def _write(path: Path, head: str, names: list[str], found: dict[str, list[dict[str, Any]]]) -> None:
    sections = [
        f'<a id="{name}"></a>\n## {entry(name).TITLE}\n\n{_about(name, found[name])}\n\n'
        f"{entry(name).show(found[name], path.parent / name)}"
        for name in names
    ]
    path.write_text("\n\n".join([head, *sections]).rstrip() + "\n", encoding="utf-8")


def _claims(name: str, rows: list[dict[str, Any]]) -> list[list[str]]:
    """Lines of the table at the top."""
    found: list[Claim] = getattr(entry(name), "claims", lambda rows: [])(rows)
    words, where = {True: "yes", False: "**no**", None: "open"}, "beyond.md" * (name in BEYOND)
    return [
        [f"[{name}]({where}#{name})", c.thesis, c.here, words[c.agrees], c.scale] for c in found
    ]


def _about(name: str, rows: list[dict[str, Any]]) -> str:
    """The commands, and how much of each scale has been run."""
    lines = []
    for scale in dict.fromkeys(row["scale"] for row in rows):
        these = [row for row in rows if row["scale"] == scale]
        seeds = sorted({row["seed"] for row in these})
        shown = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
        noun = "line" if len(these) == 1 else "lines"
        machines = ", ".join(dict.fromkeys(row["machine"] for row in these))
        lines.append(f"    {command(name, scale)}    # {len(these)} {noun}, {shown}; {machines}")
    return "\n".join(lines)
