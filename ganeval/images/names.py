"""Choosing files by name: globs over the paths below the root."""

import fnmatch
from collections.abc import Sequence
from typing import TypeAlias

from ganeval.errors import InputError
from ganeval.images.files import common_folder, listing_end
from ganeval.images.volumes import stack_of

Globs: TypeAlias = str | Sequence[str] | None
"""One glob or several: a comma list, or a sequence of comma lists."""


def as_globs(given: Globs, *, option: str) -> tuple[str, ...] | None:
    """The globs one by one, or InputError if one is empty."""
    if given is None:
        return None
    lists = [given] if isinstance(given, str) else list(given)
    globs = [glob.strip() for text in lists for glob in text.split(",")]
    if not all(globs):
        raise InputError(f"{option} {given!r} has an empty pattern; give globs, as in '*_masks.*'")
    return tuple(globs) or None


def matches(path: str, glob: str) -> bool:
    """Whether a path fits a glob.

    Without `/` the glob is held against the names of the file (`*_masks.tif`) and of the folders
    above it (`masks`); with `/` against the whole path (`plate1/*/a.png`), where `**` stands for
    any number of folders, and a `/` at the end for all below (`plate1/`). Case counts.
    """
    if "/" not in glob:
        return any(fnmatch.fnmatchcase(part, glob) for part in path.split("/"))
    wanted = glob.lstrip("/").split("/")
    if wanted[-1] in ("", "**"):
        wanted[-1:] = ["**", "*"]
    return _fit(path.split("/"), wanted)


def _fit(parts: list[str], wanted: list[str]) -> bool:
    """Matches folder by folder; on a mismatch the last `**` takes one folder more."""
    at, place, back = 0, 0, None
    while at < len(parts):
        if place < len(wanted) and wanted[place] == "**":
            back = (at, place)
            place += 1
        elif place < len(wanted) and fnmatch.fnmatchcase(parts[at], wanted[place]):
            at, place = at + 1, place + 1
        elif back is not None:
            back = (back[0] + 1, back[1])
            at, place = back[0], back[1] + 1
        else:
            return False
    return all(part == "**" for part in wanted[place:])


def choose_names(
    ids: Sequence[str],
    *,
    include: tuple[str, ...] | None,
    exclude: tuple[str, ...] | None,
    name: str,
) -> tuple[Sequence[int], tuple[str, ...]]:
    """Positions of the ids that some `include` fits and no `exclude` does, and a note on them.

    Globs are held against the path without the folders that all images share; with `/` also
    against the path below the root.

    Raises:
        InputError: none is left, or an `include` fits nothing.
    """
    if include is None and exclude is None:
        return range(len(ids)), ()
    names = [stack_of(id) for id in ids]
    shared = len(common_folder(names))
    counts = dict.fromkeys([*(include or ()), *(exclude or ())], 0)

    def fits(path: str, globs: tuple[str, ...]) -> bool:
        found = [
            glob
            for glob in globs
            if matches(path[shared:], glob) or ("/" in glob and matches(path, glob))
        ]
        for glob in found:
            counts[glob] += 1
        return bool(found)

    kept = [
        place
        for place, path in enumerate(names)
        if (include is None or fits(path, include)) and not fits(path, exclude or ())
    ]
    said = " and ".join(
        f"{option} {','.join(globs)}"
        for option, globs in (("--include", include), ("--exclude", exclude))
        if globs is not None
    )
    for glob in include or ():
        if not counts[glob]:
            raise InputError(
                f"--include {glob} fits none of {len(ids)} images in {name} ({listing_end(ids)}); "
                "correct the pattern"
            )
    if not kept:
        raise InputError(
            f"{said} leaves none of {len(ids)} images in {name} ({listing_end(ids)}); correct the "
            "pattern"
        )
    idle = [glob for glob in exclude or () if not counts[glob]]
    notes = [f"took {len(kept)} of {len(ids)} images by {said}"] if len(kept) < len(ids) else []
    if idle:
        notes.append(f"--exclude {','.join(idle)} fits no image ({listing_end(ids)})")
    return kept, tuple(notes)
