"""Links that leave docs/ lead to pages of the site too.

MkDocs knows the files of docs/ alone, while a code host shows the whole repository. README becomes
the home page, and whatever Markdown links to is taken in, from page to page: other Markdown as it
is, code as a page that shows it, a folder as a page that lists it, and the rest as files.

"""

import re
from pathlib import Path
from posixpath import dirname, normpath, relpath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
CODE = {".py": "python", ".sh": "bash", ".nf": "groovy", ".smk": "python", ".yaml": "yaml", "": ""}
"""Languages by the ending of a file's name."""

_CODE_IN_MARKDOWN = re.compile(r"(```.*?```|`[^`\n]*`)", flags=re.DOTALL)
_LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds README, and all that can be reached from it and from docs/."""
    waiting = ["README.md"]
    waiting += [f"docs/{file.src_uri}" for file in files if file.src_uri.endswith(".md")]
    known = {*waiting}
    while waiting:
        path = waiting.pop()
        if not (ROOT / path).exists():
            continue  # MkDocs says where the link to it is
        if (uri := _uri(path)) not in files.src_uris:
            files.append(_file(path, uri, config))
        found = _linked_from(path) - known
        waiting += sorted(found)
        known |= found
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turns links between files of the repository into links between pages."""
    uri = page.file.src_uri
    path = "README.md" if uri == "index.md" else uri
    if not (ROOT / path).is_file():
        path = f"docs/{uri}"
    if not (ROOT / path).is_file():
        return markdown  # made by the build, with links that fit

    def moved(link: re.Match[str]) -> str:
        place = relpath(_uri(_target(path, link[1])), dirname(uri) or ".")
        return f"]({place}{link[2] or ''})"

    parts = _CODE_IN_MARKDOWN.split(markdown)
    parts[::2] = [_LINK.sub(moved, text) for text in parts[::2]]
    return "".join(parts)


def _linked_from(path: str) -> set[str]:
    """The files that a page links to; all of a folder whose page lists them."""
    place = ROOT / path
    if place.is_dir():
        return {f"{path}/{name}" for name in _shown_of(place)}
    found: set[str] = set()
    if path.endswith(".md"):
        for text in _CODE_IN_MARKDOWN.split(place.read_text("utf-8"))[::2]:
            found |= {_target(path, link[1]) for link in _LINK.finditer(text)}
    return found


def _shown_of(folder: Path) -> list[str]:
    """Names of the code files in a folder, and of its folders that have any."""
    inside = sorted(folder.iterdir())
    files = [path.name for path in inside if path.is_file() and path.suffix in CODE]
    folders = [path for path in inside if path.is_dir() and path.name[0] not in "._"]
    return files + [path.name for path in folders if _shown_of(path)]


def _target(path: str, link: str) -> str:
    """The file of the repository that a link in `path` leads to; of a folder, its README."""
    target = normpath(f"{dirname(path)}/{link}").lstrip("/")
    return f"{target}/README.md" if (ROOT / target / "README.md").is_file() else target


def _uri(path: str) -> str:
    """Where a file of the repository is in the site."""
    if path == "README.md":
        return "index.md"
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if (ROOT / path).is_dir():
        return f"{path}/index.md"
    return f"{path}.md" if Path(path).suffix in CODE else path


def _file(path: str, uri: str, config: MkDocsConfig) -> File:
    place = ROOT / path
    if place.is_dir():
        return File.generated(config, uri, content=_listing(place))
    if uri != path and uri != "index.md":
        text = place.read_text("utf-8").rstrip()
        wide = "---\nhide: [navigation, toc]\n---\n\n"
        shown = f"# {place.name}\n\n`{path}`\n\n````{CODE[place.suffix]}\n{text}\n````\n"
        return File.generated(config, uri, content=wide + shown)
    return File.generated(config, uri, abs_src_path=str(place))


def _listing(folder: Path) -> str:
    """A page of the files in a folder, with what each says of itself in its first line."""
    lines = [f"# {folder.name.capitalize()}", "", "| file | about |", "|---|---|"]
    for name in _shown_of(folder):
        if (folder / name).is_dir():
            lines.append(f"| [{name}/]({name}/index.md) | |")
            continue
        text = (folder / name).read_text("utf-8").removeprefix("#!/bin/bash\n")
        about = text.lstrip('"# ').partition("\n")[0].removesuffix('"""')
        lines.append(f"| [{name}]({name}.md) | {about} |")
    return "\n".join(lines) + "\n"
