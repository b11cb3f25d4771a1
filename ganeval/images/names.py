"""Choosing files by name: globs over the paths below the root."""

import fnmatch
from collections.abc import Sequence
from typing import TypeAlias

from ganeval.errors import InputError
from ganeval.images.files import common_folder, listing_end
from ganeval.images.volumes import stack_of

Globs: TypeAlias = str | Sequence[str] | None
"""One glob or several: a comma list, or a sequence of comma lists."""


class GlobFitsNothing(InputError):
    """Some globs of an option fit no image; they may be meant for another side."""

    def __init__(self, message: str, option: str, globs: Sequence[str]) -> None:
        super().__init__(message)
        self.option, self.globs = option, tuple(globs)


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
    planes: bool = False,
) -> tuple[Sequence[int], tuple[str, ...]]:
    """Positions of the ids that some `include` fits and no `exclude` does, and a note on them.

    Globs are held against the path without the folders that all images share; with `/` also
    against the path below the root. With `planes`, they are held against the volume of a plane.

    Raises:
        GlobFitsNothing: a glob fits nothing, and others choose.
        InputError: none is left.
    """
    if include is None and exclude is None:
        return range(len(ids)), ()
    names = [stack_of(id) for id in ids] if planes else ids
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
        # Both are held against every path, whatever the other says.
        if all([include is None or fits(path, include), not fits(path, exclude or ())])
    ]
    said = " and ".join(
        f"{option} {','.join(globs)}"
        for option, globs in (("--include", include), ("--exclude", exclude))
        if globs is not None
    )
    for option, globs in (("include", include or ()), ("exclude", exclude or ())):
        if idle := [glob for glob in globs if not counts[glob]]:
            message = (
                f"--{option} {','.join(idle)} fits none of {len(ids)} images in {name} "
                f"({listing_end(ids)}); correct the pattern"
            )
            if globs is include and len(idle) == len(globs):
                raise InputError(message)
            raise GlobFitsNothing(message, option, idle)
    if not kept:
        raise InputError(
            f"{said} leaves none of {len(ids)} images in {name} ({listing_end(ids)}); correct the "
            "pattern"
        )
    return kept, (f"took {len(kept)} of {len(ids)} images by {said}",) * (len(kept) < len(ids))
