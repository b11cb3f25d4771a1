"""The house stands only while imports point leftwards; CONTRIBUTING.md draws it."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "ganeval"

LEAVES = {
    "wording": set(),
    "errors": {"wording"},
    "version": set(),
    "files": {"errors", "entry"},
    "commands": set(),
    "printable": set(),
    "optional": {"errors"},
    "arguments": {"errors"},
    "faults": {"errors"},
    "entry": {"errors", "faults"},
    "lazy": set(),
    "arrays": {"errors", "lazy"},
    "registry": {"errors"},
    "memory": set(),
    "npz": {"errors", "files", "memory"},
    "schema": set(),
    "numbers": {"errors", "arrays", "lazy", "shared"},
    "moments": {"errors", "lazy", "arrays", "npz", "numbers", "schema", "shared"},
    "store": {"errors", "lazy", "arrays", "files"},
    "distributed": {"errors", "lazy"},
    "processes": {"errors"},
    "shared": {"errors", "lazy", "arrays", "distributed", "npz"},
}
ORDER = [
    "images", "nets", "features", "statistics", "metrics", "suites", "bundles", "report",
    "integrations", "cli",
]  # fmt: skip
MAY_IMPORT = LEAVES | {part: {*LEAVES, *ORDER[:i]} for i, part in enumerate(ORDER)}
MAY_IMPORT["datasets"] = {*LEAVES, "images"}
for part in ("suites", "bundles", "report", "integrations", "cli"):
    MAY_IMPORT[part].add("datasets")
MAY_IMPORT["__init__"] = {"version", "_public"}
MAY_IMPORT["_public"] = set(MAY_IMPORT) - {"cli"}
MAY_IMPORT["cli"].add("__init__")
MAY_IMPORT["__main__"] = {"cli", "entry"}

SHARED = {"spine": set(), "pairs": {"spine"}, "frechet": {"spine"}}
"""Rooms of metrics/ that metrics are built on, and what of each other these import."""

HEAVY = ["torch", "scipy", "sklearn", "matplotlib"]


def imported_names(tree):
    """(line, dotted name) of every import, wherever it stands, those for type checkers too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def part_of(name):
    """The part of the house that `name` (`ganeval.nets.pixels`, `ganeval.fid`) belongs to."""
    part = [*name.split("."), "__init__"][1]
    return part if part in MAY_IMPORT else "__init__"


def faults(part, source):
    """What the module with this source, in this part, imports against the rule."""
    for line, name in imported_names(ast.parse(source)):
        if name.startswith("."):
            yield f"{line}: {name} is relative; write it in full"
        elif name.startswith("trainers"):
            yield f"{line}: ganeval never imports its trainers"
        elif name.partition(".")[0] == "ganeval":
            target = part_of(name)
            if target not in {part, *MAY_IMPORT[part]}:
                yield f"{line}: {part} may not import {target} ({name})"


def room_of(module):
    """The metric, or the shared part, that a module of metrics/ belongs to."""
    return module.with_suffix("").parts[1]


def faults_of_metric(room, source):
    """What a module of this room of metrics/ imports of the others against the rule."""
    for line, name in imported_names(ast.parse(source)):
        if not f"{name}.".startswith("ganeval.metrics."):
            continue
        other, thing = [*name.split(".")[2:], "", ""][:2]
        if other == room:
            continue
        if other not in SHARED.get(room, SHARED):
            yield f"{line}: {room} may not import {other or 'all metrics'}; move what both need"
        elif thing not in importlib.import_module(f"ganeval.metrics.{other}").__all__:
            yield f"{line}: {name} is not what the __init__ of {other} lists; add it there"


MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_imports_point_leftwards(module):
    part = module.with_suffix("").parts[0]
    assert part in MAY_IMPORT, f"ganeval/{part} has no place in the house yet: give it one here"
    source = (PACKAGE / module).read_text(encoding="utf-8")
    assert not list(faults(part, source))


METRIC_MODULES = [
    module for module in MODULES if module.parts[0] == "metrics" and len(module.parts) > 1
]


@pytest.mark.parametrize("module", METRIC_MODULES, ids=str)
def test_a_metric_imports_what_metrics_share_and_no_other_metric(module):
    if module.parts[1:] == ("__init__.py",):
        return  # the table of contents
    source = (PACKAGE / module).read_text(encoding="utf-8")
    assert not list(faults_of_metric(room_of(module), source))


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("kid", "from ganeval.metrics.fid import fid"),
        ("kid", "from ganeval.metrics import fid"),
        ("kid", "import ganeval.metrics"),
        ("spine", "from ganeval.metrics.pairs import nearest"),
        ("pairs", "def f():\n    from ganeval.metrics.frechet import distance"),
        ("kde", "from ganeval.metrics.spine.side import Side"),
        ("kde", "from ganeval.metrics.spine import side"),
    ],
)
def test_the_rule_of_metrics_sees(room, source):
    assert list(faults_of_metric(room, source))


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("images", "from ganeval.nets import load_net"),
        ("nets", "def f():\n    import ganeval.metrics.fid"),
        ("metrics", "from ganeval import cli"),
        ("metrics", "from ganeval import fid"),
        ("errors", "from ganeval.arrays import Array"),
        ("suites", "from trainers.losses import LOSSES"),
        ("nets", "from .pixels import Pixels"),
        ("images", "if TYPE_CHECKING:\n    from ganeval.features import Features"),
    ],
)
def test_the_rule_sees(part, source):
    assert list(faults(part, source))


@pytest.mark.parametrize("module", ["_public", "cli.metrics", "cli.evaluate"])
def test_import_loads_nothing_heavy(module):
    code = f"import sys, ganeval.{module}; print([m for m in {HEAVY} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
