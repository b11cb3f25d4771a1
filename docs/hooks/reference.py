"""Pages of reference, made from what the code says: public names, and the help of every command."""

import ast
import inspect
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

import ganeval
from ganeval.cli import main
from ganeval.cli.per_side import RULE

PAGES = {
    "metrics": "Scores",
    "suites": "Models and checkpoints",
    "bundles": "Bundles",
    "features": "Features",
    "images": "Images",
    "nets": "Nets",
    "moments": "Statistics",
    "errors": "Errors",
}
"""Titles, by the packages that `ganeval/_public.py` takes its names from."""

SHARED = {"Images": "images", "Run": "a run"}
"""Panels of options that most commands have; they are shown once."""

_Row = tuple[str, str]
"""An argument or option with its values, and its help."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages."""
    pages = {f"reference/{package}.md": text for package, text in _python_pages()}
    pages["reference/integrations.md"] = "\n".join(_integrations())
    pages["reference/command-line.md"] = "\n".join(_command_line())
    for uri, content in pages.items():
        files.append(File.generated(config, uri, content=content))
    return files


def _python_pages() -> Iterator[tuple[str, str]]:
    """A page for every package that has public names."""
    public = Path(ganeval.__file__).with_name("_public.py")
    for node in ast.parse(public.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            package = node.module.partition(".")[2]
            lines = [f"# {PAGES[package]}\n"]
            for name in sorted((alias.name for alias in node.names), key=str.lower):
                lines.append(f'<a id="ganeval.{name}"></a>\n')  # it stays where modules move
                lines += [f"::: {_place(name, node.module)}", "    options:"]
                lines += [f"      heading: ganeval.{name}", f"      toc_label: {name}\n"]
            yield package, "\n".join(lines)


def _integrations() -> Iterator[str]:
    """The page of what `ganeval.integrations` offers: all that says what it takes."""
    yield "# In training loops\n"
    for path in sorted(Path(ganeval.__file__).parent.glob("integrations/[a-z]*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                if "Args:" in (ast.get_docstring(node) or ""):
                    place = f"ganeval.integrations.{path.stem}.{node.name}"
                    yield f"::: {place}\n    options:\n      heading: {place}"
                    yield f"      toc_label: {path.stem}.{node.name}\n"


def _place(name: str, module: str) -> str:
    """Where a public name is defined: `fid` is a module of the package that it comes from, too."""
    value = getattr(ganeval, name)
    if inspect.isroutine(value) or inspect.isclass(value):
        return f"{value.__module__}.{value.__qualname__}"
    return f"{module}.{name}"


def _command_line() -> Iterator[str]:
    """The page of all commands."""
    commands = dict(_commands(typer.main.get_command(main), "ganeval"))
    seen = Counter(
        panel_and_row for command in commands.values() for panel_and_row in _rows(command)
    )
    common = {
        panel: [row for (where, row), n in seen.items() if where == panel and n > 2]
        for panel in SHARED
    }
    yield "# Command line\n"
    yield "`ganeval COMMAND --help` prints the same. Options of [images](#options-of-images) and of"
    yield "[a run](#options-of-a-run), which most commands have, are shown once.\n"
    for name, command in commands.items():
        yield from _section(name, command, common)
    for panel, title in SHARED.items():
        yield f"## Options of {title}\n"
        yield f"{RULE}\n" if panel == "Images" else ""
        yield from _table(common[panel])


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every command below a command, by what one types."""
    if not hasattr(command, "list_commands"):
        yield name, command
        return
    for word in command.list_commands(None):
        yield from _commands(command.get_command(None, word), f"{name} {word}")


def _section(name: str, command: Any, common: dict[str, list[_Row]]) -> Iterator[str]:
    """What a command says of itself, and its own options."""
    usage = " ".join(command.collect_usage_pieces(typer.Context(command, info_name=name)))
    yield f"## {name}\n\n```\n{name} {usage}\n```\n\n{command.help.replace(RULE, '')}\n"
    rows = list(_rows(command))
    yield from _table([row for panel, row in rows if row not in common.get(panel, [])])
    links = []
    for panel, title in SHARED.items():
        own = [row for where, row in rows if where == panel and row in common[panel]]
        if own:
            lacking = ", ".join(f"`{row[0]}`" for row in common[panel] if row not in own)
            link = f"options of [{title}](#options-of-{title.replace(' ', '-')})"
            links.append(f"{link}{', without ' * bool(lacking)}{lacking}")
    if links:
        yield f"And the {'; and the '.join(links)}.\n"


def _rows(command: Any) -> Iterator[tuple[str, _Row]]:
    """Panel, and what is said of it, of every argument and option that help shows."""
    context = typer.Context(command, info_name="")
    for param in command.params:
        if record := param.get_help_record(context):
            yield getattr(param, "rich_help_panel", None) or "Options", record


def _table(rows: list[_Row]) -> Iterator[str]:
    if rows:
        yield '<div class="options" markdown>\n\n| option | meaning |\n|---|---|'
        for name, text in rows:
            bars_kept = text.replace("\n", " ").replace("|", r"\|")
            yield f"| `{name}` | {bars_kept} |"
        yield "\n</div>\n"
